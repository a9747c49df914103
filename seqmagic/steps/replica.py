"""A replica: one worker's copy of a model, which computes its part of every batch in its own process."""

from __future__ import annotations

import time
from math import prod
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.keras_internals.data_parallel import make_data_parallel, metrics_of
from seqmagic.steps.gpu import use_one_gpu
from seqmagic.steps.graph_loop import EpochRows, make_variables
from seqmagic.steps.messages import Assign, Steps, Told, WorkerSetup
from seqmagic.steps.rows import Rows

MODEL = "model.keras"
PARTS = ("x", "y", "weight")
MEASURED_STEPS, MEASURED_SECONDS = 10, 1.0


class Replica:
    """The model of one worker; its weights stay equal to those of all other replicas.

    Attributes:
        setup: what the worker has to do.
        model: created in the strategy's scope, so that its optimizer sums the gradients of all replicas.
    """

    def __init__(self, setup: WorkerSetup) -> None:
        self.setup = setup
        tf.config.threading.set_intra_op_parallelism_threads(setup.threads)
        use_one_gpu(setup.rank)
        self._strategy = tf.distribute.MultiWorkerMirroredStrategy()
        self._feeds = {kind: EpochRows(read_rows(setup, kind)) for kind in setup.batches}
        self._shapes: dict[str, dict[str, tuple[int, ...]]] = {}
        with self._strategy.scope():
            self.model = self._load()
            make_data_parallel(self.model)
            make_variables(self.model, self._feeds["train"])
        self._steps = {kind: self._step_of(kind) for kind in self._feeds}
        self._assign_counts = tf.function(self._set_counts, autograph=False)

    def _load(self) -> keras.Model:
        model = keras.saving.load_model(Path(self.setup.folder) / MODEL, compile=False)
        model.compile_from_config({**self.setup.compiled, "jit_compile": False})
        return model

    @property
    def _variables(self) -> list[Any]:
        return state_variables(self.model)

    @property
    def _counts(self) -> list[Any]:
        return [variable for metric in self.model.metrics for variable in metric.variables]

    @property
    def shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the variables."""
        return [tuple(variable.shape) for variable in self._variables]

    @property
    def count_shapes(self) -> list[tuple[int, ...]]:
        """The shapes of the metrics' state."""
        return [tuple(variable.shape) for variable in self._counts]

    def take(self, steps: Steps) -> Told:
        """Run some steps, at the same time as all other replicas."""
        feed, table, totals = self._feeds[steps.kind], [], np.zeros(0)
        feed.turn_to(steps.epoch)
        first, end, size = steps.first, steps.first + steps.count, feed.rows.batch
        while first < end:
            count = min(end - first, feed.most_steps)
            tensors, order, begin = feed.window(first, count)
            for step in range(begin, begin + count):
                outcome = self._steps[steps.kind](tensors, order[step * size : (step + 1) * size])
                numbers, totals = (self._strategy.experimental_local_results(part)[0] for part in outcome)
                table.append(numbers)
            first += count
        return Told(self._shapes[steps.kind], np.array([numbers.numpy() for numbers in table]), self._apart(np.array(totals)))

    def _step_of(self, kind: str) -> Any:
        """One step of all replicas on one batch, as a tf.function."""
        step = {"train": self.model.train_step, "test": self.model.test_step}[kind]

        def step_here(tensors: Any, rows: Any) -> Any:
            context = tf.distribute.get_replica_context()
            count, number = context.num_replicas_in_sync, tf.cast(context.replica_id_in_sync_group, tf.int32)
            size = tf.shape(rows)[0]
            part = rows[number * size // count : (number + 1) * size // count]
            share = tf.shape(part)[0] * count / size
            data = keras.utils.pack_x_y_sample_weight(*(None if value is None else tf.gather(value, part) for value in tensors))
            step((data, share))
            counts = [tf.reshape(tf.cast(tf.convert_to_tensor(one.value), tf.float64), [-1]) for one in self._counts]
            totals = context.all_reduce(tf.distribute.ReduceOp.SUM, tf.concat(counts, 0))
            return self._numbers_of(kind, totals), totals

        run = self._strategy.run
        return tf.function(lambda tensors, rows: run(step_here, args=(tensors, rows)), autograph=False, reduce_retracing=True)

    def _numbers_of(self, kind: str, totals: Any) -> Any:
        """The metrics' results, computed from the state summed over all replicas."""
        counts = self._counts
        values = [
            tf.cast(tf.reshape(part, one.shape), one.dtype) for part, one in zip(tf.split(totals, _sizes(counts)), counts, strict=True)
        ]
        results = metrics_of(self.model, list(zip(counts, values, strict=True)))
        logs = {name: tf.cast(value, tf.float64) for name, value in results.items()}
        self._shapes[kind] = {name: tuple(value.shape) for name, value in logs.items()}
        return tf.concat([tf.reshape(value, [-1]) for value in logs.values()], 0)

    def _apart(self, totals: np.ndarray) -> list[np.ndarray]:
        """Split the flat vector of totals into the current state of each metric variable."""
        ends = np.cumsum(_sizes(self._counts))
        parts = np.split(totals, ends[:-1]) if len(ends) else []
        return [part.reshape(one.shape).astype(one.dtype) for part, one in zip(parts, self._counts, strict=True)]

    def values(self) -> list[np.ndarray] | None:
        """The values of all variables; only from the first worker, because they are equal in all."""
        return [np.array(one.numpy()) for one in self._variables] if self.setup.rank == 0 else None

    def assign(self, order: Assign) -> None:
        """Set variables, at the same time as all other replicas."""
        variables = self._variables
        for place, value in order.values.items():
            variables[place].assign(value)
        if order.counts is not None:
            flat = [np.asarray(count, "float64").reshape(-1) for count in order.counts]
            self._assign_counts(tf.constant(np.concatenate([np.zeros(0), *flat])))

    def _set_counts(self, totals: Any) -> None:
        """Set the metrics' state. The totals are sums over all replicas, so the first replica gets them and the others 0."""
        counts = self._counts

        def set_here() -> None:
            is_first = tf.cast(tf.equal(tf.distribute.get_replica_context().replica_id_in_sync_group, 0), tf.float64)
            for part, one in zip(tf.split(totals, _sizes(counts)), counts, strict=True):
                one.assign(tf.cast(tf.reshape(part * is_first, one.shape), one.dtype))

        self._strategy.run(set_here)

    def measure(self) -> float:
        """Seconds per step in one process on a whole batch: the minimum of several steps."""
        if self.setup.rank:
            return 0.0
        model, feed = self._load(), self._feeds["train"]
        step = tf.function(model.train_step, autograph=False)
        tensors, order, first = feed.window(0, 1)
        rows = order[first * feed.rows.batch : (first + 1) * feed.rows.batch]
        data = keras.utils.pack_x_y_sample_weight(*(None if value is None else tf.gather(value, rows) for value in tensors))
        step(data)  # The first call traces it.
        began = time.perf_counter()
        taken: list[float] = []
        while len(taken) < MEASURED_STEPS and (not taken or time.perf_counter() - began < MEASURED_SECONDS):
            before = time.perf_counter()
            keras.tree.map_structure(lambda value: value.numpy(), step(data))
            taken.append(time.perf_counter() - before)
        return min(taken)


def state_variables(model: keras.Model) -> list[Any]:
    """The variables that a model's next step depends on, except those of the metrics: the model's and the optimizer's."""
    return [*model.variables, *model.optimizer.variables]


def read_rows(setup: WorkerSetup, kind: str) -> Rows:
    """The rows of a setup, memory-mapped, so that they stay on disk until they are used."""
    files = {part: Path(setup.folder) / f"{kind}-{part}.npy" for part in PARTS}
    x = np.load(files["x"], mmap_mode="r")
    y, weight = (np.load(files[part], mmap_mode="r") if files[part].exists() else None for part in PARTS[1:])
    return Rows(x, y, weight, setup.batches[kind], setup.seed if kind == "train" else None)


def write_rows(folder: Path, kind: str, rows: Rows) -> None:
    """Write rows to files for `read_rows`."""
    for part, values in zip(PARTS, rows.take(), strict=True):
        if values is not None:
            np.save(folder / f"{kind}-{part}.npy", values)


def _sizes(variables: list[Any]) -> list[int]:
    return [prod(variable.shape) for variable in variables]
