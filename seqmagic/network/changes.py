"""Changes: corrections for a refused line, the most likely first; they are tried elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from math import prod

from seqmagic.errors import ArgumentError, Instruction, PyTorchError, SeqmagicError, ShapeError, Span, UnknownNameError
from seqmagic.language import CURLED
from seqmagic.language.full_width import read_full_width
from seqmagic.language.latex import read_latex
from seqmagic.network.catalogue import ACTIVATIONS, LAYERS, RANK_LESS, normalize
from seqmagic.network.change import Change, replace_line
from seqmagic.network.common_mistakes import LONGEST, join_words, open_brackets, rewrite
from seqmagic.network.fitting_shapes import fitting_shapes
from seqmagic.network.known_networks import write_network
from seqmagic.network.number_words import read_number_words
from seqmagic.network.other_names import CROSSENTROPIES
from seqmagic.network.spelling import join_layers, spell_words
from seqmagic.network.step_changes import step_changes
from seqmagic.translation import gettext

SHAPE = r"\([-\d, ]+\)|\b\d+(?:x\d+)*\b"
RECURRENT = re.compile(r"\b(lstm|gru|simple_?rnn|rnn)\b", re.IGNORECASE)


def changes_of_proposal(fix: str, span: Span, lines: tuple[str, ...]) -> Iterator[Change]:
    """A proposal as a replacement of the whole line, and of the marked span; an input line replaces the input line."""
    if fix.startswith("input ") and lines[0].startswith("input"):
        yield Change((fix, *lines[1:]), fix, at=0)
    line = lines[span.line - 1]
    indent = line[: len(line) - len(line.lstrip())]
    yield replace_line(lines, span.line - 1, indent + fix)
    yield replace_line(lines, span.line - 1, line[: span.column - 1] + fix + line[span.end - 1 :])


def change_piece(text: str, span: Span, written: str) -> Change:
    """The text with a span replaced."""
    lines = tuple(text.split("\n"))
    line = lines[span.line - 1]
    return replace_line(lines, span.line - 1, line[: span.column - 1] + written + line[span.end - 1 :])


def _layer_around(line: str, span: Span) -> str:
    """The layer of a line that contains a span, between the arrows around it."""
    return line[line.rfind("->", 0, span.column - 1) + 1 : span.end - 1] + line[span.end - 1 :].partition("->")[0]


def possible_changes(error: SeqmagicError, lines: tuple[str, ...]) -> Iterator[Change]:
    """Possible corrections, the most likely first."""
    span = error.span
    if span is None or span.line > len(lines):
        return
    if isinstance(error, PyTorchError):
        yield from _translation(error)
    elif len(lines[span.line - 1]) <= LONGEST:
        yield from _changes_of_line(error, span, lines)


def _translation(error: PyTorchError) -> Iterator[Change]:
    """The whole network, translated."""
    if error.network:
        layers = error.network.replace("\n", " -> ")
        yield Change(tuple(error.network.split("\n")), gettext("{layers}   (as the whole cell)", layers=layers))


def _changes_of_line(error: SeqmagicError, span: Span, lines: tuple[str, ...]) -> Iterator[Change]:
    """Corrections of the line with the error, and of lines that it depends on."""
    index, line = span.line - 1, lines[span.line - 1]
    yield from (replace_line(lines, index, written) for written in (*join_words(line), open_brackets(line)) if written != line)
    yield from _without_latex(lines, index)
    yield from _in_digits(lines, index)
    if isinstance(error, UnknownNameError):
        yield from _network(error, span, lines)
        for candidate in (*error.candidates, *(CROSSENTROPIES if error.kind == "loss" and "entropy" in error.name else ())):
            if re.search(rf"\b{re.escape(candidate)}\b", _layer_around(line, span)):
                continue  # The layer already has this word, for something else.
            yield replace_line(lines, index, line[: span.column - 1] + candidate + line[span.end - 1 :])
        yield from (replace_line(lines, index, one) for one in spell_words(line))
        if f"{error.name}=" not in error.hint:
            yield replace_line(lines, index, join_layers(line))
    piece = line[span.column - 1 : span.end - 1]
    rules = (
        _quoted_numbers(piece),
        _activation_first(piece),
        _apart(piece) if f"{piece}=" not in getattr(error, "hint", "") else (),  # An argument may be called like a layer.
        _percentages(piece, error),
        _missing_value(piece, error),
    )
    for rule in rules:
        for written in rule:
            yield replace_line(lines, index, line[: span.column - 1] + written + line[span.end - 1 :])
    if isinstance(error, ShapeError):
        yield from _joints(error, lines, index, piece)
    yield from _spelling(lines, index)
    yield from (replace_line(lines, index, written) for written in rewrite(line))
    yield from step_changes(lines, index, span)
    yield from _words_apart(lines, index, span)
    yield from _without_input(lines, index, span)
    yield from _order(lines)


def _without_latex(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    r"""`Dense(10)` for `\text{Dense}(10)`, in all lines at once."""
    plain = [(line, read_latex(line)) for line in lines]
    changed = [written for line, written in plain if line != written]
    if len(changed) == 1 and read_latex(lines[index]) != lines[index]:
        yield replace_line(lines, index, changed[0])
    elif changed:
        kept = tuple(written for line, written in plain if written or not line)
        yield Change(kept, gettext("{layers}   (as the whole cell)", layers=" -> ".join(filter(None, kept))))


def _in_digits(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """`dense 10` for `dense ten`, and what else the line may need then."""
    line = lines[index]
    digits = read_number_words(line)
    if digits != line:
        yield replace_line(lines, index, digits)
        more = (*spell_words(digits, 1), re.sub(r"\s*,\s*", " ", digits), *rewrite(digits))
        yield from (replace(replace_line(lines, index, one), is_last_resort=True) for one in more)


def _network(error: UnknownNameError, span: Span, lines: tuple[str, ...]) -> Iterator[Change]:
    """The layers of a network that is called by its name."""
    line = lines[span.line - 1]
    layers = ""
    if error.kind == "layer":
        after = [line[span.end - 1 :], *lines[span.line :]]
        is_last = not any(re.match(r"(?!\s*(?:compile|fit|seed|expect)\b)\s*[^\s#]", one) for one in after)
        layers = write_network(error.name, has_input=any(re.match(r"\s*input\b", one) for one in lines), is_last=is_last)
    if layers:
        yield replace_line(lines, span.line - 1, line[: span.column - 1] + layers + line[span.end - 1 :])


def _quoted_numbers(piece: str) -> Iterator[str]:
    """`dense 10` for `dense "10"` and `dense 10.0`, `dense 3` for `dense -3`."""
    for pattern, bare in ((r"""(["'])(\d+)\1""", r"\2"), (r"\b(\d+)\.0\b", r"\1"), (r"-(\d+)\b", r"\1")):
        if re.search(pattern, piece):
            yield re.sub(pattern, bare, piece, count=1)


