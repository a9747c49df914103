"""Metric advice: an accuracy that, for this loss and these labels, counts something else than what its name promises."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqmagic.data.classes import has_a_one_in_each_row
from seqmagic.data.values import as_numbers
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.network.loss_names import MARGIN_LOSSES, REGRESSION_LOSSES, YES_OR_NO_LOSSES, loss_name, metric_name
from seqmagic.network.output_layer import ending_of
from seqmagic.translation import gettext

ANY_ACCURACY, OF_COLUMNS = "accuracy", "binary_accuracy"
USUAL_THRESHOLD = 0.5


def advise_metrics(model: keras.Model, y: Any) -> Iterator[str]:
    """Notes on accuracies that don't count what is expected.

    Args:
        y: the labels, in memory; others are not looked at.
    """
    labels, units, loss = as_numbers(y), ending_of(model).units, loss_name(model.loss)
    if labels is None or not labels.size or units is None:
        return
    for metric in _accuracies(model):
        name = metric if isinstance(metric, str) else metric.name
        if metric_name(metric) == OF_COLUMNS or units == 1:
            yield from _advise_columns(model, metric, name, loss, labels)
        elif loss in YES_OR_NO_LOSSES and labels.ndim == 2 and not has_a_one_in_each_row(labels):
            yield gettext(
                "{name!r} only looks at the largest output and the largest label of a row. For several labels per row, use {better}.",
                name=name,
                better=OF_COLUMNS,
            )


def _accuracies(model: keras.Model) -> list[Any]:
    """The accuracies of a model with one output: words, or objects of Keras."""
    given = compiled_with(model).get("metrics")
    metrics = keras.tree.flatten(given) if isinstance(given, (list, tuple)) else []
    of_any_kind = [metric for metric in metrics if isinstance(metric, str) and metric_name(metric) == ANY_ACCURACY]
    return of_any_kind + [metric for metric in metrics if metric_name(metric) == OF_COLUMNS]


def _advise_columns(model: keras.Model, metric: Any, name: str, loss: str | None, labels: np.ndarray) -> Iterator[str]:
    """Notes on an accuracy that turns each output into 0 or 1, and compares it with the label."""
    threshold = getattr(metric, "threshold", USUAL_THRESHOLD)
    if loss in MARGIN_LOSSES and threshold == USUAL_THRESHOLD:
        yield gettext(
            "{name!r} counts an output above 0.5 as a yes, but for {loss!r} it is one above 0: use {better}.",
            name=name,
            loss=loss,
            better="binary_accuracy(threshold=0)",
        )
    others = labels[(labels != 0) & (labels != 1)]
    if others.size and not (loss in REGRESSION_LOSSES and ending_of(model).activation in ("linear", "relu")):  # Noted at the compile line.
        yield gettext(
            "{name!r} compares with labels of 0 and 1, so any other label, such as {label:g}, counts as wrong.",
            name=name,
            label=float(others[0]),
        )
