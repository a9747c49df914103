"""A suggested compile line: which loss and metrics fit a model's last layer and its labels."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from seqmagic.data.labels import is_one_hot
from seqmagic.data.values import as_numbers
from seqmagic.keras_internals.layers import operation_of
from seqmagic.network.endpoints import describes_itself, output_shape_of, outputs_of
from seqmagic.network.loss_names import BINARY, CATEGORICAL, SPARSE
from seqmagic.network.shape_math import Shape

# How accuracy is counted where the last layer's numbers are no probabilities yet: above 0 is a yes.
RIGHT_SIGN = "binary_accuracy(threshold=0)"


def propose_compile(model: Any, y: Any, row: Shape | None = None) -> tuple[str, str, str, str]:
    """Optimizer, learning rate, loss and metrics that fit, in words, for a model that has none.

    A model with several outputs needs a loss for each, which no line has words for, and what a class of the user's own gives nobody
    knows: their loss and metrics are empty.

    Args:
        model: a Keras model; the activation of its last layer shows what its numbers mean.
        y: the labels, or None.
        row: what it gives for one sample, where it is not built yet and does not say so itself.
    """
    if has_several_outputs(model) or not describes_itself(model):
        return "adam", "0.001", "", ""
    shape = output_shape_of(model) if row is None else (None, *row)
    return "adam", "0.001", *_propose_pair(model.layers[-1] if model.layers else None, shape, y)


def propose_line(model: Any, y: Any, row: Shape | None = None) -> str:
    """The same as a compile line, or as a call of `compile` where a line can't say it; "" where nothing is known of the outputs."""
    if has_several_outputs(model):
        return f'model.compile("adam", loss={json.dumps(propose_losses(model, y))})'
    optimizer, rate, loss, metrics = propose_compile(model, y, row)
    return f"compile {optimizer}({rate}) {loss} {metrics}" if loss else ""


def propose_losses(model: Any, y: Any) -> dict[str, str]:
    """A loss for each of several outputs, by their names.

    Args:
        y: the labels, as a list or a dictionary with a part for each output.
    """
    names = output_names(model)
    named = dict(zip(names, y, strict=False)) if isinstance(y, (list, tuple)) else y if isinstance(y, dict) else {}
    losses = {}
    for name, output in zip(names, model.outputs, strict=True):
        layer = operation_of(output)
        loss, _ = _propose_pair(layer, tuple(output.shape), named.get(name))
        losses[name] = loss if "(" not in loss else "mse"  # A name alone can't say that no activation has made probabilities yet.
    return losses


def has_several_outputs(model: Any) -> bool:
    """Whether a model gives several things at once; of one that is a class of the user's own nobody knows."""
    return len(outputs_of(model)) > 1


def output_names(model: Any) -> list[str]:
    """What `compile` calls a model's outputs: its keys, where it gives a dictionary."""
    return sorted(model.output) if isinstance(model.output, dict) else list(model.output_names)


def _propose_pair(last: Any, shape: Any, y: Any) -> tuple[str, str]:
    """Loss and metrics for one output.

    Args:
        last: the layer that gives it.
        shape: what it gives, with the batch first.
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
    """The loss for labels that are classes, whole numbers or one-hot, where the last layer gives a number for each class; or ""."""
    if labels.ndim == len(given) + 1 and labels.shape[-1] == given[-1] and is_one_hot(labels):
        return CATEGORICAL
    single = labels.ndim == len(given) or (labels.ndim == len(given) + 1 and labels.shape[-1] == 1)
    return SPARSE if single and np.array_equal(labels, np.round(labels)) else ""


def _are_tags(labels: np.ndarray, given: tuple[int | None, ...]) -> bool:
    """Whether each row says yes or no to several things at once. Keras's accuracy would look at the greatest of them alone."""
    columns = labels.ndim == len(given) + 1 and labels.shape[-1] == given[-1] and labels.shape[-1] > 1
    return columns and not is_one_hot(labels) and _are_zeros_and_ones(labels)


def _are_zeros_and_ones(labels: np.ndarray) -> bool:
    return np.array_equal(np.unique(labels[:100_000]), [0, 1])
