"""Arguments: matches each written value to a parameter of Keras's signature. A word that matches none is refused."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any

from seqmagic.errors import ArgumentError, LanguageError, UnknownNameError, nearest
from seqmagic.language import Argument, Call, Literal, Word
from seqmagic.network.catalogue import (
    ACTIVATIONS,
    COMMON_LAYER_PARAMETERS,
    LAYERS,
    LOSSES,
    METRICS,
    OPTIMIZERS,
    RANK_LESS,
    normalize,
    parameters_of,
    registry_of_parameter,
)
from seqmagic.network.other_names import ACTIVATIONS as ACTIVATION_NAMES
from seqmagic.network.user_objects import is_value
from seqmagic.translation import gettext, gettext_noop

Names = Mapping[str, Any]
PADDINGS = ("valid", "same", "causal")
LAYER_PARAMETERS = ("layer", "cell")
NOTEBOOK_PARAMETERS = (
    "function",
    "adapt",
    "schedule",
    "optimizer_map",
    "vocabulary",
    "weights",
)  # A word given to these is a notebook variable.


def place(arguments: tuple[Argument, ...], target: Callable[..., Any], word: Word, names: Names) -> dict[str, Argument]:
    """Match each written value to a parameter.

    `conv 32 3x3 relu same` places filters, kernel_size, activation and padding; `lstm 64 return_sequences` turns the flag on;
    what follows the layer in a wrapper (`bidirectional lstm 32`) belongs to that layer.

    Args:
        arguments: as written; only bare words may follow named ones.
        target: the class or function they are for.
        word: the name as written, for messages.
        names: the notebook's variables.

    Raises:
        UnknownNameError: At a word that matches no parameter.
        ArgumentError: If there are too many values, or one is missing.
        LanguageError: At a value whose parameter isn't known.
    """
    parameters = parameters_of(target)
    placed: dict[str, Argument] = {}
    named_seen = False
    for argument in _gather(arguments, parameters, names):
        if argument.name is not None:
            named_seen = True
            name = parameter_name(argument.name, parameters, word)
        elif named_seen and not isinstance(argument.value, Word):
            raise LanguageError(
                gettext("A value without a name comes after one with a name."),
                expected=gettext("names for all values after the first named one"),
                span=argument.span,
            )
        else:
            name = _place(argument, parameters, placed, word, names)
        if name in placed:
            raise ArgumentError(
                gettext("{word!r} is given {name!r} twice.", word=word.text, name=name), expected=gettext("one value"), span=argument.span
            )
        is_flag = argument.name is None and isinstance(argument.value, Word) and _is_flag(argument.value, parameters, name)
        placed[name] = Argument(Literal(True, argument.span), None, argument.span) if is_flag else argument  # noqa: FBT003
    _check_missing(parameters, placed, word)
    return placed


def parameter_name(name: Word, parameters: Mapping[str, inspect.Parameter], word: Word) -> str:
    """Keras's spelling of an argument name; raises UnknownNameError with the nearest ones."""
    by_spelling = {normalize(known): known for known in parameters}
    if normalize(name.text) not in by_spelling:
        is_rate = normalize(name.text) in ("lr", "learningrate") and word.text == "fit"
        hint = gettext("The learning rate belongs to the optimizer, such as adam(0.001).") if is_rate else ""
        error = UnknownNameError(gettext_noop("argument"), name.text, parameters, owner=word.text, hint=hint, span=name.span)
        renamed = RENAMED.get(normalize(name.text))
        error.candidates = (renamed,) if renamed in parameters else error.candidates  # type: ignore[assignment]
        if normalize(name.text) == "decay":
            # In Keras 3, weight_decay is something else: it decays the weights, not the learning rate.
            error.candidates = ()
            error.hint = gettext("A learning rate that decays is a schedule, such as inverse_time_decay(0.01, 1, 1e-6).")
        raise error
    return by_spelling[normalize(name.text)]


# Argument names from older tutorials, and Keras's current ones.
RENAMED = {
    "lr": "learning_rate",
    "nbepoch": "epochs",
    "epoch": "epochs",
    "batch": "batch_size",
    "nbfilter": "filters",
    "filter": "filters",
    "p": "rate",
    "init": "kernel_initializer",
    "wregularizer": "kernel_regularizer",
    "bordermode": "padding",
    "subsample": "strides",
    "stride": "strides",
    "poollength": "pool_size",
    "bias": "use_bias",
    "innerinit": "recurrent_initializer",
    "optimiser": "optimizer",
    "metric": "metrics",
}


