"""A suggested compile line: the loss and metrics that fit a model's last layer and its labels."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from seqmagic.data.labels import is_one_hot
from seqmagic.data.values import as_numbers
from seqmagic.keras_internals.layers import operation_of
from seqmagic.network.endpoints import describes_itself, output_shape_of, outputs_of
from seqmagic.network.other_names import BINARY, CATEGORICAL, SPARSE
from seqmagic.network.shape_math import Shape

# Accuracy of logits: with no activation, an output above 0 means class 1.
RIGHT_SIGN = "binary_accuracy(threshold=0)"


def propose_compile(model: Any, y: Any, row: Shape | None = None) -> tuple[str, str, str, str]:
    """Optimizer, learning rate, loss and metrics, as words, for a model that isn't compiled.

    Loss and metrics are empty for a model with several outputs, whose losses a compile line can't express, and for a subclassed model,
    whose outputs are unknown.

    Args:
        model: a Keras model; the activation of its last layer shows what its output means.
        y: the labels, or None.
        row: the output shape of one sample, for a model that is not built and can't report it.
    """
    if has_several_outputs(model) or not describes_itself(model):
        return "adam", "0.001", "", ""
    shape = output_shape_of(model) if row is None else (None, *row)
    return "adam", "0.001", *_propose_pair(model.layers[-1] if model.layers else None, shape, y)


def propose_line(model: Any, y: Any, row: Shape | None = None) -> str:
    """The same as a compile line, or as a call of `compile` if a line can't express it; "" if nothing is known of the outputs."""
    if has_several_outputs(model):
        return f'model.compile("adam", loss={json.dumps(propose_losses(model, y))})'
    optimizer, rate, loss, metrics = propose_compile(model, y, row)
    return f"compile {optimizer}({rate}) {loss} {metrics}" if loss else ""


def propose_losses(model: Any, y: Any) -> dict[str, str]:
    """A loss for each of several outputs, by output name.

    Args:
        y: the labels, as a list or dict with one entry per output.
    """
    names = output_names(model)
    named = dict(zip(names, y, strict=False)) if isinstance(y, (list, tuple)) else y if isinstance(y, dict) else {}
    losses = {}
    for name, output in zip(names, model.outputs, strict=True):
        layer = operation_of(output)
        loss, _ = _propose_pair(layer, tuple(output.shape), named.get(name))
        losses[name] = loss if "(" not in loss else "mse"  # A loss name alone can't express from_logits=True.
    return losses


def has_several_outputs(model: Any) -> bool:
    """Whether a model has several outputs; False for a subclassed model, whose outputs are unknown."""
    return len(outputs_of(model)) > 1


def output_names(model: Any) -> list[str]:
    """The names by which `compile` knows a model's outputs: the keys, if the model returns a dict."""
    return sorted(model.output) if isinstance(model.output, dict) else list(model.output_names)


def _propose_pair(last: Any, shape: Any, y: Any) -> tuple[str, str]:
    """Loss and metrics for one output.

    Args:
        last: the layer that computes it.
        shape: of the output, including the batch axis.
    """
    given = tuple(shape[1:]) if isinstance(shape, tuple) and all(isinstance(size, (int, type(None))) for size in shape) else ()
    activation = getattr(getattr(last, "activation", None), "__name__", "linear")
    labels = as_numbers(y) if y is not None else None
    if activation == "sigmoid":
        return BINARY, "binary_accuracy" if labels is not None and _are_tags(labels, given) else "accuracy"
    if activation == "softmax":
        columns = labels is not None and labels.ndim == len(given) + 1 and labels.shape[-1:] == given[-1:] != (1,)
        return CATEGORICAL if columns else SPARSE, "accuracy"
    if labels is None or not given:
        return "mse", "mae"
    kind = _kind_of_classes(labels, given) if (given[-1] or 1) > 1 else ""
    if kind:
        return f"{kind}(from_logits=true)", "accuracy"
    is_yes_or_no = _are_tags(labels, given) or (given[-1] == 1 and _are_zeros_and_ones(labels))
    return (f"{BINARY}(from_logits=true)", RIGHT_SIGN) if is_yes_or_no else ("mse", "mae")


def _kind_of_classes(labels: np.ndarray, given: tuple[int | None, ...]) -> str:
    """The loss for class labels, integers or one-hot, if the last layer has one output per class; otherwise ""."""
    if labels.ndim == len(given) + 1 and labels.shape[-1] == given[-1] and is_one_hot(labels):
        return CATEGORICAL
    single = labels.ndim == len(given) or (labels.ndim == len(given) + 1 and labels.shape[-1] == 1)
    return SPARSE if single and np.array_equal(labels, np.round(labels)) else ""


def _are_tags(labels: np.ndarray, given: tuple[int | None, ...]) -> bool:
    """Whether labels are multi-hot: several columns of 0 and 1. For them Keras's categorical accuracy compares only the argmax."""
    columns = labels.ndim == len(given) + 1 and labels.shape[-1] == given[-1] and labels.shape[-1] > 1
    return columns and not is_one_hot(labels) and _are_zeros_and_ones(labels)


def _are_zeros_and_ones(labels: np.ndarray) -> bool:
    return np.array_equal(np.unique(labels[:100_000]), [0, 1])
