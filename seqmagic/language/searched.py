"""Searched values: `choice(32, 64)`, `between(0.1, 0.5)`, `log(1e-4, 1e-2)`. A text with such values describes a family of networks.

Here such values are found, and replaced by drawn ones; how values are chosen is decided elsewhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from seqmagic.errors import LanguageError, Span
from seqmagic.language.printer import print_layer, print_step, print_unit, print_value
from seqmagic.language.program import Program, print_program
from seqmagic.language.statements import units_of
from seqmagic.language.syntax import Argument, Block, Call, Chain, Layer, Literal, Repeat, Sequence, Step, Unit, Value, Word
from seqmagic.translation import gettext

CHOICE, BETWEEN, LOG = "choice", "between", "log"
EXAMPLES = {CHOICE: "choice(32, 64)", BETWEEN: "between(0.1, 0.5)", LOG: "log(1e-4, 1e-2)"}
OF_COMPILE = ("optimizer", "loss", "metrics")

Drawn: TypeAlias = int | float | str


@dataclass(frozen=True)
class Searched:
    """One searched value.

    Attributes:
        name: what it is called in tables: `dense`, `dense word` (relu or tanh), `adam`, `batch_size`, `conv times`; a second of the
            same name is `dense 2`.
        kind: "choice", "between" or "log".
        span: of the searched value.
        options: of a choice, as written; one is identified by its text.
        low, high: the inclusive bounds of a range; it is one of integers if both are integers.
        step: of a range; None for any number.
    """

    name: str
    kind: str
    span: Span
    options: tuple[Value, ...] = ()
    low: int | float = 0
    high: int | float = 0
    step: int | float | None = None

    @property
    def texts(self) -> tuple[str, ...]:
        """The options of a choice as text."""
        return tuple(map(_written, self.options))

    @property
    def is_whole(self) -> bool:
        """Whether it is a range of integers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def count(self) -> float:
        """How many different values there are; infinite for a range of any numbers."""
        if self.kind == CHOICE:
            return len(self.options)
        return (self.high - self.low) // (self.step or 1) + 1 if self.is_whole else math.inf

    def ends(self) -> tuple[Drawn, Drawn]:
        """The smallest and the largest value; for a choice of anything but numbers, the first and the last."""
        if self.kind != CHOICE:
            return self.low, self.high
        values = [option.value for option in self.options if isinstance(option, Literal)]
        if len(values) == len(self.options) and all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
            order = sorted(range(len(values)), key=lambda index: float(values[index]))  # type: ignore[arg-type]
            return self.texts[order[0]], self.texts[order[-1]]
        return self.texts[0], self.texts[-1]

    def value_of(self, drawn: Drawn) -> Value:
        """The value for a drawn one."""
        if self.kind == CHOICE:
            return self.options[self.texts.index(str(drawn))]
        return Literal(drawn, self.span)


def find_searched(program: Program) -> tuple[Searched, ...]:
    """The searched values of a program, in text order, including those inside the options of a choice.

    >>> from seqmagic.language import parse
    >>> [one.name for one in find_searched(parse("input 8 -> (dense choice(16, 32)) * between(1, 3) -> dense log(8, 64)"))]
    ['dense', 'dense times', 'dense 2']

    Raises:
        LanguageError: At one without valid values.
    """
    return tuple(_Walk().through(program)[1].values())


def is_family(program: Program) -> bool:
    """Whether a program has searched values, and so describes several networks."""
    return bool(find_searched(program))


def refuse_searched(program: Program) -> None:
    """Refuse a text with searched values where a single network is needed.

    Raises:
        LanguageError: At the first one.
    """
    for one in find_searched(program)[:1]:
        problem = gettext("{kind!r} stands for several values, and this builds a single network.", kind=one.kind)
        raise LanguageError(problem, expected=gettext("one value, or %sweep, which tries several"), span=one.span)


def put_in(program: Program, values: Mapping[str, Drawn]) -> Program:
    """One member of a family: a program with a value for each searched one.

    Its places stay those of the family's text, so that what is wrong with the member is shown where somebody wrote it; its text is that of
    the member, as it would be typed.

    >>> from seqmagic.language import parse
    >>> print(put_in(parse("input 8 -> dense choice(16, 32) relu"), {"dense": "32"}).text, end="")
    input 8
    dense 32 relu

    Args:
        values: of each searched value by its name; those that the drawn options don't have are not needed.
    """
    return draw_member(program, lambda one: values.get(one.name))


