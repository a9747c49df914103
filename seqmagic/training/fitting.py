"""Fit options: from a `fit` line, or Python arguments, to what a run is given; and the first look at the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any

import keras
import numpy as np

from seqmagic.errors import ArgumentError, CompileError, DataError, Span, UnknownNameError
from seqmagic.language import Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.model.arguments import Names, parameter_name
from seqmagic.model.catalogue import parameters_of
from seqmagic.model.construction import convert
from seqmagic.model.ending import ending_of
from seqmagic.model.expressions import look_up
from seqmagic.training.form import check_form, check_labels_form
from seqmagic.training.indices import check_indices
from seqmagic.training.inspection import as_array, check_kind, check_values
from seqmagic.training.labels import Labels, check_labels
from seqmagic.training.naming import VALIDATION, DataName, name_of
from seqmagic.training.pairing import check_pairing
from seqmagic.training.proposal import propose_line
from seqmagic.training.settings import check_monitors, check_row_weights, check_setting, check_weights
from seqmagic.training.shapes import check_shape, ending_on, fits, wanted_shape
from seqmagic.training.streams import (
    check_end,
    check_stream,
    check_validation_end,
    draw_first,
    first_batch,
    is_stream,
    parts_of_batch,
    text_of,
)


@dataclass(frozen=True)
class FitOptions:
    """The data and the options of one training, with every name looked up."""

    x: Any
    y: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, str] = ("x", "y")


def read_fit(step: Step, names: Names) -> FitOptions:
    """Understand a fit line: the data, the labels, then options by their Keras names.

    >>> from seqmagic.language import parse_step
    >>> read_fit(parse_step("fit x y epochs=3"), {"x": [1], "y": [2]}).options
    {'epochs': 3}

    names: where the words are looked up; nothing is evaluated.

    Raises UnknownNameError at a word that names nothing, ArgumentError at a value too many.
    """
    found: dict[str, Any] = {}
    parameters = parameters_of(keras.Model.fit)
    for index, argument in enumerate(step.arguments):
        if argument.name is not None:
            name = parameter_name(argument.name, parameters, step.word)
        elif index < 2:
            name = ("x", "y")[index]
        else:
            expected = "fit x y, then options by name"
            raise ArgumentError("The fit line has a value without a name.", expected=expected, instead="epochs=10", span=argument.span)
        if name in found:
            raise ArgumentError(f"The fit line gives {name!r} twice.", expected="one value", span=argument.span)
        found[name] = _callbacks(argument.value, names) if name == "callbacks" else _look_up(argument.value, names)
        check_option(name, found[name], argument.span)
    if "x" not in found:
        raise ArgumentError("The fit line names no data.", instead="fit x_train y_train epochs=10", span=step.span)
    given = [argument.value for argument in step.arguments if argument.name is None]
    words = [value.text if isinstance(value, Word) else name for value, name in zip(given, ("x", "y"), strict=False)]
    names_of_data = (words[0] if words else "x", words[1] if len(words) > 1 else "y")
    return FitOptions(found.pop("x"), found.pop("y", None), found, names_of_data)


def _look_up(value: Value, names: Names) -> Any:
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, Size):
        return value.dims
    if isinstance(value, Expression):
        return look_up(value, names)
    if isinstance(value, Sequence):
        items = [_look_up(item, names) for item in value.items]
        return items if value.listed else tuple(items)
    if not isinstance(value, Word):
        raise ArgumentError("A fit line can't call anything.", expected="the name of a variable", span=value.span)
    if value.text not in names:
        raise unknown_variable(value, names)
    return names[value.text]


def _callbacks(value: Value, names: Names) -> list[Any]:
    """Callbacks of the notebook by their names, and Keras's by theirs, with arguments: early_stopping(patience=3)."""
    if isinstance(value, Sequence):
        return [callback for item in value.items for callback in _callbacks(item, names)]
    if isinstance(value, Word) and value.text in names:
        return [names[value.text]]
    if isinstance(value, (Literal, Expression)):
        found = _look_up(value, names)
        return found if isinstance(found, list) else [found] if found is not None else []
    return [convert(value, "callbacks", names)]


