"""Indices: integers for an embedding, checked against its input_dim."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName
from seqmagic.describe.source import line_of
from seqmagic.errors import DataError
from seqmagic.translation import gettext

MOST_KNOWN = 1_000_000  # Largest input_dim to propose: larger values are unlikely to be indices.


def check_indices(model: keras.Model, values: np.ndarray, name: DataName) -> None:
    """Refuse integers that are out of range for an embedding as first layer.

    Raises:
        DataError: With the embedding's line.
    """
    first: Any = next(iter(getattr(model, "layers", ())), None)
    if type(first) is not keras.layers.Embedding or values.dtype.kind not in "biuf" or not values.size:
        return
    span, known = line_of(model, first.name), first.input_dim
    if values.dtype.kind == "f" and not np.array_equal(values[:100_000], np.round(values[:100_000])):
        flat = values[:100_000].ravel()
        broken = flat[flat != np.round(flat)][0]
        problem = gettext("{start} contains values such as {broken:.3g}, but an embedding needs integers.", start=name.start, broken=broken)
        raise DataError(problem, expected=gettext("integers of at least 0, or no embedding"), span=span)
    low, high = values.min(), values.max()
    if low >= 0 and high < known:
        return
    problem = gettext(
        "{start} ranges from {low:g} to {high:g}, but the embedding only has entries 0 to {known}.",
        start=name.start,
        low=low,
        high=high,
        known=known - 1,
    )
    error = DataError(problem, expected=gettext("integers from 0 to {known}, or a larger embedding", known=known - 1), span=span)
    wider = int(high) + 1
    if low >= 0 and wider <= MOST_KNOWN and _looks_up(first, wider, values):
        error.fixes = (f"embedding {wider} {first.output_dim}",)
    raise error


def _looks_up(embedding: keras.layers.Embedding, known: int, values: np.ndarray) -> bool:
    """Whether an embedding with a larger input_dim accepts the row with the largest index."""
    wider = keras.layers.Embedding.from_config({**embedding.get_config(), "input_dim": known, "name": None})
    at = np.unravel_index(values.argmax(), values.shape)[0]
    return bool(np.isfinite(np.asarray(wider(values[at : at + 1]))).all())
