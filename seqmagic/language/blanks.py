"""Blanks: what a teacher has left open, and is not filled in yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from seqmagic.errors import Span, UnfilledError
from seqmagic.language.lines import Source
from seqmagic.language.program import Program
from seqmagic.language.syntax import Argument, Layer, Literal, Size, Word
from seqmagic.translation import gettext, gettext_noop

# A line that is a blank.
STUB = re.compile(r"\s*(\.\.\.|…|raise\s+NotImplementedError\b.*)\s*(#.*)?")
# A blank in place of a value; and a `?` in place of a layer's word.
HOLE = re.compile(r"(?<![^\s=(,])(\.\.\.|…|_{2,})(?![\w.?])|(?:^|->)\s*(\?)(?=\s|$)")
# Where a `?` is an unknown length.
OF_INPUT = ("input", "inputlayer")
SHAPE_NAMES = ("shape", "batch_shape", "input_shape", "batch_input_shape", "input_length", "input_dim")
LAYERS = gettext_noop("one layer per line, such as dense 10")
VALUE = gettext_noop("a value in its place, such as 32 or relu")


def check_stubs(text: str) -> None:
    """Refuse a text that still contains a teacher's stub.

    Raises:
        UnfilledError: At the first one.
    """
    source = Source(text)
    for number, line in enumerate(source.lines if ">>>" not in text else ()):  # In a console session, `...` is a prompt.
        at = source.start_of(number)
        if STUB.fullmatch(line):
            start = at + len(line) - len(line.lstrip())
            span = source.span(start, start + len(line.strip()))
            raise UnfilledError(gettext("Not filled in yet: {line!r}.", line=line.strip()[:60]), expected=LAYERS, span=span)
        hole = HOLE.search(_without_comment(line))
        if hole is not None:
            span = source.span(at + hole.start(hole.lastindex or 0), at + hole.end())
            raise UnfilledError(gettext("Not filled in yet: {hole!r}.", hole=hole[hole.lastindex or 0]), expected=VALUE, span=span)


def check_empty(text: str) -> None:
    """Refuse a text that contains only comments, such as `# YOUR CODE HERE`.

    Raises:
        UnfilledError: At the first one.
    """
    if any(line.strip() for line in map(_without_comment, text.splitlines())):
        return
    source = Source(text)
    number = next((index for index, line in enumerate(source.lines) if line.strip()), None)
    if number is None:
        raise UnfilledError(gettext("Not filled in yet: the cell is empty."), expected=LAYERS)
    line, at = source.lines[number], source.start_of(number)
    span = source.span(at + len(line) - len(line.lstrip()), at + len(line.rstrip()))
    raise UnfilledError(gettext("Not filled in yet: {line!r}.", line=line.strip()[:60]), expected=LAYERS, span=span)


def check_filled_in(program: Program) -> None:
    """Refuse an empty program, and a `?` that can't be a length of the input.

    Raises:
        UnfilledError: At the first one.
    """
    if not program.units and not program.expects:
        check_empty(program.text)
    found = list(_blanks((program.units, program.compile, program.fit)))
    if found:
        more = gettext("; {count} blanks left", count=len(found)) if len(found) > 1 else ""
        raise UnfilledError(gettext("Not filled in yet: '?'{more}.", more=more), expected=VALUE, span=found[0])


def _blanks(part: Any) -> Iterator[Span]:
    if isinstance(part, Size):
        if not any(part.dims):
            yield part.span
    elif isinstance(part, tuple):
        for item in part:
            yield from _blanks(item)
    elif is_dataclass(part) and not isinstance(part, (Word, Literal, Span)) and not _describes_input(part):
        for field in fields(part):
            if field.name not in ("python", "span", "text", "bindings"):
                yield from _blanks(getattr(part, field.name))


def _describes_input(part: Any) -> bool:
    """Whether a part of a program defines the input."""
    if isinstance(part, Layer):
        return isinstance(part.word, Word) and part.word.text.lower().replace("_", "") in OF_INPUT
    return isinstance(part, Argument) and part.name is not None and part.name.text in SHAPE_NAMES


def _without_comment(line: str) -> str:
    """A line with strings, curly brackets and comments replaced by blanks, so that positions stay the same."""
    return re.sub(r"\"[^\"]*\"|'[^']*'|\{[^{}]*\}|#.*", lambda found: " " * len(found[0]), line)
