"""Expressions: what a piece of Python in curly brackets came to. Nothing is evaluated here."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.errors import LanguageError
from seqmagic.language import Expression
from seqmagic.model.arguments import Names


def look_up(expression: Expression, names: Names) -> Any:
    """What a piece of Python came to: the notebook has evaluated it beforehand, and nobody else does.

    Raises LanguageError where there is no notebook to evaluate it.
    """
    if expression_key(expression) in names:
        value = names[expression_key(expression)]
        return value.item() if isinstance(value, np.integer | np.floating) else value  # Keras takes counts of Python alone.
    if expression.code == "...":
        raise LanguageError("Here is a gap: what stood here can't be said in words.", expected="what fits there", span=expression.span)
    written = " ".join(expression.text.split())[:60]
    problem = f"{written} is Python, and only a live cell evaluates that."
    raise LanguageError(problem, expected="a plain value", span=expression.span)


def expression_key(expression: Expression) -> str:
    """The name under which the value of a piece of Python stands among the notebook's names; no variable can have it."""
    bound = ", ".join(f"{name}={value!r}" for name, value in expression.bindings)
    return f"{expression.text} {bound}" if bound else expression.text
