"""The word list: every word of the language with its meaning, generated from the catalogue."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from seqmagic.errors import UnknownNameError
from seqmagic.language.printer import CONSTANT_WORDS
from seqmagic.network.catalogue import (
    ACTIVATIONS,
    CALLBACKS,
    COMMON_LAYER_PARAMETERS,
    CONSTRAINTS,
    INITIALIZERS,
    LAYERS,
    LOSSES,
    METRICS,
    NOT_IN_A_SEQUENCE,
    OPTIMIZERS,
    RANK,
    REGULARIZERS,
    SCHEDULES,
    SHORT_LAYERS,
    Registry,
    normalize,
    parameters_of,
    snake,
)
from seqmagic.translation import gettext_noop

KINDS = {
    "layers": LAYERS,
    "activations": ACTIVATIONS,
    "optimizers": OPTIMIZERS,
    "schedules": SCHEDULES,
    "losses": LOSSES,
    "metrics": METRICS,
    "initializers": INITIALIZERS,
    "regularizers": REGULARIZERS,
    "constraints": CONSTRAINTS,
    "callbacks": CALLBACKS,
}


@dataclass(frozen=True)
class Entry:
    """One class or function of Keras: its word, short forms, Keras's own name, and its settings as written in the language.

    Attributes:
        reason: why it can't be used in a Sequential, or "".
    """

    word: str
    short: tuple[str, ...]
    name: str
    settings: str
    reason: str = ""


def list_words(kind: str) -> Iterator[Entry]:
    """The words of a kind, in alphabetical order.

    >>> next(entry for entry in list_words("layers") if entry.word == "max_pooling2d").short
    ('maxpool', 'maxpooling')
    >>> next(entry for entry in list_words("losses") if entry.word == "mean_squared_error").short
    ('mse',)

    Raises:
        UnknownNameError: If there is no such kind.
    """
    if kind not in KINDS:
        raise UnknownNameError(gettext_noop("kind of words"), kind, KINDS)
    registry = KINDS[kind]
    words: dict[Any, str] = {}
    for word in registry.words():
        target = registry.find(word)
        # If Keras has several names for one object, the table lists its own name.
        is_short = normalize(registry.short.get(normalize(word), word)) != normalize(word)
        if target is not None and not is_short and (target not in words or word == snake(target.__name__)):
            words[target] = word
    for target, word in sorted(words.items(), key=lambda item: item[1]):
        reason = NOT_IN_A_SEQUENCE.get(target, "") if registry is LAYERS else ""
        yield Entry(word, _short(registry, word, target), target.__name__, _settings(registry, target), reason)


def _short(registry: Registry, word: str, target: Any) -> tuple[str, ...]:
    if registry is LAYERS:
        names = (target.__name__, RANK.sub("?", target.__name__))
        return tuple(short for short, name in SHORT_LAYERS.items() if name in names and short != snake(target.__name__))
    return tuple(short for short, name in registry.short.items() if normalize(name) == normalize(word) and short != word)


def _settings(registry: Registry, target: Any) -> str:
    """The parameters of a signature, with defaults as written in the language."""
    hidden = {*COMMON_LAYER_PARAMETERS, "name", "dtype", "kwargs", "y_true", "y_pred"} | ({"x"} if registry is ACTIVATIONS else set())
    settings = []
    for name, parameter in parameters_of(target).items():
        if name in hidden:
            continue
        settings.append(name if parameter.default is inspect.Parameter.empty else f"{name}={default_text(parameter.default)}")
    return " ".join(settings)


def default_text(value: Any) -> str:
    """A default of Keras's, as written in the language."""
    if value is None or isinstance(value, bool):
        return CONSTANT_WORDS[value]
    if isinstance(value, tuple) and value and all(type(item) is int for item in value):
        return "x".join(map(str, value))
    return str(value) if isinstance(value, (int, float, str)) else type(value).__name__
