"""Data as arrays: converts lists, tables and structured arrays to what Keras accepts."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.data.names import remember_list, remember_nullable, remember_structured
from seqmagic.network.tables import as_frame


def as_data(value: Any) -> Any:
    """Convert data to what Keras accepts: a list or tuple of numbers becomes an array; everything else stays as it is.

    pandas' nullable dtypes and boolean columns become plain numbers: Keras doesn't accept all of them.
    """
    if hasattr(value, "astype") and type(value).__module__.partition(".")[0] == "pandas":
        return _with_plain_numbers(value)
    if isinstance(value, np.ndarray) and value.dtype.names:
        table = as_frame(value)
        return value if table is None else remember_structured(table)
    if not isinstance(value, (list, tuple)) or not value or any(getattr(item, "shape", ()) for item in value):
        return value  # A list of arrays may be the inputs of a multi-input model.
    try:
        return remember_list(np.asarray(value))
    except ValueError:
        return value  # A ragged list is refused by the check against the model.


def _with_plain_numbers(table: Any) -> Any:
    if not hasattr(table, "columns"):
        return table.astype("float64") if _may_be_missing(table.dtype) else table
    # Converting a table of bool and number columns would give an array of dtype object.
    odd = {column: "float64" for column, kind in table.dtypes.items() if _may_be_missing(kind) or getattr(kind, "kind", "O") == "b"}
    made = table.astype(odd) if odd else table
    return remember_nullable(made) if any(map(_may_be_missing, table.dtypes)) else made


def _may_be_missing(kind: Any) -> bool:
    """Whether a pandas dtype is a nullable numeric one: Int64, not int64."""
    return hasattr(kind, "na_value") and getattr(kind, "kind", "O") in "biuf"
