"""Checks of the data's scale: a note if values are so large that a network trains badly on them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from seqmagic.translation import gettext

# Layers that rescale any input, and layers that read integers as categories, not as quantities.
SCALING = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization", "UnitNormalization", "GroupNormalization")
READING = ("Embedding", "CategoryEncoding", "Discretization", "Hashing", "IntegerLookup", "StringLookup", "TextVectorization")
LARGE = 100.0  # The root mean square of a column above which training suffers.
MOST_ROWS = 10_000  # Enough rows to estimate a column's root mean square.
FEWEST_PIXELS = 16  # Rows with fewer columns of integers from 0 to 255 are not taken for flattened images.


def advise_scale(model: keras.Model, x: Any, seen: np.ndarray, name: str, part: str) -> Iterator[str]:
    """A note on data that should be scaled first: images from 0 to 255, or a column that is far larger than 1.

    Args:
        x: the data, whose columns may have names.
        seen: its values, or a sample of them.
        part: the note that only a sample was looked at, or "".
    """
    first = [type(layer).__name__ for layer in getattr(model, "layers", ())[:3]]
    if any(kind in SCALING or kind in READING for kind in first) or seen.ndim < 2:
        return
    low, high = seen.min(), seen.max()
    if _are_pictures(seen, low, high):
        yield gettext(
            "{name} ranges from {low:g} to {high:g}{part}; a network learns better from values between 0 and 1: {name} / 255",
            name=name,
            low=low,
            high=high,
            part=part,
        )
        return
    rows = seen[:: max(1, len(seen) // MOST_ROWS)].reshape(-1, seen.shape[-1])
    sizes = np.sqrt(np.mean(np.square(rows, dtype="float64"), axis=0)) * (np.ptp(rows, axis=0) > 0)  # A constant column has its own note.
    largest = int(sizes.argmax())
    if sizes[largest] >= LARGE:
        columns = getattr(x, "columns", None)
        column = (
            gettext("Column {largest}", largest=largest)
            if columns is None
            else gettext("The column {columns!r}", columns=str(columns[largest])[:40])
        )
        cure = gettext("add a line `normalization adapt={name}` after the input", name=name)
        size = format_size(sizes[largest])
        yield gettext(
            "{column} of {name} has values around {size}; a network learns better from values around 1: {cure}",
            column=column,
            name=name,
            size=size,
            cure=cure,
        )


def format_size(size: float) -> str:
    """Round a size to one digit.

    >>> format_size(1234.5), format_size(2.4e12)
    ('1,000', '2e+12')
    """
    short = f"{size:.1g}"
    return f"{float(short):,.0f}" if size < 1e9 else short


def _are_pictures(seen: np.ndarray, low: Any, high: Any) -> bool:
    if not (low >= 0 and 100 < high <= 255):
        return False
    if seen.ndim > 2 or seen.dtype.kind == "u":
        return True
    some = seen[:200]
    return seen.shape[1] >= FEWEST_PIXELS and bool(np.array_equal(some, np.round(some)))
