"""The docstrings of the package, its functions and classes, as `?`, Shift-Tab and `help` show them, in the current language."""

from __future__ import annotations

import inspect
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cached_property
from types import FunctionType
from typing import Any

from seqmagic.translation.catalogue import gettext, gettext_noop
from seqmagic.translation.chosen import ENGLISH, current_language

PACKAGE = __name__.partition(".")[0]
HOLDERS = (FunctionType, property, cached_property)
HEADS = {
    "Args": gettext_noop("Args:"),
    "Attributes": gettext_noop("Attributes:"),
    "Raises": gettext_noop("Raises:"),
    "Returns": gettext_noop("Returns:"),
}
EXAMPLE = ">>>"
ENTRY = re.compile(r"    (\w+(?:, \w+)*: )?(\S.*)")
ROW = re.compile(r"(\w+(?:, \w+)* {2,})(\S.*)")
INDENT = 4 * " "
WIDTH = 100  # Columns; a Chinese character takes two.
# A line may break between two of these: a word with the punctuation around it, a space, or any other character.
PIECE = re.compile(r"[(（“《`]*(?:[!-~]+|.)[，。；：、！？）”》…]*|\s")

_written: dict[Any, str] = {}  # The English docstrings of translated functions, classes and properties.
_shown: dict[Any, str] = {}  # The language of their docstrings now.


def translate_docstrings(things: Iterable[Any]) -> None:
    """Put docstrings into the current language.

    Args:
        things: modules, functions and classes; of a class, its methods and properties too.
    """
    language = current_language()
    for thing in things:
        if _shown.get(thing, ENGLISH) == language:
            continue
        _shown[thing] = language
        for one in (thing, *members_of(thing).values()):
            written = _written.setdefault(one, one.__doc__ or "")
            one.__doc__ = written if language == ENGLISH else translated(written)


def members_of(thing: Any) -> dict[str, Any]:
    """What holds the docstrings of a class's public methods and properties, also of those from the package's own base classes."""
    bases = reversed(thing.__mro__) if inspect.isclass(thing) else ()
    members = {name: member for base in bases if base.__module__.partition(".")[0] == PACKAGE for name, member in vars(base).items()}
    public = {name: getattr(member, "__func__", member) for name, member in members.items() if not name.startswith("_")}
    return {name: member for name, member in public.items() if isinstance(member, HOLDERS)}


def translated(docstring: str) -> str:
    """A docstring in Google's form, with all its texts in the current language; examples stay."""
    return "\n\n".join("\n".join(_fold(before, gettext(text), rest) for before, text, rest in block) for block in _blocks(docstring))


def texts_in(docstring: str) -> Iterator[str]:
    """The texts of a docstring: its paragraphs and entries, each on one line."""
    for block in _blocks(docstring):
        yield from (text for _, text, _ in block if text)


def _blocks(docstring: str) -> Iterator[list[tuple[str, str, str]]]:
    """The blocks of a docstring, as lines: what precedes the text, the text, and what precedes its other lines."""
    for block in inspect.cleandoc(docstring).split("\n\n"):
        first, *rest = block.split("\n")
        if first.startswith(EXAMPLE):
            yield [(block, "", "")]
        elif first.removesuffix(":") in HEADS:
            yield [("", first, ""), *_entries(rest)]
        elif all(rows := [ROW.fullmatch(line) for line in (first, *rest)]):
            yield [(row[1], row[2], " " * len(row[1])) for row in rows if row]
        else:
            yield [("", " ".join([first, *rest]), "")]


def _entries(lines: list[str]) -> Iterator[tuple[str, str, str]]:
    """The entries of a section: those with a name have their further lines indented, the others are one text."""
    entries: list[tuple[str, str, str]] = []
    for line in lines:
        found = ENTRY.fullmatch(line)
        if found is not None and (found[1] or not entries):
            entries.append((INDENT + (found[1] or ""), found[2], 2 * INDENT if found[1] else INDENT))
        else:
            before, text, rest = entries[-1]
            entries[-1] = before, f"{text} {line.strip()}", rest
    yield from entries


def _fold(before: str, text: str, rest: str) -> str:
    """A text in lines of at most `WIDTH` columns."""
    if not text:
        return before
    lines = [before]
    for piece in PIECE.findall(text):
        if _columns(lines[-1] + piece) > WIDTH and lines[-1].strip():
            lines[-1] = lines[-1].rstrip()
            lines.append(rest)
        lines[-1] += piece if lines[-1] != rest else piece.lstrip()
    return "\n".join(lines)


def _columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "FW" else 1 for letter in text)
