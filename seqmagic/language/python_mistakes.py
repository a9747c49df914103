"""Mistakes in pasted Python: code that Python's own parser refuses for its blocks, said in words."""

from __future__ import annotations

import ast
import re
import warnings

from seqmagic.errors import PythonError
from seqmagic.language.lines import Source
from seqmagic.language.python_source import PARSED, without_marks
from seqmagic.translation import gettext, gettext_noop

# The first line of a block; no line of a network begins with these words.
BLOCK = re.compile(r"^[ \t]*(?:def \w+|class \w+|for \w.* in |while |if |with )", re.MULTILINE)
SPACES = gettext_noop("the same number of spaces before each line of a block")


def find_mistake(source: Source) -> PythonError | None:
    r"""The mistake in the blocks of pasted Python; None if there is none, or if the text is no Python.

    >>> find_mistake(Source("for n in (4, 2)\n    model.add(Dense(n))")).instead
    'for n in (4, 2):'
    """
    if not BLOCK.search(source.text):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(without_marks(source), PARSED)
    except SyntaxError as error:
        return _explain(error, source)
    except (ValueError, RecursionError, MemoryError):
        return None
    return None


def _explain(error: SyntaxError, source: Source) -> PythonError | None:
    number = min(error.lineno or 1, len(source.lines)) - 1
    line, start = source.lines[number].rstrip(), source.start_of(number)
    span = source.span(start + len(line) - len(line.lstrip()), start + len(line))
    if isinstance(error, TabError):
        return PythonError(gettext("Tabs and spaces are mixed in front of these lines."), expected=SPACES, span=span)
    if isinstance(error, IndentationError):
        if "expected an indented block" in error.msg:
            problem = gettext("The line above begins a block, and this line does not stand inside it.")
            return PythonError(problem, expected=gettext("4 spaces before this line"), span=span)
        return PythonError(gettext("This line begins further left or right than its block."), expected=SPACES, span=span)
    if error.msg == "expected ':'":
        return PythonError(gettext("A : is missing at the end of this line."), expected=":", instead=f"{line.strip()}:", span=span)
    return None
