"""Data as arrays: lists, tables and structured arrays made what Keras takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.data.names import remember_list, remember_nullable, remember_structured
from seqmagic.network.tables import as_frame


def as_data(value: Any) -> Any:
    """Data as Keras takes it: a list or tuple of numbers becomes an array, everything else stays what it is.

    pandas' own kinds of numbers, which may be missing, and columns of truth become plain numbers: Keras doesn't know them all.
    """
    if hasattr(value, "astype") and type(value).__module__.partition(".")[0] == "pandas":
        return _with_plain_numbers(value)
    if isinstance(value, np.ndarray) and value.dtype.names:
        table = as_frame(value)
        return value if table is None else remember_structured(table)
    if not isinstance(value, (list, tuple)) or not value or any(getattr(item, "shape", ()) for item in value):
        return value  # Arrays in a list may be the inputs of a model with several.
    try:
        return remember_list(np.asarray(value))
    except ValueError:
        return value  # What is no array is refused when it is held against the model.


def _with_plain_numbers(table: Any) -> Any:
    if not hasattr(table, "columns"):
        return table.astype("float64") if _may_be_missing(table.dtype) else table
    # Truth beside numbers makes an array of objects.
    odd = {column: "float64" for column, kind in table.dtypes.items() if _may_be_missing(kind) or getattr(kind, "kind", "O") == "b"}
    made = table.astype(odd) if odd else table
    return remember_nullable(made) if any(map(_may_be_missing, table.dtypes)) else made


def _may_be_missing(kind: Any) -> bool:
    """Whether a kind of pandas is numbers of its own: Int64, not int64."""
    return hasattr(kind, "na_value") and getattr(kind, "kind", "O") in "biuf"
