"""The parsed program: what a text says, word by word, each with its place. Nothing here is ever changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

from seqmagic.errors import Span


@dataclass(frozen=True)
class Word:
    """A bare word, such as `relu` or `x_train`."""

    text: str
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Literal:
    """A number, a quoted text, true, false or none."""

    value: int | float | str | bool | None
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Size:
    """A size such as `28x28x1`; an unknown length (`?`) is None."""

    dims: tuple[int | None, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Sequence:
    """Values in round or square brackets, or parted by commas."""

    items: tuple[Value, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Argument:
    """A value, with the name it was given (`rate=0.3`) or None when its place says what it is."""

    value: Value
    name: Word | None
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Call:
    """A word with arguments in brackets, such as `adam(1e-3)`."""

    word: Word
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Layer:
    """One layer of the network: its word and its arguments; `text` is how it was written."""

    word: Word
    arguments: tuple[Argument, ...]
    text: str = field(compare=False)
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Step:
    """A `compile` or `fit` line."""

    word: Word
    arguments: tuple[Argument, ...]
    text: str = field(compare=False)
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Program:
    """A whole text: the layers in order, and the optional last lines."""

    layers: tuple[Layer, ...]
    compile: Step | None = None
    fit: Step | None = None
    seed: Literal | None = None
    text: str = field(default="", compare=False)


Value: TypeAlias = Word | Literal | Size | Sequence | Call
