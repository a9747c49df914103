"""The graph loop: runs many batches in one call of the TensorFlow graph, each through Keras's own training step.

Between two batches Keras spends more time in Python than a small network needs for its arithmetic. Here both gathering the next batch and
the step itself run inside the graph; the logs of all steps come back together.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from seqmagic.keras_internals.compiled import compile_stamp, distribution_of, step_functions
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.steps.rows import Rows

# The methods of `fit` above the step itself: a model that overrides one needs Keras's own loop.
OF_FIT = ("fit", "evaluate", "make_train_function", "make_test_function")
ORDER = tf.TensorSpec([None], tf.int32)
LARGEST_WINDOW = 32_000_000  # Upper limit in bytes for the rows held as tensors at once, when not all of them fit.
# The attribute under which a model keeps its loop: tracing again would take seconds and memory that is never freed.
KEPT = "_seqmagic_loop"


class Numbers(NamedTuple):
    """The logs of some steps.

    Attributes:
        names: of the logged values.
        rows: one row of values per completed batch.
        logs: the last row as Keras reports it: a dict, with an array for a metric that returns several values.
        bad: the indices of the batches that contained NaN or infinity; empty for rows in memory, which are checked beforehand.
    """

    names: list[str]
    rows: np.ndarray
    logs: dict[str, Any]
    bad: tuple[int, ...] = ()


class Loop:
    """The training and the test step of one compiled model, each as a loop inside the graph.

    Attributes:
        model: compiled; its own `train_step` and `test_step` are run.
        is_followed: whether something reads the model's weights after each call.
    """

    is_followed = False

    def __init__(self, model: keras.Model) -> None:
        self.stamp = _stamp_of(model)
        self._names: dict[str, list[str]] = {"train": [], "test": []}
        self._shapes: dict[str, dict[str, tuple[int, ...]]] = {"train": {}, "test": {}}
        self._make_step = {"train": lambda: _step_of(model, model.train_step), "test": lambda: _step_of(model, model.test_step)}
        self._steps: dict[tuple[Any, ...], Callable[[Any], Any]] = {}
        self._over_rows = tf.function(self._trace_rows, autograph=False, reduce_retracing=True)
        self._over_iterator = tf.function(self._trace_iterator, autograph=False, reduce_retracing=True)

    def run_rows(self, kind: str, feed: EpochRows, first: int, count: int) -> Numbers:
        """Run some steps over rows in memory, starting at a step of the epoch; fewer if the memory does not hold that many.

        Args:
            kind: "train" or "test".
        """
        count = min(count, feed.most_steps)
        tensors, order, first = feed.window(first, count)
        table = self._over_rows(kind, tensors, order, tf.constant(first), tf.constant(count), self._facts_of(feed))
        return self._numbers(kind, table.numpy())

    def _numbers(self, kind: str, table: np.ndarray, bad: tuple[int, ...] = ()) -> Numbers:
        """Convert the table of everything that the steps logged to Numbers; a metric with several values becomes their mean."""
        shapes = self._shapes[kind]
        if all(shape == () for shape in shapes.values()):
            logs = dict(zip(shapes, table[-1].tolist(), strict=True)) if len(table) else {}
            return Numbers(self._names[kind], table, logs, bad)
        columns, logs, begin = [], {}, 0
        for name, shape in shapes.items():
            values = table[:, begin : (begin := begin + prod(shape))]
            columns.append(values.mean(axis=1))
            if len(table):
                logs[name] = float(values[-1, 0]) if shape == () else values[-1].reshape(shape)
        return Numbers(self._names[kind], np.column_stack(columns), logs, bad)

    def feed(self, kind: str, rows: Rows) -> EpochRows:
        """Take the rows for training or validation.

        Args:
            kind: "train" or "test".
        """
        return EpochRows(rows)

    def prepare(self, model: keras.Model, feed: EpochRows) -> None:
        """Create the variables of the optimizer and the metrics, where that is possible without a step."""
        if not self._names["train"]:
            make_variables(model, feed)

    def trace(self, feed: EpochRows) -> None:
        """Trace the training step without running it: afterwards the variables of the optimizer and the metrics exist."""
        zero = tf.constant(0)
        self._over_rows.get_concrete_function("train", *feed.specs, zero, zero, self._facts_of(feed))

    def join(self, tell: Callable[[str], object], is_wanted: Callable[[], bool], announce: Callable[[], object]) -> None:
        """Called when training begins.

        Args:
            tell: takes messages for the user. is_wanted: returns False once Stop has been pressed.
            announce: called when the place where it trains has changed.
        """

    def refresh(self) -> None:
        """Make sure that the model has the current weights."""

    def close(self) -> None:
        """Called after the last step."""

    def _facts_of(self, feed: EpochRows) -> tuple[Any, bool, tuple[int | None, ...]]:
        """The batch size, whether all batches have it, and the rank of each part: the arguments that select a trace.

        A batch size known at tracing time can change the last bits of a result. The ranks are needed because TensorFlow otherwise relaxes
        labels of rank 1 and rank 2 to labels of unknown rank, which no loss accepts.
        """
        return (feed.rows.batch if feed.is_even else tf.constant(feed.rows.batch), feed.is_even, feed.ranks)

    def names(self, kind: str) -> list[str]:
        """The names of what a step logs; empty before the step is traced."""
        return self._names[kind]

    def run_iterator(self, kind: str, iterator: Any, count: int) -> Numbers:
        """Run some steps over an iterator; fewer if it ends."""
        done, table = self._over_iterator(kind, iterator, tf.constant(count))
        rows = table.numpy()[: int(done)]
        return self._numbers(kind, rows[:, 1:], tuple(np.flatnonzero(rows[:, 0] == 0).tolist()))

    def _trace_rows(self, kind: str, tensors: Any, order: Any, first: Any, count: Any, facts: tuple[Any, ...]) -> Any:
        batch, is_fixed, _ = facts
        size = tf.shape(order)[0]

        def body(index: Any, table: Any) -> Any:
            start = (first + index) * batch
            rows = order[start : tf.minimum(start + batch, size)]
            if is_fixed:
                rows = tf.ensure_shape(rows, [batch])
            # In the form in which Keras passes data to the step: missing labels or weights are left out.
            data = keras.utils.pack_x_y_sample_weight(*(None if part is None else tf.gather(part, rows) for part in tensors))
            return index + 1, table.write(index, self._numbers_of(kind, data))

        table = tf.TensorArray(tf.float64, size=count)
        return tf.while_loop(lambda index, _: index < count, body, (tf.constant(0), table), parallel_iterations=1)[1].stack()

    def _trace_iterator(self, kind: str, iterator: Any, count: Any) -> Any:
        def goes_on(index: Any, _: Any, batch: Any) -> Any:
            return tf.logical_and(index < count, batch.has_value())

        def body(index: Any, table: Any, batch: Any) -> Any:
            data = keras.tree.map_structure(lambda part: None if isinstance(part, tf.experimental.Optional) else part, batch.get_value())
            table = table.write(index, tf.concat([[_is_clean(data)], self._numbers_of(kind, data)], 0))
            # Don't fetch a batch beyond `count`: the next call continues there.
            more = tf.cond(index + 1 < count, iterator.get_next_as_optional, lambda: tf.experimental.Optional.empty(batch.element_spec))
            return index + 1, table, more

        start = (tf.constant(0), tf.TensorArray(tf.float64, size=count, clear_after_read=False), iterator.get_next_as_optional())
        done, table, _ = tf.while_loop(goes_on, body, start, parallel_iterations=1)
        return done, table.stack()

    def _numbers_of(self, kind: str, data: Any) -> Any:
        """Run the step on one batch and return everything it logs as one row."""
        # One function for each rank: after seeing several ranks, tf.function would trace again with an unknown rank.
        key = (kind, *(part.shape.rank for part in keras.tree.flatten(data) if isinstance(part, tf.Tensor)))
        step = self._steps[key] = self._steps.get(key) or self._make_step[kind]()
        logs = {name: tf.cast(value, tf.float64) for name, value in _flat(step(data)).items()}
        # If a shape is known only at run time, the number of values is unknown too, so their mean is logged.
        logs = {name: value if value.shape.is_fully_defined() else tf.reduce_mean(value) for name, value in logs.items()}
        self._names[kind], self._shapes[kind] = list(logs), {name: tuple(value.shape) for name, value in logs.items()}
        return tf.concat([tf.reshape(value, [-1]) for value in logs.values()], 0)


def _flat(logs: dict[str, Any]) -> dict[str, Any]:
    """Flatten nested logs as Keras does, such as `compile_metrics` in those of a custom training step.

    >>> _flat({"loss": 1, "compile_metrics": {"accuracy": 2}})
    {'loss': 1, 'accuracy': 2}
    """
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat |= _flat(value) if isinstance(value, dict) else {name: value}
    return flat


def _is_clean(data: Any) -> Any:
    """1 for a batch in which all numbers are finite; 0 if any is NaN or infinite."""
    parts = [part for part in keras.tree.flatten(data) if isinstance(part, tf.Tensor) and part.dtype.is_floating]
    return tf.cast(tf.reduce_all([tf.reduce_all(tf.math.is_finite(part)) for part in parts] or [True]), tf.float64)


def make_variables(model: keras.Model, feed: EpochRows) -> None:
    """Create the variables of the optimizer and the metrics now: a tf.function that creates variables is traced twice."""
    if not model.built:
        return  # Its weights are created on the first batch, while it is traced.
    model.optimizer.build(model.trainable_variables)
    try:
        given = [None if part is None else tf.convert_to_tensor(part) for part in feed.rows.take(slice(1))[1:]]
        output = keras.ops.zeros((1, *model.output_shape[1:]), dtype=model.compute_dtype)
        model.compute_metrics(None, given[0], output, given[1])
    except Exception:  # noqa: BLE001, S110  # Whatever makes a metric fail here, the training itself will raise.
        pass
    model.reset_metrics()


class EpochRows:
    """Rows as tensors, with the row order of the current epoch.

    If the memory does not hold a second copy of all rows, only a window of some steps is converted to tensors at a time.

    Attributes:
        rows: to train on or test with.
    """

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._tensors = _all_as_tensors(rows) if rows.can_be_copied else None
        self.ranks = tuple(None if part is None else part.ndim for part in rows.parts)
        self.is_even = len(rows) % rows.batch == 0
        self._order: Any = np.arange(len(rows), dtype="int32")
        self._order_tensor: Any = tf.constant(self._order)
        self._epoch: int | None = None

    @property
    def most_steps(self) -> int:
        """How many steps can run in one call."""
        if self._tensors is not None:
            return self.rows.steps
        return max(1, LARGEST_WINDOW // max(1, self.rows.batch * self.rows.row_bytes))

    @property
    def specs(self) -> tuple[Any, Any]:
        """The tensors and the order, or their TensorSpecs if only a window of the rows is in tensors."""
        if self._tensors is not None:
            return self._tensors, self._order_tensor
        parts = self.rows.take(slice(0))
        return tuple(None if part is None else tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in parts), ORDER

    def window(self, first: int, count: int) -> tuple[Any, Any, int]:
        """Tensors with the rows of the given steps, their order, and the step to start at within them."""
        if self._tensors is not None:
            return self._tensors, self._order_tensor, first
        batch = self.rows.batch
        places = self._order[first * batch : (first + count) * batch]
        return as_tensors(self.rows.take(places)), tf.range(len(places), dtype=tf.int32), 0

    def turn_to(self, epoch: int) -> None:
        """Draw the order of an epoch, unless it is the current one."""
        if self.rows.seed is not None and epoch != self._epoch:
            self._order, self._epoch = self.rows.order(epoch), epoch
            self._order_tensor = tf.constant(self._order)


def _all_as_tensors(rows: Rows) -> tuple[Any, ...] | None:
    """All rows as tensors, on the GPU if there is one; None if they don't fit in its memory, in which case windows of rows are used."""
    try:
        return as_tensors(rows.take())
    except tf.errors.ResourceExhaustedError:
        return None


