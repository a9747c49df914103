"""The checks of data and labels against a model, in the order in which their errors are most useful to read."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqmagic.data.containers import check_form, check_labels_form
from seqmagic.data.indices import check_indices
from seqmagic.data.labels import Labels, check_labels
from seqmagic.data.names import DataName
from seqmagic.data.shapes import check_shape, ending_on, shape_fits, wanted_shape
from seqmagic.data.streams import as_text_array, check_rows, check_stream, first_batch, is_stream, parts_of_batch
from seqmagic.data.suggest import propose_line
from seqmagic.data.values import as_array, check_kind, check_values
from seqmagic.data.whole_batches import check_whole_batches
from seqmagic.describe.own_step import has_own_loss, has_own_step, needs_loss, takes_labels
from seqmagic.errors import CompileError, DataError, SeqmagicError
from seqmagic.translation import gettext


def examine(model: keras.Model, x: Any, y: Any, names: tuple[DataName, DataName]) -> None:
    """Check data and labels against a compiled model.

    Args:
        names: of the data and the labels, for messages.

    Raises:
        DataError, CompileError: If they don't fit, or there is no loss for the labels.
    """
    name, labels_name = names
    check_form(model, x, name)
    if model.loss is None and needs_loss(model):
        raise CompileError(
            gettext("{name!r} is compiled without a loss.", name=model.name), instead=propose_line(model, y, _row_out(model, x))
        )
    if is_stream(x):
        check_stream(model, x, y, name)
        batch = first_batch(x)
        if batch is not None:
            examine_batch(model, batch, x, name)
        return
    shape = getattr(x, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return
    if shape[0] == 0:
        raise DataError(gettext("{start} is empty.", start=name.start), expected=gettext("at least one row"))
    if y is None and takes_labels(model):
        raise DataError(
            gettext("{start} has no labels.", start=name.start), expected=gettext("the labels after the data, as in fit x_train y_train")
        )
    check_kind(x, name, model)
    if has_own_step(model):
        _check_lengths(shape[0], y, names)
        return  # A custom train_step decides itself what data it accepts.
    if _have_changed_places(model, x, y):
        raise _changed_places_error(name, labels_name)
    check_shape(model, shape, name, x, y)
    if y is not None:
        check_labels_form(y, shape[0], labels_name, model)
        _check_lengths(shape[0], y, names)
        check_kind(y, labels_name, model, works=lambda text: _teach(model, x, np.unique(text, return_inverse=True)[1], labels_name))
    _check_numbers(model, x, y, names)


def _changed_places_error(name: DataName, labels_name: DataName) -> DataError:
    error = DataError(
        gettext("{start} and {labels_name} are in the wrong order.", start=name.start, labels_name=labels_name.said),
        expected=gettext("the data first, then the labels"),
    )
    error.fixes = (f"fit {labels_name.code} {name.code}",) if not name.validates and name.code and labels_name.code else ()
    return error


def _row_out(model: keras.Model, x: Any) -> tuple[int | None, ...] | None:
    """The shape of the model's output for one sample, if it is known."""
    try:
        return ending_on(model, getattr(x, "shape", None)).shape
    except SeqmagicError:
        return None  # The rows don't fit, which is reported once there is a loss.


def _have_changed_places(model: keras.Model, x: Any, y: Any) -> bool:
    wanted = wanted_shape(model)
    shapes = [getattr(data, "shape", None) for data in (x, y)]
    if wanted is None or not all(isinstance(shape, tuple) and shape for shape in shapes):
        return False
    return not shape_fits(shapes[0][1:], wanted) and shape_fits(shapes[1][1:], wanted) and shape_fits(shapes[0][1:], ())  # type: ignore[index]


def _check_lengths(rows: int, labels: Any, names: tuple[DataName, DataName]) -> None:
    for part in keras.tree.flatten(labels):  # A model with several outputs has labels for each of them.
        if hasattr(part, "shape"):
            _check_length(rows, part, names)


def _check_length(rows: int, labels: Any, names: tuple[DataName, DataName]) -> None:
    shape = tuple(labels.shape or (1,))
    if shape[0] == rows:
        return
    error = DataError(
        gettext(
            "{start} has {rows:,} rows, but the number of rows in {text} is {shape:,}.",
            start=names[0].start,
            rows=rows,
            text=names[1].said,
            shape=shape[0],
        ),
        expected=gettext("one label per row"),
    )
    if shape[0] == 1 and len(shape) == 2 and shape[1] == rows:
        error.fixes = (names[1].typed("{}.ravel()"),)
    raise error


def _teach(model: keras.Model, x: Any, labels: np.ndarray, name: DataName) -> bool:
    """Whether these labels would fit the model."""
    try:
        check_labels(Labels(labels, name, model, ending_on(model, tuple(x.shape)), as_array(x)))
    except DataError:
        return False
    return True


def _check_numbers(model: keras.Model, x: Any, y: Any, names: tuple[DataName, DataName]) -> None:
    values, labels = as_array(x), as_array(y)
    ending = ending_on(model, tuple(x.shape))
    if values is not None:
        check_values(values, *names, x, y, model)
        check_indices(model, values, names[0])
        check_whole_batches(model, values, names)
    if labels is not None and not has_own_loss(model):
        check_values(labels, names[1], names[0], y, x)
        check_labels(Labels(labels, names[1], model, ending, values if values is not None else x))


def examine_batch(model: keras.Model, batch: Any, stream: Any, name: DataName) -> None:
    """Check one batch of a dataset or generator against the model."""
    parts = parts_of_batch(model, batch, stream, name)
    if parts is None:
        return
    x, y = parts
    here, labels_here = (
        DataName(gettext("the first batch of {name}", name=name.said)),
        DataName(gettext("the labels in the first batch of {name}", name=name.said)),
    )
    check_kind(as_text_array(x), here, model)
    check_rows(model, tuple(x.shape), stream, name)
    check_shape(model, tuple(x.shape), here)
    if y is not None and hasattr(y, "shape"):
        check_kind(as_text_array(y), labels_here, model, works=lambda text: False)
        _check_numbers(model, x, y, (here, labels_here))
