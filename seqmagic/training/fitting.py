"""Fit options: from a `fit` line, or Python arguments, to what a run is given; and the first look at the data."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import GeneratorType
from typing import Any

import keras
import numpy as np

from seqmagic.errors import ArgumentError, CompileError, DataError, Span, UnknownNameError
from seqmagic.language import Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.model.arguments import Names, parameter_name, unknown_variable
from seqmagic.model.catalogue import parameters_of
from seqmagic.model.compiled import compiled_with
from seqmagic.model.construction import convert
from seqmagic.model.ending import ending_of
from seqmagic.model.expressions import look_up
from seqmagic.model.fit_words import BALANCED, SPLITS, name_arguments
from seqmagic.model.tables import as_frame
from seqmagic.training.data.examination import examine, examine_batch
from seqmagic.training.data.held_out_checks import check_way
from seqmagic.training.data.naming import VALIDATION, DataName, name_of, remember_list, remember_nullable, remember_structured
from seqmagic.training.data.streams import check_end, check_stream, check_validation_end, draw_first, first_batch, is_stream
from seqmagic.training.data.whole_batches import check_batch_size, check_parts
from seqmagic.training.goal import read_goal
from seqmagic.training.monitors import check_monitors
from seqmagic.training.own_step import has_own_loss
from seqmagic.training.pairing import check_metrics, check_pairing
from seqmagic.training.proposal import has_several_outputs, propose_line
from seqmagic.training.settings import (
    check_epochs,
    check_rates,
    check_row_weights,
    check_setting,
    flat_callbacks,
)

GOAL = ("until", "patience", "monitor")  # What ends a training early; the last says what the second watches.


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

    Args:
        names: where the words are looked up; nothing is evaluated.

    Raises:
        UnknownNameError: At a word that names nothing.
        ArgumentError: At a value too many.
    """
    found: dict[str, Any] = {}
    parameters = fit_parameters()
    for word, argument in name_arguments(step):
        name = word if argument.name is None else parameter_name(argument.name, parameters, step.word)
        if not name:
            expected = "fit x y, then options by name"
            raise ArgumentError("The fit line has a value without a name.", expected=expected, instead="epochs=10", span=argument.span)
        if name in found:
            raise ArgumentError(f"The fit line gives {name!r} twice.", expected="one value", span=argument.span)
        found[name] = _read_option(name, argument.value, names)
        check_option(name, found[name], argument.span)
    if "monitor" in found and "patience" not in found:
        span = next(a.span for a in step.arguments if a.name is not None and a.name.text == "monitor")
        problem = "monitor says what patience watches, and there is no patience."
        raise ArgumentError(problem, expected="both", instead=f"patience=3 monitor={found['monitor']}", span=span)
    if "x" not in found:
        options = step.text.partition(" ")[2].strip() or "epochs=10"
        raise ArgumentError("The fit line names no data.", instead=f"fit x_train y_train {options}", span=step.span)
    given = [argument.value for name, argument in name_arguments(step) if name in ("x", "y") and argument.name is None]
    told = ("the data", "the labels")
    words = [value.text if isinstance(value, Word) else name for value, name in zip(given, told, strict=False)]
    names_of_data = (words[0] if words else "x", words[1] if len(words) > 1 else "y")
    return FitOptions(found.pop("x"), found.pop("y", None), found, names_of_data)


def _read_option(name: str, value: Value, names: Names) -> Any:
    if name == "callbacks":
        return _callbacks(value, names)
    if isinstance(value, Word) and (
        (name == "split" and value.text in SPLITS)
        or name == "monitor"
        or (name == "class_weight" and value.text == BALANCED and not isinstance(names.get(BALANCED), Mapping))
    ):
        return value.text
    return _look_up(value, names)


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
    if isinstance(value, (Literal, Expression)) or (isinstance(value, Word) and value.text in names):
        return flat_callbacks(_look_up(value, names))
    return [convert(value, "callbacks", names)]


def fit_parameters() -> dict[str, inspect.Parameter]:
    """The options of a fit line: those of Keras's `fit`, those of a goal, and how `validation_split` is drawn."""
    goal = inspect.signature(read_goal).parameters
    split = inspect.Parameter("split", inspect.Parameter.KEYWORD_ONLY, default=None)
    return {**parameters_of(keras.Model.fit), **{name: goal[name] for name in GOAL}, "split": split}


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse options that there are not, and counts that can't be."""
    known = fit_parameters()
    for name, value in options.items():
        if name not in known:
            raise UnknownNameError("argument", name, known, owner="fit")
        check_option(name, value)
    check_epochs(options)


def check_option(name: str, value: Any, span: Span | None = None) -> None:
    """Refuse a value that an option of `fit` can't have."""
    if name in GOAL:
        read_goal(**{name: value}, span=span)
    if name == "split" and value is not None:
        check_way(value, span)
    check_setting(name, value, span)