def draw_member(program: Program, draw: Callable[[Searched], Drawn | None]) -> Program:
    """The same with values that are drawn one after the other, in the order of the text.

    Args:
        draw: gives a value of a searched one; it is not asked for those inside of options that were not drawn.
    """
    found = {one.span: one for one in find_searched(program)}
    member = _Walk(lambda span: draw(found[span])).through(program)[0]
    return replace(member, text=print_program(member))


def sample_values(searched: tuple[Searched, ...]) -> Iterator[dict[str, Drawn]]:
    """The values that a family is checked with: the smallest, the largest, and one for each option of a choice."""
    smallest, largest = ({one.name: one.ends()[end] for one in searched} for end in (0, 1))
    yield smallest
    if searched:
        yield largest
    for one in searched:
        for option in one.texts if one.kind == CHOICE else ():
            if option not in (smallest[one.name], largest[one.name]):
                yield {**smallest, one.name: option}


class _Walk:
    """Goes through a program in the order of the text.

    Attributes:
        draw: what is drawn for the searched value in a place; None leaves it as it is, and goes on inside its options.
    """

    def __init__(self, draw: Callable[[Span], Drawn | None] = lambda span: None) -> None:
        self.draw = draw
        self.found: dict[Span, Searched] = {}
        self._taken: dict[str, int] = {}

    def through(self, program: Program) -> tuple[Program, dict[Span, Searched]]:
        """The program with what is drawn, and the searched values that were come by."""
        units = self._blocks(program.units)
        compile_step = self._step(program.compile) if program.compile is not None else None
        fit = self._step(program.fit) if program.fit is not None else None
        return replace(program, units=units, compile=compile_step, fit=fit), self.found

    def _blocks(self, units: tuple[Unit | Block, ...]) -> tuple[Unit | Block, ...]:
        settled: list[Unit | Block] = []
        for unit in units:
            if isinstance(unit, Block):
                parameters = tuple(
                    p if p.default is None else replace(p, default=self._value(p.default, p.word.text)) for p in unit.parameters
                )
                settled.append(replace(unit, parameters=parameters, units=self._units(unit.units)))
            else:
                settled += self._unit(unit)
        return tuple(settled)

    def _units(self, units: tuple[Unit, ...]) -> tuple[Unit, ...]:
        return tuple(settled for unit in units for settled in self._unit(unit))

    def _unit(self, unit: Unit) -> tuple[Unit, ...]:
        """A layer or a group; a choice among layers becomes those that are drawn, which may be none."""
        if isinstance(unit, Repeat):
            inner = self._units(unit.units)
            count = unit.count
            if isinstance(count, Call):
                count = self._count(count, f"{_first_word(unit)} times")
                if isinstance(count, Literal) and count.value == 1:
                    return inner
            return (replace(unit, units=inner, count=count),) if inner else ()
        if unit.contents.words.isdisjoint(EXAMPLES):
            return (unit,)
        if isinstance(unit.word, Word) and unit.word.text == CHOICE:
            return self._choice_of_layers(unit)
        owner = unit.label.text if unit.label is not None else getattr(unit.word, "text", "layer").rpartition(".")[2]
        arguments = tuple(self._argument(argument, owner) for argument in unit.arguments)
        if arguments == unit.arguments:
            return (unit,)
        settled = replace(unit, arguments=arguments)
        return (replace(settled, text=print_layer(replace(settled, label=None))),)

    def _choice_of_layers(self, unit: Layer) -> tuple[Unit, ...]:
        assert isinstance(unit.word, Word)  # noqa: S101  # Who calls has looked.
        call = Call(unit.word, unit.arguments, unit.span)
        value = self._searched(call, unit.label.text if unit.label is not None else "layer")
        if value is call:
            return (unit,)
        if isinstance(value, Literal) and value.value is None:
            return ()
        units = units_of(value)
        if unit.label is not None and len(units) == 1 and isinstance(units[0], Layer):
            return (replace(units[0], label=unit.label),)
        return units

    def _count(self, call: Call, name: str) -> Any:
        if not _is_searched(call):
            return call
        value = self._searched(call, name)
        one = self.found[call.span]
        counts = [one.low, one.high] if one.kind != CHOICE else [getattr(option, "value", None) for option in one.options]
        if any(not isinstance(count, int) or isinstance(count, bool) or count < 1 for count in counts):
            raise LanguageError(
                gettext("The number of repetitions must be a whole number."),
                expected=gettext("whole numbers from 1 after *"),
                span=call.span,
            )
        return value

    def _step(self, step: Step) -> Step:
        names = [*OF_COMPILE[:2], *[OF_COMPILE[2]] * len(step.arguments)] if step.word.text == "compile" else ["x", "y"]
        settled = tuple(
            self._argument(argument, "", names[index] if index < len(names) else "value") for index, argument in enumerate(step.arguments)
        )
        if settled == step.arguments:
            return step
        changed = replace(step, arguments=settled)
        return replace(changed, text=print_step(changed))

    def _argument(self, argument: Argument, owner: str, name: str = "") -> Argument:
        named = f"{owner} {argument.name.text}".strip() if argument.name is not None else owner or name
        value = self._value(argument.value, named, is_layer=argument.name is None and bool(owner))
        return argument if value is argument.value else replace(argument, value=value)

    def _value(self, value: Value, name: str, *, is_layer: bool = False) -> Value:
        if isinstance(value, Call) and _is_searched(value):
            is_word = bool(value.arguments) and all(isinstance(argument.value, Word) for argument in value.arguments)
            return self._searched(value, f"{name} word" if is_word and is_layer else name)
        if isinstance(value, Call):
            arguments = tuple(self._argument(argument, value.word.text.rpartition(".")[2]) for argument in value.arguments)
            return value if arguments == value.arguments else replace(value, arguments=arguments)
        if isinstance(value, Sequence):
            items = tuple(self._value(item, name) for item in value.items)
            return value if items == value.items else replace(value, items=items)
        if isinstance(value, Chain):
            units = self._units(value.units)
            return value if units == value.units else replace(value, units=units)
        return value

    def _searched(self, call: Call, name: str) -> Value:
        """What stands in the place of a searched value."""
        if call.span not in self.found:
            count = self._taken[name] = self._taken.get(name, 0) + 1
            self.found[call.span] = _read(call, name if count == 1 else f"{name} {count}")
        one = self.found[call.span]
        drawn = self.draw(call.span)
        if drawn is not None:
            return self._value(one.value_of(drawn), name)
        for option in one.options:
            self._value(option, name)
        return call


