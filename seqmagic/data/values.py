"""Checks of values: what is in the data, before the first step."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from types import GeneratorType
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName, was_nullable
from seqmagic.data.scale import FEWEST_PIXELS, advise_scale, format_size
from seqmagic.data.shapes import columns_like, shape_fits, takes_rows, wanted_shape
from seqmagic.data.streams import known_batches
from seqmagic.errors import DataError
from seqmagic.network.endpoints import inputs_of
from seqmagic.network.loss_names import CLASS_LOSSES, REGRESSION_LOSSES, loss_name
from seqmagic.network.tables import WORDS, Way, first_odd, is_frame, kind_without_numbers, odd_columns, ways_to_numbers, with_pandas
from seqmagic.options.fit_values import advise_weights
from seqmagic.translation import gettext, ngettext

AS_TABLE = "pd.DataFrame({}).infer_objects()"
HUGE = 1e30  # A sum beyond that is looked at value by value.
LARGE_LABELS = 1000.0
TEXT_LAYERS = ("TextVectorization", "StringLookup", "Hashing")
MOST_VALUES = 2_000_000  # For notes more are looked at in part; for what is no number all of them are.


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
    return gettext("{typed}, and input {width}", typed=typed, width=width[0]) if takes_rows(model, width) and typed else ""


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
    count = int(wrong.sum())
    if count == 0:
        return  # The sum alone was too large.
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
    error = DataError(
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
    error.fixes = _without_rows(values, wrong, name, other, data, other_data) if name.code and other.code and not name.validates else ()
    if model is not None and is_frame(data):
        error.fixes = (*error.fixes, *fixes_of_table(data, name, model))[:2]
    raise error


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


def advise(model: keras.Model, x: Any, name: str, options: dict[str, Any], y: Any = None) -> Iterator[str]:
    """What is not wrong with the data, but unwise, in a sentence each."""
    yield from advise_weights(model, options)
    if getattr(model, "built", False) and getattr(model, "weights", ()) and not model.trainable_weights:
        yield gettext("Nothing in {name!r} is trainable: its weights stay as they are.", name=model.name)
    if isinstance(x, GeneratorType) and options.get("epochs", 1) > 1 and not options.get("steps_per_epoch"):
        yield gettext("The generator {name} gives each batch only once: for a second epoch nothing is left.", name=name)
    count, wanted = known_batches(x), options.get("steps_per_epoch")
    if count and isinstance(wanted, int) and wanted > count:
        few = ngettext("{name} has only {count} batch", "{name} has only {count:,} batches", count, name=name)
        yield _advise_steps(wanted, few, count)
    values = as_numbers(x)
    several = len(inputs_of(model)) > 1  # A list then holds an array for each, and not rows.
    if values is None or several or values.dtype.kind not in "uif" or not values.size:
        return
    seen, part = _sample(values)
    low, high = seen.min(), seen.max()
    if len(seen) > 1 and low == high:
        yield gettext("Every value of {name} is {low:g}{part}: there is nothing to learn from.", name=name, low=low, part=part)
    else:
        yield from advise_scale(model, x, seen, name, part)
        yield from _advise_columns(x, y, name)
    yield from _advise_labels(model, y)
    rows, batch, steps = len(values), options.get("batch_size"), options.get("steps_per_epoch")
    if isinstance(batch, int) and batch > rows > 1:
        yield gettext("batch_size is {batch} and there are {rows} rows: each epoch is a single step.", batch=batch, rows=rows)
    there = -(-int(rows * (1 - (options.get("validation_split") or 0))) // (batch or 32))
    if isinstance(steps, int) and steps > there:
        few = ngettext("{rows:,} rows make only {count} batch", "{rows:,} rows make only {count:,} batches", there, rows=rows)
        yield _advise_steps(steps, few, there)


def _sample(values: np.ndarray) -> tuple[np.ndarray, str]:
    """As many of the values as are looked at, and a note on that."""
    step = -(-values.size // MOST_VALUES)
    return values[::step], gettext(" (seen in every {step}th row)", step=step) if step > 1 else ""


def scale_notes(model: keras.Model, x: Any, name: str) -> Iterator[str]:
    """Notes on numbers that are far larger than 1."""
    values = as_numbers(x)
    if values is not None and len(inputs_of(model)) <= 1 and values.dtype.kind in "uif" and values.size:
        seen, part = _sample(values)
        yield from advise_scale(model, x, seen, name, part)


def _advise_steps(steps: int, too_few: str, batches: int) -> str:
    return gettext(
        "steps_per_epoch is {steps:,} and {too_few}: an epoch is no longer than that (steps_per_epoch={batches}).",
        steps=steps,
        too_few=too_few,
        batches=batches,
    )


def _advise_columns(x: Any, y: Any, name: str) -> Iterator[str]:
    """Notes on columns that say nothing, and on one that says all."""
    columns = getattr(x, "columns", ())
    for column in columns if len(columns) and len(x) > 1 else ():
        values = np.asarray(x[column])
        if _is_constant(values) and not (values[0] == 0 and x.shape[1] >= FEWEST_PIXELS):  # A picture's edge is empty.
            yield gettext(
                "The column {column!r} of {name} is the same in every row: there is nothing in it to learn from.",
                column=str(column),
                name=name,
            )
            break
    for column in columns_like(x, y):
        yield gettext(
            "The column {column!r} of {name} is the labels themselves: the network only has to copy it.", column=str(column), name=name
        )


def _count_several(labels: np.ndarray) -> int:
    """How many rows of yes and no have more than one yes; 0 for labels of another kind."""
    if labels.ndim != 2 or not np.all((labels == 0) | (labels == 1)):
        return 0
    return int((labels.sum(axis=1) > 1).sum())


def _is_constant(values: np.ndarray) -> bool:
    # A look at a few saves the look at all in nearly every column.
    return bool((values[:100] == values[0]).all() and (values == values[0]).all())


def _advise_labels(model: keras.Model, y: Any) -> Iterator[str]:
    """Notes on labels that are all the same, that share what is to be one, or so large that a network takes long to reach them."""
    labels = as_numbers(y)
    if labels is None or len(labels) < 2:
        return
    if labels.min() == labels.max():
        yield gettext("Every label is {labels:g}: there is nothing to tell apart.", labels=float(labels.max()))
    if loss_name(model.loss) == CLASS_LOSSES[0] and (count := _count_several(labels)):
        rows = ngettext("one row", "{count:,} rows", count)
        yield (
            gettext(
                "The labels have several ones in {rows}, and softmax shares 1 among the classes: for several answers a row use "
                "sigmoid and binary_crossentropy.",
                rows=rows,
            )
        )
    size = float(np.sqrt(np.mean(np.square(labels, dtype="float64"))))
    if loss_name(model.loss) in REGRESSION_LOSSES and size >= LARGE_LABELS:
        yield gettext(
            "The labels are about {size} in size; a network learns faster from labels near 1: divide them first.", size=format_size(size)
        )
    if loss_name(model.loss) == "mean_absolute_percentage_error" and (labels == 0).any():
        yield gettext("Some labels are 0, and mape divides by them: mae or mse tell more.")
