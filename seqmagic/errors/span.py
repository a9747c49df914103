"""The span: the position of a word in a text; and displaying any text without breaking a line or a terminal."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

WIDE_BLANK, WIDE_CARET = "\N{IDEOGRAPHIC SPACE}", "\N{FULLWIDTH CIRCUMFLEX ACCENT}"
# Terminal escape sequences: colours and cursor positions, then titles and links, then all others.
COMMAND = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]")


@dataclass(frozen=True)
class Span:
    """The position of a word in a text: line and columns count from 1, `end` is one past the last character.

    >>> print(Span(2, 7, 11, "dense rleu").pointer())
        dense rleu
              ^^^^
    >>> print(Span(2, 1, 3, "输入 3").pointer())
        输入 3
        ＾＾
    """

    line: int
    column: int
    end: int
    source: str = field(default="", compare=False, repr=False)

    @property
    def text(self) -> str:
        """The word."""
        return self.source[self.column - 1 : self.end - 1]

    def pointer(self) -> str:
        """The source line with carets under the word; a long line is cut to the part around it."""
        start = max(0, self.column - 60)
        shown = printable(self.source[start : start + 100]).rstrip()
        width = max(1, min(self.end, start + len(shown) + 1) - self.column)
        first = self.column - 1 - start
        # As wide as the character above: Chinese and Japanese characters take two columns.
        blanks = "".join(WIDE_BLANK if is_wide(one) else " " for one in shown[:first].ljust(first))
        carets = "".join(WIDE_CARET if is_wide(one) else "^" for one in shown[first : first + width].ljust(width))
        return f"    {shown}\n    {blanks}{carets}"


def is_wide(character: str) -> bool:
    """Whether a character takes two columns."""
    return not character.isascii() and unicodedata.east_asian_width(character) in "WF"


def printable(text: str) -> str:
    """A text with blanks for all characters that would break a line or control a terminal."""
    return text if text.isprintable() else "".join(character if character.isprintable() else " " for character in text)


def printable_lines(text: str) -> str:
    r"""A text of several lines in which each is printable, and a terminal's commands are cut out whole.

    >>> printable_lines("\x1b[1mbold\x1b[0m\nbell\a")
    'bold\nbell '
    """
    return "\n".join(map(printable, COMMAND.sub("", text).split("\n")))
