"""The keys of a class file: the values that each one accepts, and an example to copy."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from seqmagic.translation import gettext_noop
from seqmagic.translation.chosen import languages

HIDEABLE = ("network", "compile", "dashboard", "look", "runs", "sweep")  # Panels of a cell or a dashboard, and output of magics.
UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?)", re.IGNORECASE)
ADDRESS = re.compile(r"(?:tcp|tls|ucx|ws|wss)://[^\s/]+:\d+")  # The address of a dask scheduler.
HINTS = "hints"


@dataclass(frozen=True)
class Key:
    """A key of the class file.

    Attributes:
        expected: a description of its values, for messages.
        example: a line to copy.
        read: checks and converts a value.
    """

    expected: str
    example: str
    read: Callable[[Any], Any]


class InvalidValueError(Exception):
    """A value that a key does not accept."""


def _whole(least: int, most: float = float("inf")) -> Callable[[Any], int]:
    def read(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise InvalidValueError
        return value

    return read


def _number(above: float, below: float) -> Callable[[Any], float]:
    def read(value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not above < value < below:
            raise InvalidValueError
        return value

    return read


def _amount(end: str = "") -> Callable[[Any], int]:
    """Make a reader of whole numbers from 1 and of texts such as "100k"; `end` is a unit that may follow, such as "B" in "50 MB"."""

    def read(value: Any) -> int:
        text = value.strip() if isinstance(value, str) else ""
        found = AMOUNT.fullmatch(text.removesuffix(end).removesuffix(end.lower()).strip()) if text else None
        if found is not None:
            value = int(float(found[1]) * UNITS[found[2].lower()])
        return _whole(1)(value)

    return read


def _one_of(*known: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        if value not in known:
            raise InvalidValueError
        return str(value)

    return read


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise InvalidValueError
    return value.strip()


def _address(value: Any) -> str:
    text = _text(value)
    if ADDRESS.fullmatch(text) is None:
        raise InvalidValueError
    return text


def _hidden(value: Any) -> frozenset[str]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one in HIDEABLE for one in value):
        raise InvalidValueError
    return frozenset(value)


# By table; "" is the top level of the file.
KEYS: dict[str, dict[str, Key]] = {
    "": {
        "language": Key(
            gettext_noop("a language in which all messages are available: {languages}"), 'language = "en"', _one_of(*languages())
        ),
        "seed": Key(gettext_noop("a whole number of at least 0"), "seed = 42", _whole(0, 2**32 - 1)),
        "data": Key(gettext_noop("a folder, relative to this file"), 'data = "data"', _text),
        "hide": Key(gettext_noop("a list of {panels}"), 'hide = ["compile", "sweep"]', _hidden),
    },
    "bounds": {
        "epochs": Key(gettext_noop("a whole number of at least 1"), "epochs = 50", _whole(1)),
        "seconds": Key(gettext_noop("a number of seconds above 0"), "seconds = 120", _number(0, float("inf"))),
        "parameters": Key(gettext_noop("a number of parameters, optionally with k or M"), 'parameters = "100k"', _amount()),
        "memory": Key(gettext_noop("memory for the weights, with kB, MB or GB"), 'memory = "50 MB"', _amount("B")),
    },
    "machines": {
        "on": Key(gettext_noop("the address of a dask scheduler"), 'on = "tls://10.0.0.5:8786"', _address),
        "runs": Key(gettext_noop("a whole number of at least 1"), "runs = 2", _whole(1)),
        "seconds": Key(gettext_noop("a number of seconds above 0"), "seconds = 300", _number(0, float("inf"))),
    },
    "lock": {
        "optimizer": Key(gettext_noop("an optimizer, written as on a compile line"), 'optimizer = "adam(1e-3)"', _text),
        "loss": Key(gettext_noop("a loss, written as on a compile line"), 'loss = "mse"', _text),
        "epochs": Key(gettext_noop("a whole number of at least 1"), "epochs = 10", _whole(1)),
        "batch_size": Key(gettext_noop("a whole number of at least 1"), "batch_size = 32", _whole(1)),
        "validation_split": Key(gettext_noop("a fraction between 0 and 1"), "validation_split = 0.2", _number(0, 1)),
        "patience": Key(gettext_noop("a number of epochs, at least 1"), "patience = 3", _whole(1)),
    },
    HINTS: {},
}
HINT = Key(gettext_noop("a text"), '"not filled in" = "Look at slide 12."', _text)
EXAMPLE_OF_TABLE = {"bounds": "[bounds]", "machines": "[machines]", "lock": "[lock]", HINTS: "[hints]"}


def key_of(table: str, name: str) -> Key | None:
    """Find a key by its name and table; None for an unknown one."""
    return HINT if table == HINTS else KEYS.get(table, {}).get(name)
