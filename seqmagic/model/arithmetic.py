"""The arithmetic behind a layer's numbers: why this shape, why so many parameters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

Shape = tuple[int | None, ...]


def spoken_shape(shape: Shape | None) -> str:
    """A shape as it is written in a text, without the batch axis.

    >>> spoken_shape((28, 28, 1)), spoken_shape((None, 64)), spoken_shape(())
    ('28x28x1', '?x64', 'one number')
    """
    if shape is None:
        return "?"
    return "x".join("?" if dim is None else str(dim) for dim in shape) or "one number"


def weights_arithmetic(shapes: Sequence[Shape]) -> str:
    """How the parameters add up: a product for each weight.

    >>> weights_arithmetic([(3, 3, 1, 16), (16,)])
    '3×3×1×16 + 16'
    """
    return " + ".join("×".join(str(dim) for dim in shape) or "1" for shape in shapes)


def shape_arithmetic(layer: Any, before: Shape, after: Shape) -> str:
    """How the output's shape comes from the input's, or "" where there is nothing to work out.

    layer: a Keras layer.
    before, after: shapes without the batch axis.

    Source of the formula for windows: V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016.
    """
    if isinstance(layer, keras.layers.Flatten) and len(before) > 1 and None not in before:
        return f"{'×'.join(map(str, before))} = {after[0]}"
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    if not isinstance(window, tuple) or not hasattr(layer, "strides") or "Transpose" in type(layer).__name__:
        return ""
    first = getattr(layer, "data_format", "channels_last") == "channels_first"
    axes = range(1, len(before)) if first else range(len(before) - 1)
    dilation = getattr(layer, "dilation_rate", 1)
    sums = [
        _window_sum(before[axis], size, _at(layer.strides, i), _at(dilation, i), layer.padding)
        for i, (axis, size) in enumerate(zip(axes, window, strict=False))
    ]
    return ", ".join(dict.fromkeys(text for text in sums if text))


def _at(value: Any, index: int) -> int:
    return int(value[index] if isinstance(value, (tuple, list)) else value)


def _window_sum(length: int | None, size: int, stride: int, dilation: int, padding: str) -> str:
    """One axis under a sliding window."""
    if length is None:
        return ""
    if padding != "valid":
        return f"{length} stays {length}" if stride == 1 else f"{length} ÷ {stride} = {math.ceil(length / stride)}"
    reach = (size - 1) * dilation + 1
    if stride == 1:
        return f"{length} − {reach} + 1 = {length - reach + 1}"
    if size == stride and dilation == 1:
        rest = ", rounded down" if length % stride else ""
        return f"{length} ÷ {stride} = {length // stride}{rest}"
    return f"({length} − {reach}) ÷ {stride} + 1 = {(length - reach) // stride + 1}"