def as_data(value: Any) -> Any:
    """Data as Keras takes it: a list or tuple of numbers becomes an array, everything else stays what it is.

    pandas' own kinds of numbers, which may be missing, and columns of truth become plain numbers: Keras doesn't know them all.
    """
    if hasattr(value, "astype") and type(value).__module__.partition(".")[0] == "pandas":
        return _with_plain_numbers(value)
    if isinstance(value, np.ndarray) and value.dtype.names:
        table = as_frame(value)
        return value if table is None else remember_structured(table)
    if not isinstance(value, (list, tuple)) or not value or any(getattr(item, "shape", ()) for item in value):
        return value  # Arrays in a list may be the inputs of a model with several.
    try:
        return remember_list(np.asarray(value))
    except ValueError:
        return value  # What is no array is told when it is held against the model.


def _with_plain_numbers(table: Any) -> Any:
    if not hasattr(table, "columns"):
        return table.astype("float64") if _may_be_missing(table.dtype) else table
    # Truth beside numbers makes an array of objects.
    odd = {column: "float64" for column, kind in table.dtypes.items() if _may_be_missing(kind) or getattr(kind, "kind", "O") == "b"}
    made = table.astype(odd) if odd else table
    return remember_nullable(made) if any(map(_may_be_missing, table.dtypes)) else made


def _may_be_missing(kind: Any) -> bool:
    """Whether a kind of pandas is numbers of its own: Int64, not int64."""
    return hasattr(kind, "na_value") and getattr(kind, "kind", "O") in "biuf"


def prepare_validation(model: keras.Model, options: dict[str, Any]) -> dict[str, Any]:
    """The options with lists made arrays, and all in them that has to do with the model held against it."""
    check_monitors(model, options)
    check_batch_size(model, options)
    check_rates(model, options)
    if isinstance(options.get("sample_weight"), (list, tuple)):
        options = {**options, "sample_weight": np.asarray(options["sample_weight"])}
    if isinstance(options.get("validation_freq"), (tuple, set)):
        options = {**options, "validation_freq": sorted(options["validation_freq"])}  # A fit line gives 1,4 as a tuple; Keras wants a list.
    data = options.get("validation_data")
    check_validation_end(data, options)
    if is_stream(data):
        batch = first_batch(data)
        check_stream(model, data, None, DataName("the data in validation_data", "test_data", validates=True))
        if batch is not None:
            examine_batch(model, batch, data, DataName("validation_data"))
        return options
    if not isinstance(data, (list, tuple)) or not data:
        return options
    made = tuple(as_data(part) for part in data)
    examine(model, made[0], made[1], VALIDATION)
    return {**options, "validation_data": made}


def check_data(model: keras.Model, x: Any, y: Any, names: tuple[str, str] = ("x", "y")) -> None:
    """Hold data against the model, before the first step.

    Args:
        names: what the data and the labels are called, for messages.

    Raises:
        CompileError: When the model isn't compiled or its loss can't teach its last layer.
        DataError: When the data doesn't fit. A generator passes here; `look_ahead` reads its first batch.
    """
    if isinstance(model, keras.Sequential) and not model.layers:
        raise CompileError(f"{model.name!r} has no layers.", expected="a network, as %%sequential makes it")
    if not model.compiled:
        expected = "one more line at the end of its network" if not has_several_outputs(model) else "a loss for each of its outputs"
        raise CompileError(f"{model.name!r} is not compiled yet.", expected=expected, instead=propose_line(model, y))
    if not has_own_loss(model):
        check_pairing(ending_of(model), model.loss)
        check_metrics(ending_of(model), model.loss, compiled_with(model).get("metrics"))
    examine(model, x, y, (name_of(names[0], x), name_of(names[1], y)))


def look_ahead(model: keras.Model, x: Any, name: str) -> Any:
    """The data, with the first batch of a generator looked at; what comes back gives that batch once more.

    Raises:
        DataError: When there is none, or it doesn't fit.
    """
    if not isinstance(x, GeneratorType):
        return x
    first, whole = draw_first(x, name_of(name))
    examine_batch(model, first, x, name_of(name))
    return whole


def check_length(model: keras.Model, x: Any, options: Mapping[str, Any], name: str = "x") -> None:
    """Refuse data without an end that no option ends, a share for validation that leaves nothing, and weights that aren't one a row.

    Raises:
        DataError: Where it does not fit.
    """
    check_end(x, options, name_of(name))
    share, shape = options.get("validation_split"), getattr(x, "shape", None)
    rows = shape[0] if isinstance(shape, tuple) and shape else None
    if not rows:
        return
    if share and int(rows * (1 - share)) in (0, rows):
        problem = f"validation_split={share} of {rows} rows leaves none on one side."
        raise DataError(problem, expected="a share with rows on both sides, such as 0.2")
    check_parts(model, rows, options)
    weights = as_data(options.get("sample_weight"))
    if weights is not None:
        check_row_weights(model, weights, rows)
