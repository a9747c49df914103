"""Logical lines: splits a text into statements, and keeps the position of each piece."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seqmagic.errors import LanguageError, Span
from seqmagic.language.copied_text import Copied, read_copied
from seqmagic.language.full_width import read_full_width
from seqmagic.translation import gettext

DEEPEST_NESTING = 20

TOKEN = re.compile(
    r"""\#[^\n]*
    | (?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\\n])*+(?P<end>(?P=quote))?
    | \{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\}
    | [()\[\]\n]""",
    re.VERBOSE,
)
PAIRS = {"(": ")", "[": "]"}
# What may precede the bracket of a group of layers; any other round bracket belongs to a call or a tuple.
GROUP_OPENING = re.compile(r"(?:^|->|\(|:)[ \t]*\Z", re.MULTILINE)
ARROW_AHEAD = re.compile(r"(?:\s++|#[^\n]*+)*+->")


@dataclass(frozen=True)
class Source:
    """A whole text with its lines.

    Attributes:
        written: as typed.
    """

    written: str

    @cached_property
    def text(self) -> str:
        """The text to parse, of the same length: full-width characters are plain ones, and what was only copied with it is blank."""
        return self.copied.text

    @cached_property
    def copied(self) -> Copied:
        """The text with a note on what was copied with it and is left out."""
        return read_copied(read_full_width(self.written))

    @cached_property
    def lines(self) -> list[str]:
        """The lines of the text, as typed."""
        return self.written.split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        starts = [0]
        for line in self.lines:
            starts.append(starts[-1] + len(line) + 1)
        return starts

    def line_of(self, at: int) -> int:
        """The line of a position; lines count from 0."""
        return bisect_right(self._starts, at, hi=len(self.lines)) - 1

    def start_of(self, line: int) -> int:
        """The position where a line begins; lines count from 0."""
        return self._starts[line]

    def span(self, start: int, end: int) -> Span:
        """The span of text[start:end]; if it covers several lines, it ends with the first of them."""
        number = self.line_of(start) + 1
        begin, source = self._starts[number - 1], self.lines[number - 1]
        column = start - begin + 1
        return Span(number, column, max(column + 1, min(end - begin, len(source)) + 1), source)


@dataclass(frozen=True)
class Line:
    """A logical line.

    Attributes:
        text: with comments replaced by blanks, and newlines too where they separate nothing; all positions stay the same. A trailing comma
        is left out.
        offset: of its beginning in the source.
    """

    text: str
    offset: int
    source: Source

    @cached_property
    def key(self) -> tuple[Any, ...]:
        """What this line was read from, and its place: equal lines have equal spans."""
        first, last = self.source.line_of(self.offset), self.source.line_of(self.offset + len(self.text))
        return self.text, first, self.offset - self.source.start_of(first), *self.source.lines[first : last + 1]

    def span(self, start: int, end: int) -> Span:
        """The span of a piece of this line."""
        return self.source.span(self.offset + start, self.offset + end)

    def written(self, start: int, end: int) -> str:
        """A piece of this line as typed."""
        return self.source.written[self.offset + start : self.offset + end]


def read_lines(source: Source) -> Iterator[Line]:
    """Split a text into logical lines: a statement continues inside brackets, after an arrow and before one.

    Raises:
        LanguageError: At an unmatched bracket, or brackets nested too deeply.
    """
    brackets = _Brackets(source)
    for text, start in _cut(source, brackets):
        if brackets.open:
            raise brackets.unclosed()
        yield from _line(text, start, source)


def unfinished_line(source: Source) -> Line | None:
    r"""The unfinished logical line at the end of a text, with trailing blanks; None within a comment.

    >>> unfinished_line(Source("input 8\n(dense 3 ->\n drop")).text
    '(dense 3 ->\n drop'
    """
    last = source.text.rfind("\n") + 1
    if any(match.group().startswith("#") for match in TOKEN.finditer(source.text, last)):
        return None
    try:
        *_, (text, start) = _cut(source, _Brackets(source))
    except LanguageError:  # An unmatched closing bracket in an earlier line.
        start = source.text.rfind("\n") + 1
        text = source.text[start:]
    return Line(text, start, source)


def _cut(source: Source, brackets: _Brackets) -> Iterator[tuple[str, int]]:
    """Each logical line, with its position; the last one may have open brackets."""
    text = source.text
    start = done = 0
    pieces: list[str] = []
    tail = ""  # The end of the line so far.
    arrow = -1  # The position where the line continues, if everything from here to there is blank or a comment.
    for match in TOKEN.finditer(text):
        found, at = match.group(), match.start()
        if found[0] not in "#\n":
            # In an unclosed string, brackets are probably meant as such.
            for index, bracket in enumerate(found if match["quote"] and not match["end"] else [found]):
                brackets.read(bracket, at + index)
            continue
        pieces.append(text[done:at])
        tail = pieces[-1].rstrip()[-2:] or tail
        done = match.end()
        if found != "\n":
            pieces.append(" " * len(found))
            continue
        if tail and done > arrow and not brackets.open:
            ahead = ARROW_AHEAD.match(text, done)
            arrow = ahead.end() if ahead else -1
        if brackets.open or tail == "->" or (tail and done <= arrow):
            pieces.append("\n" if brackets.in_groups else " ")
        else:
            yield "".join(pieces), start
            start, pieces, tail = done, [], ""
    yield "".join([*pieces, text[done:]]), start


def _line(text: str, start: int, source: Source) -> Iterator[Line]:
    stripped = text.strip()
    if stripped:
        # A line copied from a list ends with a comma.
        cut = text.rstrip()[:-1] if stripped.endswith(",") else text.rstrip()
        lead = len(cut) - len(cut.lstrip())
        yield Line(cut[lead:], start + lead, source)


class _Brackets:
    """The open brackets at a position in a text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.open: list[tuple[int, bool]] = []

    @property
    def in_groups(self) -> bool:
        """Whether a newline separates layers here: it does if all enclosing brackets are groups."""
        return not self.open or self.open[-1][1]

    def read(self, found: str, at: int) -> None:
        """Update with a bracket; other tokens change nothing."""
        if found in PAIRS:
            before = max(0, at - 200)
            group = found == "(" and self.in_groups and GROUP_OPENING.search(self.source.text, before, at) is not None
            self.open.append((at, group))
            if len(self.open) > DEEPEST_NESTING:
                problem = gettext("Brackets are nested {count} levels deep.", count=len(self.open))
                raise LanguageError(
                    problem,
                    expected=gettext("at most {deepest_nesting} levels", deepest_nesting=DEEPEST_NESTING),
                    span=self.source.span(at, at + 1),
                )
        elif found in PAIRS.values():
            self._close(found, at)

    def _close(self, found: str, at: int) -> None:
        span = self.source.span(at, at + 1)
        if not self.open:
            raise LanguageError(
                gettext("This {found} closes nothing.", found=found), expected=gettext("one {found} less", found=found), span=span
            )
        wanted = PAIRS[self.source.text[self.open.pop()[0]]]
        if found != wanted:
            raise LanguageError(
                gettext("{found!r} is used where {wanted!r} should close the bracket.", found=found, wanted=wanted),
                expected=wanted,
                span=span,
            )

    def unclosed(self) -> LanguageError:
        """The error for brackets that are never closed; if closing them completes the line, that is suggested."""
        opened = self.source.span(self.open[-1][0], self.open[-1][0] + 1)
        same_line = [at for at, _ in reversed(self.open) if self.source.span(at, at + 1).line == opened.line]
        missing = "".join(PAIRS[self.source.text[at]] for at in same_line)
        end = len(opened.source.rstrip())
        whole = len(same_line) == len(self.open) and "#" not in opened.source
        fixed = f"{opened.source.strip().rstrip(',')}{missing}" if whole else ""
        problem = gettext("A closing {missing} is missing.", missing=missing)
        here = Span(opened.line, end + 1, end + 2, opened.source)
        return LanguageError(problem, expected=gettext("{missing} at the end", missing=missing), instead=fixed, span=here)
