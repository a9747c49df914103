"""Thresholds of binary classification: scikit-learn's ROC curve, and the calibration of the probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqmagic.analysis.confusion import Confusion, count_pairs
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.task import LearningTask
from seqmagic.errors import DataError
from seqmagic.translation import gettext

BINS = 10


@dataclass(frozen=True)
class RocCurve:
    """The false positive rate and the true positive rate at each threshold.

    Attributes:
        false_positives, true_positives: rates, from 0 to 1.
        thresholds: a score from here on counts as class 1.
        area: under the curve: 1 is perfect, 0.5 is guessing.
    """

    false_positives: np.ndarray
    true_positives: np.ndarray
    thresholds: np.ndarray
    area: float


@dataclass(frozen=True)
class Calibration:
    """The share of class 1 for each bin of predicted probabilities.

    Attributes:
        probabilities: the mean probability in each non-empty bin.
        shares: the share of class 1 among the samples of each bin.
        counts: the number of samples in each bin.
    """

    probabilities: np.ndarray
    shares: np.ndarray
    counts: np.ndarray


def has_thresholds(predictions: Predictions) -> bool:
    """Whether a threshold can be chosen: binary classification, with labels of both classes."""
    if predictions.task != LearningTask.YES_OR_NO or predictions.truth is None:
        return False
    return len(np.unique(predictions.truth[predictions.is_whole])) == 2


def scores_of(predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """The true labels and the scores, one number per sample, larger for class 1; without scores that are not finite."""
    assert predictions.truth is not None  # noqa: S101  # Callers check `has_thresholds` first.
    scores = predictions.rows if predictions.probabilities is None else predictions.probabilities
    return predictions.truth[predictions.is_whole], scores[predictions.is_whole, 0].astype("float64")


def roc_of(predictions: Predictions) -> RocCurve:
    """The ROC curve of a binary classifier.

    Raises:
        DataError: If scikit-learn is missing.
    """
    _need_scikit_learn()
    from sklearn.metrics import roc_auc_score, roc_curve

    truth, scores = scores_of(predictions)
    false, true, thresholds = roc_curve(truth, scores)
    return RocCurve(false, true, thresholds, float(roc_auc_score(truth, scores)))


def calibration_of(predictions: Predictions) -> Calibration | None:
    """The calibration of a binary classifier; None if it gives no probabilities.

    Raises:
        DataError: If scikit-learn is missing.
    """
    if predictions.probabilities is None:
        return None
    _need_scikit_learn()
    from sklearn.calibration import calibration_curve

    truth, scores = scores_of(predictions)
    shares, probabilities = calibration_curve(truth, scores, n_bins=BINS)
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, BINS + 1)[1:-1], scores), minlength=BINS)
    return Calibration(probabilities, shares, counts[counts > 0])


def confusion_at(predictions: Predictions, threshold: float) -> Confusion:
    """The confusion matrix if every score above a threshold counts as class 1."""
    truth, scores = scores_of(predictions)
    return Confusion(count_pairs(truth, (scores > threshold).astype(int), 2))


def _need_scikit_learn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise DataError(gettext("These curves need scikit-learn, which is not installed."), instead="%pip install scikit-learn") from None