def as_tensors(parts: tuple[np.ndarray | None, ...]) -> tuple[Any, ...]:
    """Convert the parts of rows to tensors."""
    return tuple(None if part is None else tf.convert_to_tensor(part) for part in parts)


def loop_of(model: keras.Model) -> Loop | None:
    """The model's loop, kept until the model is compiled again or changed; None if the model needs Keras's loop or its own."""
    has_own = any(is_own(model, name) for name in OF_FIT)
    has_own = has_own or not all(function is None or is_of_keras(function) for function in step_functions(model))
    if model.run_eagerly or has_own or type(distribution_of(model)) is not type(tf.distribute.get_strategy()):
        return None
    kept = model.__dict__.get(KEPT)
    if kept is None or kept.stamp != _stamp_of(model):
        kept = model.__dict__[KEPT] = Loop(model)
    return kept


def is_own(model: keras.Model, name: str) -> bool:
    """Whether a model overrides a method of `keras.Model`.

    >>> is_own(keras.Sequential(), "fit")
    False
    """
    here, keras_own = inspect.unwrap(getattr(model, name)), inspect.unwrap(getattr(keras.Model, name))
    return getattr(here, "__func__", here) is not keras_own


def has_loop(model: keras.Model) -> bool:
    """Whether a model keeps traced steps."""
    return KEPT in model.__dict__


def forget_loop(model: keras.Model) -> None:
    """Make the next run trace the steps again."""
    model.__dict__.pop(KEPT, None)


def _stamp_of(model: keras.Model) -> tuple[Any, ...]:
    """Everything that a traced step depends on."""
    return compile_stamp(model), tuple(map(id, model.trainable_variables)), len(model.layers), keras.config.dtype_policy().name


def _step_of(model: keras.Model, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    # A tf.function inside the loop, as in Keras: TensorFlow then optimizes it as a unit, and results agree to the last bit.
    return tf.function(step, jit_compile=model.jit_compile, autograph=False, reduce_retracing=True)
