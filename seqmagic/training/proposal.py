"""The proposal: which loss and metric fit a model's last layer and its labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.training.data.inspection import as_numbers
from seqmagic.training.data.labels import is_one_hot


def propose_compile(model: Any, y: Any) -> tuple[str, str, str, str]:
    """Optimizer, learning rate, loss and metrics that fit, in words, for a model that has none.

    model: a built Keras model; the activation of its last layer tells what its numbers mean.
    y: the labels, or None.
    """
    shape = getattr(model, "output_shape", None)
    given = tuple(shape[1:]) if isinstance(shape, tuple) and all(isinstance(size, (int, type(None))) for size in shape) else ()
    activation = getattr(getattr(model.layers[-1], "activation", None), "__name__", "linear")
    labels = as_numbers(y) if y is not None else None
    if activation == "sigmoid":
        return "adam", "0.001", "binary_crossentropy", "accuracy"
    if activation == "softmax":
        columns = labels is not None and labels.ndim == len(given) + 1 and labels.shape[-1:] == given[-1:] != (1,)
        return "adam", "0.001", "categorical_crossentropy" if columns else "sparse_categorical_crossentropy", "accuracy"
    kind = _kind_of_classes(labels, given) if labels is not None and given and (given[-1] or 1) > 1 else ""
    return ("adam", "0.001", f"{kind}(from_logits=true)", "accuracy") if kind else ("adam", "0.001", "mse", "mae")


def propose_line(model: Any, y: Any) -> str:
    """The same as a compile line."""
    optimizer, rate, loss, metrics = propose_compile(model, y)
    return f"compile {optimizer}({rate}) {loss} {metrics}"


def _kind_of_classes(labels: np.ndarray, given: tuple[int | None, ...]) -> str:
    """The loss for labels that are classes, whole numbers or one-hot, where the last layer gives a number for each class; or ""."""
    if labels.ndim == len(given) + 1 and labels.shape[-1] == given[-1] and is_one_hot(labels):
        return "categorical_crossentropy"
    single = labels.ndim == len(given) or (labels.ndim == len(given) + 1 and labels.shape[-1] == 1)
    return "sparse_categorical_crossentropy" if single and np.array_equal(labels, np.round(labels)) else ""
