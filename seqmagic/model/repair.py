"""Repair: small changes to a text that would make an error go away; each is tried, and only what builds is offered."""

from __future__ import annotations

import math
import re
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice

from seqmagic.errors import MOST_TOLD, SeqmagicError, SeveralErrors, ShapeError, Span, UnknownNameError
from seqmagic.language import CURLED
from seqmagic.model.catalogue import ACTIVATIONS, normalize
from seqmagic.model.habits import LONGEST, rewrite

MOST_FIXES = 2
MOST_TRIES = 16
MOST_SECONDS = 1.0  # For all that is tried after one cell: a person waits for the message.
RECURRENT = re.compile(r"\b(lstm|gru|simple_?rnn|rnn)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Change:
    """A changed text, and the changed line as it is shown."""

    lines: tuple[str, ...]
    shown: str
    is_last_resort: bool = False


def add_fixes(error: SeqmagicError, text: str, count_errors: Callable[[str], int]) -> None:
    """Give an error in the layers of a text, or each of several, the changes that were tried and help.

    count_errors: how many things in a text don't fit; a change helps when there are fewer.
    """
    before = count_errors(text)
    lines = tuple(text.split("\n"))
    deadline = time.monotonic() + MOST_SECONDS
    for index, single in enumerate(error.errors if isinstance(error, SeveralErrors) else (error,)):
        if index >= MOST_TOLD or time.monotonic() > deadline:
            single.fixes = ()  # What is not tried is not offered.
        elif single.span is not None:
            # What an error proposes of itself is a guess like any other.
            own = [change for fix in single.fixes for change in _as_changes(fix, single.span, lines)]
            single.fixes = offer(own, count_errors, before, deadline)
            fixes = (*offer(_changes(single, lines), count_errors, before, deadline), *single.fixes)
            single.fixes = tuple(dict.fromkeys(fixes))[:MOST_FIXES]


def _as_changes(fix: str, span: Span, lines: tuple[str, ...]) -> Iterator[Change]:
    """A proposal as a change of the whole line, and of the marked piece of it; an input line is changed where it stands."""
    if fix.startswith("input ") and lines[0].startswith("input"):
        yield Change((fix, *lines[1:]), fix)
    line = lines[span.line - 1]
    indent = line[: len(line) - len(line.lstrip())]
    yield _replaced(lines, span.line - 1, indent + fix)
    yield _replaced(lines, span.line - 1, line[: span.column - 1] + fix + line[span.end - 1 :])


def offer(changes: Iterable[Change], count_errors: Callable[[str], int], before: int, deadline: float = math.inf) -> tuple[str, ...]:
    """The changed lines that leave fewer errors in a text than before, best first; after the deadline nothing more is tried."""
    found: list[str] = []
    for change in islice(changes, MOST_TRIES):
        if len(found) == MOST_FIXES or (found and change.is_last_resort) or time.monotonic() > deadline:
            break
        if change.shown not in found and len(change.shown) <= LONGEST and count_errors("\n".join(change.lines)) < before:
            found.append(change.shown)
    return tuple(found)


def change_piece(text: str, span: Span, written: str) -> Change:
    """A text with the piece at a place written differently."""
    lines = tuple(text.split("\n"))
    line = lines[span.line - 1]
    return _replaced(lines, span.line - 1, line[: span.column - 1] + written + line[span.end - 1 :])


def _changes(error: SeqmagicError, lines: tuple[str, ...]) -> Iterator[Change]:
    """What might be meant, the likeliest first."""
    span = error.span
    if span is None or span.line > len(lines):
        return
    index, line = span.line - 1, lines[span.line - 1]
    if len(line) > LONGEST:
        return
    if isinstance(error, UnknownNameError):
        for candidate in error.candidates:
            if re.search(rf"\b{re.escape(candidate)}\b", line):
                continue  # It is there already, for something else.
            yield _replaced(lines, index, line[: span.column - 1] + candidate + line[span.end - 1 :])
    piece = line[span.column - 1 : span.end - 1]
    rules = (
        _quoted_numbers(piece),
        _activation_first(piece),
        _activation_apart(piece),
        _percentages(piece, error),
        _missing_value(piece, error),
    )
    for rule in rules:
        for written in rule:
            yield _replaced(lines, index, line[: span.column - 1] + written + line[span.end - 1 :])
    if isinstance(error, ShapeError):
        yield from _joints(error, lines, index, piece)
    yield from _spelling(lines, index)
    yield from (_replaced(lines, index, written) for written in rewrite(line))
    yield from _last_lines(lines, index, span)
    yield from _order(lines)


def _replaced(lines: tuple[str, ...], index: int, line: str) -> Change:
    return Change((*lines[:index], line, *lines[index + 1 :]), line.strip())


def _quoted_numbers(piece: str) -> Iterator[str]:
    """`dense "10"` and `dense 10.0` for `dense 10`, `dense -3` for `dense 3`."""
    for pattern, bare in ((r"""(["'])(\d+)\1""", r"\2"), (r"\b(\d+)\.0\b", r"\1"), (r"-(\d+)\b", r"\1")):
        if re.search(pattern, piece):
            yield re.sub(pattern, bare, piece, count=1)


def _percentages(piece: str, error: SeqmagicError) -> Iterator[str]:
    """`dropout 20` for `dropout 0.2`, and `momentum=9` for `momentum=0.9`."""
    match = re.search(r"\b\d+(\.\d+)?\b", piece)
    if match and 1 < float(match[0]) <= 100 and "from 0 to 1" in error.expected:
        is_percentage = "rate" in error.problem or "dropout" in error.problem
        meant = repr(float(match[0]) / 100) if is_percentage else f"0.{match[0].rstrip('0').replace('.', '')}"
        yield piece[: match.start()] + meant + piece[match.end() :]


def _activation_first(piece: str) -> Iterator[str]:
    """`softmax 10` for `dense 10 softmax`."""
    match = re.fullmatch(r"(\w+)[ (]+(\d+)\)?", piece)
    if match and ACTIVATIONS.find(match[1]):
        yield f"dense {match[2]} {match[1]}"


def _activation_apart(piece: str) -> Iterator[str]:
    """`flatten relu` for `flatten -> activation relu`: here the piece is the activation alone."""
    if re.fullmatch(r"\w+", piece) and ACTIVATIONS.find(piece):
        yield f"-> activation {piece}"


def _missing_value(piece: str, error: SeqmagicError) -> Iterator[str]:
    """A layer without what it needs gets the value that its error names as an example."""
    if re.fullmatch(r"\w+", piece) and error.instead.startswith(f"{piece} ") and "..." not in error.instead:
        yield error.instead


def _joints(error: ShapeError, lines: tuple[str, ...], index: int, piece: str) -> Iterator[Change]:
    """Changes where a shape does not fit: to this layer, to the ones before it, or to the input."""
    line, first = lines[index], lines[0]
    span = error.span
    assert span is not None  # noqa: S101  # Only errors with a place come here.
    head, tail = line[: span.column - 1], line[span.end - 1 :]
    before = _lines_of_layers(lines, index)
    if len(error.found) == 1 and before and normalize(lines[before[-1]].split()[0]) == "flatten":
        yield Change((*lines[: before[-1]], *lines[before[-1] + 1 :]), f"{line.strip()}   (without {lines[before[-1]].strip()} before it)")
    recurrent = [at for at in before if RECURRENT.search(lines[at])]
    if len(error.found) == 1 and recurrent and "return_sequences" not in lines[recurrent[-1]]:
        yield _replaced(lines, recurrent[-1], f"{lines[recurrent[-1]].split('#')[0].rstrip()} return_sequences")
    if re.match(r"\s*input\s", first):
        shape = first.split("#")[0].rstrip()
        yield Change((f"{shape}x1", *lines[1:]), f"{shape.strip()}x1")
    yield from (_replaced(lines, index, head + smaller + tail) for smaller in _smaller_windows(piece, error))
    if "same" not in piece and "window" in error.problem:
        yield _replaced(lines, index, f"{head}{piece} same{tail}")
    yield _replaced(lines, index, f"{head}flatten -> {piece}{tail}")
    yield _without(lines, index, head, tail)


def _smaller_windows(piece: str, error: ShapeError) -> Iterator[str]:
    """A kernel no larger than what flows in."""
    match = re.search(r"\b(\d+)x(\d+)\b", piece)
    axes = [dim for dim in error.found[:-1] if dim]
    if match and len(axes) == 2:
        yield piece[: match.start()] + f"{min(axes[0], int(match[1]))}x{min(axes[1], int(match[2]))}" + piece[match.end() :]


def _without(lines: tuple[str, ...], index: int, head: str, tail: str) -> Change:
    """The line without the layer that doesn't fit."""
    rest = re.sub(r"\s*->\s*$", "", head) + (tail if head.strip() else re.sub(r"^\s*->\s*", "", tail))
    if not rest.strip():
        return Change((*lines[:index], *lines[index + 1 :]), f"nothing in line {index + 1}", is_last_resort=True)
    return replace(_replaced(lines, index, rest), is_last_resort=True)


def _last_lines(lines: tuple[str, ...], index: int, span: Span) -> Iterator[Change]:
    """`adam 0.01` for `adam(0.01)`, and an optimizer and a loss that have changed places."""
    line = lines[index]
    if not line.lstrip().startswith("compile"):
        return
    number = re.search(r"(\w+)[ \t]+$", line[: span.column - 1])
    if number and re.fullmatch(r"[\d.eE+-]+", line[span.column - 1 : span.end - 1]):
        yield _replaced(lines, index, f"{line[: number.end(1)]}({line[span.column - 1 : span.end - 1]}){line[span.end - 1 :]}")
    yield _replaced(lines, index, re.sub(r"compile\s+(\S+)\s+(\S+)", r"compile \2 \1", line))


def _spelling(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """`input 28 28 1` and `28*28*1` for 28x28x1, `dense 2*32` for its result, straight quotes, no stray commas."""
    line = lines[index]
    if re.match(r"\s*input\b", line):
        yield _replaced(lines, index, re.sub(r"(\d)\s*[ *,]\s*(?=\d)", r"\1x", line))
    product = re.search(r"\b(\d{1,6})\s*\*\s*(\d{1,6})\b", line)
    if product:
        yield _replaced(lines, index, line[: product.start()] + str(int(product[1]) * int(product[2])) + line[product.end() :])
    straight = line.translate(STRAIGHT)
    if straight != line:
        yield _replaced(lines, index, straight)
    if "," in line and "(" not in line:
        yield _replaced(lines, index, re.sub(r"\s*,\s*", " ", line))


STRAIGHT = str.maketrans(CURLED)


def _order(lines: tuple[str, ...]) -> Iterator[Change]:
    """An input line that does not stand first is put there."""
    inputs = [at for at, line in enumerate(lines) if re.match(r"\s*input\s", line)]
    if len(inputs) == 1 and inputs[0] > 0:
        at = inputs[0]
        yield Change((lines[at], *lines[:at], *lines[at + 1 :]), f"{lines[at].strip()}   (as the first line)")


def _lines_of_layers(lines: tuple[str, ...], index: int) -> list[int]:
    return [at for at in range(index) if lines[at].split("#")[0].strip() and not re.match(r"\s*input\s", lines[at])]
