"""The change: a correction of a text that may help, not yet tried."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """A changed text, and the changed line as it is shown.

    Attributes:
        at: the index of the changed line; None if the shown text says where it is.
    """

    lines: tuple[str, ...]
    shown: str
    is_last_resort: bool = False
    at: int | None = None


def replace_line(lines: tuple[str, ...], index: int, line: str) -> Change:
    """The text with another line in the place of one."""
    return Change((*lines[:index], line, *lines[index + 1 :]), line.strip(), at=index)
