"""The inspection: what is in the data, held against the last layer and the loss, before the first step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import keras
import numpy as np

from seqmagic.errors import DataError
from seqmagic.model.arithmetic import spoken_shape
from seqmagic.model.ending import Ending, ending_of
from seqmagic.training.pairing import loss_name

MOST_VALUES = 20_000_000  # More are looked at in part: a million rows of a table take a tenth of a second.
FEW = 8  # Rows on which a fix is tried.
SCALING = ("Rescaling", "Normalization", "BatchNormalization", "LayerNormalization")


# A fix as text, the change of the labels that it makes, and the other loss that it means, if any.
Fix = tuple[str, Callable[[np.ndarray], Any], str | None]


@dataclass(frozen=True)
class Labels:
    """The labels of a training, and what they are for.

    values: as an array.
    name: the variable's.
    model: what they shall teach.
    x: the data that they belong to, to try fixes on.
    """

    values: np.ndarray
    name: str
    model: keras.Model
    x: Any

    @property
    def ending(self) -> Ending:
        """The ending of the model."""
        return ending_of(self.model)

    def works(self, change: Callable[[np.ndarray], Any], loss: str | None = None) -> bool:
        """Whether changed labels, or another loss, give a loss that is a number on a few rows."""
        try:
            output = self.model(np.asarray(self.x[:FEW]), training=False)
            changed = np.asarray(change(self.values))[:FEW]
            if changed.size == np.size(output):
                changed = changed.reshape(np.shape(output))  # As Keras's own `fit` does with a column.
            value = keras.losses.get(loss or self.model.loss)(changed, output)
            return bool(np.all(np.isfinite(np.asarray(value))))
        except Exception:  # noqa: BLE001  # Whatever Keras refuses it with, it is no fix.
            return False


def as_array(data: Any) -> np.ndarray | None:
    """Data in memory as an array, without copying one that is; None for datasets and generators.

    A table with columns of text, or of mixed objects, has no array of numbers: it is None, too.
    """
    if isinstance(data, np.ndarray):
        return data
    if hasattr(data, "to_numpy") and hasattr(data, "shape"):
        return np.asarray(data.to_numpy())
    return np.asarray(data) if keras.ops.is_tensor(data) else None


def first_batch(data: Any) -> tuple[Any, ...] | None:
    """The first batch of a dataset that can be read again from its start; None for anything else, or where reading fails.

    What fails here fails in training, too, and is told there.
    """
    try:
        if hasattr(data, "element_spec"):
            batch = next(iter(data.take(1)))
        elif isinstance(data, keras.utils.PyDataset):
            batch = data[0]
        else:
            return None
    except Exception:  # noqa: BLE001  # It is the user's code that runs here.
        return None
    return batch if isinstance(batch, tuple) else (batch,)


def replay(first: Any, rest: Iterator[Any]) -> Iterator[Any]:
    """A generator from its start, although its first batch was looked at."""
    yield first
    yield from rest


def check_kind(data: Any, name: str) -> None:
    """Refuse text and mixed objects, and name the column of a table that has them.

    Raises DataError.
    """
    for column, kind in getattr(getattr(data, "dtypes", None), "items", tuple)():
        if getattr(kind, "kind", "O") in "OSUM" and str(kind) != "category":
            problem = f"The column {str(column)[:60]!r} of {name} holds text, not numbers."
            raise DataError(problem, expected="columns of numbers", instead=f"{name}.drop(columns=[{column!r}])")
    kind = getattr(getattr(data, "dtype", None), "kind", "f")
    if kind in "USO" and not isinstance(data, (str, bytes)):
        example = next((value for value in np.asarray(data).ravel() if not isinstance(value, (int, float, np.number))), None)
        shown = f", such as {str(example)[:30]!r}" if example is not None else ""
        problem = f"{name} holds {'text' if kind in 'US' or isinstance(example, str) else 'mixed Python objects'}{shown}."
        if np.ndim(data) == 1:
            raise DataError(problem, expected="numbers", instead=f"classes, {name} = np.unique({name}, return_inverse=True)")
        raise DataError(problem, expected="numbers")


def check_values(values: np.ndarray, name: str, columns: Any = None) -> None:
    """Refuse data with values that are no numbers: one of them makes every weight useless.

    Raises DataError with their count and the first place.
    """
    if values.dtype.kind not in "fc" or not values.size or np.isfinite(values.sum(dtype="float64")):
        return
    wrong = ~np.isfinite(values)
    count = int(wrong.sum())
    if count == 0:
        return  # The sum alone was too large.
    first = np.argwhere(wrong)[0]
    kind = "NaN (a missing value)" if np.isnan(values[tuple(first)]) else "infinity"
    column = f", column {str(columns[first[1]])[:40]!r}" if columns is not None and len(first) > 1 else ""
    ending = "s that are no numbers" if count > 1 else " that is no number"
    problem = f"{name} holds {count:,} value{ending}; the first is {kind} in row {first[0]:,}{column}."
    whole = f".all(axis={tuple(range(1, values.ndim)) if values.ndim > 2 else 1})" if values.ndim > 1 else ""
    raise DataError(problem, expected="a number everywhere", instead=f"keep = np.isfinite({name}){whole}, then x[keep] and y[keep]")


def check_labels(labels: Labels) -> None:
    """Hold labels against the last layer and the loss.

    Raises DataError with the fixes that give a loss on a few rows.
    """
    loss, ending = loss_name(labels.model.loss), labels.ending
    if loss is None or ending.shape is None or labels.values.dtype.kind not in "biufc" or not labels.values.size:
        return
    checks = {
        "sparse_categorical_crossentropy": _check_numbers,
        "categorical_crossentropy": _check_columns,
        "binary_crossentropy": _check_yes_or_no,
    }
    checks.get(loss, _check_width)(labels, ending)


def _refuse(labels: Labels, problem: str, expected: str, fixes: Sequence[Fix]) -> None:
    """Raise an error with those of the fixes that work."""
    error = DataError(problem, expected=expected)
    error.fixes = tuple(text for text, change, loss in fixes if labels.works(change, loss))[:2]
    raise error


def _is_one_hot(values: np.ndarray) -> bool:
    return (
        values.ndim == 2 and values.shape[1] > 1 and bool(np.all(values[:1000].sum(axis=1) == 1) and np.all(values[:1000].max(axis=1) == 1))
    )


def _check_numbers(labels: Labels, ending: Ending) -> None:
    """For `sparse_categorical_crossentropy`: one whole number a row, from 0 to units - 1."""
    values, name, units = labels.values, labels.name, ending.units or 0
    rank = len(ending.shape or ())
    if values.ndim == rank + 1 and values.shape[-1] == units and units > 1:
        kind = "are one-hot" if _is_one_hot(values) else "have a column for each class"
        _refuse(
            labels,
            f"The labels {name} {kind}, and 'sparse_categorical_crossentropy' expects one number a row.",
            "labels as numbers, or the loss for columns",
            [
                ("compile ... categorical_crossentropy", lambda y: y, "categorical_crossentropy"),
                (f"{name}.argmax(axis=-1)", lambda y: y.argmax(axis=-1), None),
            ],
        )
    if values.ndim < rank or (values.ndim > rank and values.shape[-1] != 1):
        problem = f"A row of the labels {name} is {spoken_shape(values.shape[1:])}, and the last layer gives {spoken_shape(ending.shape)}."
        _refuse(labels, problem, "a flatten (or gap) before the last layer, or labels for each of its rows", [])
    if values.dtype.kind == "f" and not np.array_equal(values[:100_000], np.round(values[:100_000])):
        _refuse(
            labels,
            f"The labels {name} hold broken numbers such as {_first_broken(values)}, which are no classes.",
            "whole numbers from 0",
            [],
        )
    low, high = values.min(), values.max()
    if low < 0 or high >= units:
        problem = f"The labels {name} go from {low:g} to {high:g}, and {units} units know the classes 0 to {units - 1}."
        _refuse(
            labels,
            problem,
            f"numbers from 0 to {units - 1}, or a unit for each class",
            [(f"{name} - {low:g}", lambda y: _within(y - low, units), None)],
        )


def _within(values: np.ndarray, units: int) -> np.ndarray:
    if values.min() < 0 or values.max() >= units:
        raise ValueError("still out of range")
    return values


def _first_broken(values: np.ndarray) -> str:
    flat = values.ravel()[:100_000]
    return f"{flat[flat != np.round(flat)][0]:g}"


def _check_columns(labels: Labels, ending: Ending) -> None:
    """For `categorical_crossentropy`: a column for each class."""
    values, name, units = labels.values, labels.name, ending.units or 0
    rank = len(ending.shape or ())
    if values.ndim == rank or (values.ndim == rank + 1 and values.shape[-1] == 1 and units > 1):
        _refuse(
            labels,
            f"The labels {name} are one number a row, and 'categorical_crossentropy' expects a column for each of the {units} classes.",
            "the loss for numbers, or one-hot labels",
            [
                ("compile ... sparse_categorical_crossentropy", lambda y: _within(y, units), "sparse_categorical_crossentropy"),
                (f"keras.utils.to_categorical({name}, {units})", lambda y: keras.utils.to_categorical(_within(y, units), units), None),
            ],
        )
    _check_width(labels, ending)


def _check_yes_or_no(labels: Labels, ending: Ending) -> None:
    """For `binary_crossentropy`: 0 or 1 for each unit."""
    values, name, units = labels.values, labels.name, ending.units or 0
    if units > 1 and values.ndim == 1:
        problem = f"The labels {name} are one number a row, and 'binary_crossentropy' asks yes or no of each of the {units} units."
        fixes: list[Fix] = [
            ("dense ... softmax, and sparse_categorical_crossentropy", lambda y: _within(y, units), "sparse_categorical_crossentropy")
        ]
        _refuse(labels, problem, "a column of 0 and 1 for each unit, or another loss", fixes)
    _check_width(labels, ending)
    low, high = values.min(), values.max()
    if low < 0 or high > 1:
        problem = f"The labels {name} go from {low:g} to {high:g}, and 'binary_crossentropy' knows 0 (no) and 1 (yes)."
        span = high - low
        fixes = (
            [(f"({name} - {low:g}) / {span:g}" if low else f"{name} / {span:g}", lambda y: (y - low) / span, None)]
            if _has_two(values)
            else []
        )
        _refuse(labels, problem, "0 and 1; for more classes softmax and sparse_categorical_crossentropy", fixes)


def _has_two(values: np.ndarray) -> bool:
    return len(np.unique(values[:100_000])) == 2


def _check_width(labels: Labels, ending: Ending) -> None:
    """For any other loss: as many numbers a row as the last layer gives."""
    given, wanted = tuple(labels.values.shape[1:]), tuple(ending.shape or ())
    if given == wanted or (given, wanted) == ((), (1,)) or None in wanted or (*given, 1) == wanted or given == (*wanted, 1):
        return
    have, want = prod(given), prod(dim or 1 for dim in wanted)
    problem = f"The labels {labels.name} have {_numbers(have)} a row, and the last layer gives {_numbers(want)}."
    _refuse(labels, problem, f"a last layer of {have}, or labels of {want}", [])


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"


def advise(model: keras.Model, x: Any, name: str, options: dict[str, Any]) -> Iterator[str]:
    """What is not wrong with the data, but unwise, in a sentence each."""
    values = as_array(x)
    if values is None or values.dtype.kind not in "uif" or not values.size:
        return
    step = -(-values.size // MOST_VALUES)
    seen = values[::step]
    part = f" (seen in every {step}th row)" if step > 1 else ""
    low, high = seen.min(), seen.max()
    scaled = any(type(layer).__name__ in SCALING for layer in getattr(model, "layers", ())[:3])
    if low >= 0 and 100 < high <= 255 and not scaled and (values.ndim > 2 or values.dtype.kind == "u"):
        yield f"{name} goes from {low:g} to {high:g}{part}; a network learns better from 0 to 1: {name} / 255"
    if len(seen) > 1 and low == high:
        yield f"Every value of {name} is {low:g}{part}: there is nothing to learn from."
    constant = [str(name) for name in getattr(x, "columns", ()) if len(seen) > 1 and x[name].nunique() == 1]
    if constant and low != high:
        yield f"The column {constant[0]!r} of {name} is the same in every row: there is nothing in it to learn from."
    rows, batch = len(values), options.get("batch_size")
    if isinstance(batch, int) and batch > rows:
        yield f"batch_size is {batch} and there are {rows} rows: each epoch is a single step."
