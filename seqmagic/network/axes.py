"""Axes: how many of them a layer takes, and what it says of them."""

from __future__ import annotations

import re
from typing import Any

import keras

from seqmagic.keras_internals.layers import is_preprocessing
from seqmagic.network.shape_math import Shape

AXES = {
    1: "one axis, such as 64",
    2: "two axes, such as 10x64 (steps x features)",
    3: "three axes, such as 28x28x1 (height x width x channels)",
    4: "four axes, such as 16x32x32x1",
}


def axes_wanted(layer: Any, before: Shape) -> str:
    """The axes that a layer takes, in words, where a shape has more or fewer; otherwise "".

    >>> axes_wanted(keras.layers.LSTM(2), (10,)), axes_wanted(keras.layers.LSTM(2), (10, 4))
    ('two axes, such as 10x64 (steps x features)', '')
    """
    spec = getattr(layer, "input_spec", None)
    exact, least = getattr(spec, "ndim", None), getattr(spec, "min_ndim", None)
    if (exact is None or len(before) + 1 == exact) and (least is None or len(before) + 1 >= least):
        return ""
    wanted = AXES.get((exact or least or 0) - 1, f"{(exact or least or 0) - 1} axes")
    return wanted if exact is not None else re.sub(r"\b(axis|axes)\b", r"\1 or more", wanted, count=1)


def is_misstated(made: Any, before: Shape) -> bool:
    """Whether Keras says another shape than a layer gives: of those that encode categories, some take more axes and mix them up."""
    mode = getattr(made, "output_mode", None)
    if not is_preprocessing(made):
        return False
    counts = mode in ("count", "tf_idf") and len(before) > 1
    return counts or (mode == "one_hot" and isinstance(made, keras.layers.Hashing) and before[-1:] not in ((1,), ()))