def _gather(arguments: tuple[Argument, ...], parameters: Mapping[str, inspect.Parameter], names: Names) -> tuple[Argument, ...]:
    """In a wrapper's line, put the inner layer's arguments into its brackets: `bidirectional lstm 32` means `bidirectional lstm(32)`."""
    first = arguments[0] if arguments else None
    if first is None or first.name is not None or not isinstance(first.value, Word) or not _wraps(parameters):
        return arguments
    inner = _layer_class(first.value, names)
    if inner is None:
        return arguments
    theirs = parameters_of(inner) if callable(inner) else {}
    ours = {name for name in parameters if name in COMMON_LAYER_PARAMETERS or name not in theirs}
    outer: list[Argument] = []
    inside: list[Argument] = []
    for argument in arguments[1:]:
        word = _word_of(argument)
        is_ours = word in ours and (argument.name is not None or _is_flag(argument.value, parameters, word))
        (outer if is_ours else inside).append(argument)
    return (Argument(Call(first.value, tuple(inside), first.span), None, first.span), *outer)


def _word_of(argument: Argument) -> str:
    """The name of an argument, or the bare word it consists of."""
    return argument.name.text if argument.name is not None else getattr(argument.value, "text", "")


def _wraps(parameters: Mapping[str, inspect.Parameter]) -> bool:
    return next(iter(parameters), None) in LAYER_PARAMETERS


def _layer_class(word: Word, names: Names) -> Any:
    own = names.get(word.text)
    if isinstance(own, type):
        return own
    if normalize(word.text) in RANK_LESS:
        return LAYERS.find(RANK_LESS[normalize(word.text)].replace("?", "2D"))
    return LAYERS.find(word.text)


def _place(argument: Argument, parameters: Mapping[str, inspect.Parameter], placed: Mapping[str, Any], word: Word, names: Names) -> str:
    """The parameter for a value without a name."""
    positional = [name for name, p in parameters.items() if p.kind is not inspect.Parameter.KEYWORD_ONLY]
    free = [name for name in positional if name not in placed]
    if isinstance(argument.value, Word):
        place_of_word = _place_word(argument.value, parameters, free, names)
        if place_of_word is None:
            raise _unknown_word(argument.value, parameters, free, word, names)
        return place_of_word
    if isinstance(argument.value, Literal) and isinstance(argument.value.value, str):
        # A quoted string is matched like a bare word, if that matches a parameter.
        quoted = _place_word(Word(argument.value.value, argument.span), parameters, free, names)
        if quoted is not None:
            return quoted
    if not free:
        count = gettext("at most {positional}", positional=", ".join(positional)) if positional else gettext("no values without a name")
        raise ArgumentError(gettext("{word!r} takes no further value here.", word=word.text), expected=count, span=argument.span)
    return free[0]


def _unknown_word(value: Word, parameters: Mapping[str, inspect.Parameter], free: list[str], word: Word, names: Names) -> UnknownNameError:
    """The error for a word that matches no parameter: if a required value is missing, it is taken for an undefined variable."""
    fitting, hint = _fitting_words(parameters), _misplaced(value, parameters, names)
    is_due = bool(free) and (parameters[free[0]].default is inspect.Parameter.empty or free[0] == "shape")
    if is_due and not hint and not nearest(value.text, fitting):
        return unknown_variable(value, names)
    error = UnknownNameError(gettext_noop("word"), _as_written(value), fitting, owner=word.text, hint=hint, span=value.span)
    error.candidates = tuple(one for one in ACTIVATION_NAMES.get(normalize(value.text), error.candidates) if one in fitting)
    return error


def _as_written(word: Word) -> str:
    """A word as it stands in the text, even if its rank has been found."""
    return word.span.text if re.fullmatch(r"[\w.]+", word.span.text) else word.text


def unknown_variable(word: Word, names: Names) -> UnknownNameError:
    """The error for an undefined variable, with the nearest variables of the notebook."""
    known = [name for name, value in names.items() if name.isidentifier() and not isinstance(value, ModuleType)]
    hint = "" if known else gettext("Create it in a cell above first.")
    if word.text.partition(".")[0] in names:
        hint = gettext("Python code goes into curly brackets: {{{word}}}.", word=word.text)
    return UnknownNameError(gettext_noop("variable"), word.text, known, hint=hint, span=word.span)


