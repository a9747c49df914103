"""Text tables: the content of a card in plain text, without characters that break a line or control a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from wcwidth import wcswidth

from seqmagic.errors import printable, printable_lines


def plain_text(lines: Iterable[str]) -> str:
    r"""Lines as one text, without control characters.

    >>> plain_text(["one", "t\x1b[31mwo\r\n"])
    'one\ntwo  '
    """
    return "\n".join(map(_in_one_line, lines))


def align(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    r"""Rows of words as lines in aligned columns.

    >>> align([("epoch", "loss"), ("1", "0.25")], right=[0])
    ['epoch  loss', '    1  0.25']
    >>> align([("精度", "1"), ("loss", "2")])  # Two columns of a terminal for each of these letters.
    ['精度  1', 'loss  2']

    Args:
        right: the right-aligned columns.
    """
    shown = [[_in_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(width_of, column)) for column in zip(*shown, strict=True)]
    aligned = set(right)

    def line(row: Sequence[str]) -> str:
        padded = zip(row, widths, strict=True)
        cells = [pad(cell, width, right=column in aligned) for column, (cell, width) in enumerate(padded)]
        return "  ".join(cells).rstrip()

    return [line(row) for row in shown]


def pad(text: str, width: int, *, right: bool = False) -> str:
    """A text padded with blanks: on the right, or on the left if it is right-aligned."""
    blanks = " " * (width - width_of(text))
    return f"{blanks}{text}" if right else f"{text}{blanks}"


def width_of(text: str) -> int:
    """The width of a text in terminal columns: wide characters take two.

    >>> width_of("loss"), width_of("精度"), width_of("é")
    (4, 4, 1)
    """
    known = wcswidth(text)
    return known if known >= 0 else len(text)  # It contains a control character, which isn't shown as it is.


def _in_one_line(text: str) -> str:
    return printable(printable_lines(text))
