"""The measure of an epoch: what it is judged by, and which of several is the best. Nowhere else is that decided."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

OF_VALIDATION, OF_TRAINING = "val_loss", "loss"
# What is best when it is smallest; of everything else more is better.
SMALL_IS_GOOD = ("loss", "error", "mse", "mae", "mape", "msle", "rmse", "perplexity", "divergence", "crossentropy", "entropy")
SMALL_WORDS = ("hinge", "poisson", "kld", "kl", "logcosh", "bce", "false_positives", "false_negatives")


class Best(NamedTuple):
    """The best epoch.

    Attributes:
        name: of the measure.
        position: how many epochs were behind the model then.
        value: of the measure.
    """

    name: str
    position: float
    value: float


def measure_of(*, validates: bool) -> str:
    """What an epoch is judged by.

    Args:
        validates: whether there is a validation. The loss of other data than the model learns from says more.
    """
    return OF_VALIDATION if validates else OF_TRAINING


def with_validation(names: Iterable[str], *, validates: bool) -> list[str]:
    """The numbers that an epoch reports, those of the validation last.

    >>> with_validation(["loss", "mae"], validates=True)
    ['loss', 'mae', 'val_loss', 'val_mae']
    """
    own = list(names)
    return [*own, *(f"val_{name}" for name in own if validates)]


def is_loss(metric: str) -> bool:
    """Whether a number is a loss, which can be compared only with numbers of the same loss."""
    return metric in (OF_VALIDATION, OF_TRAINING)


def is_small_good(metric: str) -> bool:
    """Whether a metric is best when it is smallest, by its name.

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
    """The best whole epoch in one metric; None where there is none with a finite value. Of equal ones the first.

    Args:
        names: of the columns after the position. rows: a row an epoch, position first; at a fraction stands one that broke off.
        since: only epochs behind this position count.
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
    """The best epoch of a training: by the validation's loss if there is any, else by the loss.

    >>> best_epoch(["loss", "val_loss"], np.array([[1, 0.3, np.nan], [2, 0.4, 0.9], [3, 0.2, 0.8], [3.5, 0.1, 0.1]]))
    Best(name='val_loss', position=3.0, value=0.8)

    Args:
        since: when the model got the loss that it has now, in epochs.
    """
    return best_row(names, rows, OF_VALIDATION, since) or best_row(names, rows, OF_TRAINING, since)
