"""Fit options: from a `fit` line, or Python arguments, to what a run is given; and the first look at the data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any

import keras
import numpy as np

from seqmagic.errors import ArgumentError, CompileError, DataError, Span, UnknownNameError
from seqmagic.language import Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.model.arguments import Names, parameter_name
from seqmagic.model.arithmetic import spoken_shape
from seqmagic.model.catalogue import parameters_of
from seqmagic.model.construction import convert
from seqmagic.model.ending import ending_of
from seqmagic.model.expressions import look_up
from seqmagic.training.inspection import Labels, as_array, check_kind, check_labels, check_values, first_batch, replay
from seqmagic.training.pairing import check_pairing
from seqmagic.training.proposal import propose_line


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
    whole = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    optional = name == "batch_size" and value is None
    if name in ("epochs", "batch_size") and not optional and not (whole and value >= 1):
        raise ArgumentError(f"{name} is {value!r}.", expected="a whole number from 1", span=span)
    if name == "validation_split" and not (isinstance(value, (int, float)) and 0 <= value < 1):
        raise ArgumentError(f"validation_split is {value!r}.", expected="a part of the data, such as 0.2", span=span)
    if name == "validation_data" and getattr(value, "shape", None) is not None:
        problem = "validation_data holds pictures or rows without their labels."
        raise ArgumentError(problem, expected="both", instead="validation_data=x_test,y_test", span=span)
    if name == "initial_epoch":
        raise ArgumentError("A run counts its first epoch itself.", expected="epochs, the number of epochs to train", span=span)


def as_data(value: Any) -> Any:
    """Data as Keras takes it: a list or tuple of numbers becomes an array, everything else stays what it is."""
    if not isinstance(value, (list, tuple)) or not value or any(hasattr(item, "shape") for item in value):
        return value  # Arrays in a list are the inputs of a model with several.
    try:
        return np.asarray(value)
    except ValueError as error:
        raise DataError("The lists in the data are not equally long.", expected="rows of one length") from error


def prepare_validation(model: keras.Model, options: dict[str, Any]) -> dict[str, Any]:
    """The options with lists in `validation_data` made arrays, and those held against the model like x and y."""
    pair = options.get("validation_data")
    if not isinstance(pair, (list, tuple)) or not pair:
        return options
    made = tuple(as_data(part) for part in pair)
    check_data(model, made[0], made[1] if len(made) > 1 else None, ("validation_data", "the labels of validation_data"))
    return {**options, "validation_data": made}


def check_data(model: keras.Model, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> None:
    """Hold data against the model, before the first step.

    names: what the data and the labels are called, for messages.

    Raises CompileError when the model isn't compiled or its loss can't teach its last layer, DataError when the data doesn't fit.
    Generators pass: what is in them shows when they are read.
    """
    if not model.compiled:
        line = propose_line(model, y)
        raise CompileError(f"{model.name!r} is not compiled yet.", expected="one more line at the end of its network", instead=line)
    check_pairing(ending_of(model), model.loss)
    name, labels_name = names
    if hasattr(x, "element_spec"):
        _check_dataset(model, x, name)
    batch = first_batch(x)
    if batch is not None:
        _check_batch(model, batch, name)
    shape = getattr(x, "shape", None)
    if not isinstance(shape, tuple) or not shape:
        return
    if shape[0] == 0:
        raise DataError(f"{name} is empty.", expected="one row or more")
    if y is not None and model.loss is None:
        raise CompileError(f"{model.name!r} is compiled without a loss.", instead=propose_line(model, y))
    if y is None and model.loss is not None:
        raise DataError(f"{name} has no labels.", expected="the labels after the data, as in fit x_train y_train")
    if isinstance(y, str):
        raise DataError(f"The labels of {name} are the text {y[:40]!r}.", expected="an array of numbers")
    check_kind(x, name)
    check_kind(y, labels_name)
    _check_shape(model, shape, name)
    labels = getattr(y, "shape", None)
    if isinstance(labels, tuple) and labels and labels[0] != shape[0]:
        raise DataError(f"{name} has {shape[0]:,} rows and {labels_name} {labels[0]:,}.", expected="a label for each row")
    _check_numbers(model, x, y, names)


def _check_numbers(model: keras.Model, x: Any, y: Any, names: tuple[str, str]) -> None:
    values, labels = as_array(x), as_array(y)
    if values is not None:
        check_values(values, names[0], getattr(x, "columns", None))
    if labels is not None:
        check_values(labels, names[1], getattr(y, "columns", None))
        check_labels(Labels(labels, names[1], model, values if values is not None else x))


def look_ahead(model: keras.Model, x: Any, name: str) -> Any:
    """The data, with the first batch of a generator looked at; what comes back gives that batch once more.

    Raises DataError when there is none, or it doesn't fit.
    """
    if not isinstance(x, GeneratorType):
        return x
    try:
        first = next(x)
    except StopIteration:
        raise DataError(f"The generator {name} gives nothing.", expected="a new one: it gives each batch only once") from None
    if isinstance(first, tuple):
        _check_batch(model, first, name)
    return replay(first, x)


def _check_batch(model: keras.Model, batch: tuple[Any, ...], name: str) -> None:
    """Hold one batch of a dataset or generator against the model."""
    if not all(hasattr(part, "shape") for part in batch[:2]):
        return  # Several inputs or outputs: Keras checks them itself.
    here = f"the first batch of {name}"
    x, y = batch[0], batch[1] if len(batch) > 1 else None
    _check_shape(model, tuple(x.shape), here)
    _check_numbers(model, x, y, (here, f"of {here}"))


def check_length(x: Any, options: Mapping[str, Any], name: str = "x") -> None:
    """Refuse a dataset without an end that no option ends, and a share for validation that leaves nothing, or can't be cut off.

    Raises DataError.
    """
    share, rows = options.get("validation_split"), getattr(x, "shape", (0,))[:1]
    if share and rows and rows[0] and int(rows[0] * (1 - share)) in (0, rows[0]):
        problem = f"validation_split={share} of {rows[0]} rows leaves none on one side."
        raise DataError(problem, expected="a share with rows on both sides, such as 0.2")
    if not hasattr(x, "element_spec"):
        return
    if int(x.cardinality()) == ENDLESS and not options.get("steps_per_epoch"):
        raise DataError(f"The dataset {name} has no end.", expected="the length of an epoch", instead="steps_per_epoch=100")
    if options.get("validation_split"):
        problem = f"A dataset such as {name} can't be split by validation_split."
        raise DataError(problem, expected="a second dataset", instead="validation_data=...")


ENDLESS = -1  # What TensorFlow says of a dataset that repeats for ever.


def _check_dataset(model: keras.Model, dataset: Any, name: str) -> None:
    """A `tf.data.Dataset` tells what its elements look like before any is read."""
    spec = dataset.element_spec
    if model.loss is not None and not isinstance(spec, tuple):
        raise DataError(f"The dataset {name} has no labels.", expected="pairs of data and labels")
    first = spec[0] if isinstance(spec, tuple) else spec
    wanted, given = getattr(model, "input_shape", None), getattr(first, "shape", None)
    if isinstance(wanted, tuple) and given is not None and given.rank == len(wanted) - 1:
        raise DataError(f"The dataset {name} is not cut into batches.", expected="batches", instead=f"{name}.batch(32)")


def _check_shape(model: keras.Model, shape: tuple[int, ...], name: str) -> None:
    whole = getattr(model, "input_shape", None)
    if not isinstance(whole, tuple):
        return  # A model without an input line takes the shape of its first batch; one with several inputs checks them itself.
    wanted = whole[1:]
    given = shape[1:]
    if len(given) == len(wanted) and all(w in (None, g) for w, g in zip(wanted, given, strict=True)):
        return
    # Keras itself adds or drops one axis of length 1 at the end, such as the grey channel of a picture.
    if (*given, 1) == wanted or given == (*wanted, 1):
        return
    problem = f"One row of {name} is {spoken_shape(given)}; {model.name!r} starts with input {spoken_shape(wanted)}."
    error = DataError(problem, expected=f"{name} of shape {('rows', *wanted)}".replace("'", "").replace("None", "?"))
    error.fixes = tuple(text for text, change in _reshapings(name) if _gives_shape(change, shape, wanted))[:2]
    raise error


def _reshapings(name: str) -> Iterator[tuple[str, Callable[[Any], Any]]]:
    """What often has to be done with data, as text and as a function."""
    yield f"{name}.reshape(len({name}), -1)", lambda x: x.reshape(len(x), -1)
    yield f"{name}.transpose(0, 2, 3, 1)", lambda x: x.transpose(0, 2, 3, 1)
    yield f"{name}.T", lambda x: x.T
    yield f"{name}[..., None]", lambda x: x[..., None]
    yield f"{name}[None]", lambda x: x[None]


def _gives_shape(change: Callable[[Any], Any], shape: tuple[int, ...], wanted: tuple[int | None, ...]) -> bool:
    """Whether a change of the data makes rows of the wanted shape; tried on an array of the same shape that holds nothing."""
    try:
        changed = change(np.broadcast_to(np.float32(0), shape)).shape[1:]
    except Exception:  # noqa: BLE001  # A change that can't be made is none.
        return False
    return len(changed) == len(wanted) and all(w in (None, g) for w, g in zip(wanted, changed, strict=True))
