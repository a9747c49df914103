"""Typing fixes: does what a user does who reads a message and types its fix."""

from __future__ import annotations

import re

from seqmagic.errors import Span

PLACED = re.compile(
    r"(?P<text>.*?)   \((?:in line (?P<line>\d+)|(?P<first>as the first line)|without (?P<without>.*) before it|(?P<above>as a line above it)|(?P<whole>as the whole cell))\)"
)
OPTION = re.compile(r"(\w+)=(?![=\s])\S.*")
LANGUAGE = ("input", "compile", "fit", "seed")


def type_fix(cell: str, span: Span | None, fix: str) -> list[str]:
    """The cells to run after typing a fix: Python in a new cell, anything else in the refused one.

    cell: the refused one.
    span: of the error.
    """
    if not cell.startswith("%%"):
        return _type_line(cell, fix)
    head, *body = cell.split("\n")
    if fix.startswith("%%"):
        return ["\n".join([fix, *body])]
    if span is not None and ", and " not in fix:
        return ["\n".join([head, *_type_in_place(body, span, fix)])]
    before: list[str] = []
    for piece in fix.split(", and "):
        if _is_python(piece):
            before.append(piece)
        else:
            body = _type_by_word(body, piece)
    return [*before, "\n".join([head, *body])]


def _type_line(cell: str, fix: str) -> list[str]:
    """A fix for a line magic: the whole line, Python code before it, or one more option."""
    before: list[str] = []
    for piece in fix.split(", and "):
        if piece.startswith("%"):
            cell = piece
        elif _is_python(piece):
            before.append(piece)
        else:
            cell = f"{cell} {piece}"
    return [*before, cell]


def _type_in_place(body: list[str], span: Span, fix: str) -> list[str]:
    lines, index = list(body), span.line - 1
    deleted, placed = re.fullmatch(r"delete line (\d+)", fix), PLACED.fullmatch(fix)
    if deleted:
        del lines[int(deleted[1]) - 1]
        return lines
    text = placed["text"] if placed else fix
    if placed and placed["line"]:
        index = int(placed["line"]) - 1
    if placed and placed["first"]:
        at = next(number for number, line in enumerate(lines) if line.strip() == text)
        return [lines[at], *lines[:at], *lines[at + 1 :]]
    if placed and placed["whole"]:
        return [text]
    if placed and placed["above"]:
        return [*lines[:index], text, *lines[index:]]
    lines[index] = lines[index][: len(lines[index]) - len(lines[index].lstrip())] + text
    if placed and placed["without"]:
        del lines[max(at for at in range(index) if lines[at].strip() == placed["without"])]
    return lines


def _is_python(piece: str) -> bool:
    return not OPTION.fullmatch(piece) and bool(re.match(r"import |[\w., ]+ = |\w+\.\w+", piece))


def _type_by_word(body: list[str], piece: str) -> list[str]:
    """A line that replaces the one with the same first word; a layer replaces the last layer."""
    word, option = piece.split(maxsplit=1)[0], OPTION.fullmatch(piece)
    kinds = [kind_of(line) for line in body]
    wanted = "fit" if option else word if word in LANGUAGE else "layer"
    if wanted not in kinds:
        return [piece, *body]
    at = max(index for index, kind in enumerate(kinds) if kind == wanted)
    if option:
        piece = f"{re.sub(rf' {option[1]}=[^ ]*', '', body[at])} {piece}"
    elif wanted == "layer":
        piece = " -> ".join([*body[at].split(" -> ")[:-1], piece])
    return [*body[:at], piece, *body[at + 1 :]]


def kind_of(line: str) -> str:
    """The kind of a line: the first word of a statement, also in Keras's form, or a layer; "" for an empty line."""
    word = re.match(r"\s*(?:\w+\.(?=compile|fit))?(\w+)", line.split("#", maxsplit=1)[0])
    return "" if word is None else word[1] if word[1] in LANGUAGE else "layer"
