"""Expressions: the values of Python expressions in curly brackets. Nothing is evaluated here."""

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
    """A part of a text whose value is unknown."""


def look_up(expression: Expression, names: Names) -> Any:
    """The value of an expression, which the notebook has evaluated before.

    Raises:
        LanguageError: If there is no notebook to evaluate it.
    """
    if expression_key(expression) in names:
        value = names[expression_key(expression)]
        return value.item() if isinstance(value, np.integer | np.floating) else value  # For sizes Keras accepts only Python numbers.
    if expression.code == "...":
        raise GapError(
            gettext("Something is missing here: this language could not express what stood here."),
            expected=gettext("the missing part"),
            span=expression.span,
        )
    written = " ".join(expression.text.split())[:60]
    problem = gettext("{written} is Python code, which is evaluated only in a live cell.", written=written)
    raise LanguageError(problem, expected=gettext("a plain value"), span=expression.span)


def is_gap(error: SeqmagicError) -> bool:
    """Whether an error only says that the value of an expression is unknown."""
    return isinstance(error, GapError)


def with_static_values(expressions: Iterable[Expression], names: Names) -> Names:
    """The names, with the values of expressions that can be computed without running code; only if a notebook could run them.

    This is for trying a fix that contains curly brackets, which no cell has run yet.
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
    """The key of an expression's value among the notebook's names; it is not a valid variable name."""
    bound = ", ".join(f"{name}={value!r}" for name, value in expression.bindings)
    return f"{expression.text} {bound}" if bound else expression.text