def _is_searched(call: Call) -> bool:
    # A pasted call with one value, such as choice([32, 64]), is Python's own.
    return call.word.text in EXAMPLES and (call.python is None or len(call.arguments) > 1)


def _read(call: Call, name: str) -> Searched:
    """What a searched value says.

    Raises:
        LanguageError: Where that is no range and no choice.
    """
    kind = call.word.text
    wrong = next((argument for argument in call.arguments if argument.name is not None), None)
    if wrong is not None:
        raise LanguageError(gettext("{kind!r} takes plain values without names.", kind=kind), expected=EXAMPLES[kind], span=wrong.span)
    if kind == CHOICE:
        return _read_choice(call, name)
    numbers = [argument.value.value if isinstance(argument.value, Literal) else None for argument in call.arguments]
    if not 2 <= len(numbers) <= 2 + (kind == BETWEEN) or not all(map(_is_number, numbers)):
        meant = gettext("the smallest and the largest value") + (gettext(", and optionally a step") if kind == BETWEEN else "")
        raise LanguageError(gettext("{kind!r} takes {meant}.", kind=kind, meant=meant), expected=EXAMPLES[kind], span=call.span)
    low, high, *step = numbers
    if not low < high or (kind == LOG and low <= 0) or (step and not 0 < step[0] <= high - low):  # type: ignore[operator]
        expected = gettext("the smaller number first") + (
            gettext(", both above 0") if kind == LOG else gettext(", and a step above 0 that fits between them") if step else ""
        )
        raise LanguageError(gettext("{value} is an empty range.", value=print_value(call)), expected=expected, span=call.span)
    if step and isinstance(step[0], float):
        low, high = float(low), float(high)  # type: ignore[arg-type]
    return Searched(name, kind, call.span, (), low, high, step[0] if step else None)  # type: ignore[arg-type]


def _read_choice(call: Call, name: str) -> Searched:
    options = tuple(argument.value for argument in call.arguments)
    if len(options) == 1 and isinstance(options[0], Sequence):
        options = options[0].items
    if len(options) < 2:
        raise LanguageError(gettext("choice needs at least two values."), expected=EXAMPLES[CHOICE], span=call.span)
    texts = list(map(_written, options))
    twice = next((text for text in texts if texts.count(text) > 1), None)
    if twice is not None:
        raise LanguageError(gettext("choice lists {twice} twice.", twice=twice), expected=gettext("each value once"), span=call.span)
    return Searched(name, CHOICE, call.span, options)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _written(option: Value) -> str:
    """An option as it is written; layers as they would stand in a line."""
    if isinstance(option, Chain):
        return " -> ".join(line.strip() for unit in option.units for line in print_unit(unit))
    return print_value(option)


def _first_word(unit: Repeat) -> str:
    first = unit.units[0] if unit.units else None
    if isinstance(first, Repeat):
        return _first_word(first)
    return getattr(first.word, "text", "layers") if first is not None else "layers"