def _percentages(piece: str, error: SeqmagicError) -> Iterator[str]:
    """`dropout 0.2` for `dropout 20`, and `momentum=0.9` for `momentum=9`."""
    match = re.search(r"\b\d+(\.\d+)?\b", piece)
    if match and 1 < float(match[0]) <= 100 and isinstance(error, ArgumentError) and error.kind == "share":
        is_percentage = "rate" in error.parameter or "dropout" in error.parameter
        meant = repr(float(match[0]) / 100) if is_percentage else f"0.{match[0].rstrip('0').replace('.', '')}"
        yield piece[: match.start()] + meant + piece[match.end() :]


def _activation_first(piece: str) -> Iterator[str]:
    """`dense 10 softmax` for `softmax 10`."""
    match = re.fullmatch(r"(\w+)[ (]+(\d+)\)?", piece)
    if match and ACTIVATIONS.find(match[1]):
        yield f"dense {match[2]} {match[1]}"


def _apart(piece: str) -> Iterator[str]:
    """`flatten -> dense 10` for `flatten dense 10`, and `flatten -> activation relu` for `flatten relu`: the span is the word alone."""
    if re.fullmatch(r"\w+", piece) and (normalize(piece) in RANK_LESS or LAYERS.find(piece)) and not ACTIVATIONS.find(piece):
        yield f"-> {piece}"
    if re.fullmatch(r"\w+", piece) and ACTIVATIONS.find(piece):
        yield f"-> activation {piece}"


