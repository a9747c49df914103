"""A model's inputs and outputs, as far as the model declares them; those of a subclassed model are unknown."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from seqmagic.keras_internals.layers import is_of_keras


def describes_itself(model: Any) -> bool:
    """Whether a model is Sequential or functional, so that its inputs and outputs are known once it is built.

    A subclass of `keras.Model` is Python code: its inputs and outputs are known only when it is called. It may still have attributes named
    `inputs` or `outputs`.
    """
    # Only Keras's own graph models define output_shape as a property; and an overridden call may return anything.
    own = inspect.getattr_static(type(model), "output_shape", None)
    return isinstance(own, property) and is_of_keras(type(model).call)


def inputs_of(model: keras.Model) -> list[Any]:
    """The symbolic inputs; empty if they are not known."""
    return list(model.inputs or ()) if model.built and describes_itself(model) else []


def outputs_of(model: keras.Model) -> list[Any]:
    """The symbolic outputs; empty if they are not known."""
    return list(model.outputs or ()) if model.built and describes_itself(model) else []


def input_shape_of(model: keras.Model) -> Any:
    """The input shape, including the batch axis: a tuple, or a list or dict of tuples for several inputs; None if it is not known."""
    return model.input_shape if inputs_of(model) else None


def output_shape_of(model: keras.Model) -> Any:
    """The output shape, in the same form."""
    return model.output_shape if outputs_of(model) else None


def fixed_batch_of(model: keras.Model) -> int | None:
    """The batch size that a model's input fixes, or None."""
    shape = input_shape_of(model)
    return shape[0] if isinstance(shape, tuple) and shape and isinstance(shape[0], int) else None
