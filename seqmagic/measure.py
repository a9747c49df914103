"""The measure of an epoch: the metric by which epochs are compared, and which one is best. All such decisions are made here."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import NamedTuple

import numpy as np

OF_VALIDATION, OF_TRAINING = "val_loss", "loss"
# The names of metrics that are better when smaller, in words without numbers: how they end, or what they contain. All other metrics are
# better when larger.
SMALL_ENDS = ("loss", "errors?", "mse", "mae", "mape", "msle", "rmse", "perplexity", "divergence", "entropy", "(^|_)(kl|nll|wer|cer)")
SMALL_PARTS = ("hinge", "poisson", "kld", "log_?cosh", "bce", "huber", "brier", "error_rate", "false_(positive|negative)s?")
SMALL_IS_GOOD = re.compile(f"({'|'.join(SMALL_ENDS)})$|(^|_)({'|'.join(SMALL_PARTS)})(_|$)")
CAPITALS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")  # Where the words of a name like KLDivergence meet.
SMALL_WORD, LARGE_WORD = "loss", "score"  # Stand for a metric that is better when smaller, or larger, whatever its name.
NO_LETTERS = re.compile(r"[\W\d_]+")


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


def numbered(names: Sequence[str]) -> list[str]:
    """Names with a number where one was there before, as in Keras's logs.

    >>> numbered(["left", "left", "right", "left_1"])
    ['left', 'left_2', 'right', 'left_1']
    """
    found: list[str] = []
    for name in names:
        others = (f"{name}_{number}" for number in count(1))
        found.append(name if name not in found else next(one for one in others if one not in found and one not in names))
    return found


def format_position(position: float) -> str:
    """A number of epochs as text: whole, or with a part of an interrupted one.

    >>> format_position(1200.0), format_position(6.375), format_position(1234.56), format_position(9.999)
    ('1,200', '6.38', '1,234.6', '9.9')
    """
    if float(position).is_integer():
        return f"{position:,.0f}"
    shown = round(position, 1 if position >= 10 else 2)
    return f"{math.floor(position * 10) / 10 if shown.is_integer() else shown:,}"


def is_loss(metric: str) -> bool:
    """Whether a metric is a loss, which can be compared only with values of the same loss."""
    return metric in (OF_VALIDATION, OF_TRAINING)


def follows_loss(metric: str) -> bool:
    """Whether a metric is a loss, or that of one of several outputs.

    >>> follows_loss("val_left_loss"), follows_loss("left_loss_1"), follows_loss("accuracy")
    (True, True, False)
    """
    return is_loss(metric) or re.search(r"_loss(_\d+)?$", metric) is not None


def is_small_good(metric: str) -> bool:
    """Whether a metric is better when smaller, judged by its name.

    >>> is_small_good("val_loss"), is_small_good("mean_absolute_error"), is_small_good("val_accuracy")
    (True, True, False)

    The name may be that of a class; and Keras adds the name of an output in front, and a number to a name that it has used before.

    >>> is_small_good("SquaredHinge"), is_small_good("val_left_false_positives_1"), is_small_good("true_positives")
    (True, True, False)
    """
    return bool(SMALL_IS_GOOD.search(NO_LETTERS.sub("_", CAPITALS.sub("_", metric).lower()).strip("_")))


def judged_in(words: Mapping[str, str], metric: str) -> str:
    """The name that tells whether a metric is better when smaller: its own, unless a word is known for it.

    >>> judged_in({"dice": "loss"}, "val_left_dice_1"), judged_in({"dice": "loss"}, "accuracy")
    ('loss', 'accuracy')

    Args:
        words: for the names of metrics; "" where the name itself tells it.
    """
    # Keras adds the name of an output in front, and a number to a name that it has used before.
    plain = metric.removeprefix("val_")
    names = [plain, *(name for name in words if re.fullmatch(rf"(.+_)?{re.escape(name)}(_\d+)?", plain))]
    return next((words[name] or metric for name in names if name in words), metric)


def is_better(value: float, than: float, metric: str = OF_TRAINING) -> bool:
    """Whether a value of a metric is better than another: equal is not, and NaN never is."""
    if math.isnan(than):
        return not math.isnan(value)
    return value < than if is_small_good(metric) else value > than


def best_row(names: Sequence[str], rows: np.ndarray, metric: str, judged: str = "", since: float = 0.0) -> Best | None:
    """The best whole epoch by one metric; None if there is none with a finite value. Of equal ones, the first.

    Args:
        names: of the columns after the position. rows: one row per epoch, with the position first; a fraction marks an interrupted epoch.
        judged: the name that tells whether the metric is better when smaller, if not its own.
        since: only epochs after this position are considered.
    """
    if metric not in names:
        return None
    positions, values = rows[:, 0], rows[:, 1 + list(names).index(metric)]
    counts = np.flatnonzero(np.isfinite(values) & (positions == np.floor(positions)) & (positions > since))
    if not len(counts):
        return None
    there = values[counts]
    found = counts[np.argmin(there) if is_small_good(judged or metric) else np.argmax(there)]
    return Best(metric, float(positions[found]), float(values[found]))


def best_epoch(names: Sequence[str], rows: np.ndarray, since: float = 0.0) -> Best | None:
    """The best epoch of a training: by val_loss if there is any, otherwise by loss.

    >>> best_epoch(["loss", "val_loss"], np.array([[1, 0.3, np.nan], [2, 0.4, 0.9], [3, 0.2, 0.8], [3.5, 0.1, 0.1]]))
    Best(name='val_loss', position=3.0, value=0.8)

    Args:
        since: the position from which the current loss was used.
    """
    return best_row(names, rows, OF_VALIDATION, since=since) or best_row(names, rows, OF_TRAINING, since=since)