def unknown_variable(word: Word, names: Names) -> UnknownNameError:
    """The error for a word that is no variable, with the nearest variables of the notebook."""
    hint = "" if names else "Make it in a cell above first."
    return UnknownNameError("variable", word.text, names, hint=hint, span=word.span)


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse options that Keras's `fit` doesn't have, and counts that can't be."""
    known = parameters_of(keras.Model.fit)
    for name, value in options.items():
        if name not in known:
            raise UnknownNameError("argument", name, known, owner="fit")
        check_option(name, value)


def check_option(name: str, value: Any, span: Span | None = None) -> None:
    """Refuse a value that an option of `fit` can't have."""
    check_setting(name, value, span)


def as_data(value: Any) -> Any:
    """Data as Keras takes it: a list or tuple of numbers becomes an array, everything else stays what it is."""
    if not isinstance(value, (list, tuple)) or not value or any(getattr(item, "shape", ()) for item in value):
        return value  # Arrays in a list may be the inputs of a model with several.
    try:
        return np.asarray(value)
    except ValueError:
        return value  # What is no array is told when it is held against the model.


def prepare_validation(model: keras.Model, options: dict[str, Any]) -> dict[str, Any]:
    """The options with lists made arrays, and all in them that has to do with the model held against it."""
    check_monitors(model, options)
    check_weights(model, options)
    _check_fixed_batch(model, options)
    if isinstance(options.get("sample_weight"), (list, tuple)):
        options = {**options, "sample_weight": np.asarray(options["sample_weight"])}
    data = options.get("validation_data")
    check_validation_end(data, options)
    if is_stream(data):
        batch = first_batch(data)
        check_stream(model, data, None, VALIDATION[0])
        if batch is not None:
            _check_batch(model, batch, data, DataName("validation_data"))
        return options
    if not isinstance(data, (list, tuple)) or not data:
        return options
    made = tuple(as_data(part) for part in data)
    _check(model, made[0], made[1], VALIDATION)
    return {**options, "validation_data": made}


def _check_fixed_batch(model: keras.Model, options: Mapping[str, Any]) -> None:
    """Refuse a batch size other than the one that the input line fixes."""
    shape = getattr(model, "input_shape", None) if model.built else None
    fixed = shape[0] if isinstance(shape, tuple) else None
    size = options.get("batch_size")
    if fixed and (size or DEFAULT_BATCH) != fixed and not is_stream(options.get("x")):
        told = f"batch_size is {size}" if size else f"batch_size is not given, which means {DEFAULT_BATCH}"
        raise ArgumentError(f"{told}, and the input line fixes batch={fixed}.", expected="the same", instead=f"batch_size={fixed}")


DEFAULT_BATCH = 32  # Keras's.


