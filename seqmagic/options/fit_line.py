"""Fit options: from a `fit` line, or Python arguments, to the arguments of a run."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from seqmagic.errors import ArgumentError, Span, UnknownNameError
from seqmagic.language import Expression, Literal, Sequence, Size, Step, Value, Word
from seqmagic.language.fit_words import BALANCED, NOT_OF_SEARCHES, POLICIES, SPLITS, name_arguments
from seqmagic.network.arguments import Names, parameter_name, unknown_variable
from seqmagic.network.catalogue import parameters_of
from seqmagic.network.expressions import look_up
from seqmagic.network.layers import convert
from seqmagic.options.early_stop import read_early_stop
from seqmagic.options.fit_values import (
    check_epochs,
    check_setting,
    check_word,
    flat_callbacks,
)
from seqmagic.translation import gettext, gettext_noop

# Options of seqmagic's own: how `validation_split` draws its rows, the MB that weights of earlier epochs may take, the number of worker
# processes, and the dtype policy.
OWN = {"split": None, "keep_weights": 64, "workers": 1, "dtype_policy": None}
WORDS = {"split": SPLITS, "dtype_policy": POLICIES}  # Options whose value is one of these words.
EARLY_STOP = ("until", "patience", "monitor")  # Options that end a training early; `monitor` names the metric that `patience` watches.


@dataclass(frozen=True)
class FitOptions:
    """The data and the options of one training, with all names resolved."""

    x: Any
    y: Any = None
    options: dict[str, Any] = field(default_factory=dict)
    names: tuple[str, str] = ("x", "y")


def read_fit(step: Step, names: Names) -> FitOptions:
    """Read a fit line: the data, the labels, then options by their Keras names.

    >>> from seqmagic.language import parse_step
    >>> read_fit(parse_step("fit x y epochs=3"), {"x": [1], "y": [2]}).options
    {'epochs': 3}

    Args:
        names: in which the words are looked up; nothing is evaluated.

    Raises:
        UnknownNameError: At a word that isn't a variable.
        ArgumentError: At a surplus value.
    """
    found: dict[str, Any] = {}
    parameters = fit_parameters()
    for word, argument in name_arguments(step):
        name = word if argument.name is None else parameter_name(argument.name, parameters, step.word)
        if not name:
            expected = gettext("fit x y, then options with their names")
            raise ArgumentError(
                gettext("The fit line has a value without a name."), expected=expected, instead="epochs=10", span=argument.span
            )
        if name in found:
            raise ArgumentError(gettext("The fit line has {name!r} twice.", name=name), expected=gettext("one value"), span=argument.span)
        found[name] = _read_option(name, argument.value, names)
        check_option(name, found[name], argument.span)
    if "monitor" in found and "patience" not in found:
        span = next(a.span for a in step.arguments if a.name is not None and a.name.text == "monitor")
        problem = gettext("monitor sets what patience watches, but there is no patience.")
        raise ArgumentError(problem, expected=gettext("both"), instead=f"patience=3 monitor={found['monitor']}", span=span)
    if "x" not in found:
        options = step.text.partition(" ")[2].strip() or "epochs=10"
        raise ArgumentError(gettext("The fit line has no data."), instead=f"fit x_train y_train {options}", span=step.span)
    given = [argument.value for name, argument in name_arguments(step) if name in ("x", "y") and argument.name is None]
    unnamed = (gettext("the data"), gettext("the labels"))
    words = [value.text if isinstance(value, Word) else name for value, name in zip(given, unnamed, strict=False)]
    names_of_data = (words[0] if words else "x", words[1] if len(words) > 1 else "y")
    return FitOptions(found.pop("x"), found.pop("y", None), found, names_of_data)


def _read_option(name: str, value: Value, names: Names) -> Any:
    if name == "callbacks":
        return _callbacks(value, names)
    if isinstance(value, Word) and (
        value.text in WORDS.get(name, ())
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
        raise ArgumentError(gettext("The fit line can't contain a call."), expected=gettext("a variable name"), span=value.span)
    if value.text not in names:
        raise unknown_variable(value, names)
    return names[value.text]


def _callbacks(value: Value, names: Names) -> list[Any]:
    """Callbacks of the notebook by variable name, and Keras's by class name, with arguments: early_stopping(patience=3)."""
    if isinstance(value, Sequence):
        return [callback for item in value.items for callback in _callbacks(item, names)]
    if isinstance(value, (Literal, Expression)) or (isinstance(value, Word) and value.text in names):
        return flat_callbacks(_look_up(value, names))
    return [convert(value, "callbacks", names)]


def fit_parameters() -> dict[str, inspect.Parameter]:
    """The options of a fit line: those of Keras's `fit`, of early stopping, and seqmagic's own."""
    early_stop = inspect.signature(read_early_stop).parameters
    own = {name: inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default) for name, default in OWN.items()}
    return {**parameters_of(keras.Model.fit), **{name: early_stop[name] for name in EARLY_STOP}, **own}


def check_options(options: Mapping[str, Any]) -> None:
    """Refuse unknown options and invalid values."""
    known = fit_parameters()
    for name, value in options.items():
        if name not in known:
            raise UnknownNameError(gettext_noop("argument"), name, known, owner="fit")
        check_option(name, value)
    check_epochs(options)


def check_search_options(options: Mapping[str, Any], step: Step | None = None) -> None:
    """Refuse what a search for a learning rate has not.

    Args:
        step: the fit line that says it, if there is one.
    """
    for name in NOT_OF_SEARCHES:
        if options.get(name) not in (None, 1):
            raise ArgumentError(
                gettext(
                    "The learning rate search runs in one process and in the model's own precision, so it can't be combined with {name}.",
                    name=name,
                ),
                expected=gettext("the same without {name}", name=name),
                span=next((argument.span for word, argument in name_arguments(step) if word == name), None) if step is not None else None,
            )


def check_option(name: str, value: Any, span: Span | None = None) -> None:
    """Refuse an invalid value of an option of `fit`."""
    if name in EARLY_STOP:
        read_early_stop(**{name: value}, span=span)
    if name in WORDS and value is not None:
        check_word(name, value, WORDS[name], span)
    check_setting(name, value, span)