def _place_word(value: Word, parameters: Mapping[str, inspect.Parameter], free: list[str], names: Names) -> str | None:
    """The parameter that a bare word implies, or None."""
    text = value.text
    if "padding" in parameters and text.lower() in PADDINGS:
        return "padding"
    for name in parameters:
        if normalize(name) == normalize(text) and _is_flag(value, parameters, name):
            return name
    if free and free[0] in LAYER_PARAMETERS:
        return free[0]
    if "activation" in parameters and (ACTIVATIONS.find(text) or inspect.isfunction(names.get(text))):
        return "activation"
    if free and (_takes_text(parameters[free[0]], text) or is_value(names.get(text))):
        return free[0]
    return None


def _is_flag(value: Any, parameters: Mapping[str, inspect.Parameter], name: str) -> bool:
    return isinstance(parameters[name].default, bool) and normalize(value.text) == normalize(name)


def _takes_text(parameter: inspect.Parameter, text: str) -> bool:
    """Whether a bare word may be the value of this parameter: its default is a string, or the word is in its registry."""
    registry = registry_of_parameter(parameter.name)
    if registry is not None:
        return registry.find(text) is not None
    return isinstance(parameter.default, str) or parameter.name in {*NOTEBOOK_PARAMETERS, "mode", "operation", "equation"}


def _fitting_words(parameters: Mapping[str, inspect.Parameter]) -> list[str]:
    words = [name for name, p in parameters.items() if isinstance(p.default, bool)]
    words += PADDINGS if "padding" in parameters else ()
    words += ACTIVATIONS.words() if "activation" in parameters else ()
    return words or [name for name in parameters if name not in COMMON_LAYER_PARAMETERS]


def _misplaced(value: Word, parameters: Mapping[str, inspect.Parameter], names: Names) -> str:
    """The hint for a valid word in the wrong place."""
    if normalize(value.text) in {normalize(name) for name in parameters}:
        return gettext("It needs a value: {value}=...", value=value.text)
    if ACTIVATIONS.find(value.text):
        return gettext("This layer takes no activation. Write it after the layer: -> activation {value}", value=value.text)
    if LAYERS.find(value.text):
        return gettext("{value!r} is a layer: put it on its own line, or write -> before it.", value=_as_written(value))
    for registry in (OPTIMIZERS, LOSSES, METRICS):
        if registry.find(value.text):
            return gettext("{value!r} is {place}", value=value.text, place=gettext(registry.place))
    return gettext("To use a variable of the notebook, write {{{value}}}.", value=value.text) if value.text in names else ""


def _check_missing(parameters: Mapping[str, inspect.Parameter], placed: Mapping[str, Any], word: Word) -> None:
    missing = [n for n, p in parameters.items() if p.default is inspect.Parameter.empty and n not in placed]
    if missing:
        raise ArgumentError(
            gettext("{word!r} needs a value for {missing!r}.", word=word.text, missing=missing[0]),
            instead=_example(word.text, missing),
            span=word.span,
        )


EXAMPLES = {
    "units": "32",
    "filters": "32 3x3",
    "kernel_size": "3x3",
    "rate": "0.3",
    "input_dim": "1000 64",
    "cell": "gru_cell 32",
    "activation": "relu",
}
WRAPPED = {"bidirectional": "lstm 32", "bidir": "lstm 32", "timedistributed": "dense 32"}
# Arguments of metrics, which are written in brackets on a compile line.
IN_BRACKETS = {
    **dict.fromkeys(("recall", "precision", "specificity", "sensitivity"), "0.5"),
    "num_classes": "2",
    "target_class_ids": "[1]",
}


def _example(word: str, missing: list[str]) -> str:
    value = WRAPPED.get(normalize(word), "") if missing[0] == "layer" else EXAMPLES.get(missing[0], "")
    if value:
        return f"{word} {value}"
    values = [f"{name}={IN_BRACKETS[name]}" for name in missing if name in IN_BRACKETS]
    return f"{word}({', '.join(values)})" if values and len(values) == len(missing) else ""