def check_data(model: keras.Model, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> None:
    """Hold data against the model, before the first step.

    names: what the data and the labels are called, for messages.

    Raises CompileError when the model isn't compiled or its loss can't teach its last layer, DataError when the data doesn't fit.
    A generator passes here; `look_ahead` reads its first batch.
    """
    if not model.compiled:
        line = propose_line(model, y)
        raise CompileError(f"{model.name!r} is not compiled yet.", expected="one more line at the end of its network", instead=line)
    check_pairing(ending_of(model), model.loss)
    _check(model, x, y, (name_of(names[0]), name_of(names[1])))


def _check(model: keras.Model, x: Any, y: Any, names: tuple[DataName, DataName]) -> None:
    name, labels_name = names
    check_form(model, x, name)
    if is_stream(x):
        check_stream(model, x, y, name)
        batch = first_batch(x)
        if batch is not None:
            _check_batch(model, batch, x, name)
        return
    shape = getattr(x, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return
    if shape[0] == 0:
        raise DataError(f"{name.start} is empty.", expected="one row or more")
    if y is not None and model.loss is None:
        raise CompileError(f"{model.name!r} is compiled without a loss.", instead=propose_line(model, y))
    if y is None and model.loss is not None:
        raise DataError(f"{name.start} has no labels.", expected="the labels after the data, as in fit x_train y_train")
    check_kind(x, name, model)
    if _have_changed_places(model, x, y):
        raise DataError(
            f"{name.start} and {labels_name.told} have changed places.",
            expected="the data first, then the labels",
            instead=f"fit {labels_name.code} {name.code}" if name.frame == "{}" else "validation_data=(x_test, y_test)",
        )
    check_shape(model, shape, name, x, y)
    if y is not None:
        check_labels_form(y, shape[0], labels_name, model)
        _check_lengths(shape[0], y, names)
        check_kind(y, labels_name, model, works=lambda text: _teach(model, x, np.unique(text, return_inverse=True)[1], labels_name))
    _check_numbers(model, x, y, names)


def _have_changed_places(model: keras.Model, x: Any, y: Any) -> bool:
    wanted = wanted_shape(model)
    shapes = [getattr(data, "shape", None) for data in (x, y)]
    if wanted is None or not all(isinstance(shape, tuple) and shape for shape in shapes):
        return False
    return not fits(shapes[0][1:], wanted) and fits(shapes[1][1:], wanted) and fits(shapes[0][1:], ())  # type: ignore[index]


def _check_lengths(rows: int, labels: Any, names: tuple[DataName, DataName]) -> None:
    shape = tuple(labels.shape)
    if shape[0] == rows:
        return
    error = DataError(f"{names[0].start} has {rows:,} rows and {names[1].told} {shape[0]:,}.", expected="a label for each row")
    if shape[0] == 1 and len(shape) == 2 and shape[1] == rows:
        error.fixes = (names[1].typed("{}.ravel()"),)
    raise error


def _teach(model: keras.Model, x: Any, labels: np.ndarray, name: DataName) -> bool:
    """Whether other labels would do."""
    try:
        check_labels(Labels(labels, name, model, ending_on(model, tuple(x.shape)), as_array(x)))
    except DataError:
        return False
    return True


def _check_numbers(model: keras.Model, x: Any, y: Any, names: tuple[DataName, DataName]) -> None:
    values, labels = as_array(x), as_array(y)
    ending = ending_on(model, tuple(x.shape))
    if values is not None:
        check_values(values, *names, x, y)
        check_indices(model, values, names[0])
        _check_whole_batches(model, values, names)
    if labels is not None:
        check_values(labels, names[1], names[0], y, x)
        check_labels(Labels(labels, names[1], model, ending, values if values is not None else x))


def _check_whole_batches(model: keras.Model, values: np.ndarray, names: tuple[DataName, DataName]) -> None:
    """A fixed batch size leaves no room for a shorter last batch."""
    shape = getattr(model, "input_shape", None) if model.built else None
    fixed, rows = shape[0] if isinstance(shape, tuple) else None, len(values)
    if not fixed or rows % fixed == 0:
        return
    error = DataError(
        f"{names[0].start} has {rows:,} rows, and the input line fixes batches of {fixed}.", expected=f"a multiple of {fixed}"
    )
    kept = rows - rows % fixed
    error.fixes = tuple(filter(None, [", ".join(name.typed(f"{{}}[:{kept}]") for name in names)])) if kept else ()
    raise error


def look_ahead(model: keras.Model, x: Any, name: str) -> Any:
    """The data, with the first batch of a generator looked at; what comes back gives that batch once more.

    Raises DataError when there is none, or it doesn't fit.
    """
    if not isinstance(x, GeneratorType):
        return x
    first, whole = draw_first(x, name_of(name))
    _check_batch(model, first, x, name_of(name))
    return whole


def _check_batch(model: keras.Model, batch: Any, stream: Any, name: DataName) -> None:
    """Hold one batch of a dataset or generator against the model."""
    parts = parts_of_batch(model, batch, stream, name)
    if parts is None:
        return
    x, y = parts
    here, labels_here = DataName(f"the first batch of {name.told}"), DataName(f"the labels in the first batch of {name.told}")
    check_kind(text_of(x), here, model)
    check_shape(model, tuple(x.shape), here)
    if y is not None and hasattr(y, "shape"):
        check_kind(text_of(y), labels_here, model, works=lambda text: False)
        _check_numbers(model, x, y, (here, labels_here))


def check_length(x: Any, options: Mapping[str, Any], name: str = "x") -> None:
    """Refuse data without an end that no option ends, a share for validation that leaves nothing, and weights that aren't one a row.

    Raises DataError.
    """
    check_end(x, options, name_of(name))
    share, shape = options.get("validation_split"), getattr(x, "shape", None)
    rows = shape[0] if isinstance(shape, tuple) and shape else None
    if not rows:
        return
    if share and int(rows * (1 - share)) in (0, rows):
        problem = f"validation_split={share} of {rows} rows leaves none on one side."
        raise DataError(problem, expected="a share with rows on both sides, such as 0.2")
    weights = as_data(options.get("sample_weight"))
    if weights is not None:
        check_row_weights(weights, rows)
