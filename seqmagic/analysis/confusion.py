"""The confusion matrix, and the precision and recall that follow from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.task import LearningTask


@dataclass(frozen=True)
class Confusion:
    """A confusion matrix: a row for each true class, a column for each predicted one.

    >>> confusion = Confusion(np.array([[8, 2], [1, 9]]))
    >>> confusion.accuracy, confusion.recall, confusion.precision.round(3)
    (0.85, array([0.8, 0.9]), array([0.889, 0.818]))

    Attributes:
        counts: the number of samples for each pair.
        without: the number of samples left out because the model's output for them is not finite.
    """

    counts: np.ndarray
    without: int = 0

    @property
    def total(self) -> int:
        """The number of samples counted."""
        return int(self.counts.sum())

    @property
    def accuracy(self) -> float:
        """The share of correctly predicted samples."""
        return float(np.trace(self.counts) / self.total) if self.total else float("nan")

    @cached_property
    def support(self) -> np.ndarray:
        """The number of samples of each class."""
        return self.counts.sum(axis=1)

    @cached_property
    def precision(self) -> np.ndarray:
        """For each class, the share of its predictions that are right; NaN if there are none."""
        return _shares(np.diag(self.counts), self.counts.sum(axis=0))

    @cached_property
    def recall(self) -> np.ndarray:
        """For each class, the share of its samples that are predicted as such; NaN if there are none."""
        return _shares(np.diag(self.counts), self.support)

    @cached_property
    def f1(self) -> np.ndarray:
        """The harmonic mean of precision and recall: 2 tp / (2 tp + fp + fn)."""
        right = np.diag(self.counts)
        return _shares(2 * right, self.counts.sum(axis=0) + self.support)

    def mean_scores(self) -> tuple[float, float, float]:
        """The means of precision, recall and F1 over the classes that occur or are predicted, like scikit-learn's macro average.

        What is NaN for one class counts as 0: a class that is never predicted would otherwise raise the mean precision.
        """
        occurs = self.counts.sum(axis=0) + self.support > 0
        scores = (np.nan_to_num(one[occurs]) for one in (self.precision, self.recall, self.f1))
        precision, recall, f1 = (float(one.mean()) if occurs.any() else float("nan") for one in scores)
        return precision, recall, f1

    def worst(self, most: int = 3) -> list[tuple[int, int, int]]:
        """The most frequent errors: true class, predicted class, count."""
        off = self.counts - np.diag(np.diag(self.counts))
        places = np.argsort(-off, axis=None, kind="stable")[:most]
        pairs = [divmod(int(place), len(off)) for place in places]
        return [(true, predicted, int(off[true, predicted])) for true, predicted in pairs if off[true, predicted]]


def confusion_of(predictions: Predictions) -> Confusion | None:
    """The confusion matrix of predictions; None if they are not classes, or there are no labels."""
    truth = predictions.truth
    if truth is None or not predictions.chooses:
        return None
    whole = predictions.is_whole
    return Confusion(count_pairs(truth[whole], predictions.predicted[whole], predictions.classes), int((~whole).sum()))


def confusions_of_labels(predictions: Predictions) -> list[Confusion]:
    """One confusion matrix for each label of a multi-label model."""
    truth = predictions.truth
    if truth is None or predictions.task != LearningTask.LABELS:
        return []
    whole = predictions.is_whole
    pairs = zip(truth[whole].T, predictions.predicted[whole].T, strict=True)
    return [Confusion(count_pairs(true, predicted, 2), int((~whole).sum())) for true, predicted in pairs]


def count_pairs(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """Count the pairs of two classes: one row for each of the first, one column for each of the second.

    >>> count_pairs(np.array([0, 1, 1]), np.array([0, 0, 1]), 2)
    array([[1, 0],
           [1, 1]])
    """
    return np.bincount(truth * classes + predicted, minlength=classes * classes).reshape(classes, classes)


def _shares(parts: np.ndarray, wholes: np.ndarray) -> np.ndarray:
    return np.divide(parts, wholes, out=np.full(len(parts), np.nan), where=wholes > 0)
