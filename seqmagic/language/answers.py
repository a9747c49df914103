"""Answers: a student's answers in comments, about the output shape and the parameters of a line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from seqmagic.errors import Span
from seqmagic.language.copied_text import clean_lines
from seqmagic.language.lines import TOKEN, Source

ANSWER = re.compile(
    r"(?<!\w)(?P<about>out|params)\s*=\s*(?P<value>[\d?](?:[^\s#;,]|,(?=\d{3}(?!\d)))*(?:\s*[*×+]\s*\d(?:[^\s#;,]|,(?=\d{3}(?!\d)))*)*)",
    re.IGNORECASE,
)
UNREADABLE = -1  # A value that no network has.
SUM = re.compile(r"\d{1,15}(\s*[*×x+]\s*\d{1,15}){0,30}")
SHAPE = re.compile(r"(\d{1,15}|\?)([x×](\d{1,15}|\?))*")


@dataclass(frozen=True)
class Answer:
    """An answer, or a blank for one.

    Attributes:
        about: "out" or "params".
        value: the axes of a shape, or a number; None for a blank, and UNREADABLE for anything else.
        text: as written.
    """

    about: str
    value: tuple[int | None, ...] | int | None
    text: str
    span: Span


def answers_in(text: str) -> tuple[Answer, ...]:
    """The answers in the comments of a text, in order; lines that contain only a comment don't count.

    >>> [(answer.about, answer.value) for answer in answers_in("input 8x8x1 -> conv 4 3x3  # out=6x6x4 params=?")]
    [('out', (6, 6, 4)), ('params', None)]
    """
    return tuple(_read(clean_lines(text)))


def _read(text: str) -> Iterator[Answer]:
    source = Source(text)
    for comment in TOKEN.finditer(text):
        line = source.start_of(source.line_of(comment.start()))
        if comment[0][0] != "#" or not text[line : comment.start()].strip():
            continue
        for found in ANSWER.finditer(comment[0]):
            about, start = found["about"].lower(), comment.start() + found.start()
            written = found[0].rstrip(",.:)!")
            plain = re.sub(r"(?<=\d)[,_](?=\d{3}(?!\d))", "", written[found.start("value") - found.start() :])
            value = None if plain == "?" else _number(plain) if about == "params" else _shape(plain)
            yield Answer(about, value, written, source.span(start, start + len(written)))


def _number(written: str) -> int:
    """A number of parameters, or a sum as in the table: 784×128 + 128."""
    if not SUM.fullmatch(written):
        return UNREADABLE
    return sum(math.prod(int(factor) for factor in re.split(r"[*×x]", part)) for part in written.split("+"))


def _shape(written: str) -> tuple[int | None, ...]:
    if not SHAPE.fullmatch(written):
        return (UNREADABLE,)
    return tuple(None if dim == "?" else int(dim) for dim in re.split(r"[x×]", written))
