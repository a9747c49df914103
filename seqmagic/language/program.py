"""The parsed program: a whole text, with its layers in order, and back to text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from seqmagic.language.expansion import expand
from seqmagic.language.gc_pause import without_collector
from seqmagic.language.printer import print_block, print_expect, print_step, print_unit, print_value
from seqmagic.language.syntax import Block, Expect, Expression, Layer, Literal, Step, Unit, Word, expressions_in


@dataclass(frozen=True)
class Program:
    """A whole text: blocks and layers as written, and the optional last lines.

    Attributes:
        variable: to which pasted Keras code assigns the model (`model = Sequential()`).
        name: of the model in that code (`Sequential([...], name="digits")`).
        notes: on parts of pasted code that were left out or changed, one sentence each.
        expects: the requirements of an exercise.
    """

    units: tuple[Unit | Block, ...]
    compile: Step | None = None
    fit: Step | None = None
    seed: Literal | None = None
    text: str = field(default="", compare=False)
    variable: Word | None = field(default=None, compare=False)
    name: Literal | None = field(default=None, compare=False)
    notes: tuple[str, ...] = field(default=(), compare=False)
    expects: tuple[Expect, ...] = ()

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """The layers in order, with all repetitions and blocks written out.

        Raises:
            LanguageError: If a block is used wrongly, or there are too many layers.
        """
        with without_collector():
            return expand(self.units)

    def expressions(self) -> Iterator[Expression]:
        """All Python expressions in the text, in order, with repetitions and blocks written out."""
        yield from expressions_in((*self.layers, self.compile, self.fit))


def print_program(program: Program) -> str:
    """The text of a program, one layer a line; reading it again gives an equal program.

    >>> from seqmagic.language import parse
    >>> print(print_program(parse("input 784->(Dense(64,'relu')->dropout .5)*2  # big")), end="")
    input 784
    (Dense 64 'relu' -> dropout 0.5) * 2

    Comments and line breaks are not kept.
    """
    lines: list[str] = []
    for unit in program.units:
        lines += [*print_block(unit), ""] if isinstance(unit, Block) else print_unit(unit)
    last = [print_step(step) for step in (program.compile, program.fit) if step is not None]
    last += [f"seed {print_value(program.seed)}"] if program.seed is not None else []
    last += [print_expect(expect) for expect in program.expects]
    parted = [""] if last and lines and lines[-1] else []
    return "".join(f"{line}\n" for line in [*lines, *parted, *last])
