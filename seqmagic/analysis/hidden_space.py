"""The hidden space: a layer's output for many samples, projected to two dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.layer_outputs import LayerPlace, outputs_by_batch, spread_rows, to_numbers
from seqmagic.data.held_out import count_rows
from seqmagic.translation import gettext

MOST_SAMPLES = 500  # More points would cover each other.
COLUMNS = 2048  # Columns per block in the matrix product, so that nothing large is copied.


@dataclass(frozen=True)
class HiddenSpace:
    """The principal components of a layer's outputs.

    Attributes:
        rows: the indices of the samples.
        points: the coordinates of each sample on the two components.
        shares: the explained variance ratio of each component, from 0 to 1.
        width: the number of values per sample in the layer's output.
    """

    rows: np.ndarray
    points: np.ndarray
    shares: tuple[float, float]
    width: int

    @property
    def sentence(self) -> str:
        """A sentence on the plot, with its numbers."""
        held = sum(self.shares)
        flat = (
            gettext("; points that are far apart here are far apart in the layer, but points that are close here may still differ there")
            if held < 0.95
            else ""
        )
        return gettext(
            "{count:,} samples; these two axes explain {held:.0%} of the variance of {width:,} values each{flat}.",
            count=len(self.rows),
            held=held,
            width=self.width,
            flat=flat,
        )


def find_hidden_space(model: keras.Model, x: Any, place: LayerPlace) -> HiddenSpace | str:
    """The principal components of a layer's outputs; or why there are none, as a sentence.

    They equal those of `sklearn.decomposition.PCA`, including signs. Output of higher rank (rows, steps) is flattened.

    Args:
        x: the samples; at most 500 are used, evenly spaced.
        place: of the layer, from `places_of`.
    """
    rows = spread_rows(count_rows(x), MOST_SAMPLES)
    parts: list[np.ndarray] = []
    for number, count, outputs in outputs_by_batch(model, x, rows, place.number):
        if number == place.number:
            found = to_numbers(outputs)
            if found.value is None:
                return found.reason
            if found.value.shape[0] < count:
                return gettext("Its outputs are not one per sample.")
            parts.append(found.value[:count].reshape(count, -1).astype("float32"))
    if len({part.shape[1] for part in parts}) != 1:
        return gettext("It outputs more values for some samples than for others.")
    values = np.concatenate(parts)
    if not np.isfinite(values).all():
        return gettext("It outputs NaN or infinity for some samples.")
    if len(values) < 3 or values.shape[1] < 2:
        return gettext("A plot in two dimensions needs at least three samples with at least two values each.")
    points, shares = principal_components(values)
    if not shares[0]:
        return gettext("It outputs the same values for every sample.")
    return HiddenSpace(rows, points, shares, values.shape[1])


def principal_components(values: np.ndarray) -> tuple[np.ndarray, tuple[float, float]]:
    """The first two principal components: each sample's coordinates, and the explained variance ratios.

    The Gram matrix of the columns suffices, or that of the samples, whichever is smaller: kernel PCA with a linear kernel (B. Schölkopf et
    al., "Nonlinear component analysis as a kernel eigenvalue problem", 1998).

    Args:
        values: finite numbers, one row per sample.
    """
    middle = values.mean(axis=0, dtype="float64")
    by_column = values.shape[1] < len(values)
    products = np.zeros((min(values.shape),) * 2)
    for part in _parts(values, middle, by_column=by_column):
        products += part.T @ part if by_column else part @ part.T
    variances, axes = np.linalg.eigh(products)
    strengths, axes = np.sqrt(np.maximum(variances[::-1][:2], 0)), axes[:, ::-1][:, :2]
    points = (values - middle) @ axes if by_column else axes * strengths
    total, noise = float(np.trace(products)), 1e-12 * float(np.square(values, dtype="float64").sum())
    shares = strengths**2 / total if total > noise else np.zeros(2)
    return points * _signs(values - middle, points), (float(shares[0]), float(shares[1]))


def _parts(values: np.ndarray, middle: np.ndarray, *, by_column: bool) -> Iterator[np.ndarray]:
    """The centred values, in blocks of rows or columns."""
    if by_column:
        yield values - middle
        return
    for first in range(0, values.shape[1], COLUMNS):
        yield values[:, first : first + COLUMNS] - middle[first : first + COLUMNS]


def _signs(centred: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The signs that make the largest loading of each component positive, as in scikit-learn."""
    directions = points.T @ centred
    largest = np.abs(directions).argmax(axis=1)
    return np.where(directions[np.arange(2), largest] < 0, -1.0, 1.0)
