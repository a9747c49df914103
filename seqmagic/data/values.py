"""Checks of values: what is in the data, before the first step."""

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
MOST_VALUES = 2_000_000  # For notes more are looked at in part; for what is no number all of them are.
HUGE = 1e30  # A sum beyond that is looked at value by value.
TEXT_LAYERS = ("TextVectorization", "StringLookup", "Hashing")


def as_array(data: Any) -> np.ndarray | None:
    """Data in memory as an array, without copying one that is; None for datasets and generators.

    Missing values of pandas' own kinds of numbers become NaN.
    """
    if isinstance(data, np.ma.MaskedArray):
        return np.asarray(np.ma.filled(data.astype(float), np.nan))  # Keras would train on what is hidden.
    if isinstance(data, np.ndarray):
        return np.asarray(data)
    if hasattr(data, "to_numpy") and hasattr(data, "shape"):
        values = np.asarray(data.to_numpy())
        return values if values.dtype.kind != "O" else np.asarray(data.to_numpy(dtype="float64", na_value=np.nan))
    return np.asarray(data) if keras.ops.is_tensor(data) else None


def as_numbers(data: Any) -> np.ndarray | None:
    """Labels in memory as an array of numbers, one row or more; None for text, for what is no array, and for datasets and generators."""
    try:
        values = np.asarray(data) if isinstance(data, (list, tuple)) else as_array(data)
    except (TypeError, ValueError):
        return None
    return values if values is not None and values.dtype.kind in "biuf" and values.ndim and len(values) else None


