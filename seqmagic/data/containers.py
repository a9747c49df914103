"""Containers of data: arrays, tables, lists and streams; anything else is refused."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from itertools import islice
from typing import Any

import keras
import numpy as np

from seqmagic.data.names import DataName
from seqmagic.data.shapes import shape_fits, wanted_shape
from seqmagic.data.streams import is_stream
from seqmagic.errors import DataError
from seqmagic.errors.boundary import format_kind
from seqmagic.network.endpoints import output_shape_of
from seqmagic.network.shape_math import Shape
from seqmagic.translation import gettext, gettext_noop

FORMS = gettext_noop("an array, a table of numbers, or a dataset")
WAYS_TO_VALUES = ("__array__", "__dlpack__", "to_numpy", "toarray")
SMALL = 8  # Largest number of arrays in a list that may be the inputs of one model; more are taken for samples.


def check_form(model: keras.Model, data: Any, name: DataName) -> None:
    """Refuse an unknown kind of data, and lists and dicts of arrays for a model with one input.

    Raises:
        DataError: If it does not fit.
    """
    if hasattr(data, "element_spec") and not is_stream(data):
        raise DataError(
            gettext("{start} is an iterator, which can be used only once.", start=name.start),
            expected=gettext("the dataset that it iterates over"),
        )
    if hasattr(data, "tocoo") and (np.diff(data.tocoo().row) < 0).any():
        raise DataError(
            gettext(
                "{start} is {kind} that is not stored row by row, so Keras can't take batches from it.",
                start=name.start,
                kind=format_kind(data),
            ),
            expected=gettext("its values in the order of the rows"),
            instead=name.typed("{=}.tocsr()"),
        )
    if is_stream(data) or _is_of_a_framework(data) or any(hasattr(data, way) for way in WAYS_TO_VALUES):
        return
    if hasattr(data, "shape"):
        raise DataError(
            gettext("{start} is {kind}, which has a shape but no values.", start=name.start, kind=format_kind(data)), expected=FORMS
        )
    wanted = wanted_shape(model)
    if isinstance(data, Mapping):
        _check_mapping(data, wanted, name, model)
    elif isinstance(data, (list, tuple)):
        _check_list(data, wanted, name, model)
    elif inspect.isgeneratorfunction(data):
        instead = name.typed("{}()") if _gives_a_batch(data) else ""
        raise DataError(
            gettext("{start} is a function that makes a generator, not the generator itself.", start=name.start),
            expected=gettext("the generator, made by calling the function"),
            instead=instead,
        )
    else:
        expected = FORMS
        if isinstance(data, str):
            expected = gettext("the data itself, not its name or file name")
        elif hasattr(data, "__getitem__") and hasattr(data, "__len__"):
            expected = gettext("{forms}; make a class that provides batches from keras.utils.PyDataset", forms=gettext(FORMS))
        raise DataError(
            gettext("{start} is {kind}.", start=name.start, kind=_describe_kind(data)),
            expected=expected,
            instead=_as_array(data, wanted, name),
        )


def _is_of_a_framework(data: Any) -> bool:
    """Whether it is another kind of data loader that Keras accepts."""
    return type(data).__module__.partition(".")[0] in ("torch", "grain", "jax", "tensorflow") or type(data).__name__.endswith("Adapter")


def _describe_kind(data: Any) -> str:
    if data is None:
        return "None"
    if isinstance(data, str):
        return gettext("the text {data!r}", data=data[:40])
    if isinstance(data, (int, float)):
        return (
            gettext("the number {data!r}", data=data)
            if not isinstance(data, int) or abs(data) < 10**30
            else gettext("a number with more than 30 digits")
        )
    if callable(data) and not isinstance(data, keras.Model):
        name = getattr(data, "__name__", "?")[:40]
        return gettext("the class {name!r}", name=name) if isinstance(data, type) else gettext("the function {name!r}", name=name)
    return gettext("a {kind}", kind=type(data).__name__)


def _gives_a_batch(function: Any) -> bool:
    try:
        return isinstance(next(function()), tuple)
    except Exception:  # noqa: BLE001  # The generator function is the user's code, which may raise anything.
        return False


def _as_array(data: Any, wanted: Shape | None, name: DataName) -> str:
    """`np.array(range(5))`, if its rows fit the model."""
    if not isinstance(data, range) or not len(data):
        return ""
    return name.typed("np.array({=})") if wanted is None or shape_fits((), wanted) else ""


def _check_mapping(data: Mapping[Any, Any], wanted: Shape | None, name: DataName, model: keras.Model) -> None:
    """Refuse a dict for a model with one known input shape; for other models Keras checks it."""
    if wanted is None:
        return
    parts = list(data.values())
    error = DataError(gettext("{start} is a dictionary, but {name!r} takes one array.", start=name.start, name=model.name), expected=FORMS)
    if len(parts) == 1 and shape_fits(np.shape(parts[0])[1:], wanted):
        error.fixes = (name.typed(f"{{=}}[{next(iter(data))!r}]"),)
    elif parts and all(np.ndim(part) == 1 for part in parts) and shape_fits((len(parts),), wanted):
        error.fixes = (name.typed("np.column_stack(list({=}.values()))"),)
    raise error


def _check_list(data: Any, wanted: Shape | None, name: DataName, model: keras.Model) -> None:
    kind = type(data).__name__
    if not data:
        raise DataError(gettext("{start} is an empty {kind}.", start=name.start, kind=kind), expected=gettext("at least one row"))
    if not any(hasattr(part, "shape") for part in data):
        _refuse_nested(data, wanted, name)
    if wanted is None and len(data) <= SMALL:
        return  # It may be for a model with several inputs, which Keras checks.
    shapes = {np.shape(part) for part in data}
    if len(data) == 1 and wanted is not None and shape_fits(np.shape(data[0])[1:], wanted):
        return
    if (
        len(data) == 2
        and wanted is not None
        and shape_fits(np.shape(data[0])[1:], wanted)
        and not shape_fits(np.shape(data[1])[1:], wanted)
    ):
        problem = gettext("{start} is a pair of data and labels.", start=name.start)
        raise DataError(problem, expected=gettext("data and labels separately, as in fit x y"), instead=name.typed("x, y = {=}"))
    error = DataError(
        gettext(
            "{start} is a {kind} of {count:,} arrays, but {name!r} takes one array.",
            start=name.start,
            kind=kind,
            count=len(data),
            name=model.name,
        ),
        expected=FORMS,
    )
    if len(shapes) > 1:
        first, second = sorted(islice(shapes, 2), key=str)
        error = DataError(
            gettext(
                "{start} is a {kind} of arrays of different shapes, such as {first} and {second}.",
                start=name.start,
                kind=kind,
                first=first,
                second=second,
            ),
            expected=gettext("arrays of the same shape"),
        )
    elif wanted is not None and shape_fits(next(iter(shapes)), wanted):
        error.fixes = (name.typed("np.array({=})"),)
    raise error


def _may_be_parts(labels: Any) -> bool:
    """Whether labels may be those of a model with several outputs: one array for each."""
    if isinstance(labels, Mapping):
        return True
    return isinstance(labels, (list, tuple)) and len(labels) <= SMALL and any(hasattr(part, "shape") for part in keras.tree.flatten(labels))


def _refuse_nested(data: Any, wanted: Shape | None, name: DataName) -> None:
    """Refuse nested lists that don't form an array: rows of different lengths, or (x, y) pairs in one variable."""
    if all(isinstance(part, tuple) and len(part) == 2 and hasattr(part[0], "shape") for part in data) and len(data) == 2:
        instead = name.typed("(x_train, y_train), (x_test, y_test) = {=}")
        raise DataError(
            gettext("{start} is two pairs of data and labels.", start=name.start),
            expected=gettext("each of the four arrays separately"),
            instead=instead,
        )
    error = DataError(gettext("The lists in {name} have different lengths.", name=name.said), expected=gettext("rows of the same length"))
    if wanted is not None and len(wanted) == 1 and wanted[0] and _pads(data, wanted[0]):
        error.fixes = (name.typed(f"keras.utils.pad_sequences({{=}}, maxlen={wanted[0]})"),)
    raise error


