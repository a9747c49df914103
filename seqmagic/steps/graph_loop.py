"""The loop: many batches in one call of TensorFlow's graph, each through Keras's own training step.

Between two batches Keras spends more time in Python than a small network needs for its arithmetic. Here the next batch is gathered, and
the next step taken, inside the graph; every step's numbers come back together.
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

OF_FIT = ("fit", "evaluate", "make_train_function", "make_test_function")  # What `fit` is made of, above the steps.
ORDER = tf.TensorSpec([None], tf.int32)
LARGEST_WINDOW = 32_000_000  # Bytes of the rows that are in tensors at once, where not all can be.
KEPT = "_seqmagic_loop"  # Where a model keeps its loop: to trace it anew would cost the next run seconds, and memory for good.


class Numbers(NamedTuple):
    """What some steps reported.

    Attributes:
        names: of the numbers.
        rows: a row of them for each batch that was done.
        logs: the last row as Keras reports it: by names, and a metric of several numbers as an array.
        bad: which of the batches held a value that is no number, counted from 0; rows in memory were looked through before.
    """

    names: list[str]
    rows: np.ndarray
    logs: dict[str, Any]
    bad: tuple[int, ...] = ()


class Loop:
    """The training and the test step of one compiled model, each as a loop inside the graph.

    Attributes:
        model: compiled; its own `train_step` and `test_step` are what is run.
        is_followed: whether somebody looks at the model after each call.
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
        """So many steps over rows in memory, from a step of the epoch on, or fewer where the memory has no room for more.

        Args:
            kind: "train" or "test".
        """
        count = min(count, feed.most_steps)
        tensors, order, first = feed.window(first, count)
        table = self._over_rows(kind, tensors, order, tf.constant(first), tf.constant(count), self._facts_of(feed))
        return self._numbers(kind, table.numpy())

    def _numbers(self, kind: str, table: np.ndarray, bad: tuple[int, ...] = ()) -> Numbers:
        """A table of everything that some steps reported, as their numbers; of a metric with several the mean."""
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
        """Take the rows of the training or the validation.

        Args:
            kind: "train" or "test".
        """
        return EpochRows(rows)

    def prepare(self, model: keras.Model, feed: EpochRows) -> None:
        """Let the optimizer and the metrics make their variables, where that is possible without a step."""
        if not self._names["train"]:
            make_variables(model, feed)

    def trace(self, feed: EpochRows) -> None:
        """Trace the training step without taking one: afterwards the optimizer and the metrics have their variables."""
        zero = tf.constant(0)
        self._over_rows.get_concrete_function("train", *feed.specs, zero, zero, self._facts_of(feed))

    def join(self, tell: Callable[[str], object], is_wanted: Callable[[], bool]) -> None:
        """A training begins.

        Args:
            tell: takes sentences for the user. is_wanted: whether nobody has pressed Stop.
        """

    def refresh(self) -> None:
        """See to it that the model has what it has learned."""

    def close(self) -> None:
        """No step will be taken any more."""

    def _facts_of(self, feed: EpochRows) -> tuple[Any, bool, tuple[int | None, ...]]:
        """How large a batch is, and whether all are so large: what TensorFlow computes with a known size may differ in its last bits.

        Then how many axes each part has: without that, TensorFlow takes labels of one axis and of two for labels of any number of axes,
        which no loss can use.
        """
        return (feed.rows.batch if feed.is_even else tf.constant(feed.rows.batch), feed.is_even, feed.ranks)

    def names(self, kind: str) -> list[str]:
        """What a step reports; nothing before it was traced."""
        return self._names[kind]

    def run_iterator(self, kind: str, iterator: Any, count: int) -> Numbers:
        """So many steps over what an iterator gives, or fewer where it ends."""
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
            # As Keras hands them to the step: without labels or weights there is no place for them.
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
            # Not one batch more than is wanted: the next call goes on there.
            more = tf.cond(index + 1 < count, iterator.get_next_as_optional, lambda: tf.experimental.Optional.empty(batch.element_spec))
            return index + 1, table, more

        start = (tf.constant(0), tf.TensorArray(tf.float64, size=count, clear_after_read=False), iterator.get_next_as_optional())
        done, table, _ = tf.while_loop(goes_on, body, start, parallel_iterations=1)
        return done, table.stack()

    def _numbers_of(self, kind: str, data: Any) -> Any:
        """The step on one batch, and all that it reports as one row."""
        # Of a step that has seen several numbers of axes, TensorFlow would trace one for data of which it knows none.
        key = (kind, *(part.shape.rank for part in keras.tree.flatten(data) if isinstance(part, tf.Tensor)))
        step = self._steps[key] = self._steps.get(key) or self._make_step[kind]()
        logs = {name: tf.cast(value, tf.float64) for name, value in _flat(step(data)).items()}
        # Nobody knows how many numbers there are where the shape is only known while it runs: then their mean.
        logs = {name: value if value.shape.is_fully_defined() else tf.reduce_mean(value) for name, value in logs.items()}
        self._names[kind], self._shapes[kind] = list(logs), {name: tuple(value.shape) for name, value in logs.items()}
        return tf.concat([tf.reshape(value, [-1]) for value in logs.values()], 0)


