"""The endpoints of a model: what it says of its own inputs and outputs, and what nobody knows of one that is a class of the user's own."""

from __future__ import annotations

import inspect
from typing import Any

import keras

from seqmagic.keras_internals.layers import is_of_keras


def describes_itself(model: Any) -> bool:
    """Whether a model is a graph or a chain of layers, whose inputs and outputs are known once it is built.

    A subclass of `keras.Model` is Python code: what it takes and gives shows only when it is called. It may well have parts that
    are called `inputs` or `outputs`.
    """
    # Only Keras's own kinds of graphs have shapes as properties of their class; and a call of one's own may give anything else.
    own = inspect.getattr_static(type(model), "output_shape", None)
    return isinstance(own, property) and is_of_keras(type(model).call)


def inputs_of(model: keras.Model) -> list[Any]:
    """The symbolic inputs; none where they are not known."""
    return list(model.inputs or ()) if model.built and describes_itself(model) else []


def outputs_of(model: keras.Model) -> list[Any]:
    """The symbolic outputs; none where they are not known."""
    return list(model.outputs or ()) if model.built and describes_itself(model) else []


def input_shape_of(model: keras.Model) -> Any:
    """What goes in, with the batch first: a tuple, or a list or dictionary of them for several inputs; None where it is not known."""
    return model.input_shape if inputs_of(model) else None


def output_shape_of(model: keras.Model) -> Any:
    """The same for what comes out."""
    return model.output_shape if outputs_of(model) else None


def fixed_batch_of(model: keras.Model) -> int | None:
    """The batch size that a model's input fixes, or None."""
    shape = input_shape_of(model)
    return shape[0] if isinstance(shape, tuple) and shape and isinstance(shape[0], int) else None
