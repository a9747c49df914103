"""Checks of values: NaN, infinity, text and other kinds of data, before the first step."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName, was_nullable
from seqmagic.data.shapes import shape_fits, takes_rows, wanted_shape
from seqmagic.errors import DataError
from seqmagic.network.tables import WORDS, Way, first_odd, is_frame, kind_without_numbers, odd_columns, ways_to_numbers, with_pandas
from seqmagic.translation import gettext

AS_TABLE = "pd.DataFrame({}).infer_objects()"
MOST_VALUES = 2_000_000  # Values sampled for notes, and values per block when all of them are searched for NaN.
HUGE = 1e30  # Unless the sum of the values is below this, each value is checked.
TEXT_LAYERS = ("TextVectorization", "StringLookup", "Hashing")


def as_array(data: Any) -> np.ndarray | None:
    """Data in memory as an array, without a copy if it is one; None for datasets and generators.

    Missing values of pandas' nullable dtypes become NaN.
    """
    if isinstance(data, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(data.astype(float), np.nan))  # Keras would train on the masked values.
    if isinstance(data, np.ndarray):
        return np.asarray(data)
    if hasattr(data, "to_numpy") and hasattr(data, "shape"):
        values = np.asarray(data.to_numpy())
        return values if values.dtype.kind != "O" else np.asarray(data.to_numpy(dtype="float64", na_value=np.nan))
    return np.asarray(data) if keras.ops.is_tensor(data) else None


def as_numbers(data: Any) -> np.ndarray | None:
    """Labels in memory as a non-empty array of numbers; None for text, for what isn't an array, and for datasets and generators."""
    try:
        values = np.asarray(data) if isinstance(data, (list, tuple)) else as_array(data)
    except (TypeError, ValueError):
        return None
    return values if values is not None and values.dtype.kind in "biuf" and values.ndim and len(values) else None


def check_kind(data: Any, name: DataName, model: keras.Model, *, works: Callable[[Any], bool] | None = None) -> None:
    """Refuse text, dates and mixed objects, naming the columns of a table that contain them.

    Args:
        works: whether changed labels would fit the model; None for data that isn't labels.

    Raises:
        DataError: If the kind does not fit.
    """
    odd = odd_columns(data) if is_frame(data) else []
    if odd:
        _refuse_columns(data, odd, name, model, works)
    dtype = getattr(data, "dtype", None)
    what = kind_without_numbers(dtype, data) if dtype is not None and not keras.ops.is_tensor(data) else ""
    if what == "text" and works is None and _takes_text(model):
        raise DataError(
            gettext("{holds} text in an array.", holds=name.holds),
            expected=gettext("text as a tensor"),
            instead=name.typed("tf.constant({})"),
        )
    if what:
        _refuse_values(data, what, name, model, works)


def _takes_text(model: keras.Model) -> bool:
    inputs = getattr(model, "inputs", None) or []
    if not inputs and getattr(model, "layers", None):
        return type(model.layers[0]).__name__ in TEXT_LAYERS
    return bool(inputs) and str(inputs[0].dtype) == "string"


def _refuse_columns(
    frame: Any, odd: list[tuple[Any, str]], name: DataName, model: keras.Model, works: Callable[[Any], bool] | None
) -> None:
    """Name the first non-numeric column, with ways to convert or drop all of them."""
    (column, what), *others = odd
    more = (
        gettext(", and so do {count} other columns", count=len(others))
        if len(others) > 1
        else gettext(", and so does {others!r}", others=str(others[0][0])[:40])
        if others
        else ""
    )
    error = DataError(
        gettext(
            "The column {column!r} of {name} holds {what}, not numbers{more}.",
            column=str(column)[:60],
            name=name.said,
            what=gettext(what),
            more=more,
        ),
        expected=gettext("columns of numbers"),
    )
    if works is None:
        error.fixes = fixes_of_table(frame, name, model)
    elif what in WORDS and frame.shape[1] == 1 and not name.validates and works(np.ravel(frame)):
        error.fixes = tuple(filter(None, [name.typed("classes, {=} = np.unique(np.ravel({}), return_inverse=True)")]))
    raise error


