"""The pipeline: how a run's data reaches Keras's `fit`, as rows in memory or in Keras's own way."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import GeneratorType
from typing import Any

import keras
import tensorflow as tf

from seqmagic.data.row_weights import like_outputs
from seqmagic.data.streams import batches_in
from seqmagic.keras_internals.compiled import replaced_step_functions
from seqmagic.measure import with_validation
from seqmagic.options.weights import count_classes
from seqmagic.steps.graph_loop import EpochRows, Loop, Numbers, forget_loop, loop_of
from seqmagic.steps.rows import training_rows, validation_rows
from seqmagic.steps.workers import UnwantedError
from seqmagic.training.budget import CallSize
from seqmagic.training.session import Session

OF_ROWS = ("batch_size", "shuffle", "sample_weight", "class_weight", "validation_split")
BATCH_HOOKS = ("on_batch_begin", "on_batch_end", "on_train_batch_begin", "on_train_batch_end")
TEST_HOOKS = ("on_test_batch_begin", "on_test_batch_end")


class Pipeline:
    """The data for `fit`, and the functions that run its steps.

    Data in memory is converted to tensors once, and batches are gathered inside the graph; `fit` itself only counts steps. Other data is
    fed by Keras.

    Attributes:
        model: compiled.
        x, y, options: as `fit` would take them.
        seed: for the order of each epoch.
        callbacks: the user's own; if they listen to batches, Keras calls a step for each batch.
        loop: runs the steps; by default the model's own loop.
    """

    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: Any,
        options: dict[str, Any],
        seed: int,
        callbacks: Sequence[Any] = (),
        loop: Loop | None = None,
    ) -> None:
        self.model = model
        self.loop = loop or loop_of(model)
        self.options = dict(options)
        self.x, self.y = x, y
        self._arrange_weights()
        self._train: EpochRows | None = None
        self._test: EpochRows | None = None
        self._writes = any(map(_writes_summaries, callbacks))
        talks = self.options.get("verbose", 0) != 0
        self._listens = talks or any(map(listens_to_batches, callbacks))
        self._listens_to_tests = talks or any(listens_to_batches(callback, TEST_HOOKS) for callback in callbacks)
        self._limit = 1  # The number of training steps that Keras asks for at once.
        self._call_size = CallSize()  # Of the validation.
        self._tested = 0  # Batches tested in the current validation.
        self._may_test = 0  # How many more of them Keras is certain to ask for.
        self._ahead = 0  # How many were run that Keras has yet to ask for.
        self._ahead_logs: dict[str, Any] = {}  # The logs of the last of those.
        if self.loop is not None:
            self.loop.is_followed = any(map(listens_to_batches, callbacks))
            self._take_rows(seed)
        weights, classes = self.options.get("class_weight"), count_classes(model)
        if hasattr(self.x, "element_spec") and weights and classes:
            # For a dataset, Keras converts class_weight to an array, which ends with the last class listed.
            self.options["class_weight"] = {**dict.fromkeys(range(classes), 1.0), **weights}
        if hasattr(self.x, "element_spec") or isinstance(self.x, GeneratorType):
            self.options["shuffle"] = False  # Keras can't shuffle it, and would warn.

    def _arrange_weights(self) -> None:
        """Weights of several outputs, with their labels, in the structure of the model's outputs."""
        options = self.options
        if options.get("sample_weight") is not None:
            self.y, options["sample_weight"] = like_outputs(self.model, self.y, options["sample_weight"])
        held_out = options.get("validation_data")
        if isinstance(held_out, (list, tuple)) and len(held_out) == 3:
            options["validation_data"] = (held_out[0], *like_outputs(self.model, *held_out[1:]))

    def _take_rows(self, seed: int) -> None:
        assert self.loop is not None  # noqa: S101  # Callers check it.
        options = self.options
        rows, held_out = training_rows(self.x, self.y, options, seed)
        if options.get("validation_data") is not None:
            held_out = validation_rows(options["validation_data"], options)
        if held_out is not None:
            self._test = self.loop.feed("test", held_out)
            options.pop("validation_batch_size", None)
            options.pop("validation_steps", None)
            # For Keras a single batch stands for all of them, because it would only count them.
            options["validation_data"] = tf.data.Dataset.range(held_out.steps if self._listens_to_tests else 1)
        if rows is not None:
            self._train = self.loop.feed("train", rows)
            if options.get("batch_size"):
                options.setdefault("validation_batch_size", options["batch_size"])
            self.x, self.y = tf.data.Dataset.range(rows.steps), None
            for name in OF_ROWS:
                options.pop(name, None)

    @property
    def is_repeatable(self) -> bool:
        """Whether the order of the batches can be restored, so that an interrupted run can resume within an epoch."""
        return self._train is not None

    @property
    def steps(self) -> int | None:
        """The number of batches per epoch, if it is known in advance."""
        return self._train.rows.steps if self._train is not None else _known_steps(self.x, self.options.get("steps_per_epoch"))

    @property
    def reported(self) -> list[str]:
        """The names that each epoch will log; empty while they are not known."""
        names = self.loop.names("train") if self.loop is not None else []
        return with_validation(names, validates=self.validates)

    @property
    def validates(self) -> bool:
        """Whether there is validation, after all epochs or some."""
        return self.options.get("validation_data") is not None or bool(self.options.get("validation_split"))

    @contextmanager
    def through(self, session: Session) -> Iterator[None]:
        """Within this context, the model's train and test functions are replaced."""
        model, steps = self.model, self.model.steps_per_execution
        if self.loop is None:
            yield
            return
        self.loop.join(session.warnings.append, lambda: not session.controls.stop_asked, lambda: session.announce(now=True))
        session.snapshots.refresh = session.controls.refresh = self.loop.refresh
        try:
            self._trace(model, self.loop)
            if not self._listens and self.steps is not None:
                model.steps_per_execution = self.steps
            self._limit = model.steps_per_execution
            with replaced_step_functions(model, self._train_steps(session), self._test_steps(session)):
                yield
        finally:
            model.steps_per_execution = steps
            self.loop.close()
            session.snapshots.refresh = session.controls.refresh = lambda: None  # The loop refers to the model, which may be freed now.
            if self._writes:
                forget_loop(model)  # Its summary writer is closed.

    def _trace(self, model: keras.Model, loop: Loop) -> None:
        """Create the variables of the optimizer and the metrics, so that a resumed run can restore them."""
        if self._writes:
            forget_loop(model)
            self.loop = loop = loop_of(model) or loop
        if self._train is not None:
            loop.prepare(model, self._train)
            # A summary is written to the writer that is active during tracing: the callback's, which is opened in `fit`.
            if not self._writes:
                loop.trace(self._train)

    @property
    def callbacks(self) -> list[keras.callbacks.Callback]:
        """Callbacks that must run before all others."""
        return [_Counts(self, self.model.steps_per_execution)] if self.loop is not None else []

    def _train_steps(self, session: Session) -> Callable[[Any], dict[str, Any]]:
        feed = self._train

        def train(iterator: Any) -> dict[str, Any]:
            if not isinstance(iterator, tf.data.Iterator):
                return self._one_batch("train", iterator)
            here = feed if _only_counts(iterator) else None
            if here is not None:
                here.turn_to(session.count.epoch)
            return self._work("train", iterator, here, session)

        return train

    def _work(self, kind: str, iterator: Any, feed: EpochRows | None, session: Session) -> dict[str, Any]:
        """The training steps for one call from `fit`."""
        limit = self._limit
        logs: dict[str, Any] = {}
        if feed is not None:
            limit = min(limit, feed.rows.steps - session.count.step)
        if limit == 0:  # The run was interrupted after the epoch's last batch.
            logs = {name: float(value) for name, value in self.model.get_metrics_result().items()}
        while limit > 0:
            count = session.allow(limit)
            if count == 0:
                if not logs and not _has_numbers(self.model):
                    raise UnwantedError  # Stopped before the first batch of all: Keras would fail, having nothing to report.
                break
            began = time.perf_counter()
            done = self._run(kind, iterator, feed, session.count.step, count)
            if not len(done.rows):
                if not logs:
                    raise StopIteration
                break
            limit -= len(done.rows)
            logs = done.logs
            session.end_batches(done.names, done.rows, time.perf_counter() - began, done.bad)
        return logs

    def _test_steps(self, session: Session) -> Callable[[Any], dict[str, Any]]:
        def test(iterator: Any) -> dict[str, Any]:
            if not isinstance(iterator, tf.data.Iterator):
                return self._one_batch("test", iterator)
            feed = self._test if _only_counts(iterator) else None
            wanted = self.model.steps_per_execution
            if feed is not None:
                wanted = min(wanted, feed.rows.steps - self._tested) if self._listens_to_tests else feed.rows.steps
            elif self._ahead >= wanted:
                self._ahead -= wanted
                return self._ahead_logs
            return self._test_on(iterator, feed, wanted, session)

        return test

    def _test_on(self, iterator: Any, feed: EpochRows | None, wanted: int, session: Session) -> dict[str, Any]:
        """The test steps for one call from `evaluate`: as many as requested, and more if Keras is certain to ask for them."""
        limit, done = max(wanted, self._may_test), 0
        logs: dict[str, Any] = {}
        while done < wanted and session.allow_tests():
            began = time.perf_counter()
            numbers = self._run("test", iterator, feed, self._tested, min(limit - done, max(1, self._call_size.count)))
            count = len(numbers.rows)
            if not count:
                break
            done += count
            self._tested += count
            self._call_size.learn(count, time.perf_counter() - began)
            logs = numbers.logs
        self._may_test = max(0, self._may_test - done)
        self._ahead, self._ahead_logs = max(0, done - wanted), logs
        if not done and session.allow_tests():
            raise StopIteration
        return logs

    def begin_test(self) -> None:
        """Called when Keras starts validation; not for a direct `evaluate` by a callback, whose length is unknown."""
        self._tested = self._ahead = 0
        known = _known_steps(self.options.get("validation_data"), self.options.get("validation_steps"))
        self._may_test = 0 if self._test is not None or self._listens_to_tests else known or 0

    def end_test(self) -> None:
        """Called when validation has ended."""
        self._ahead = self._may_test = 0

    def _run(self, kind: str, iterator: Any, feed: EpochRows | None, first: int, count: int) -> Numbers:
        assert self.loop is not None  # noqa: S101  # The functions are replaced only if there is a loop.
        return self.loop.run_iterator(kind, iterator, count) if feed is None else self.loop.run_rows(kind, feed, first, count)

    def _one_batch(self, kind: str, batches: Iterator[Any]) -> dict[str, Any]:
        """A batch that a callback passes to `train_on_batch` or `test_on_batch`."""
        dataset = tf.data.Dataset.from_tensors(tuple(part for part in next(batches) if part is not None))
        return self._run(kind, iter(dataset), None, 0, 1).logs


