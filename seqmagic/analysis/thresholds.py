"""Thresholds of yes or no: what each choice of one gives, as scikit-learn's ROC curve, and whether the probabilities can be believed."""

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
    """How many of the noes are taken for a yes, and how many of the yeses are found, at each threshold.

    Attributes:
        false_positives, true_positives: shares, from 0 to 1.
        thresholds: from which score on it is a yes.
        area: under the curve: 1 is perfect, 0.5 is guessing.
    """

    false_positives: np.ndarray
    true_positives: np.ndarray
    thresholds: np.ndarray
    area: float


@dataclass(frozen=True)
class Calibration:
    """How often it is a yes where the model says so with a probability, in bins of that.

    Attributes:
        probabilities: the mean of those in each bin that has samples.
        shares: of the samples in it, how many are a yes.
        counts: how many samples those are.
    """

    probabilities: np.ndarray
    shares: np.ndarray
    counts: np.ndarray


def has_thresholds(predictions: Predictions) -> bool:
    """Whether there is something to choose a threshold for: yes or no, and labels of both kinds."""
    if predictions.task != LearningTask.YES_OR_NO or predictions.truth is None:
        return False
    return len(np.unique(predictions.truth[predictions.is_whole])) == 2


def scores_of(predictions: Predictions) -> tuple[np.ndarray, np.ndarray]:
    """What is true and what the model gives, a number a sample that grows with yes; without those that are no number."""
    assert predictions.truth is not None  # noqa: S101  # As `has_thresholds` says.
    scores = predictions.rows if predictions.probabilities is None else predictions.probabilities
    return predictions.truth[predictions.is_whole], scores[predictions.is_whole, 0].astype("float64")


def roc_of(predictions: Predictions) -> RocCurve:
    """The ROC curve of a model that says yes or no.

    Raises:
        DataError: Where scikit-learn is missing.
    """
    _need_scikit_learn()
    from sklearn.metrics import roc_auc_score, roc_curve

    truth, scores = scores_of(predictions)
    false, true, thresholds = roc_curve(truth, scores)
    return RocCurve(false, true, thresholds, float(roc_auc_score(truth, scores)))


def calibration_of(predictions: Predictions) -> Calibration | None:
    """The calibration of a model that says yes or no; None where it gives no probabilities.

    Raises:
        DataError: Where scikit-learn is missing.
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
    """The confusion matrix, were each score above a threshold a yes."""
    truth, scores = scores_of(predictions)
    return Confusion(count_pairs(truth, (scores > threshold).astype(int), 2))


def _need_scikit_learn() -> None:
    try:
        import sklearn  # noqa: F401
    except ImportError:
        raise DataError(gettext("These curves are scikit-learn's, which is not installed."), instead="%pip install scikit-learn") from None