def _flat(logs: dict[str, Any]) -> dict[str, Any]:
    """What a step reports, with tables inside it laid open, as Keras does: such as that of the compiled metrics in a step of one's own.

    >>> _flat({"loss": 1, "compile_metrics": {"accuracy": 2}})
    {'loss': 1, 'accuracy': 2}
    """
    flat: dict[str, Any] = {}
    for name, value in logs.items():
        flat |= _flat(value) if isinstance(value, dict) else {name: value}
    return flat


def _is_clean(data: Any) -> Any:
    """1 for a batch of numbers; 0 where one of them is NaN or infinity."""
    parts = [part for part in keras.tree.flatten(data) if isinstance(part, tf.Tensor) and part.dtype.is_floating]
    return tf.cast(tf.reduce_all([tf.reduce_all(tf.math.is_finite(part)) for part in parts] or [True]), tf.float64)


def make_variables(model: keras.Model, feed: EpochRows) -> None:
    """Let the optimizer and the metrics make their variables now: a function that makes some while it is traced is traced twice."""
    if not model.built:
        return  # It gets its weights from its first batch, which is when it is traced.
    model.optimizer.build(model.trainable_variables)
    try:
        given = [None if part is None else tf.convert_to_tensor(part) for part in feed.rows.take(slice(1))[1:]]
        output = keras.ops.zeros((1, *model.output_shape[1:]), dtype=model.compute_dtype)
        model.compute_metrics(None, given[0], output, given[1])
    except Exception:  # noqa: BLE001, S110  # Whatever a metric has against it, the training itself will raise.
        pass
    model.reset_metrics()


class EpochRows:
    """Rows as tensors, with the order of the epoch that is under way.

    Where the memory has no room for all of them a second time, those of some steps become tensors at a time.

    Attributes:
        rows: what is trained on, or tested with.
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
        """How many steps may be asked for at once."""
        if self._tensors is not None:
            return self.rows.steps
        return max(1, LARGEST_WINDOW // max(1, self.rows.batch * self.rows.row_bytes))

    @property
    def specs(self) -> tuple[Any, Any]:
        """Tensors and order, or for those of some steps what they are like."""
        if self._tensors is not None:
            return self._tensors, self._order_tensor
        parts = self.rows.take(slice(0))
        return tuple(None if part is None else tf.TensorSpec([None, *part.shape[1:]], part.dtype) for part in parts), ORDER

    def window(self, first: int, count: int) -> tuple[Any, Any, int]:
        """Tensors that hold the rows of so many steps, their order, and the step to begin with there."""
        if self._tensors is not None:
            return self._tensors, self._order_tensor, first
        batch = self.rows.batch
        places = self._order[first * batch : (first + count) * batch]
        return as_tensors(self.rows.take(places)), tf.range(len(places), dtype=tf.int32), 0

    def turn_to(self, epoch: int) -> None:
        """Draw the order of an epoch, once."""
        if self.rows.seed is not None and epoch != self._epoch:
            self._order, self._epoch = self.rows.order(epoch), epoch
            self._order_tensor = tf.constant(self._order)


def _all_as_tensors(rows: Rows) -> tuple[Any, ...] | None:
    """All rows as tensors, which are on the GPU where there is one; None where that has no room for them, and gets those of some steps."""
    try:
        return as_tensors(rows.take())
    except tf.errors.ResourceExhaustedError:
        return None


def as_tensors(parts: tuple[np.ndarray | None, ...]) -> tuple[Any, ...]:
    """Parts of rows as TensorFlow takes them."""
    return tuple(None if part is None else tf.convert_to_tensor(part) for part in parts)


def loop_of(model: keras.Model) -> Loop | None:
    """A model's loop, made once for as long as it stays compiled as it is; None where only Keras's own loop will do, or the model's own."""
    has_own = any(is_own(model, name) for name in OF_FIT)
    has_own = has_own or not all(function is None or is_of_keras(function) for function in step_functions(model))
    if model.run_eagerly or has_own or type(distribution_of(model)) is not type(tf.distribute.get_strategy()):
        return None
    kept = model.__dict__.get(KEPT)
    if kept is None or kept.stamp != _stamp_of(model):
        kept = model.__dict__[KEPT] = Loop(model)
    return kept


def is_own(model: keras.Model, name: str) -> bool:
    """Whether a model has a method of its own in the place of Keras's.

    >>> is_own(keras.Sequential(), "fit")
    False
    """
    here, keras_own = inspect.unwrap(getattr(model, name)), inspect.unwrap(getattr(keras.Model, name))
    return getattr(here, "__func__", here) is not keras_own


def has_loop(model: keras.Model) -> bool:
    """Whether a model keeps traced steps."""
    return KEPT in model.__dict__


def forget_loop(model: keras.Model) -> None:
    """Let the next run trace its steps anew."""
    model.__dict__.pop(KEPT, None)


def _stamp_of(model: keras.Model) -> tuple[Any, ...]:
    """What a traced step depends on."""
    return compile_stamp(model), tuple(map(id, model.trainable_variables)), len(model.layers), keras.config.dtype_policy().name


def _step_of(model: keras.Model, step: Callable[[Any], Any]) -> Callable[[Any], Any]:
    # A function inside the loop, as in Keras's own: TensorFlow optimizes it as a whole, and the last bits come out the same.
    return tf.function(step, jit_compile=model.jit_compile, autograph=False, reduce_retracing=True)
