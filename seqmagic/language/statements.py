"""Statements: the logical lines one by one, put together to a program; pasted Keras is put into our own words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from seqmagic.errors import LanguageError, Span
from seqmagic.language.printer import print_value
from seqmagic.language.program import Program
from seqmagic.language.syntax import Argument, Block, Call, Chain, Expect, Layer, Literal, Repeat, Sequence, Step, Unit, Value, Word
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Assigned:
    """`model = Sequential(...)` in pasted Keras."""

    variable: Word
    made: Any
    rest: tuple[Argument, ...]
    span: Span


@dataclass(frozen=True)
class Imports:
    """An import line in pasted Keras."""

    text: str
    span: Span


@dataclass(frozen=True)
class Built:
    """`model.build((None, 784))` in pasted Keras."""

    shape: Value
    span: Span


@dataclass(frozen=True)
class Note:
    """What the reader of pasted code has to say: a sentence."""

    text: str


Statement: TypeAlias = Chain | Step | Expect | Literal | Block | Assigned | Imports | Built | Note
STEPS = ("compile", "fit")
LAST_LINES = (*STEPS, "seed", "expect")
OF_LINES = (*LAST_LINES, "input", "block", "choice")  # What a whole line begins with.


def assemble(statements: list[Statement], text: str) -> Program:
    """Put statements together to a program.

    Raises:
        LanguageError: At a second compile, fit or seed line, at layers after compile or fit, and at pasted lines that don't describe a
            network.
    """
    whole = _Assembly()
    for statement in statements:
        if not whole.belongs_to_block(statement):
            whole.take(statement)
    whole.close_block()
    whole.take_built()
    steps = whole.steps
    last = (steps.get("compile"), steps.get("fit"), steps.get("seed"))
    return Program(tuple(whole.units), *last, text, whole.variable, whole.name, tuple(whole.notes), tuple(whole.expects))


@dataclass
class _Assembly:
    units: list[Unit | Block] = field(default_factory=list)
    steps: dict[str, Any] = field(default_factory=dict)
    variable: Word | None = None
    name: Literal | None = None
    block: Block | None = None
    block_names: set[str] = field(default_factory=set)
    body: list[Unit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    expects: list[Expect] = field(default_factory=list)
    built: Built | None = None

    def belongs_to_block(self, statement: Statement) -> bool:
        """Take a statement into the block that is open, if it is indented deeper than that; close the block if not."""
        if self.block is None or isinstance(statement, Note):
            return False
        inside = statement.span.column > self.block.span.column
        if inside and isinstance(statement, Block):
            raise LanguageError(
                gettext("A block can't be defined inside another block."),
                expected=gettext("the inner block defined above the outer one"),
                span=statement.span,
            )
        if not inside or not isinstance(statement, Chain):
            self.close_block()
            return False
        _refuse_last_lines(statement.units)
        self.body += statement.units
        return True

    def close_block(self) -> None:
        """End the block that is open."""
        if self.block is None:
            return
        if not self.body:
            problem = gettext("The block {block!r} is empty.", block=self.block.word.text)
            raise LanguageError(problem, expected=gettext("indented layers in the lines below it"), span=self.block.span)
        self.units.append(Block(self.block.word, self.block.parameters, tuple(self.body), self.block.span))
        self.block, self.body = None, []

    def take(self, statement: Statement) -> None:
        """Give a statement its place."""
        if isinstance(statement, Chain):
            for unit in statement.units:
                self._take_unit(unit)
        elif isinstance(statement, Block):
            self._take_block(statement)
        elif isinstance(statement, Step):
            self._take_step(statement.word.text, statement)
        elif isinstance(statement, Literal):
            self._take_step("seed", statement)
        elif isinstance(statement, Expect):
            self.expects.append(statement)
        elif isinstance(statement, Assigned):
            self._take_assigned(statement)
        elif isinstance(statement, Built):
            self.built = statement
        elif isinstance(statement, Note):
            self.notes.append(statement.text)
        # Imports are read over: nothing is ever imported because of a text, and Keras's words are known here.

    def take_built(self) -> None:
        """Put the input of `model.build` before the layers, unless they have one themselves."""
        first = self.units[0] if self.units else None
        if self.built is None or (isinstance(first, Layer) and _describes_input(first)):
            return
        shape, span = self.built.shape, self.built.span
        self.units.insert(0, Layer(Word("Input", span), (Argument(shape, Word("batch_shape", span), span),), "input", span))

    def _take_block(self, block: Block) -> None:
        if block.word.text in OF_LINES:
            problem = gettext("A block can't be called {block!r}: that word already starts another kind of line.", block=block.word.text)
            raise LanguageError(problem, expected=gettext("a different name"), instead=f"block my_{block.word.text}", span=block.word.span)
        if block.word.text in self.block_names:
            raise LanguageError(
                gettext("There is already a block called {block!r}.", block=block.word.text),
                expected=gettext("a different name"),
                span=block.word.span,
            )
        self.block_names.add(block.word.text)
        _refuse_last_lines(block.units)
        if block.units:
            self.units.append(block)
        else:
            self.block = block

    def _take_step(self, kind: str, value: Any) -> None:
        layers = [a for a in getattr(value, "arguments", ()) if isinstance(a.value, Chain)]
        if layers:
            raise LanguageError(
                gettext("The {kind} line contains a layer.", kind=kind),
                expected=gettext("a word, a number, or a value in brackets"),
                span=layers[0].span,
            )
        if kind in self.steps:
            raise LanguageError(
                gettext("There is a second {kind} line.", kind=kind),
                expected=gettext("at most one {kind} line", kind=kind),
                span=value.span,
            )
        self.steps[kind] = value

    def _take_unit(self, unit: Unit) -> None:
        word = unit.word.text if isinstance(unit, Layer) else ""
        owner, _, method = word.rpartition(".")
        if isinstance(unit, Layer) and method == "add" and owner:
            self._take_unit(_added(unit))
        elif isinstance(unit, Layer) and method in STEPS and owner:
            self._take_step(method, Step(Word(method, unit.word.span), unit.arguments, unit.text, unit.span))
        elif method == "Sequential" and isinstance(unit, Layer) and not self.units:
            self._take_layers(unit.arguments, unit.span)  # After other layers it is a model inside the model.
        elif method == "summary" and owner:
            return  # The table is shown anyway.
        else:
            _refuse_last_lines((unit,))
            last = next((kind for kind in self.steps if kind in STEPS), None)
            if last:
                raise LanguageError(
                    gettext("There is a layer after the {last} line.", last=last), expected=gettext("all layers first"), span=unit.span
                )
            self.units.append(unit)

    def _take_assigned(self, statement: Assigned) -> None:
        made = statement.made
        name = getattr(made.word if isinstance(made, Call) else made, "text", "")
        if isinstance(made, Call) and name.rpartition(".")[2] in STEPS and "." in name:
            self._take_unit(Layer(made.word, made.arguments, text_of_call(made), made.span))  # history = model.fit(...)
            return
        if name.rpartition(".")[2].lower() != "sequential":
            problem = gettext("{variable!r} is assigned something other than a Sequential model.", variable=statement.variable.text)
            raise LanguageError(problem, expected=gettext("this line in a Python cell above"), span=statement.span)
        if not isinstance(made, Call):
            fixed = f"{statement.variable.text} = {name}()"
            raise LanguageError(gettext("{name!r} needs brackets.", name=name), expected="()", instead=fixed, span=made.span)
        if self.units:
            raise LanguageError(
                gettext("There is a second model in this cell."), expected=gettext("one network per cell"), span=statement.span
            )
        self.variable = statement.variable
        self._take_layers(made.arguments, made.span)

    def _take_layers(self, arguments: tuple[Argument, ...], span: Span) -> None:
        """The layers in the brackets of `Sequential([...])`, and the model's name."""
        for argument in arguments:
            if argument.name is None or argument.name.text == "layers":
                for unit in units_of(argument.value):
                    self._take_unit(unit)
            elif argument.name.text == "name" and isinstance(argument.value, Literal):
                self.name = argument.value
            else:
                problem = gettext("Sequential takes no {name!r} here.", name=argument.name.text)
                raise LanguageError(problem, expected=gettext("the layers in a list"), span=argument.span)


