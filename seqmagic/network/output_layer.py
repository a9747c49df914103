"""The output of a network: the shape of the last layer's output, and its activation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import keras

from seqmagic.errors import Span
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.network.endpoints import describes_itself, output_shape_of
from seqmagic.network.shape_math import Shape

# Layers after the last real one that don't change the meaning of its output.
PASSING = (keras.layers.Dropout, keras.layers.Flatten, keras.layers.Reshape, keras.layers.ActivityRegularization, keras.layers.Identity)
OF_CLASS = {keras.layers.Softmax: "softmax", keras.layers.ReLU: "relu", keras.layers.LeakyReLU: "leaky_relu", keras.layers.ELU: "elu"}


@dataclass(frozen=True)
class Ending:
    """The output of a network.

    Attributes:
        shape: for one sample; None if it isn't known.
        activation: of the last layer; None if it isn't known, as for a custom layer.
        span: of the last layer in the text, if it has one.
    """

    shape: Shape | None
    activation: str | None
    span: Span | None = None

    @property
    def units(self) -> int | None:
        """The size of the last axis."""
        return self.shape[-1] if self.shape else None


def activation_of(layer: Any) -> str | None:
    """The name of a layer's activation; "" for a layer that only passes values on, None if it isn't known.

    >>> activation_of(keras.layers.Dense(3, "relu")), activation_of(keras.layers.Dense(3)), activation_of(keras.layers.Flatten())
    ('relu', 'linear', '')
    """
    if isinstance(layer, PASSING):
        return ""
    if type(layer) in OF_CLASS:
        return OF_CLASS[type(layer)]
    if isinstance(layer, keras.Sequential):
        return ending_of(layer).activation
    if isinstance(layer, (keras.layers.TimeDistributed, keras.layers.SpectralNormalization)):
        return activation_of(layer.layer)
    known = isinstance(layer, (keras.layers.Dense, keras.layers.EinsumDense, keras.layers.Activation)) or "Conv" in type(layer).__name__
    activation = getattr(layer, "activation", None)
    own = not is_of_keras(activation)
    return getattr(activation, "__name__", None) if known and not own else None


def last_activation(activations: Iterable[str | None]) -> str | None:
    """The last activation in a chain of layers, which determines the meaning of the output."""
    deciding = [activation for activation in activations if activation != ""]
    return deciding[-1] if deciding else None


def ending_of(model: keras.Model) -> Ending:
    """The ending of an existing model; unknown for a subclassed model, whose last layer can't be determined."""
    if not describes_itself(model):
        return Ending(None, None)
    whole = output_shape_of(model)
    shape = tuple(whole[1:]) if isinstance(whole, tuple) else None
    return Ending(shape, last_activation(map(activation_of, model.layers)))
