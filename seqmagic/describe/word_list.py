"""The word list: every word of the language with what it stands for, made from the catalogue."""

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
    """One thing of Keras: its word, shorter forms of it, Keras's own name, and its settings as they are written.

    Attributes:
        reason: why no sequence can hold it, or "".
    """

    word: str
    short: tuple[str, ...]
    name: str
    settings: str
    reason: str = ""


def list_words(kind: str) -> Iterator[Entry]:
    """The words of a kind, in the order of the alphabet.

    >>> next(entry for entry in list_words("layers") if entry.word == "max_pooling2d").short
    ('maxpool', 'maxpooling')
    >>> next(entry for entry in list_words("losses") if entry.word == "mean_squared_error").short
    ('mse',)

    Raises:
        UnknownNameError: When there is no such kind.
    """
    if kind not in KINDS:
        raise UnknownNameError(gettext_noop("kind of words"), kind, KINDS)
    registry = KINDS[kind]
    words: dict[Any, str] = {}
    for word in registry.words():
        target = registry.find(word)
        # Of several names that Keras has for one thing the table has the one that it goes by.
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
    """The parameters of a signature, with their defaults in the language's own spelling."""
    hidden = {*COMMON_LAYER_PARAMETERS, "name", "dtype", "kwargs", "y_true", "y_pred"} | ({"x"} if registry is ACTIVATIONS else set())
    settings = []
    for name, parameter in parameters_of(target).items():
        if name in hidden:
            continue
        settings.append(name if parameter.default is inspect.Parameter.empty else f"{name}={default_text(parameter.default)}")
    return " ".join(settings)


def default_text(value: Any) -> str:
    """A default of Keras's in the language's own spelling."""
    if value is None or isinstance(value, bool):
        return CONSTANT_WORDS[value]
    if isinstance(value, tuple) and value and all(type(item) is int for item in value):
        return "x".join(map(str, value))
    return str(value) if isinstance(value, (int, float, str)) else type(value).__name__