def fixes_of_table(table: Any, name: DataName, model: keras.Model) -> tuple[str, ...]:
    """Ways to convert a table to numbers, as code, each with the input line that it needs."""
    if name.validates and odd_columns(table):
        return ()  # Encoding the validation table on its own could give it other columns than the training table.
    ways = ways_to_numbers(table, nullable=was_nullable(table))
    return tuple(fix for way in ways if (fix := _typed_way(way, name, model)))[:2]


def _typed_way(way: Way, name: DataName, model: keras.Model) -> str:
    """The code of a conversion; "" if the network does not accept its result."""
    wanted, width, typed = wanted_shape(model), tuple(way.table.shape[1:]), with_pandas(name.typed(way.code))
    if wanted is None or shape_fits(width, wanted):
        return typed
    return gettext(", and ").join([typed, f"input {width[0]}"]) if takes_rows(model, width) and typed else ""


def _refuse_values(data: Any, what: str, name: DataName, model: keras.Model, works: Callable[[Any], bool] | None) -> None:
    odd = first_odd(data) if getattr(data.dtype, "kind", "O") in "USO" else None
    if odd is None and what == "mixed Python objects":
        what = gettext("numbers as Python objects")
    elif isinstance(odd, (list, np.ndarray)):
        what = gettext("lists or arrays in an array")
    shown = odd.decode("utf-8", "replace") if isinstance(odd, bytes) else odd
    example = gettext(", such as {shown!r}", shown=shown[:30]) if isinstance(shown, str) else ""
    error = DataError(
        gettext("{holds} {what}{example}.", holds=name.holds, what=gettext(what), example=example), expected=gettext("numbers")
    )
    fixes = []
    if _becomes_numbers(data):
        fixes.append(name.typed("{}.astype(float)"))
    elif works is not None and what in WORDS and np.ndim(data) == 1 and works(data):
        fixes.append(name.typed("classes, {=} = np.unique({}, return_inverse=True)") if not name.validates else "")
    elif isinstance(odd, (list, np.ndarray)) and _stacks(data, model):
        fixes.append(name.typed("np.stack({})"))
    elif works is None and not name.validates:
        fixes += _fixes_of_objects(data, name, model)
    error.fixes = tuple(fix for fix in fixes if fix)
    raise error


def _fixes_of_objects(data: Any, name: DataName, model: keras.Model) -> list[str]:
    """Ways to convert an object array that was made from a table, which had one dtype per column."""
    pandas = sys.modules.get("pandas")  # If the data came from a DataFrame, pandas has been imported.
    if pandas is None or getattr(data, "ndim", 0) != 2 or data.dtype.kind != "O":
        return []
    ways = (
        # After its first statement the variable holds the table.
        replace(way, code=f"{{=}} = {AS_TABLE}; {way.code.replace('{}', '{=}')}")
        for way in ways_to_numbers(pandas.DataFrame(data).infer_objects())
    )
    return [fix for way in ways if (fix := _typed_way(way, name, model))][:2]


def _becomes_numbers(data: Any) -> bool:
    if getattr(data.dtype, "kind", "O") in "Mmc":
        return False
    try:
        return bool(np.isfinite(np.asarray(data).astype(float)).all())
    except Exception:  # noqa: BLE001  # The array may contain anything, including integers too large for a float.
        return False


def _stacks(data: Any, model: keras.Model) -> bool:
    shapes = {np.shape(value) for value in data}
    wanted = wanted_shape(model)
    return len(shapes) == 1 and wanted is not None and shape_fits(next(iter(shapes)), wanted)


