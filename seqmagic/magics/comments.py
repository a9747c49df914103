"""Comments above a `%%sequential` line: IPython recognizes a cell magic only on the first line of a cell."""

from __future__ import annotations


def uncover_magic(lines: list[str]) -> list[str]:
    """Remove the comments and blank lines above a cell's `%%sequential`; any other cell is unchanged.

    >>> uncover_magic(["# my network", "%%sequential digits", "input 8"])
    ['%%sequential digits', 'input 8']
    """
    for index, line in enumerate(lines):
        if line.strip() and not line.lstrip().startswith("#"):
            return lines[index:] if line.startswith("%%sequential") else lines
    return lines


def keep_empty(lines: list[str]) -> list[str]:
    r"""Add a blank line below a `%%sequential` without a body: otherwise IPython refuses it, without saying what is missing.

    >>> keep_empty(["%%sequential digits\n"])
    ['%%sequential digits\n', ' \n']
    """
    if lines and lines[0].split()[:1] == ["%%sequential"] and not "".join(lines[1:]).strip("\n"):
        return [f"{lines[0].rstrip()}\n", " \n"]
    return lines