def _missing_value(piece: str, error: SeqmagicError) -> Iterator[str]:
    """A layer without a required value gets the example value from its error."""
    if re.fullmatch(r"\w+", piece) and error.instead.startswith(f"{piece} ") and "..." not in error.instead:
        yield error.instead


def _joints(error: ShapeError, lines: tuple[str, ...], index: int, piece: str) -> Iterator[Change]:
    """Corrections of a shape error: to this layer, to the layers before it, or to the input."""
    line, first = lines[index], lines[0]
    span = error.span
    assert span is not None  # noqa: S101  # Only errors with a span are passed here.
    head, tail = line[: span.column - 1], line[span.end - 1 :]
    before = _lines_of_layers(lines, index)
    if len(error.found) == 1 and before and normalize(lines[before[-1]].split()[0]) == "flatten":
        yield Change(
            (*lines[: before[-1]], *lines[before[-1] + 1 :]),
            gettext("{line}   (without {lines} before it)", line=line.strip(), lines=lines[before[-1]].strip()),
        )
    recurrent = [at for at in before if RECURRENT.search(lines[at])]
    if len(error.found) == 1 and recurrent and "return_sequences" not in lines[recurrent[-1]]:
        yield replace_line(lines, recurrent[-1], f"{lines[recurrent[-1]].split('#')[0].rstrip()} return_sequences")
    yield from _fitting_sizes(error, lines, index)
    if re.match(r"\s*input\s", first):
        shape = first.split("#")[0].rstrip()
        yield Change((f"{shape}x1", *lines[1:]), f"{shape.strip()}x1", at=0)
    yield from (replace_line(lines, index, head + smaller + tail) for smaller in _smaller_windows(piece, error))
    if "same" not in piece and error.window is not None:
        yield replace_line(lines, index, f"{head}{piece} same{tail}")
    yield replace_line(lines, index, f"{head}flatten -> {piece}{tail}")
    yield _without(lines, index, head, tail)


