"""Class indices: the class of each row, for labels as integers or one-hot."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.data.values import as_numbers
from seqmagic.translation import gettext


def numbers_of_classes(labels: Any) -> np.ndarray | None:
    """The number of each row's class, from numbers or one-hot rows; None for labels that are no classes.

    >>> numbers_of_classes(np.array([[0, 1, 0], [0, 0, 1]])), numbers_of_classes(np.array([0.5, 2.0])) is None
    (array([1, 2]), True)
    """
    values = as_numbers(labels)
    return None if values is None or why_no_classes(values) else numbers_in(values)


def share_of_largest(labels: Any) -> float | None:
    """The share of the rows that belong to the largest class; None for labels that are not in memory or not classes.

    >>> share_of_largest(np.array([0, 1, 1, 1]))
    0.75
    """
    if labels is None or not hasattr(labels, "shape"):
        return None
    classes = numbers_of_classes(labels)
    return None if classes is None or not len(classes) else float(np.unique(classes, return_counts=True)[1].max() / len(classes))


def why_no_classes(values: np.ndarray) -> str:
    """Why labels are not classes, as the end of a sentence about them; "" if they are."""
    if has_a_one_in_each_row(values):
        return ""
    if values.ndim > 1 and values.size != len(values):
        return gettext("has several numbers per row instead of one class")
    if values.dtype.kind not in "biu" and not (np.isfinite(values).all() and np.array_equal(values, np.round(values))):
        return gettext("contains no classes")
    return ""


def has_a_one_in_each_row(values: np.ndarray) -> bool:
    """Whether labels are one-hot in each row."""
    if values.ndim != 2 or values.shape[1] < 2:
        return False
    return bool(np.all((values == 0) | (values == 1)) and np.all(values.sum(axis=1) == 1))


def numbers_in(values: np.ndarray) -> np.ndarray:
    """The class index of each row, for labels that are classes."""
    found = values.argmax(axis=1) if has_a_one_in_each_row(values) else values.reshape(len(values))
    return found.astype("int64")