def units_of(value: Any) -> tuple[Unit, ...]:
    """The layers that a value stands for: a chain, a list of them, or a single one.

    Raises:
        LanguageError: Where a value can't be a layer.
    """
    if isinstance(value, Chain):
        return value.units
    if isinstance(value, Sequence):
        return tuple(unit for item in value.items for unit in units_of(item))
    if isinstance(value, Call):
        return (Layer(value.word, value.arguments, text_of_call(value), value.span, python=value.python),)
    if isinstance(value, Word) or hasattr(value, "code"):
        return (Layer(value, (), value.text, value.span, python=getattr(value, "python", None)),)
    raise LanguageError(gettext("This is not a layer."), expected=gettext("a layer such as Dense(32)"), span=value.span)


def _refuse_last_lines(units: Iterable[Unit]) -> None:
    """Refuse a compile, fit, seed or expect line among layers, also inside groups: by itself it is one of the network's last lines."""
    for unit in units:
        if isinstance(unit, Repeat):
            _refuse_last_lines(unit.units)
        elif unit.word.text in LAST_LINES:
            problem = gettext("{word!r} is not a layer, so no arrow can lead to it.", word=unit.word.text)
            raise LanguageError(problem, expected=gettext("a layer after ->, or no arrow before it"), span=unit.span)


def _describes_input(layer: Layer) -> bool:
    names = {argument.name.text for argument in layer.arguments if argument.name is not None}
    word = getattr(layer.word, "text", "").rpartition(".")[2].lower()
    return word in ("input", "inputlayer") or bool(names & {"input_shape", "batch_input_shape", "input_dim"})


def text_of_call(call: Call) -> str:
    """A call as it is shown: as it was written, or with the values that names of its own stand for."""
    if call.python is None:
        return call.span.source[call.span.column - 1 : call.span.end - 1]
    return print_value(call) if call.python.bindings else call.python.code


def _added(unit: Layer) -> Unit:
    """The layer in the brackets of `model.add(...)`."""
    units = units_of(unit.arguments[0].value) if len(unit.arguments) == 1 and unit.arguments[0].name is None else ()
    if not units:
        raise LanguageError(gettext("add() takes one layer."), expected="model.add(Dense(32))", span=unit.span)
    return units[0] if len(units) == 1 else Repeat(units, None, unit.span)