def _fitting_sizes(error: ShapeError, lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """For a reshape that doesn't fit: what it needs of the dense layer before it, or a shape with as many values as there are."""
    span, line = error.span, lines[index]
    if not error.wanted or span is None:
        return
    head, piece, tail = line[: span.column - 1], line[span.column - 1 : span.end - 1], line[span.end - 1 :]
    at = index if "->" in head else max((one for one in range(index) if lines[one].split("#")[0].strip()), default=index)
    above = head if at == index else lines[at]
    units = list(re.finditer(rf"(?<=\bdense[ (]){error.found[-1]}\b", above)) if len(error.found) == 1 else []
    if units and "->" not in above[units[-1].end() :].strip().removesuffix("->"):
        start, end = units[-1].span()
        changed = f"{above[:start]}{prod(error.wanted)}{above[end:]}"
        yield replace_line(lines, at, changed + (line[span.column - 1 :] if at == index else ""))
    for shape in fitting_shapes(prod(dim or 1 for dim in error.found), error.wanted):
        written = re.sub(SHAPE, "x".join(map(str, shape)), piece, count=1)
        yield replace_line(lines, index, f"{head}{written}{tail}")


def _smaller_windows(piece: str, error: ShapeError) -> Iterator[str]:
    """A kernel no larger than the layer's input."""
    match = re.search(r"\b(\d+)x(\d+)\b", piece)
    axes = [dim for dim in error.found[:-1] if dim]
    if match and len(axes) == 2:
        yield piece[: match.start()] + f"{min(axes[0], int(match[1]))}x{min(axes[1], int(match[2]))}" + piece[match.end() :]


def _without(lines: tuple[str, ...], index: int, head: str, tail: str) -> Change:
    """The line without the layer that doesn't fit."""
    rest = re.sub(r"\s*->\s*$", "", head) + (tail if head.strip() else re.sub(r"^\s*->\s*", "", tail))
    if not rest.strip():
        return Change(
            (*lines[:index], *lines[index + 1 :]), Instruction(gettext("delete line {index}", index=index + 1)), is_last_resort=True
        )
    return replace(replace_line(lines, index, rest), is_last_resort=True)


def _words_apart(lines: tuple[str, ...], index: int, span: Span) -> Iterator[Change]:
    """`maxpooling 2` for `max pooling 2`: a layer's name written as several words."""
    line = lines[index]
    words = re.match(r"[A-Za-z]+(?:[ -][A-Za-z]+){1,2}", line[span.column - 1 :])
    parts = re.split("[ -]", words[0]) if words else []
    for count in range(len(parts), 1, -1):
        joined = "".join(parts[:count]).lower()
        if joined in RANK_LESS or LAYERS.find(joined) is not None:
            end = span.column - 1 + len(" ".join(parts[:count]))
            yield replace_line(lines, index, f"{line[: span.column - 1]}{joined}{line[end:]}")


def _without_input(lines: tuple[str, ...], index: int, span: Span) -> Iterator[Change]:
    """`Dense(3)` for `Dense(3, input_dim=6)`, where the input is known already."""
    line = lines[index]
    head, piece, tail = line[: span.column - 1], line[span.column - 1 : span.end - 1], line[span.end - 1 :]
    if re.match(r"(?:batch_)?input_(?:shape|dim|length)\s*=", piece):
        alone = head.rstrip().endswith("(")
        yield replace_line(lines, index, head + re.sub(r"^\s*,\s*", "", tail) if alone else re.sub(r"[\s,]+$", "", head) + tail)


def _spelling(lines: tuple[str, ...], index: int) -> Iterator[Change]:
    """`28x28x1` for `input 28 28 1` and `28*28*1`, the result of `dense 2*32`, straight quotes, no stray commas and colons."""
    line = read_full_width(lines[index])
    if re.match(r"\s*input\b", line):
        yield replace_line(lines, index, re.sub(r"(\d)\s*[ *,]\s*(?=\d)", r"\1x", line))
    product = re.search(r"\b(\d{1,6})\s*\*\s*(\d{1,6})\b", line)
    if product and not WINDOW_AHEAD.search(line[: product.start()]):
        yield replace_line(lines, index, line[: product.start()] + str(int(product[1]) * int(product[2])) + line[product.end() :])
    if (labelled := re.match(r"\s*\w+(:)\s*\d", line)) is not None:
        yield replace_line(lines, index, line[: labelled.start(1)] + line[labelled.end(1) :])
    straight = line.translate(STRAIGHT)
    if straight != lines[index]:
        yield replace_line(lines, index, straight)
    if "," in line and "(" not in line and not re.search(r"\d\s*,\s*\d", line):  # Such a comma is part of a size, or a decimal comma.
        yield replace_line(lines, index, re.sub(r"\s*,\s*", " ", line))


STRAIGHT = str.maketrans(CURLED)
# A product behind this is the size of a window: conv 8 3*3.
WINDOW_AHEAD = re.compile(r"\b(?:\w*conv\w*\s+\d+|\w*pool\w*)\s+\(?\Z", re.IGNORECASE)


def _order(lines: tuple[str, ...]) -> Iterator[Change]:
    """Move an input line to the top."""
    inputs = [at for at, line in enumerate(lines) if re.match(r"\s*input\s", line)]
    if len(inputs) == 1 and inputs[0] > 0:
        at = inputs[0]
        yield Change((lines[at], *lines[:at], *lines[at + 1 :]), gettext("{lines}   (as the first line)", lines=lines[at].strip()))


def _lines_of_layers(lines: tuple[str, ...], index: int) -> list[int]:
    return [at for at in range(index) if lines[at].split("#")[0].strip() and not re.match(r"\s*input\s", lines[at])]
