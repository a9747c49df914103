"""The syntax: the parts of a parsed text, each with its span. They are immutable."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, TypeAlias

from seqmagic.errors import Span

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}


@dataclass(frozen=True)
class Word:
    """A bare word, such as `relu` or `x_train`.

    Attributes:
        python: the same as a Python expression, for a dotted word in a pasted call: `tf.nn.relu`, or `config.units`.
    """

    text: str
    span: Span = field(compare=False)
    python: Expression | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Literal:
    """A number, a quoted string, true, false or none."""

    value: int | float | str | bool | None
    span: Span = field(compare=False)

    def __eq__(self, other: object) -> bool:
        # 1, 1.0 and true are different.
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
    """Values in round or square brackets, or separated by commas; `listed` is true for square ones."""

    items: tuple[Value, ...]
    span: Span = field(compare=False)
    listed: bool = False


@dataclass(frozen=True)
class Expression:
    """Python in curly brackets, to be evaluated by the notebook.

    Attributes:
        text: with the brackets.
        bindings: the values of the enclosing blocks' parameters.
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
    """A value, with its name (`rate=0.3`), or None for a positional one."""

    value: Value
    name: Word | None
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Call:
    """A word with arguments in brackets, such as `adam(1e-3)`.

    Attributes:
        python: the same as a Python expression, in a pasted call: `l2(0.01)`, or `len(columns)`.
    """

    word: Word
    arguments: tuple[Argument, ...]
    span: Span = field(compare=False)
    python: Expression | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class Chain:
    """Layers as a value, such as in `sequential(dense 8 -> dense 4)`."""

    units: tuple[Unit, ...]
    span: Span = field(compare=False)


@dataclass(frozen=True)
class Layer:
    """One layer of the network: its word and its arguments.

    Attributes:
        text: as written.
        label: the name before its colon.
        python: the same as a Python expression, in a pasted `Sequential([...])` or `model.add(...)`.
    """

    word: Word | Expression
    arguments: tuple[Argument, ...]
    text: str = field(compare=False)
    span: Span = field(compare=False)
    label: Word | None = None
    python: Expression | None = field(default=None, compare=False, repr=False)

    @cached_property
    def contents(self) -> Contents:
        """What is in this layer."""
        parts = list(_parts_in(self))
        words = frozenset(part.text for part in parts if isinstance(part, Word))
        is_pasted = any(getattr(part, "python", None) is not None for part in parts)
        return Contents(words, frozenset(map(type, parts[1:])), is_pasted)


@dataclass(frozen=True)
class Contents:
    """What is in a layer, at any depth. It is remembered: most passes over a long network have nothing to do in most layers.

    Attributes:
        words: the texts of all words, including the names of arguments and labels.
        kinds: the types of all parts.
        is_pasted: whether a part has a Python form.
    """

    words: frozenset[str]
    kinds: frozenset[type]
    is_pasted: bool

    @property
    def is_simple(self) -> bool:
        """Whether there are neither layers nor Python in it."""
        return not self.is_pasted and not self.kinds & {Layer, Chain, Expression}


@dataclass(frozen=True)
class Repeat:
    """Repeated layers: `dense 64 relu * 3`, `(conv 8 3 -> maxpool 2) * 2`; without a count it is a plain group.

    Attributes:
        count: a call if it is searched, such as `between(1, 4)`.
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
    """A named piece of network."""

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
        """The arguments of a compile line, each with its part: positional ones are the optimizer, the loss, and then metrics."""
        by_place = ("optimizer", "loss")
        return [
            (argument.name.text if argument.name is not None else by_place[index] if index < len(by_place) else "metrics", argument)
            for index, argument in enumerate(self.arguments)
        ]


@dataclass(frozen=True)
class Expect:
    """An `expect` line: a requirement for the network, or for its training.

    Attributes:
        subject: such as `params`, or a logged metric, such as `val_accuracy`.
        kind: the word after it: the layer to count, or the activation of the output.
        sign: the comparison: <, <=, >, >=, == or !=.
        value: to compare with: a number, or the axes of a shape.
        unit: as written: "", "%", "k", "MB", ...
    """

    subject: Word
    kind: Word | None
    sign: str
    value: int | float | tuple[int | None, ...]
    unit: str
    text: str = field(compare=False)
    span: Span = field(compare=False)


def _parts_in(part: Any) -> Iterator[Any]:
    """A part of a program, and all parts of it."""
    if isinstance(part, tuple):
        for item in part:
            yield from _parts_in(item)
    elif hasattr(part, "__dataclass_fields__") and not isinstance(part, Span):
        yield part
        for inner in fields(part):
            if inner.name != "python":
                yield from _parts_in(getattr(part, inner.name))


def expressions_in(thing: Any) -> Iterator[Expression]:
    """The Python expressions in a part of a program, in text order."""
    if isinstance(thing, Expression):
        yield thing
    elif isinstance(thing, tuple):
        for item in thing:
            yield from expressions_in(item)
    elif isinstance(thing, Layer) and Expression not in thing.contents.kinds:
        return
    elif isinstance(thing, (Sequence, Argument, Call, Chain, Layer, Repeat, Step)):
        for part in fields(thing):
            if part.name != "python":  # The Python form of a pasted call counts only once it is left to Python.
                yield from expressions_in(getattr(thing, part.name))


Value: TypeAlias = Word | Literal | Size | Sequence | Call | Expression | Chain
Unit: TypeAlias = Layer | Repeat
