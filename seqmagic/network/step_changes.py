"""Changes to the compile, fit and seed lines of a text, and to what stands in the wrong one of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqmagic.errors import Span, nearest
from seqmagic.network.change import Change, replace_line
from seqmagic.network.other_names import CROSSENTROPIES
from seqmagic.translation import gettext


def step_changes(lines: tuple[str, ...], index: int, span: Span) -> Iterator[Change]:
    """Corrections of such lines, the most likely first."""
    yield from _last_lines(lines, index, span)
    yield from _rate_elsewhere(lines, index)
    yield from _compile_above(lines, index)
    yield from _below(lines, index)


def _last_lines(lines: tuple[str, ...], index: int, span: Span) -> Iterator[Change]:
    """`adam(0.01)` for `adam 0.01`, and swapping an optimizer and a loss."""
    line = lines[index]
    if not line.lstrip().startswith("compile"):
        return
    number = re.search(r"(\w+)[ \t]+$", line[: span.column - 1])
    if number and re.fullmatch(r"[\d.eE+-]+", line[span.column - 1 : span.end - 1]):
        yield replace_line(lines, index, f"{line[: number.end(1)]}({line[span.column - 1 : span.end - 1]}){line[span.end - 1 :]}")
    yield replace_line(lines, index, re.sub(r"compile\s+(\S+)\s+(\S+)", r"compile \2 \1", line))


RATE = re.compile(r"\s+(?:lr|learning_rate)=([\d.eE+-]+)")
COMPILE = re.compile(r"(\s*compile\s+(?:optimizer=)?\w+)(?:\((?:[\d.eE+-]+|(?:lr|learning_rate)=[\d.eE+-]+)?((?:,[^()]*)?)\))?(?=\s|$)")


def _rate_elsewhere(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """Move a learning rate from the fit line to the optimizer."""
    rate = RATE.search(lines[index])
    if not lines[index].lstrip().startswith("fit") or rate is None:
        return
    fit = lines[index][: rate.start()] + lines[index][rate.end() :]
    for at, line in enumerate(lines):
        match = COMPILE.match(line)
        if match:
            compiled = f"{match[1]}({rate[1]}{match[2] or ''}){line[match.end() :]}"
            changed = [compiled if number == at else fit if number == index else one for number, one in enumerate(lines)]
            yield Change(tuple(changed), gettext(", and ").join([compiled.strip(), fit.strip()]))


# Compile lines to put above a fit line that has none: the one whose loss fits is not refused.
COMPILE_LINES = (
    *(f"compile adam {loss} accuracy" for loss in CROSSENTROPIES),
    "compile adam mse mae",
)


def _compile_above(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """Add a compile line before a fit line that has none."""
    first_words = [re.split(r"\W", line.strip(), maxsplit=1)[0] for line in lines]
    if first_words[index] == "fit" and not nearest("compile", first_words):
        for line in COMPILE_LINES:
            yield Change((*lines[:index], line, *lines[index:]), gettext("{line}   (as a line above it)", line=line))


def _below(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """A compile, fit or seed line in a line of its own, if it stands behind a layer."""
    joined = re.match(r"(.*?\S)\s*(?:->\s*|\s)((?:compile|fit|seed)\b.*)", lines[index])
    if joined is not None:
        shown = gettext("{line}   (as a line below it)", line=joined[2].strip())
        yield Change((*lines[:index], joined[1], joined[2], *lines[index + 1 :]), shown)
