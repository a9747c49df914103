"""Axes: how many axes a layer's input needs, in words."""

from __future__ import annotations

from typing import Any

import keras

from seqmagic.keras_internals.layers import is_preprocessing
from seqmagic.network.shape_math import Shape
from seqmagic.translation import gettext, gettext_noop

AXES = {
    1: gettext_noop("one axis, such as 64"),
    2: gettext_noop("two axes, such as 10x64 (steps x features)"),
    3: gettext_noop("three axes, such as 28x28x1 (height x width x channels)"),
    4: gettext_noop("four axes, such as 16x32x32x1"),
}
AXES_OR_MORE = {
    1: gettext_noop("at least one axis, such as 64"),
    2: gettext_noop("at least two axes, such as 10x64 (steps x features)"),
    3: gettext_noop("at least three axes, such as 28x28x1 (height x width x channels)"),
    4: gettext_noop("at least four axes, such as 16x32x32x1"),
}


def axes_wanted(layer: Any, before: Shape) -> str:
    """The axes that a layer's input needs, in words, if a shape has more or fewer; otherwise "".

    >>> axes_wanted(keras.layers.LSTM(2), (10,)), axes_wanted(keras.layers.LSTM(2), (10, 4))
    ('two axes, such as 10x64 (steps x features)', '')
    """
    spec = getattr(layer, "input_spec", None)
    exact, least = getattr(spec, "ndim", None), getattr(spec, "min_ndim", None)
    if (exact is None or len(before) + 1 == exact) and (least is None or len(before) + 1 >= least):
        return ""
    axes = (exact or least or 0) - 1
    if exact is not None:
        return gettext(AXES[axes]) if axes in AXES else gettext("{count} axes", count=axes)
    return gettext(AXES_OR_MORE[axes]) if axes in AXES_OR_MORE else gettext("at least {count} axes", count=axes)


def is_misstated(made: Any, before: Shape) -> bool:
    """Whether Keras reports a wrong output shape: some category encoders accept inputs of higher rank and encode them wrongly."""
    mode = getattr(made, "output_mode", None)
    if not is_preprocessing(made):
        return False
    counts = mode in ("count", "tf_idf") and len(before) > 1
    return counts or (mode == "one_hot" and isinstance(made, keras.layers.Hashing) and before[-1:] not in ((1,), ()))
