"""Option problems: words after a magic that look like options but are none of its options."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seqmagic.editor.cell import CELL
from seqmagic.editor.options import OPTIONS
from seqmagic.errors import UnknownNameError
from seqmagic.translation import gettext_noop

HEAD = re.compile(r"[ \t]*(%(?:sequential|fit|dashboard|look|sweep|runs))[ \t]")
PART = re.compile(
    r"""(?P<kept>"[^"]*"|'[^']*'|\#.*|\{[^{}]*\}|\([^()]*\)|\[[^][]*\]|->)
    |(?<!\S)(?P<option>--?[^\W\d][\w-]*)(?:=\w*)?(?!\S)""",
    re.VERBOSE,
)


def option_problems(cell: str) -> Iterator[dict[str, Any]]:
    r"""The problems of the options in a cell; running the magics gives the same messages.

    >>> [problem["message"] for problem in option_problems("x = 3\n%fit digits x y --anwe")]
    ["'%fit' has no option '--anwe'.\nClosest matches: --anew."]
    """
    head = CELL.match(cell)
    if head is not None:
        yield from _problems_of("%%sequential", cell.split("\n", maxsplit=1)[0], 1)
    elif not cell.startswith("%%"):
        for number, line in enumerate(cell.split("\n"), 1):
            found = HEAD.match(line)
            if found is not None:
                yield from _problems_of(found[1], line, number)


def _problems_of(magic: str, line: str, number: int) -> Iterator[dict[str, Any]]:
    known = OPTIONS[magic]
    for part in PART.finditer(line):
        option = part["option"]
        if part["kept"] == "->" or (part["kept"] or "").startswith("#") or (magic == "%sequential" and option in ("--save", "--load")):
            return  # The rest is layers or a file name, which has no options.
        if option is None or option in known:
            continue
        error = UnknownNameError(gettext_noop("option"), option, known, owner=magic)
        fixed = [f"{line[: part.start()]}{meant}{line[part.start() + len(option) :]}" for meant in error.candidates]
        yield {
            "line": number,
            "start": len(line[: part.start()].encode("utf-16-le")) // 2,
            "end": len(line[: part.start() + len(option)].encode("utf-16-le")) // 2,
            "severity": "error",
            "message": error.reason,
            "fixes": [{"title": text, "line": number, "text": text} for text in fixed],
        }
