"""The measure of an epoch: the metric by which epochs are compared, and which one is best. All such decisions are made here."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

OF_VALIDATION, OF_TRAINING = "val_loss", "loss"
# Metrics that are better when smaller; all others are better when larger.
SMALL_IS_GOOD = ("loss", "error", "mse", "mae", "mape", "msle", "rmse", "perplexity", "divergence", "crossentropy", "entropy")
SMALL_WORDS = ("hinge", "poisson", "kld", "kl", "logcosh", "bce", "false_positives", "false_negatives")


class Best(NamedTuple):
    """The best epoch.

    Attributes:
        name: of the metric.
        position: of the epoch.
        value: of the metric.
    """

    name: str
    position: float
    value: float


def measure_of(*, validates: bool) -> str:
    """The metric by which an epoch is judged.

    Args:
        validates: whether there is validation. The loss on held-out data says more than that on training data.
    """
    return OF_VALIDATION if validates else OF_TRAINING


def with_validation(names: Iterable[str], *, validates: bool) -> list[str]:
    """The names that an epoch logs, the val_ ones last.

    >>> with_validation(["loss", "mae"], validates=True)
    ['loss', 'mae', 'val_loss', 'val_mae']
    """
    own = list(names)
    return [*own, *(f"val_{name}" for name in own if validates)]


def is_loss(metric: str) -> bool:
    """Whether a metric is a loss, which can be compared only with values of the same loss."""
    return metric in (OF_VALIDATION, OF_TRAINING)


def is_small_good(metric: str) -> bool:
    """Whether a metric is better when smaller, judged by its name.

    >>> is_small_good("val_loss"), is_small_good("mean_absolute_error"), is_small_good("val_accuracy")
    (True, True, False)
    """
    name = metric.lower().removeprefix("val_")
    return name.endswith(SMALL_IS_GOOD) or any(name.startswith(word) for word in SMALL_WORDS)


def is_better(value: float, than: float, metric: str = OF_TRAINING) -> bool:
    """Whether a value of a metric is better than another: equal is not, and NaN never is."""
    if math.isnan(than):
        return not math.isnan(value)
    return value < than if is_small_good(metric) else value > than


def best_row(names: Sequence[str], rows: np.ndarray, metric: str, since: float = 0.0) -> Best | None:
    """The best whole epoch by one metric; None if there is none with a finite value. Of equal ones, the first.

    Args:
        names: of the columns after the position. rows: one row per epoch, with the position first; a fraction marks an interrupted epoch.
        since: only epochs after this position are considered.
    """
    if metric not in names:
        return None
    positions, values = rows[:, 0], rows[:, 1 + list(names).index(metric)]
    counts = np.flatnonzero(np.isfinite(values) & (positions == np.floor(positions)) & (positions > since))
    if not len(counts):
        return None
    there = values[counts]
    found = counts[np.argmin(there) if is_small_good(metric) else np.argmax(there)]
    return Best(metric, float(positions[found]), float(values[found]))


def best_epoch(names: Sequence[str], rows: np.ndarray, since: float = 0.0) -> Best | None:
    """The best epoch of a training: by val_loss if there is any, otherwise by loss.

    >>> best_epoch(["loss", "val_loss"], np.array([[1, 0.3, np.nan], [2, 0.4, 0.9], [3, 0.2, 0.8], [3.5, 0.1, 0.1]]))
    Best(name='val_loss', position=3.0, value=0.8)

    Args:
        since: the position from which the current loss was used.
    """
    return best_row(names, rows, OF_VALIDATION, since) or best_row(names, rows, OF_TRAINING, since)
