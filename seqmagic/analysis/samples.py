"""The samples to look at a model with: rows in memory with their labels, their origin, and the kind of data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import islice
from math import isqrt
from types import GeneratorType
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.data.arrays import as_data
from seqmagic.data.check import examine
from seqmagic.data.containers import check_form
from seqmagic.data.held_out import count_rows, find_held_out, is_table, take_rows
from seqmagic.data.names import DataName, data_name_of
from seqmagic.data.shapes import check_shape
from seqmagic.data.streams import batches_in, check_batches, is_stream, stream_kind
from seqmagic.data.values import as_array, check_kind
from seqmagic.errors import DataError
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.training.registry import last_run_of
from seqmagic.training.run import Run
from seqmagic.translation import gettext, gettext_noop

MOST_OF_A_STREAM = 10_000  # Rows to read from a dataset.
SERIES_LAYERS = ("LSTM", "GRU", "SimpleRNN", "RNN", "Bidirectional", "Conv1D", "ConvLSTM1D", "MaxPooling1D", "AveragePooling1D")
FEWEST_PIXELS, LEAST_SIDE = 49, 5  # A row with fewer values, or an array with a shorter side, is not drawn as an image.
CHANNELS = (1, 3, 4)
FEW = 500  # Rows from which the range of values is estimated.


class Form(StrEnum):
    """What one sample is for the user: an image, a series, text, ..."""

    PICTURE = gettext_noop("pictures")
    ROW = gettext_noop("rows")
    SERIES = gettext_noop("series")
    TOKENS = gettext_noop("tokens")
    TEXT = gettext_noop("texts")
    OTHER = gettext_noop("arrays")


@dataclass(frozen=True)
class SamplePart:
    """One input of the samples.

    Attributes:
        name: of the input; "" if there is only one.
        rows: an array, one row per sample.
        form: of one sample.
        sides: height and width, if flat rows are drawn as images.
        columns: the names of columns.
        words: the vocabulary, starting with token 0; empty if it is not known.
    """

    name: str
    rows: np.ndarray
    form: Form
    sides: tuple[int, int] | None = None
    columns: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @cached_property
    def limits(self) -> tuple[float, float]:
        """The values for black and white: the usual pixel range if it fits, otherwise the minimum and the maximum."""
        few = self.rows[:FEW].astype("float64")
        low, high = float(np.nanmin(few)), float(np.nanmax(few))
        if low < 0:
            return (-1.0, 1.0) if low >= -1 and high <= 1 else (low, high)
        return (0.0, 1.0) if high <= 1 else (0.0, high) if high <= 17 else (0.0, 255.0) if high <= 255 else (low, high)


@dataclass(frozen=True)
class Samples:
    """Rows of data to look at a model with.

    Attributes:
        x: in the form that the model takes, one array or several.
        y: the labels, one array or several; None without labels.
        names: of both.
        origin: where they come from, as a sentence; "" if the user named them.
        parts: each input separately.
    """

    x: Any
    y: Any
    names: tuple[str, str]
    origin: str
    parts: tuple[SamplePart, ...]

    def __len__(self) -> int:
        return count_rows(self.x)


def gather(model: keras.Model, x: Any, y: Any = None, names: tuple[str, str] = ("x", "y"), origin: str = "") -> Samples:
    """Gather data as samples, and check it against the model.

    Args:
        x, y: arrays, tables, lists, or a dataset that includes its labels.
        names: of both, for messages.

    Raises:
        DataError: If they don't fit, or can be read only once.
    """
    x, y = as_data(x), None if y is None else as_data(y)
    name, labels_name = data_name_of(names[0], x), data_name_of(names[1], y)
    if is_stream(x):
        if hasattr(x, "element_spec"):
            check_batches(model, x, name)
        x, y, source = _read_stream(x, y, name)
        origin = f"{origin} {source}".strip()
        name, labels_name = (
            DataName(gettext("the data in {name}", name=name.text)),
            DataName(gettext("the labels in {name}", name=name.text)),
        )
    if isinstance(x, tf.RaggedTensor):
        raise DataError(
            gettext("{what} has rows of different lengths (ragged).", what=name.start), expected=gettext("rows of the same length")
        )
    x = keras.tree.map_structure(_dense, x) if not is_table(x) else x
    _check(model, x, y, (name, labels_name))
    columns = tuple(map(str, x.columns)) if is_table(x) and hasattr(x, "columns") else ()
    x = keras.tree.map_structure(_in_memory, x) if not is_table(x) else as_array(x)
    y = keras.tree.map_structure(_in_memory, y) if y is not None and not is_table(y) else as_array(y) if y is not None else None
    return Samples(x, y, names, origin, tuple(_parts(model, x, columns)))


def samples_of_last_run(model: keras.Model) -> Samples:
    """The validation data of a model's last run, or its training data without validation.

    Raises:
        DataError: If there was no run, or its data is gone.
    """
    run = last_run_of(model)
    instead = f"%look {model.name} x_test y_test"
    if not isinstance(run, Run):
        raise DataError(
            gettext("{name!r} has not been trained here, so there is no data to look at.", name=model.name),
            expected=gettext("data"),
            instead=instead,
        )
    held = run.request.again.get()
    if held is None:
        raise DataError(
            gettext("The data that {name!r} was trained on is no longer available.", name=model.name),
            expected=gettext("data by name"),
            instead=instead,
        )
    x, y, options = held
    validation = options.get("validation_data")
    if validation is not None:
        x, y = (validation, None) if is_stream(validation) else (validation[0], validation[1])
        return gather(
            model,
            x,
            y,
            (gettext("the data in validation_data"), gettext("the labels in validation_data")),
            gettext("The validation data of its last run."),
        )
    names, x, y = run.data_names, as_data(x), as_data(y)
    held_out = find_held_out(y, count_rows(x), options)
    if held_out is None:
        return gather(model, x, y, names, gettext("The training data of its last run, which had no validation data."))
    source = gettext(
        "The {count:,} rows of {name} that its last run held out for validation.", count=np.count_nonzero(held_out), name=names[0]
    )
    return gather(model, take_rows(x, held_out), take_rows(y, held_out), names, source)


def _check(model: keras.Model, x: Any, y: Any, names: tuple[DataName, DataName]) -> None:
    """Check samples against a model, which need not be compiled."""
    if y is not None and getattr(model, "compiled", False) and model.loss is not None:
        examine(model, x, y, names)
        return
    check_form(model, x, names[0])
    rows = count_rows(x)
    if not rows:
        raise DataError(gettext("{what} is empty.", what=names[0].start), expected=gettext("at least one row"))
    if hasattr(x, "shape"):
        check_kind(x, names[0], model)
        check_shape(model, tuple(x.shape), names[0])
    if y is not None and count_rows(y) != rows:
        raise DataError(
            gettext(
                "{what} has {rows:,} rows, but the number of rows in {labels} is {count_rows:,}.",
                what=names[0].start,
                rows=rows,
                labels=names[1].text,
                count_rows=count_rows(y),
            ),
            expected=gettext("one label per row"),
        )
    if hasattr(y, "shape"):
        check_kind(y, names[1], model, works=lambda _: True)


def _read_stream(data: Any, y: Any, name: DataName) -> tuple[Any, Any, str]:
    """The first rows of a dataset, its labels, and a sentence on how many rows were read."""
    if y is not None:
        raise DataError(
            gettext(
                "The {stream_kind} {name} already contains labels, but labels are given separately too.",
                stream_kind=gettext(stream_kind(data)),
                name=name.text,
            ),
            expected=gettext("only one of them"),
        )
    if isinstance(data, GeneratorType):
        raise DataError(
            gettext("{what} is a generator, which yields each batch only once.", what=name.start), expected=gettext("arrays or a dataset")
        )
    batches, rows, is_more = list[Any](), 0, False
    for batch in _batches(data):
        is_more = rows >= MOST_OF_A_STREAM
        if is_more:
            break
        batches.append(batch if isinstance(batch, tuple) else (batch,))
        rows += count_rows(batches[-1][0])
    if not rows:
        raise DataError(gettext("{what} is empty.", what=name.start), expected=gettext("at least one batch"))
    parts = [_join([batch[place] for batch in batches]) for place in range(min(2, len(batches[0])))]
    cut = is_more or rows > MOST_OF_A_STREAM
    parts = [take_rows(part, np.arange(min(rows, MOST_OF_A_STREAM))) for part in parts]
    source = gettext("The first {count:,} rows of the {kind}.", count=MOST_OF_A_STREAM, kind=gettext(stream_kind(data))) if cut else ""
    return parts[0], parts[1] if len(parts) > 1 else None, source


def _batches(data: Any) -> Iterator[Any]:
    if isinstance(data, keras.utils.PyDataset):
        count = data.num_batches  # None for one without an end.
        return (data[place] for place in range(MOST_OF_A_STREAM if count is None else count))
    if batches_in(data) < 0:
        return islice(iter(data), MOST_OF_A_STREAM)
    return iter(data)


def _join(parts: list[Any]) -> Any:
    return keras.tree.map_structure(lambda *leaves: np.concatenate([_in_memory(leaf) for leaf in leaves]), *parts)


def _dense(part: Any) -> Any:
    """A sparse matrix with its zeros, so that its rows can be taken and shown; anything else stays as it is."""
    if isinstance(part, tf.SparseTensor):
        return tf.sparse.to_dense(part).numpy()
    return part.toarray() if hasattr(part, "tocoo") else part


def _in_memory(part: Any) -> Any:
    if part is None:
        return None
    if is_table(part):
        return as_array(part)
    made = np.asarray(_dense(part))
    if made.dtype.kind != "O" or not made.size or not isinstance(made.ravel()[0], bytes):
        return made
    return np.array([item.decode("utf-8", "replace") for item in made.ravel()]).reshape(made.shape)  # TensorFlow returns strings as bytes.


def _parts(model: keras.Model, x: Any, columns: tuple[str, ...]) -> Iterator[SamplePart]:
    if isinstance(x, np.ndarray):
        yield _part(model, "", x, columns)
        return
    names = [tensor.name for tensor in keras.tree.flatten(getattr(model, "inputs", None) or [])]
    named = x.items() if isinstance(x, Mapping) else zip(names if len(names) == len(x) else map(str, range(len(x))), x, strict=True)
    for name, rows in named:
        yield _part(model, str(name), np.asarray(rows), ())


def _part(model: keras.Model, name: str, rows: np.ndarray, columns: tuple[str, ...]) -> SamplePart:
    kinds = {type(layer).__name__ for layer in layers_inside(model)}
    sides = None if columns else _sides(rows)
    if rows.dtype.kind in "OUS":
        form = Form.TEXT
    elif rows.ndim == 4 and rows.shape[-1] in CHANNELS:
        form = Form.PICTURE
    elif rows.ndim == 3:
        is_series = bool(kinds & set(SERIES_LAYERS)) or min(rows.shape[1:]) < LEAST_SIDE
        form = Form.SERIES if is_series else Form.PICTURE
    elif "Embedding" in kinds and rows.ndim <= 2 and np.array_equal(rows[:100], np.round(rows[:100])):
        form = Form.TOKENS
    elif rows.ndim == 2 and sides is not None:
        return SamplePart(name, rows, Form.PICTURE, sides)
    else:
        form = Form.ROW if rows.ndim <= 2 else Form.OTHER
    return SamplePart(name, rows, form, columns=columns)


def _sides(rows: np.ndarray) -> tuple[int, int] | None:
    """The sides of the square image that flat rows may be; None if they are no pixels: too few, not square, or negative."""
    if rows.ndim != 2 or rows.dtype.kind not in "uif" or rows.shape[1] < FEWEST_PIXELS or isqrt(rows.shape[1]) ** 2 != rows.shape[1]:
        return None
    few = rows[:FEW]
    return (isqrt(rows.shape[1]),) * 2 if few.size and few.min() >= 0 and few.max() <= 255 else None
