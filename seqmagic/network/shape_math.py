"""The arithmetic behind a layer's output shape and number of parameters."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import keras

from seqmagic.translation import gettext, gettext_noop

Shape = tuple[int | None, ...]


def format_shape(shape: Shape | None) -> str:
    """A shape as it is written in a text, without the batch axis.

    >>> format_shape((28, 28, 1)), format_shape((None, 64)), format_shape(())
    ('28x28x1', '?x64', 'one number')
    """
    if shape is None:
        return "?"
    return "x".join("?" if dim is None else str(dim) for dim in shape) or gettext("one number")


def weights_arithmetic(shapes: Sequence[Shape]) -> str:
    """The sum that gives the number of parameters: a product for each weight.

    >>> weights_arithmetic([(3, 3, 1, 16), (16,)])
    '3×3×1×16 + 16'
    """
    return " + ".join("×".join(str(dim) for dim in shape) or "1" for shape in shapes)


def shape_arithmetic(layer: Any, before: Shape, after: Shape) -> str:
    """How the output shape follows from the input shape, or "" if there is nothing to compute.

    >>> shape_arithmetic(keras.layers.Conv2D(8, 3, strides=2), (28, 27, 1), (13, 13, 8))
    '(28 − 3) ÷ 2 + 1 = 13.5, rounded down: 13; (27 − 3) ÷ 2 + 1 = 13'

    A result that differs from Keras's shape is not shown: a custom layer may use its kernel_size differently.

    Source of the formula for windows: V. Dumoulin and F. Visin, A guide to convolution arithmetic for deep learning, 2016.

    Args:
        layer: a Keras layer.
        before, after: shapes without the batch axis.
    """
    if isinstance(layer, keras.layers.Flatten) and len(before) > 1 and None not in before:
        return f"{'×'.join(map(str, before))} = {after[0]}" if math.prod(dim or 1 for dim in before) == after[0] else ""
    window = getattr(layer, "kernel_size", None) or getattr(layer, "pool_size", None)
    strides, padding = getattr(layer, "strides", None), getattr(layer, "padding", None)
    if not isinstance(window, tuple) or not isinstance(strides, (int, tuple)) or not isinstance(padding, str):
        return ""
    lengths, results = _moved_over(before, layer), _moved_over(after, layer)
    if not len(lengths) == len(results) == len(window):
        return ""
    sums = []
    for i, (length, result) in enumerate(zip(lengths, results, strict=True)):
        text, value = _window_sum(length, window[i], _at(strides, i), _at(getattr(layer, "dilation_rate", 1), i), padding)
        if value != result:
            return ""
        sums.append(text)
    return "; ".join(dict.fromkeys(text for text in sums if text))


def _moved_over(shape: Shape, layer: Any) -> Shape:
    """The axes that a layer's window moves over; not those before them, such as time, nor the channels."""
    count = len(getattr(layer, "kernel_size", None) or layer.pool_size)
    first = getattr(layer, "data_format", "channels_last") == "channels_first"
    return shape[len(shape) - count :] if first else shape[len(shape) - 1 - count : -1]


def _at(value: Any, index: int) -> int:
    return int(value[index] if isinstance(value, (tuple, list)) else value)


def _window_sum(length: int | None, size: int, stride: int, dilation: int, padding: str) -> tuple[str, int | None]:
    """One axis under a sliding window: the formula, and its result."""
    if length is None:
        return "", None
    reach = (size - 1) * dilation + 1
    if padding != "valid":
        return (
            (gettext("{length} stays {length}", length=length), length)
            if stride == 1
            else _rounded(f"{length} ÷ {stride}", Fraction(length, stride), gettext_noop("up"))
        )
    if stride == 1:
        return f"{length} − {reach} + 1 = {length - reach + 1}", length - reach + 1
    if size == stride and dilation == 1:
        return _rounded(f"{length} ÷ {stride}", Fraction(length, stride), gettext_noop("down"))
    return _rounded(f"({length} − {reach}) ÷ {stride} + 1", Fraction(length - reach, stride) + 1, gettext_noop("down"))


def _rounded(written: str, value: Fraction, way: str) -> tuple[str, int]:
    """A formula with its result; if that isn't an integer, it also says how Keras rounds it."""
    if value.denominator == 1:
        return f"{written} = {value}", int(value)
    whole = math.ceil(value) if way == "up" else math.floor(value)
    shown = re.sub(r"(\.[1-9])0$", r"\1", f"{float(value):.2f}")
    sign = "=" if Fraction(shown) == value else "≈"
    return gettext(
        "{written} {sign} {shown}, rounded {way}: {whole}", written=written, sign=sign, shown=shown, way=gettext(way), whole=whole
    ), whole
