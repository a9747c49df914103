"""The proposal: which loss and metric fit a model's last layer and its labels."""

from __future__ import annotations

from typing import Any

import numpy as np


def propose_compile(model: Any, y: Any) -> tuple[str, str, str, str]:
    """Optimizer, learning rate, loss and metrics that fit, in words, for a model that has none.

    model: a built Keras model; the activation of its last layer tells what its numbers mean.
    y: the labels, or None.
    """
    shape = getattr(model, "output_shape", None)
    units = shape[-1] if isinstance(shape, tuple) else None
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", "linear")
    if activation == "sigmoid":
        return "adam", "0.001", "binary_crossentropy", "accuracy"
    if activation == "softmax":
        one_hot = getattr(y, "ndim", 1) == 2 and y.shape[-1] == units
        return "adam", "0.001", "categorical_crossentropy" if one_hot else "sparse_categorical_crossentropy", "accuracy"
    if _counts_classes(y, units):
        return "adam", "0.001", "sparse_categorical_crossentropy(from_logits=true)", "accuracy"
    return "adam", "0.001", "mse", "mae"


def propose_line(model: Any, y: Any) -> str:
    """The same as a compile line."""
    optimizer, rate, loss, metrics = propose_compile(model, y)
    return f"compile {optimizer}({rate}) {loss} {metrics}"


def _counts_classes(y: Any, units: int | None) -> bool:
    """Whether labels are whole numbers, one of a class for each unit."""
    return bool(units and units > 1 and isinstance(y, np.ndarray) and y.ndim == 1 and y.dtype.kind in "iu")