def check_kind(data: Any, name: DataName, model: keras.Model, *, works: Callable[[Any], bool] | None = None) -> None:
    """Refuse text, dates and mixed objects, and name the columns of a table that have them.

    Args:
        works: whether labels of another kind would do; None for data that are no labels.

    Raises:
        DataError: Where it does not fit.
    """
    odd = odd_columns(data) if is_frame(data) else []
    if odd:
        _refuse_columns(data, odd, name, model, works)
    dtype = getattr(data, "dtype", None)
    what = kind_without_numbers(dtype, data) if dtype is not None and not keras.ops.is_tensor(data) else ""
    if what == "text" and works is None and _takes_text(model):
        raise DataError(
            gettext("{holds} text as an array.", holds=name.holds),
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
    """Name the first column that holds no numbers, with ways to turn all of them into numbers or to leave them out."""
    (column, what), *others = odd
    more = (
        gettext(", and so do {count} more", count=len(others))
        if len(others) > 1
        else gettext(", and so does {others!r}", others=str(others[0][0])[:40])
        if others
        else ""
    )
    error = DataError(
        gettext(
            "The column {column!r} of {name} holds {what}, not numbers{more}.",
            column=str(column)[:60],
            name=name.text,
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
    """Ways to make numbers of a table, as they are typed, each with the input line that goes with it."""
    if name.validates and odd_columns(table):
        return ()  # Made columns of by itself, it would have others than what is trained on.
    ways = ways_to_numbers(table, nullable=was_nullable(table))
    return tuple(fix for way in ways if (fix := _typed_way(way, name, model)))[:2]


def _typed_way(way: Way, name: DataName, model: keras.Model) -> str:
    """A way as it is typed; "" where the network can't begin with what it makes."""
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
    """What makes numbers of the values of a table, which its columns kept apart."""
    pandas = sys.modules.get("pandas")  # Who had a table has pandas.
    if pandas is None or getattr(data, "ndim", 0) != 2 or data.dtype.kind != "O":
        return []
    ways = (
        # After its first line the variable holds the table itself.
        replace(way, code=f"{{=}} = {AS_TABLE}; {way.code.replace('{}', '{=}')}")
        for way in ways_to_numbers(pandas.DataFrame(data).infer_objects())
    )
    return [fix for way in ways if (fix := _typed_way(way, name, model))][:2]


def _becomes_numbers(data: Any) -> bool:
    if getattr(data.dtype, "kind", "O") in "Mmc":
        return False
    try:
        return bool(np.isfinite(np.asarray(data).astype(float)).all())
    except Exception:  # noqa: BLE001  # There may be anything in it; numbers of 400 digits, too.
        return False


def _stacks(data: Any, model: keras.Model) -> bool:
    shapes = {np.shape(value) for value in data}
    wanted = wanted_shape(model)
    return len(shapes) == 1 and wanted is not None and shape_fits(next(iter(shapes)), wanted)


def check_values(
    values: np.ndarray, name: DataName, other: DataName, data: Any = None, other_data: Any = None, model: keras.Model | None = None
) -> None:
    """Refuse data with values that are no numbers: one of them makes every weight useless.

    Args:
        name: of the data; `other` is that of the labels that go with it, or the other way round.
        data: what the values are of, such as a table with columns; `other_data` what goes with it, to try a fix on.
        model: what is to learn from it; None for labels.

    Raises:
        DataError: With their count and the first place.
    """
    if values.dtype.kind not in "fc" or not values.size:
        return
    with np.errstate(over="ignore", invalid="ignore"):
        if abs(values.sum()) < HUGE:
            return
        wrong = _places_of_no_numbers(values)
    if not wrong.any():
        return  # The sum alone was too large.
    error = _no_number_error(values, wrong, name, data)
    error.fixes = _without_rows(values, wrong, name, other, data, other_data) if name.code and other.code and not name.validates else ()
    if model is not None and is_frame(data):
        error.fixes = (*error.fixes, *fixes_of_table(data, name, model))[:2]
    raise error


def _no_number_error(values: np.ndarray, wrong: np.ndarray, name: DataName, data: Any) -> DataError:
    """The error for values that are no numbers: how many, and where the first of them is."""
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
    ending = gettext("s that are no numbers") if count > 1 else gettext(" that is no number")
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
        expected=gettext("a number everywhere"),
    )


def _places_of_no_numbers(values: np.ndarray) -> np.ndarray:
    """Where values are NaN or infinity, block by block: the memory may have no room for all of them twice."""
    wrong = np.empty(values.shape, bool)
    length = max(1, MOST_VALUES // values[0].size)
    for first in range(0, len(values), length):
        part = values[first : first + length].astype("float32", copy=False)  # Keras's numbers: what is larger becomes infinity there.
        wrong[first : first + length] = ~np.isfinite(part)
    return wrong


def _without_rows(values: np.ndarray, wrong: np.ndarray, name: DataName, other: DataName, data: Any, other_data: Any) -> tuple[str, ...]:
    """Ways to be rid of values that are no numbers: without their rows, where most are left; or with a 0 for each."""
    if name.structured:
        return ()  # Its rows have no columns to look at.
    axes = tuple(range(1, wrong.ndim))
    whole = f".all(axis={axes if len(axes) > 1 else 1})" if axes else ""
    found = f"np.isfinite({name.code}){whole}"
    if isinstance(data, np.ma.MaskedArray):
        found = f"np.isfinite(np.ma.filled({name.code}, np.nan)){whole}"
    elif hasattr(data, "to_numpy"):
        found = f"{name.code}.notna(){whole}.to_numpy()"
        if not np.isnan(values[wrong]).all():
            return ()  # To pandas infinity is a number.
    keep = np.logical_not(wrong.any(axis=axes))
    if keep.sum() * 2 >= len(wrong) and _can_be_cut(data, keep) and (other_data is None or _can_be_cut(other_data, keep)):
        names = [part.variable for part in (name, other)]
        return (f"keep = {found}; {', '.join(names)} = {name.code}[keep], {other.code}[keep]",)
    return (name.typed("np.nan_to_num({})"),) if axes and type(data) is np.ndarray and np.isnan(values[wrong]).all() else ()


def _can_be_cut(data: Any, keep: np.ndarray) -> bool:
    """Whether `data[keep]` would give those rows; tried on the first ones."""
    try:
        return len(data) == len(keep) and len(data[: len(keep[:5])][keep[:5]]) == keep[:5].sum()
    except Exception:  # noqa: BLE001  # Data that can't be cut so is left alone.
        return False