def _has_numbers(model: keras.Model) -> bool:
    """Whether a model's metrics have results; Keras creates some of them at the first batch."""
    try:
        model.get_metrics_result()
    except ValueError:
        return False
    return True


def _only_counts(iterator: Any) -> bool:
    """Whether an iterator only counts steps, instead of yielding data that a callback evaluates."""
    spec = iterator.element_spec
    return isinstance(spec, tf.TensorSpec) and spec.shape.rank == 0


class _Counts(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints.
    """Tells the pipeline what Keras is doing.

    Attributes:
        steps_per_execution: as compiled. During training it is replaced so that an epoch is a single call, and must be restored before any
        other code calls `evaluate` or `predict`.
    """

    def __init__(self, pipeline: Pipeline, steps_per_execution: int) -> None:
        super().__init__()
        self._pipeline, self._steps_per_execution = pipeline, steps_per_execution

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.model.steps_per_execution = self._steps_per_execution

    def on_test_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._pipeline.begin_test()

    def on_test_end(self, logs: dict[str, Any] | None = None) -> None:
        self._pipeline.end_test()


def _known_steps(data: Any, wanted: int | None) -> int | None:
    """The number of batches that Keras will take in one pass over data.

    Args:
        wanted: the value of `steps_per_epoch` or `validation_steps`.
    """
    if hasattr(data, "cardinality"):
        there = batches_in(data)
        return min(there, wanted or there) if there > 0 else wanted
    if isinstance(data, keras.utils.PyDataset):
        there = data.num_batches
        return min(there, wanted or there) if there else wanted
    return wanted


def _writes_summaries(callback: Any) -> bool:
    """Whether a callback opens a writer for the `tf.summary` calls of layers and steps."""
    return isinstance(callback, keras.callbacks.TensorBoard) and callback.update_freq != "epoch"


def listens_to_batches(callback: Any, hooks: tuple[str, ...] = BATCH_HOOKS) -> bool:
    """Whether a callback overrides a hook for batches.

    >>> listens_to_batches(keras.callbacks.EarlyStopping()), listens_to_batches(keras.callbacks.LambdaCallback(on_train_batch_end=print))
    (False, True)

    Args:
        hooks: their names, for training, or TEST_HOOKS.
    """
    if not isinstance(callback, keras.callbacks.Callback) or isinstance(callback, keras.callbacks.CallbackList):
        return True
    plain = keras.callbacks.Callback
    return any(getattr(type(callback), hook) is not getattr(plain, hook) or hook in vars(callback) for hook in hooks)
