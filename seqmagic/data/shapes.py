"""Checks of shapes: the shape of one row against the model's input shape."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName
from seqmagic.describe.source import line_of
from seqmagic.errors import DataError, ShapeError
from seqmagic.keras_internals.threads import held_back_variables
from seqmagic.network.axes import axes_wanted
from seqmagic.network.endpoints import input_shape_of
from seqmagic.network.output_layer import Ending, activation_of, ending_of, last_activation
from seqmagic.network.own_thread import work_apart
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext


def check_shape(model: keras.Model, shape: Shape, name: DataName, x: Any = None, y: Any = None) -> None:
    """Refuse rows whose shape the model does not accept.

    Args:
        shape: of the data, including the rows axis.
        x, y: the data and its labels, to try fixes on.

    Raises:
        DataError: With the fixes that give fitting rows.
    """
    wanted = wanted_shape(model)
    if wanted is None or shape_fits(shape[1:], wanted):
        return
    takes = gettext("{name!r} starts with input {shape}", name=model.name, shape=format_shape(wanted))
    expected = gettext("{name} of shape {value}", name=name.said, value=("rows", *wanted)).replace("'", "").replace("None", "?")
    if shape_fits(shape, wanted) and len(shape) == len(wanted):
        error = DataError(
            gettext(
                "{start} is a single sample of shape {shape}, but a network learns from many.", start=name.start, shape=format_shape(shape)
            ),
            expected=expected,
        )
    else:
        error = DataError(
            gettext("One row of {name} is {shape}, but {takes}.", name=name.said, shape=format_shape(shape[1:]), takes=takes),
            expected=expected,
        )
    fixes = dict.fromkeys(_fixes(model, shape, wanted, name, x, y))
    error.fixes = tuple(fix for fix in fixes if fix)[:2]
    raise error


def wanted_shape(model: keras.Model) -> Shape | None:
    """The input shape of one sample; None for a model that is built on its first batch, or one with several inputs."""
    whole = input_shape_of(model)
    return tuple(whole[1:]) if isinstance(whole, tuple) else None


def shape_fits(given: Shape, wanted: Shape) -> bool:
    """Whether rows of one shape are accepted where another is expected."""
    if len(given) == len(wanted) and all(w in (None, g) for w, g in zip(wanted, given, strict=True)):
        return True
    # Keras itself adds or drops a last axis of length 1, such as the channel axis of grayscale images.
    return (*given, 1) == wanted or given == (*wanted, 1)


def _fixes(model: keras.Model, shape: Shape, wanted: Shape, name: DataName, x: Any, y: Any) -> Iterator[str]:
    """Fixes that make the rows fit: dropping a column, reshaping the data, or another input line."""
    for column in columns_like(x, y) if len(shape) == 2 and wanted == (shape[1] - 1 if shape[1] else 0,) else ():
        yield name.typed(f"{{}}.drop(columns=[{column!r}])")
    found = False
    rows = len(y) if hasattr(y, "shape") and y.shape else None
    for code, change in _reshapings(wanted):
        if _gives_shape(change, shape, wanted, rows) and (code == "{}.T" or not hasattr(x, "columns")):
            found = True
            yield name.typed(code)
    if not found and not name.validates and not shape_fits(shape, wanted) and takes_rows(model, tuple(shape[1:])):
        yield f"input {format_shape(shape[1:])}"


def columns_like(x: Any, y: Any) -> Iterator[Any]:
    """The columns of a table that equal the labels."""
    if not hasattr(x, "columns") or not hasattr(y, "shape"):
        return
    values: Any = np.asarray(y)
    if values.shape != (len(x),):
        return
    for column in x.columns:
        given = np.asarray(x[column])
        # Comparing the first 100 values avoids scanning the whole column in most cases.
        if np.array_equal(given[:100], values[:100]) and np.array_equal(given, values):
            yield column


def _reshapings(wanted: Shape) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """Common reshapings of data, as code and as a function."""
    yield "{}.reshape(len({}), -1)", lambda x: x.reshape(len(x), -1)
    yield "{}.transpose(0, 2, 3, 1)", lambda x: x.transpose(0, 2, 3, 1)
    yield "{}.T", lambda x: x.T
    yield "{}[..., None]", lambda x: x[..., None]
    yield "{}[None]", lambda x: x[None]
    if None not in wanted:
        inner = ", ".join(map(str, wanted))
        yield f"{{}}.reshape(-1, {inner})", lambda x: _cut_rows(x, wanted)


def _cut_rows(x: Any, wanted: Shape) -> Any:
    """Reshape flat rows to images. Rows with several axes are refused, because reshaping would mix them up."""
    if x.ndim != 2 or x.shape[1] != prod(dim or 1 for dim in wanted):
        raise ValueError(gettext("a different number of values"))
    return x.reshape(-1, *(dim or 1 for dim in wanted))


def _gives_shape(change: Callable[[Any], Any], shape: Shape, wanted: Shape, rows: int | None) -> bool:
    """Whether a change gives rows of the wanted shape, one for each label; tried on a broadcast zero, which takes no memory."""
    try:
        count, *changed = change(np.broadcast_to(np.float32(0), [dim or 1 for dim in shape])).shape
    except Exception:  # noqa: BLE001  # A change that raises an error is not a fix.
        return False
    return rows in (None, count) and len(changed) == len(wanted) and all(w in (None, g) for w, g in zip(wanted, changed, strict=True))


def takes_rows(model: keras.Model, given: Shape) -> bool:
    """Whether the model's layers, rebuilt on another input shape, give the same output shape."""

    def assemble() -> bool:
        with held_back_variables():
            layers = [type(layer).from_config(layer.get_config()) for layer in model.layers]
            return bool(keras.Sequential([keras.Input(given), *layers]).output_shape == model.output_shape)

    try:
        return isinstance(model, keras.Sequential) and len(given) > 0 and work_apart(assemble)
    except Exception:  # noqa: BLE001  # Layers that raise any error don't accept the rows.
        return False


def ending_on(model: keras.Model, shape: Shape | None) -> Ending:
    """The ending of a model, even of one without an input line, which is built on its first batch.

    Args:
        shape: of the data, including the rows axis; None if it isn't known.

    Raises:
        ShapeError: At the first layer that does not accept its input.
    """
    if model.built or shape is None or not isinstance(model, keras.Sequential):
        return ending_of(model)
    activation = last_activation(map(activation_of, model.layers))
    row: Shape = tuple(shape[1:])
    for layer in model.layers:
        _check_rank(layer, row, model)
        try:
            row = tuple(work_apart(partial(layer.compute_output_shape, (None, *row)))[1:])
        # A custom layer need not implement compute_output_shape; Keras then reports errors during training.
        except Exception:  # noqa: BLE001
            return Ending(None, activation)
    return Ending(row, activation)


def _check_rank(layer: Any, row: Shape, model: keras.Model) -> None:
    """Refuse rows of the wrong rank for a layer."""
    wanted = axes_wanted(layer, row)
    if wanted:
        problem = gettext("{layer} can't work on {shape}.", layer=type(layer).__name__, shape=format_shape(row))
        raise ShapeError(problem, found=row, expected=wanted, span=line_of(model, layer.name))
