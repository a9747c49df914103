"""The code that runs in the page, put together from the files of this folder. No build step, nothing from outside."""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from functools import cache
from importlib.resources import files


def script(*names: str, styles: tuple[str, ...]) -> str:
    """Several files of JavaScript as one module, in that order; the last one holds its `export default`, the style sheets are its STYLE.

    A widget sends its code with every instance, and a saved notebook may hold many: so it goes compressed, a third as long, with a few
    lines before it that unpack it. They need nothing that the page doesn't need anyway to take a widget's code.
    """
    whole = f"{source(*names)}const STYLE = {json.dumps(style(*styles))};"
    packed = b64encode(gzip.compress(whole.encode(), mtime=0)).decode()
    return _read("unpack.js").replace("PACKED", packed)


def source(*names: str) -> str:
    """The same as it can be read, without comments and indentation.

    >>> source("element").startswith("function element(")
    True
    """
    return _lean(f"{name}.js" for name in names)


def style(*names: str) -> str:
    """Several style sheets as one."""
    return _lean(f"{name}.css" for name in names)


@cache
def _read(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")


def _lean(names: object) -> str:
    whole = "\n".join(_read(name) for name in names)  # type: ignore[attr-defined]
    # Our own files: a comment has its lines to itself, and no text runs over several lines.
    return re.sub(r"^[ \t]*(//.*|/\*\*.*\*/)?\n|^[ \t]+", "", whole + "\n", flags=re.MULTILINE)
