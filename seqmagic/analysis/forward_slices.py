"""The forward pass: a model's output for many rows, in slices, so that nothing else has to wait long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.data.held_out import count_rows, leaves_of, take_rows
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.training.state import model_variables

LARGEST, SMALLEST = 256, 8  # Rows per slice.
SLICE_BYTES = 4 * 2**20


def forward(model: keras.Model, x: Any) -> Iterator[Any]:
    """Yield a model's output for consecutive slices of rows, like `model.predict`, leaving the model's state unchanged.

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    >>> [part.shape for part in forward(model, np.zeros((300, 2), "float32"))]
    [(256, 3), (44, 3)]

    Args:
        x: rows in memory: an array, or several in a list, tuple or dict.

    Yields:
        For each slice an array, or for a model with several outputs their structure.
    """
    rows = count_rows(x)
    size = slice_size(model, x)
    with kept_states(model), without_advice_on_graphs():
        for first in range(0, rows, size):
            # The last slice is padded with its last row: a slice of another size would make Keras trace another graph.
            places = np.minimum(np.arange(first, first + size), rows - 1)
            given = model.predict_on_batch(keras.tree.map_structure(as_input, take_rows(x, places)))
            yield keras.tree.map_structure(partial(_first_rows, min(size, rows - first)), given)


def _first_rows(count: int, part: Any) -> np.ndarray:
    return np.asarray(part)[:count]


def slice_size(model: keras.Model, x: Any) -> int:
    """The number of rows per forward pass."""
    fixed = fixed_batch_of(model)
    if fixed is not None:
        return fixed
    rows = count_rows(x)
    each = sum(np.prod(leaf.shape[1:], dtype=float) * 4 for leaf in leaves_of(x))
    size = int(min(LARGEST, max(SMALLEST, SLICE_BYTES // max(each, 1.0))))
    return max(1, min(size, rows))


def as_input(part: Any) -> Any:
    """Rows as a model takes them: floats in Keras's floatx, strings as a tensor."""
    if not isinstance(part, np.ndarray):
        return part
    if part.dtype.kind in "OUS":
        return tf.constant(part.astype(str))
    return part.astype(keras.config.floatx()) if part.dtype.kind == "f" else part


class _AdviceFilter(logging.Filter):
    """Drops TensorFlow's retracing warnings that come from the thread that created the filter."""

    def __init__(self) -> None:
        super().__init__()
        self.thread = threading.get_ident()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to log a record."""
        return record.thread != self.thread or "retracing" not in record.getMessage()


@contextmanager
def without_advice_on_graphs() -> Iterator[None]:
    """Silence TensorFlow's retracing warnings, because each model needs a graph and TensorFlow warns from the fifth on."""
    logger, advice = tf.get_logger(), _AdviceFilter()
    logger.addFilter(advice)
    try:
        yield
    finally:
        logger.removeFilter(advice)


@contextmanager
def kept_states(model: keras.Model) -> Iterator[None]:
    """Restore the state of stateful layers afterwards."""
    remembers = any(getattr(layer, "stateful", False) for layer in layers_inside(model))
    learned = {id(variable) for variable in model.trainable_variables}
    variables = [variable for variable in model_variables(model) if id(variable) not in learned] if remembers else []
    before = [np.array(variable.numpy()) for variable in variables]  # numpy() may return a view of the variable's own memory.
    try:
        yield
    finally:
        for variable, value in zip(variables, before, strict=True):
            variable.assign(value)
