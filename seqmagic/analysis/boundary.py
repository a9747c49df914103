"""The decision boundary: a model with two inputs, evaluated on a grid."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from seqmagic.analysis.forward_pass import output_of
from seqmagic.analysis.forward_slices import forward
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.samples import Form
from seqmagic.analysis.task import LearningTask, probabilities_in

STEPS = 96  # Grid points per side.
MARGIN = 0.08  # Of the samples' range, on each side.


@dataclass(frozen=True)
class Boundary:
    """A model's output on a grid.

    Attributes:
        across, up: the values of the first and of the second input, in ascending order.
        chosen: the class at each point, one row for each value of `up`; for regression, the prediction.
        confidence: the probability of that class; None if the model gives none.
    """

    across: np.ndarray
    up: np.ndarray
    chosen: np.ndarray
    confidence: np.ndarray | None

    @property
    def edges(self) -> np.ndarray:
        """A boolean mask of the points next to another class."""
        marked = np.zeros(self.chosen.shape, dtype=bool)
        marked[:, 1:] |= self.chosen[:, 1:] != self.chosen[:, :-1]
        marked[1:] |= self.chosen[1:] != self.chosen[:-1]
        return marked


def has_plane(predictions: Predictions) -> bool:
    """Whether a model has two input features, which span a plane."""
    parts = predictions.samples.parts
    plain = predictions.chooses or (predictions.task == LearningTask.AMOUNTS and predictions.rows.shape[1] == 1)
    return plain and len(parts) == 1 and parts[0].form == Form.ROW and parts[0].rows.ndim == 2 and parts[0].rows.shape[1] == 2


def boundary_of(predictions: Predictions, steps: int = STEPS) -> Boundary:
    """Evaluate a model around the samples: on a grid slightly larger than their range.

    Args:
        predictions: of a model that `has_plane`.
        steps: points per side.
    """
    rows = np.asarray(predictions.samples.parts[0].rows, dtype="float64")
    low, high = np.nanmin(rows, axis=0), np.nanmax(rows, axis=0)
    margin = MARGIN * np.where(high > low, high - low, 1.0)
    across, up = (np.linspace(*ends, steps) for ends in zip(low - margin, high + margin, strict=True))
    grid = np.column_stack([part.ravel() for part in np.meshgrid(across, up)]).astype(keras.config.floatx())
    given = keras.tree.map_structure(lambda _: grid, predictions.samples.x)
    outputs = np.concatenate([output_of(predictions.head, part) for part in forward(predictions.model, given)]).reshape(len(grid), -1)
    chosen, confidence = _read(predictions, outputs)
    shape = (steps, steps)
    return Boundary(across, up, chosen.reshape(shape), None if confidence is None else confidence.reshape(shape))


def _read(predictions: Predictions, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """The predicted class for each row of outputs, and its probability."""
    task = predictions.task
    if task == LearningTask.AMOUNTS:
        return outputs[:, 0].astype("float64"), None
    shares = probabilities_in(predictions.head, task, outputs) if predictions.probabilities is not None else None
    if task == LearningTask.CLASSES:
        chosen = (outputs if shares is None else shares).argmax(axis=1)
        return chosen, None if shares is None else shares.max(axis=1)
    if shares is None:
        return (outputs[:, 0] > predictions.head.least_yes).astype(int), None
    return (shares[:, 0] > 0.5).astype(int), np.maximum(shares[:, 0], 1 - shares[:, 0])