def _pads(data: Any, length: int) -> bool:
    try:
        return bool(keras.utils.pad_sequences(data, maxlen=length).shape == (len(data), length))
    except (TypeError, ValueError):
        return False


def check_labels_form(labels: Any, rows: int, name: DataName, model: keras.Model) -> None:
    """For a model with one output, refuse labels that are not an array with one row per sample.

    Raises:
        DataError: If they do not fit.
    """
    if hasattr(labels, "shape") and labels.shape != ():
        return
    if not isinstance(model, keras.Sequential) and not isinstance(output_shape_of(model), tuple) and _may_be_parts(labels):
        return  # Several outputs, or a subclassed model whose outputs are unknown: Keras checks the labels.
    if isinstance(labels, (list, tuple)) and labels and not any(hasattr(part, "shape") for part in labels):
        _refuse_nested(labels, None, name)
    if isinstance(labels, (list, tuple)):
        error = DataError(
            gettext("{start} is a {labels} of {count} arrays.", start=name.start, labels=type(labels).__name__, count=len(labels)),
            expected=gettext("one array with one row per sample"),
        )
        error.fixes = (name.typed("np.array({=})"),) if len(labels) == rows and len({np.shape(part) for part in labels}) == 1 else ()
        raise error
    instead = name.typed("np.array([{=}])") if rows == 1 and np.ndim(labels) == 0 and not isinstance(labels, (str, Mapping)) else ""
    found = (
        gettext("a dictionary")
        if isinstance(labels, Mapping)
        else _describe_kind(np.asarray(labels).item() if hasattr(labels, "shape") else labels)
    )
    raise DataError(
        gettext("{start} is {found}.", start=name.start, found=found),
        expected=gettext("an array of labels, one per row"),
        instead=instead,
    )
