"""Multiply-adds: the multiplications, each with its addition, that a layer's forward pass needs for one sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
from keras import layers

from seqmagic.keras_internals.layers import operator_name
from seqmagic.keras_internals.walk import list_calls
from seqmagic.network.endpoints import describes_itself
from seqmagic.network.shape_math import Shape
from seqmagic.translation import gettext_noop

NO_FORMULA = gettext_noop("no formula")
OPEN_LENGTH = gettext_noop("depends on the sequence length")


@dataclass(frozen=True)
class Work:
    """A number of multiply-adds.

    Attributes:
        count: None if it isn't known.
        sum: the formula behind the count, "" if there is none; without a count, why it isn't known.
    """

    count: int | None
    sum: str = ""


NONE = Work(0)
UNKNOWN = Work(None, NO_FORMULA)
# Layers that don't multiply by weights. The cost of activations, pooling and element-wise sums is not counted, as is usual.
WITHOUT_PRODUCTS = (
    *(layers.InputLayer, layers.Flatten, layers.Reshape, layers.Permute, layers.RepeatVector, layers.Masking, layers.Identity),
    *(layers.Dropout, layers.SpatialDropout1D, layers.SpatialDropout2D, layers.SpatialDropout3D, layers.AlphaDropout),
    *(layers.GaussianDropout, layers.GaussianNoise, layers.ActivityRegularization, layers.Embedding),
    *(layers.Activation, layers.ReLU, layers.LeakyReLU, layers.ELU, layers.Softmax),
    *(layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D, layers.AveragePooling1D, layers.AveragePooling2D),
    *(layers.AveragePooling3D, layers.GlobalMaxPooling1D, layers.GlobalMaxPooling2D, layers.GlobalMaxPooling3D),
    *(layers.GlobalAveragePooling1D, layers.GlobalAveragePooling2D, layers.GlobalAveragePooling3D),
    *(layers.ZeroPadding1D, layers.ZeroPadding2D, layers.ZeroPadding3D, layers.Cropping1D, layers.Cropping2D, layers.Cropping3D),
    *(layers.Concatenate, layers.Add, layers.Subtract, layers.Average, layers.Maximum, layers.Minimum),
)
# The same for operations, such as the + of two layers' outputs.
SUMS = ("Add", "Subtract", "Maximum", "Minimum", "Concatenate", "Reshape", "Transpose", "GetItem")


def multiply_adds(layer: Any, befores: Sequence[Shape], after: Shape | None) -> Work:
    """The multiply-adds of a Keras layer; for other layers, and for those without a formula here, the result says that it is unknown.

    >>> layer = layers.Conv2D(16, 3)
    >>> layer.build((None, 8, 8, 1))
    >>> multiply_adds(layer, [(8, 8, 1)], (6, 6, 16))
    Work(count=5184, sum='6×6 × 3×3×1×16')

    Multiplications by a weight, or of one input with another, are counted. TensorFlow's profiler counts each as two operations.

    Args:
        layer: a built one.
        befores, after: the input and output shapes, without the batch axis.
    """
    if type(layer) in WITHOUT_PRODUCTS or operator_name(layer) in SUMS:
        return NONE
    formula = _model if isinstance(layer, keras.Model) and describes_itself(layer) else FORMULAS.get(type(layer))
    if formula is None or not befores:
        return UNKNOWN
    if any(dim is None for shape in befores for dim in shape):
        return Work(None, OPEN_LENGTH)
    try:
        return formula(Use(layer, befores, after))
    except (AttributeError, TypeError, ValueError, KeyError, IndexError):
        return UNKNOWN  # Not built, or with a setting that the formula doesn't cover.


def _product(*groups: Sequence[int]) -> Work:
    """A product of groups of factors, such as the axes of a kernel."""
    shown = [group for group in groups if len(group)]
    return Work(prod(map(prod, shown)), " × ".join("×".join(map(str, group)) for group in shown))


def _sum(parts: Sequence[Work]) -> Work:
    missing = next((part for part in parts if part.count is None), None)
    if missing is not None:
        return missing
    return Work(sum(part.count or 0 for part in parts), " + ".join(part.sum for part in parts if part.sum))


def _times(count: int, work: Work) -> Work:
    if not work.count:
        return work
    shown = f"({work.sum})" if "+" in work.sum else work.sum
    return Work(count * work.count, f"{count} × {shown}" if shown else "")


@dataclass(frozen=True)
class Use:
    """One call of a layer, with its input and output shapes."""

    layer: Any
    befores: Sequence[Any]
    after: Any


Formula = Callable[[Use], Work]


def _dense(use: Use) -> Work:
    return _product(use.befores[0][:-1], use.layer.kernel.shape)


def _conv(use: Use) -> Work:
    return _product(_positions(use.layer, use.after), use.layer.kernel.shape)


def _conv_transpose(use: Use) -> Work:
    return _product(_positions(use.layer, use.befores[0]), use.layer.kernel.shape)


def _separable(use: Use) -> Work:
    at = _positions(use.layer, use.after)
    return _sum([_product(at, use.layer.depthwise_kernel.shape), _product(at, use.layer.pointwise_kernel.shape[-2:])])


def _positions(layer: Any, shape: Any) -> Any:
    return shape[1:] if layer.data_format == "channels_first" else shape[:-1]


def _recurrent(use: Use) -> Work:
    return _times(use.befores[0][0], _sum([_product(use.layer.cell.kernel.shape), _product(use.layer.cell.recurrent_kernel.shape)]))


def _einsum(use: Use) -> Work:
    before, kernel = use.layer.equation.partition("->")[0].replace(" ", "").split(",")
    if "." in before:
        return UNKNOWN
    lengths = dict(zip(before[1:], use.befores[0], strict=True))
    return _product([lengths[letter] for letter in before[1:] if letter not in kernel], use.layer.kernel.shape)


def _batch_norm(use: Use) -> Work:
    """One per value: mean, variance, gamma and beta combine to one factor and one addend."""
    return _product(use.befores[0])


def _multiply(use: Use) -> Work:
    return _times(len(use.befores) - 1, _product(use.after)) if len(use.befores) > 2 else _product(use.after)


def _attention(use: Use) -> Work:
    """Three projections to the heads, two products within the heads, one projection of the output."""
    if len(use.befores) != 2 or any(len(shape) != 2 for shape in use.befores):
        return UNKNOWN  # A third input may be a key or a mask, and its shape doesn't show which.
    query, value = use.befores
    heads, size, value_size = use.layer.num_heads, use.layer.key_dim, use.layer.value_dim or use.layer.key_dim
    return _sum(
        [
            *(_product((*shape, heads, width)) for shape, width in ((query, size), (value, size), (value, value_size))),
            *(_product((heads, query[0], value[0], width)) for width in (size, value_size)),
            _product((query[0], heads, value_size, use.after[-1])),
        ]
    )


def _bidirectional(use: Use) -> Work:
    there, back = (multiply_adds(part, use.befores, use.after) for part in (use.layer.forward_layer, use.layer.backward_layer))
    return _times(2, there) if there == back else _sum([there, back])


def _time_distributed(use: Use) -> Work:
    return _times(use.befores[0][0], multiply_adds(use.layer.layer, [use.befores[0][1:]], use.after[1:]))


def _model(use: Use) -> Work:
    """All calls of layers in a nested model, with the shapes that they have in it, if it is used on those."""
    calls = list_calls(use.layer)
    if not calls or not all(map(_fits, _shapes(use.layer.inputs), use.befores)):
        return UNKNOWN
    whole = _sum([multiply_adds(part, _shapes(taken), _shapes(given)[0]) for part, taken, given in calls])
    return whole if whole.count is None else Work(whole.count)


def _shapes(tensors: Sequence[Any]) -> list[Any]:
    return [tuple(tensor.shape[1:]) for tensor in tensors]


def _fits(own: Any, before: Any) -> bool:
    """Whether a shape is that of a model's own input, as far as this fixes it."""
    return len(own) == len(before) and all(dim in (None, given) for dim, given in zip(own, before, strict=True))


FORMULAS: dict[type, Formula] = {
    layers.Dense: _dense,
    layers.EinsumDense: _einsum,
    **dict.fromkeys((layers.Conv1D, layers.Conv2D, layers.Conv3D, layers.DepthwiseConv1D, layers.DepthwiseConv2D), _conv),
    **dict.fromkeys((layers.Conv1DTranspose, layers.Conv2DTranspose, layers.Conv3DTranspose), _conv_transpose),
    **dict.fromkeys((layers.SeparableConv1D, layers.SeparableConv2D), _separable),
    **dict.fromkeys((layers.SimpleRNN, layers.GRU, layers.LSTM), _recurrent),
    layers.BatchNormalization: _batch_norm,
    layers.Multiply: _multiply,
    layers.MultiHeadAttention: _attention,
    layers.Bidirectional: _bidirectional,
    layers.TimeDistributed: _time_distributed,
}
