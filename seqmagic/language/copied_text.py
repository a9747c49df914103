"""Copied text: what a page, a mail or a session adds to the lines of a network when they are copied from it.

Everything is replaced by blanks, so that positions stay the same; only invisible characters and unusual line ends are replaced before that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seqmagic.translation import gettext

LINE_END = re.compile("\r\n|[\r\v\f\x85\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}]")
# Characters without a width: marks for the direction of writing, soft hyphens, joiners, the mark at the beginning of a file.
INVISIBLE = re.compile(
    r"""(?P<kept>(?P<quote>["'])(?:\\.|(?!(?P=quote))[^\\\n])*+(?P=quote)|\#[^\n]*)"""
    "|[\xad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]"
)
FENCE = re.compile(r"^[ \t]*```[\w+-]*[ \t]*$", re.MULTILINE)
FENCED = re.compile(r"^[ \t]*```[\w+-]*[ \t]*\n.*?^[ \t]*```[ \t]*$", re.MULTILINE | re.DOTALL)
# A line that belongs to a network: an assignment, a call, an arrow, or a word with a number.
OF_NETWORK = re.compile(
    r"^[ \t]*(?:input\b|[\w.]+[ \t]*=[^=]|[\w.]+\(|[^\W\d]\w*[ \t]+\d[\dx. \t]*(?!.*[:.!?]$))|->", re.MULTILINE | re.IGNORECASE
)
ITEM = re.compile(r"^[ \t]*(?:[-*•]|\d+[.)])[ \t](?=[ \t]*[^\W\d])", re.MULTILINE)  # Of a list, if each line begins so.
QUOTED = re.compile(r"^[ \t]*>(?![>=])[ \t]?", re.MULTILINE)  # In a mail, if each line begins so.
NUMBERED = re.compile(r"^[ \t]*(\d+)(?:[ \t]*[:.|)])?(?:[ \t]|$)", re.MULTILINE)  # If the numbers follow each other.
DIFFERENCE = re.compile(r"^[ +\-@\\]")
OLD = re.compile(r"^(?:-|@@|\\|\+\+\+).*|^[ +]", re.MULTILINE)


def clean_lines(text: str) -> str:
    r"""A text with plain line ends, and without invisible characters outside its strings and comments.

    >>> clean_lines("\ufeffinput 8\r\nden\u200bse 3\u2028dense 2")
    'input 8\ndense 3\ndense 2'
    """
    if not text.isascii() or any(end in text for end in "\r\f\v"):
        text = INVISIBLE.sub(lambda found: found["kept"] or "", LINE_END.sub("\n", text))
    return text


def written_place(text: str, line: int, column: int) -> tuple[int, int]:
    r"""Where a place in the `clean_lines` of a text stands in the text itself; lines and columns count from 1.

    >>> written_place("\ufeffinput 8\u2028den\u200bse 3", 1, 7), written_place("\ufeffinput 8\u2028den\u200bse 3", 2, 7)
    ((1, 8), (1, 17))
    """
    if clean_lines(text) == text:
        return line, column
    lined, places = _replace(LINE_END, lambda _: "\n", text, range(len(text) + 1))
    clean, places = _replace(INVISIBLE, lambda found: found["kept"] or "", lined, places)
    start = sum(len(one) + 1 for one in clean.split("\n")[: line - 1])
    place = places[min(start + column - 1, len(clean))]
    return text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)


def _replace(pattern: re.Pattern[str], by: Callable[[re.Match[str]], str], text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """A text with each match replaced by something no longer, and the places that its characters had."""
    pieces, left, end = list[str](), list[int](), 0
    for found in pattern.finditer(text):
        new = by(found)
        pieces += [text[end : found.start()], new]
        left += [*places[end : found.start()], *places[found.start() : found.start() + len(new)]]
        end = found.end()
    return "".join([*pieces, text[end:]]), [*left, *places[end:]]


@dataclass(frozen=True)
class Copied:
    """A copied text.

    Attributes:
        text: with blanks for everything that doesn't belong to the network.
        note: what is left out, as a sentence, if a reader might want to know.
        cut: the width of the mark in front of each line, if each has one: a number, a bullet.
    """

    text: str
    note: str = ""
    cut: tuple[int, ...] = ()


def read_copied(text: str) -> Copied:
    r"""Leave out what is around a network in a copied text.

    >>> read_copied("Try this:\n```\ninput 8\n```").text.split("\n")
    ['         ', '   ', 'input 8', '   ']
    >>> read_copied(" input 8\n-dense 3\n+dense 4").text.split("\n")
    [' input 8', '        ', ' dense 4']
    """
    blocks = [found.span() for found in FENCED.finditer(text)] if "```" in text else []
    around = _around(text, blocks)
    if around.strip() and not OF_NETWORK.search(around):
        outside = "".join(_blank(one) if other.strip() else one for one, other in zip(text, around, strict=True))
        return Copied(FENCE.sub(_blanks, outside), gettext("Only the code between the ``` is read."))
    text = FENCE.sub(_blanks, text)
    lines = [line for line in text.split("\n") if line.strip()]
    if _is_difference(lines):
        has_old = any(line.startswith("-") for line in lines)
        note = gettext("These lines compare two versions of a text: the newer one is read.") if has_old else ""
        return Copied(OLD.sub(_blanks, text), note)
    marks = ([NUMBERED] if _are_numbered(lines) else []) + [mark for mark in (ITEM, QUOTED) if all(mark.match(line) for line in lines)]
    mark = next(iter(marks), None)
    if mark is None or not lines:
        return Copied(text)
    return Copied(mark.sub(_blanks, text), cut=tuple(found.end() if (found := mark.match(line)) else 0 for line in text.split("\n")))


def _around(text: str, blocks: list[tuple[int, int]]) -> str:
    """The text around some blocks, which are blank."""
    for start, end in blocks:
        text = text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]
    return text if blocks else ""


def _is_difference(lines: list[str]) -> bool:
    """Whether lines are what `git diff` prints: each with a sign or a blank in front, and some of them new."""
    new = any(line.startswith("+") for line in lines)
    return new and len(lines) > 1 and all(DIFFERENCE.match(line) for line in lines)


def _are_numbered(lines: list[str]) -> bool:
    numbers = [int(found[1]) for line in lines if (found := NUMBERED.match(line)) and len(found[1]) < 6]
    return len(lines) > 1 and len(numbers) == len(lines) and numbers == list(range(numbers[0], numbers[0] + len(lines)))


def _blanks(found: re.Match[str]) -> str:
    return " " * len(found[0])


def _blank(character: str) -> str:
    return character if character == "\n" else " "
