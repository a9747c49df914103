"""Comments above a `%%sequential` line: IPython knows a cell magic only by the first line of its cell."""

from __future__ import annotations


def uncover_magic(lines: list[str]) -> list[str]:
    """The lines of a cell, without the comments and blank lines above its `%%sequential`; any other cell stays as it is.

    >>> uncover_magic(["# my network", "%%sequential digits", "input 8"])
    ['%%sequential digits', 'input 8']
    """
    for index, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            return lines[index:] if line.startswith("%%sequential") else lines
    return lines