def check_values(
    values: np.ndarray, name: DataName, other: DataName, data: Any = None, other_data: Any = None, model: keras.Model | None = None
) -> None:
    """Refuse data with NaN or infinity: a single one makes every weight NaN.

    Args:
        name: of the data; `other` is that of the labels that belong to it, or the other way round.
        data: the original of the values, such as a table with columns; `other_data` is what belongs to it, to try a fix on.
        model: to be trained on it; None for labels.

    Raises:
        DataError: With their count and the first position.
    """
    if values.dtype.kind not in "fc" or not values.size:
        return
    with np.errstate(over="ignore", invalid="ignore"):
        if abs(values.sum()) < HUGE:
            return
        wrong = _places_of_no_numbers(values)
    if not wrong.any():
        return  # Only the sum was too large.
    error = _no_number_error(values, wrong, name, data)
    error.fixes = _without_rows(values, wrong, name, other, data, other_data) if name.code and other.code and not name.validates else ()
    if model is not None and is_frame(data):
        error.fixes = (*error.fixes, *fixes_of_table(data, name, model))[:2]
    raise error


def _no_number_error(values: np.ndarray, wrong: np.ndarray, name: DataName, data: Any) -> DataError:
    """The error for NaN or infinity: how many values, and where the first one is."""
    count = int(wrong.sum())
    first = np.argwhere(wrong)[0]
    columns = getattr(data, "columns", None)
    value = values[tuple(first)]
    kind = (
        gettext("NaN (a missing value)")
        if np.isnan(value)
        else "infinity"
        if np.isinf(value)
        else gettext("{value:.1g}, too large for Keras,", value=value)
    )
    column = gettext(", column {columns!r}", columns=str(columns[first[1]])[:40]) if columns is not None and len(first) > 1 else ""
    ending = gettext("s that are not numbers") if count > 1 else gettext(" that is not a number")
    return DataError(
        gettext(
            "{holds} {count:,} value{ending}; the first is {kind} in row {first:,}{column}.",
            holds=name.holds,
            count=count,
            ending=ending,
            kind=kind,
            first=first[0],
            column=column,
        ),
        expected=gettext("a number in every place"),
    )


def _places_of_no_numbers(values: np.ndarray) -> np.ndarray:
    """A mask of the values that are NaN or infinite, computed block by block: memory may not hold a second copy of all of them."""
    wrong = np.empty(values.shape, bool)
    length = max(1, MOST_VALUES // values[0].size)
    for first in range(0, len(values), length):
        # In float32, as Keras trains: larger values become infinite there.
        part = values[first : first + length].astype("float32", copy=False)
        wrong[first : first + length] = ~np.isfinite(part)
    return wrong


def _without_rows(values: np.ndarray, wrong: np.ndarray, name: DataName, other: DataName, data: Any, other_data: Any) -> tuple[str, ...]:
    """Ways to remove NaN: dropping its rows, if most rows remain, or replacing it by 0."""
    if name.structured:
        return ()  # np.isfinite does not accept a structured array.
    axes = tuple(range(1, wrong.ndim))
    whole = f".all(axis={axes if len(axes) > 1 else 1})" if axes else ""
    found = f"np.isfinite({name.code}){whole}"
    if isinstance(data, np.ma.MaskedArray):
        found = f"np.isfinite(np.ma.filled({name.code}, np.nan)){whole}"
    elif hasattr(data, "to_numpy"):
        found = f"{name.code}.notna(){whole}.to_numpy()"
        if not np.isnan(values[wrong]).all():
            return ()  # pandas doesn't count infinity as missing.
    keep = np.logical_not(wrong.any(axis=axes))
    if keep.sum() * 2 >= len(wrong) and _can_be_cut(data, keep) and (other_data is None or _can_be_cut(other_data, keep)):
        names = [part.variable for part in (name, other)]
        return (f"keep = {found}; {', '.join(names)} = {name.code}[keep], {other.code}[keep]",)
    return (name.typed("np.nan_to_num({})"),) if axes and type(data) is np.ndarray and np.isnan(values[wrong]).all() else ()


def _can_be_cut(data: Any, keep: np.ndarray) -> bool:
    """Whether `data[keep]` selects the right rows; tried on the first ones."""
    try:
        return len(data) == len(keep) and len(data[: len(keep[:5])][keep[:5]]) == keep[:5].sum()
    except Exception:  # noqa: BLE001  # If boolean indexing fails, no fix is offered.
        return False
