"""The residuals of a regression: predictions minus targets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.task import LearningTask
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Residuals:
    """Predictions and targets of one column.

    >>> residuals = Residuals("y", np.array([1.0, 2.0, 3.0]), np.array([1.5, 2.0, 2.5]))
    >>> round(residuals.mean_absolute_error, 3), residuals.r2
    (0.333, 0.75)

    Attributes:
        name: of the column.
        true, predicted: one number per sample.
    """

    name: str
    true: np.ndarray
    predicted: np.ndarray

    @property
    def residuals(self) -> np.ndarray:
        """Prediction minus target: above 0 the model predicts too much."""
        return self.predicted - self.true

    @property
    def mean_absolute_error(self) -> float:
        """The mean absolute error."""
        return float(np.abs(self.residuals).mean())

    @property
    def root_mean_squared_error(self) -> float:
        """The root mean squared error, in which large errors count more."""
        return float(np.sqrt(np.square(self.residuals).mean()))

    @property
    def bias(self) -> float:
        """The mean of the residuals: how much too high the predictions are on average."""
        return float(self.residuals.mean())

    @property
    def r2(self) -> float:
        """The coefficient of determination: 1 - sum of squared residuals / sum of squares about the mean; NaN for equal labels."""
        if (self.true == self.true[0]).all():
            return float("nan")  # Their mean is rounded, so the squares about it need not be 0.
        return 1 - float(np.square(self.residuals).sum()) / float(np.square(self.true - self.true.mean()).sum())


def residuals_of(predictions: Predictions) -> list[Residuals]:
    """The residuals of each column of the output; empty if it is not a regression, or there are no labels."""
    truth = predictions.truth
    if truth is None or predictions.task != LearningTask.AMOUNTS:
        return []
    whole = predictions.is_whole
    if not whole.any():
        return []
    names = (
        [predictions.samples.names[1]]
        if truth.shape[1] == 1
        else [gettext("column {place}", place=place) for place in range(truth.shape[1])]
    )
    pairs = zip(names, truth[whole].T, predictions.rows[whole].T, strict=True)
    return [Residuals(name, true, predicted.astype("float64")) for name, true, predicted in pairs]
