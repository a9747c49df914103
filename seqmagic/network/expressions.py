"""Expressions: what a piece of Python in curly brackets came to. Nothing is evaluated here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Any

import numpy as np

from seqmagic.errors import LanguageError, SeqmagicError
from seqmagic.language import Expression, LiveNames
from seqmagic.network.arguments import Names
from seqmagic.network.static_value import NeedsRunning, static_value
from seqmagic.translation import gettext


class GapError(LanguageError):
    """A piece of a text of which nothing is known."""


def look_up(expression: Expression, names: Names) -> Any:
    """What a piece of Python came to: the notebook has evaluated it beforehand, and nobody else does.

    Raises:
        LanguageError: Where there is no notebook to evaluate it.
    """
    if expression_key(expression) in names:
        value = names[expression_key(expression)]
        return value.item() if isinstance(value, np.integer | np.floating) else value  # Keras takes counts of Python alone.
    if expression.code == "...":
        raise GapError(
            gettext("Here is a gap: what stood here can't be said in words."), expected=gettext("what fits there"), span=expression.span
        )
    written = " ".join(expression.text.split())[:60]
    problem = gettext("{written} is Python, and only a live cell evaluates that.", written=written)
    raise LanguageError(problem, expected=gettext("a plain value"), span=expression.span)


def is_gap(error: SeqmagicError) -> bool:
    """Whether an error only says that nothing is known of a piece of a text."""
    return isinstance(error, GapError)


def with_static_values(expressions: Iterable[Expression], names: Names) -> Names:
    """The names, with what those pieces of Python come to that nothing has to be run for; only where a notebook could run them.

    A fix that has curly brackets in it is tried so: nobody has typed it yet.
    """
    if not isinstance(names, LiveNames):
        return names
    found: dict[str, Any] = {}
    for expression in expressions:
        if expression_key(expression) not in names:
            with contextlib.suppress(NeedsRunning):
                found[expression_key(expression)] = static_value(expression.code, names)
    return {**names, **found} if found else names


def expression_key(expression: Expression) -> str:
    """The name under which the value of a piece of Python stands among the notebook's names; no variable can have it."""
    bound = ", ".join(f"{name}={value!r}" for name, value in expression.bindings)
    return f"{expression.text} {bound}" if bound else expression.text
