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


def keep_empty(lines: list[str]) -> list[str]:
    r"""The lines of a cell, with a blank line below a `%%sequential` that has none: IPython would refuse it, and not say what is missing.

    >>> keep_empty(["%%sequential digits\n"])
    ['%%sequential digits\n', ' \n']
    """
    if lines and lines[0].split()[:1] == ["%%sequential"] and not "".join(lines[1:]).strip("\n"):
        return [f"{lines[0].rstrip()}\n", " \n"]
    return lines
