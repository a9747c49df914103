"""Text tables: what a card shows, in plain text. Nothing in it can break a line or change how a terminal looks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from seqmagic.errors import printable, printable_lines


def plain_text(lines: Iterable[str]) -> str:
    r"""Lines as one text, without anything that would make two of one or turn a terminal's colours.

    >>> plain_text(["one", "t\x1b[31mwo\r\n"])
    'one\ntwo  '
    """
    return "\n".join(map(_in_one_line, lines))


def align(rows: Sequence[Sequence[str]], right: Iterable[int] = ()) -> list[str]:
    r"""Rows of words as lines in columns.

    >>> align([("epoch", "loss"), ("1", "0.25")], right=[0])
    ['epoch  loss', '    1  0.25']

    Args:
        right: the columns that stand to the right.
    """
    shown = [[_in_one_line(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    aligned = set(right)

    def line(row: Sequence[str]) -> str:
        padded = zip(row, widths, strict=True)
        cells = [cell.rjust(width) if column in aligned else cell.ljust(width) for column, (cell, width) in enumerate(padded)]
        return "  ".join(cells).rstrip()

    return [line(row) for row in shown]


def _in_one_line(text: str) -> str:
    return printable(printable_lines(text))
