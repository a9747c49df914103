"""The syntax: the parts of a parsed text, word by word, each with its place. Nothing here is ever changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from typing import Any, TypeAlias

from seqmagic.errors import Span

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True)
class Word:
    """A bare word, such as `relu` or `x_train`.

    Attributes:
        python: the same as Python means it, for a word with dots in a pasted call: `tf.nn.relu`, or `config.units`.
    """

    text: str
    span: Span = field(compare=False)
    python: Expression | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Literal:
    """A number, a quoted text, true, false or none."""

    value: int | float | str | bool | None
    span: Span = field(compare=False)

    def __eq__(self, other: object) -> bool:
        # 1, 1.0 and true are three different things to say.
        return isinstance(other, Literal) and (type(self.value), self.value) == (type(other.value), other.value)

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@dataclass(frozen=True)
class Size:
    """A size such as `28x28x1`; an unknown length (`?`) is None."""

    dims: tuple[int | None, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Sequence:
    """Values in round or square brackets, or parted by commas; `listed` is true for square ones."""

    items: tuple[Value, ...]
    span: Span = field(compare=False)
    listed: bool = False


@dataclass(frozen=True)
class Expression:
    """Python in curly brackets, for the notebook to evaluate.

    Attributes:
        text: with its brackets.
        bindings: what the parameters of the blocks around it stand for.
    """

    text: str
    span: Span = field(compare=False)
    bindings: tuple[tuple[str, Value], ...] = ()

    @property
    def code(self) -> str:
        """The Python without its brackets."""
        return self.text[1:-1].strip()


@dataclass(frozen=True)
class Argument:
    """A value, with the name it was given (`rate=0.3`) or None when its place says what it is."""

    value: Value
    name: Word | None
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Call:
    """A word with arguments in brackets, such as `adam(1e-3)`.

    Attributes:
        python: the same as Python means it, in a pasted call: `l2(0.01)`, or `len(columns)`.
    """

    word: Word
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False)
    python: Expression | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Chain:
    """Layers as a value, such as the inside of `sequential(dense 8 -> dense 4)`."""

    units: tuple[Unit, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Layer:
    """One layer of the network: its word and its arguments.

    Attributes:
        text: how it was written.
        label: the name before its colon.
        python: the same as Python means it, inside a pasted `Sequential([...])` or `model.add(...)`.
    """

    word: Word | Expression
    arguments: tuple[Argument, ...]
    text: str = field(compare=False)
    span: Span = field(compare=False)
    label: Word | None = None
    python: Expression | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Repeat:
    """Layers that come several times: `dense 64 relu * 3`, `(conv 8 3 -> maxpool 2) * 2`; without a count it is a plain group.

    Attributes:
        count: a call where it is searched, such as `between(1, 4)`.
    """

    units: tuple[Unit, ...]
    count: Literal | Word | Call | None
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Parameter:
    """A parameter of a block, with its default if it has one."""

    word: Word
    default: Value | None = None


@dataclass(frozen=True)
class Block:
    """A piece of network with a name of its own."""

    word: Word
    parameters: tuple[Parameter, ...]
    units: tuple[Unit, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Step:
    """A `compile` or `fit` line."""

    word: Word
    arguments: tuple[Argument, ...]
    text: str = field(compare=False)
    span: Span = field(compare=False)

    def compile_parts(self) -> list[tuple[str, Argument]]:
        """The arguments of a compile line, each behind its part: without names, the optimizer, the loss, and then metrics."""
        by_place = ("optimizer", "loss")
        return [
            (argument.name.text if argument.name is not None else by_place[index] if index < len(by_place) else "metrics", argument)
            for index, argument in enumerate(self.arguments)
        ]


@dataclass(frozen=True)
class Expect:
    """An `expect` line: what an exercise asks of the network, or of its training.

    Attributes:
        subject: what is looked at, such as `params`, or a number that the training reports, such as `val_accuracy`.
        kind: the word after it: the layer that is counted, or the activation of the output.
        sign: how it is compared: <, <=, >, >=, == or !=.
        value: with what: a number, or the axes of a shape.
        unit: the unit as it was written: "", "%", "k", "MB", ...
    """

    subject: Word
    kind: Word | None
    sign: str
    value: int | float | tuple[int | None, ...]
    unit: str
    text: str = field(compare=False)
    span: Span = field(compare=False)


def expressions_in(thing: Any) -> Iterator[Expression]:
    """The pieces of Python in a part of a program, in the order of the text."""
    if isinstance(thing, Expression):
        yield thing
    elif isinstance(thing, tuple):
        for item in thing:
            yield from expressions_in(item)
    elif isinstance(thing, (Sequence, Argument, Call, Chain, Layer, Repeat, Step)):
        for part in fields(thing):
            if part.name != "python":  # What a pasted call means to Python counts only once it is left to Python.
                yield from expressions_in(getattr(thing, part.name))


Value: TypeAlias = Word | Literal | Size | Sequence | Call | Expression | Chain
Unit: TypeAlias = Layer | Repeat
