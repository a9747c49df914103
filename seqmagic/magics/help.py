"""The help of the magics and settings, which `?` and `%config` show, in the language that is spoken."""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Iterable
from typing import Any

from IPython.core.magic import Magics

from seqmagic.translation import gettext

UNBROKEN: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
WIDTH = 79  # Columns; JupyterLab's tooltip has little more, and so has a terminal.
COLUMN = re.compile(r"(?<=\S) {3,}(?=\S)")  # In front of what a line of a table says.
ENGLISH = "english"  # Where a function or a setting keeps the text that it was written with.


def translate_help(magics: Iterable[Magics]) -> None:
    """Let `%fit?` and `%config SeqMagics` speak the language of this moment.

    Args:
        magics: of each kind one; IPython asks their classes.
    """
    kinds: list[Any] = [type(one) for one in magics]
    for kind in kinds:
        for name in {name for names in kind.magics.values() for name in names.values()}:
            function = getattr(kind, name)
            written = function.__dict__.setdefault(ENGLISH, inspect.cleandoc(function.__doc__ or ""))
            function.__doc__ = "\n\n".join(wrap_help(gettext(paragraph)) for paragraph in written.split("\n\n"))
        for setting in kind.class_traits(config=True).values():
            setting.help = gettext(setting.metadata.setdefault(ENGLISH, setting.help))


def wrap_help(paragraph: str) -> str:
    r"""A paragraph in narrow lines: prose, or a table of what can be typed and what it does; text in wide characters stays as it is.

    >>> print(wrap_help("%runs          all runs, newest first, with what changed from one of these runs to the next one"))
    %runs          all runs, newest first, with what changed from one of these runs
                   to the next one
    """
    lines = paragraph.split("\n")
    if not paragraph.isascii() or max(map(len, lines)) <= WIDTH:
        return paragraph
    gap = next(filter(None, map(COLUMN.search, lines)), None)
    if gap is not None:
        return "\n".join(_wrap_row(line, gap.end()) for line in lines)
    return paragraph if paragraph.startswith("%") else textwrap.fill(" ".join(lines), WIDTH, **UNBROKEN)


def _wrap_row(line: str, column: int) -> str:
    """A line of a table, with what it says in its own column."""
    typed, said = line[:column], line[column:]
    if not typed.endswith(" ") or not said:
        return line
    return textwrap.fill(said, WIDTH, initial_indent=typed, subsequent_indent=" " * column, **UNBROKEN)
