"""Adapting preprocessing layers: the data in the form that `adapt` accepts."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqmagic.errors import ArgumentError, Span
from seqmagic.network.tables import as_frame, is_frame, odd_columns, ways_to_numbers, with_pandas
from seqmagic.translation import gettext, ngettext

OF_WORDS = ("TextVectorization", "StringLookup", "Hashing")


def data_to_adapt(layer: keras.Layer, data: Any, name: str, span: Span) -> Any:
    """Convert data for `adapt`: a table, a column or a list of numbers becomes an array; a dataset stays as it is.

    Args:
        name: of the variable, or "".

    Raises:
        ArgumentError: For a table with non-numeric columns, and for missing values where the layer computes statistics.
    """
    if isinstance(data, np.ndarray) and data.dtype.names:
        data = table if (table := as_frame(data)) is not None else data
    if is_frame(data) and type(layer).__name__ not in OF_WORDS:
        return _numbers_of(layer, data, name, span)
    if hasattr(data, "iloc"):  # A column, or a table of strings.
        values = data.to_numpy()
        data = values if values.dtype.kind in "biufSU" else np.asarray(values.tolist())
    elif isinstance(data, (list, tuple)) and not any(hasattr(part, "shape") for part in data):
        data = np.asarray(data)
    if isinstance(data, np.ndarray) and isinstance(layer, keras.layers.Normalization):
        _check_numbers(layer, data, name, span)
        data = data[:, None] if data.ndim == 1 else data  # For Keras a 1D array would be a single row.
    return data


def check_width(layer: keras.Layer, before: tuple[int | None, ...] | None, span: Span, *, is_first: bool) -> None:
    """Refuse a Normalization that was adapted to other columns than its input has: Keras would only raise during training.

    Args:
        before: the layer's input shape, for one row. is_first: whether it is the model's input.

    Raises:
        ArgumentError: If they differ.
    """
    mean = getattr(layer, "adapt_mean", None)
    if not isinstance(layer, keras.layers.Normalization) or mean is None or before is None or layer.axis not in ((-1,), (len(before),)):
        return
    width = int(np.size(mean))
    if before[-1] in (None, width):
        return
    problem = ngettext(
        "{layer} adapts to data with {count} column, but its input has {given}.",
        "{layer} adapts to data with {count} columns, but its input has {given}.",
        width,
        layer=type(layer).__name__,
        given=before[-1],
    )
    raise ArgumentError(
        problem,
        expected=gettext("the same number of columns"),
        instead=f"input {width}" if is_first and len(before) == 1 else "",
        span=span,
    )


def _numbers_of(layer: keras.Layer, table: Any, name: str, span: Span) -> np.ndarray:
    """The values of a table."""
    odd = odd_columns(table)
    if odd:
        column, what = odd[0]
        problem = gettext(
            "The column {column!r} of {name} holds {what}, and {layer} can only adapt to numbers.",
            column=str(column)[:60],
            name=name or gettext("the table"),
            what=gettext(what),
            layer=type(layer).__name__,
        )
        raise _refusal(problem, gettext("columns of numbers"), table, name, span)
    values: np.ndarray = table.to_numpy(dtype="float32", na_value=np.nan)
    _check_numbers(layer, values, name, span, table)
    return values


def _check_numbers(layer: keras.Layer, values: np.ndarray, name: str, span: Span, table: Any = None) -> None:
    """Refuse missing values: a single one makes the mean NaN, and with it all of the layer's output."""
    if values.dtype.kind != "f" or np.isfinite(values).all():
        return
    rows = np.argwhere(~np.isfinite(values))
    column = gettext(", column {columns!r}", columns=str(table.columns[rows[0][1]])[:40]) if table is not None else ""
    count = ngettext("{count} value that is not a number", "{count:,} values that are not numbers", len(rows))
    problem = gettext(
        "{name} has {count}, so {layer} can't compute a mean; the first is in row {rows:,}{column}.",
        name=name or gettext("The data"),
        count=count,
        layer=type(layer).__name__,
        rows=rows[0][0],
        column=column,
    )
    raise _refusal(problem, gettext("a number in every place"), table, name, span)


def _refusal(problem: str, expected: str, table: Any, name: str, span: Span) -> ArgumentError:
    error = ArgumentError(problem, expected=expected, span=span)
    if table is not None and name:
        nullable = any(hasattr(kind, "na_value") for kind in table.dtypes)
        ways = ways_to_numbers(table, nullable=nullable)
        error.fixes = tuple(with_pandas(way.code).replace("{=}", name).replace("{}", name) for way in ways)[:2]
    return error
