"""The family: a text with searched values, checked like any other text before any of its networks is built."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from seqmagic.errors import SeqmagicError, SeveralErrors, Span, raise_all
from seqmagic.language import LiveNames, Program, parse, print_program
from seqmagic.language.identifiers import IDENTIFIER, normalized
from seqmagic.language.searched import Drawn, Searched, draw_member, find_searched, put_in, sample_values
from seqmagic.network.arguments import Names
from seqmagic.network.expressions import expression_key
from seqmagic.network.fixes import FixTrial, add_fixes
from seqmagic.network.pasted import read_pasted
from seqmagic.network.plan import Plan, make_plan
from seqmagic.recipes.faults import find_faults, read_last_lines
from seqmagic.translation import gettext

WorkOut = Callable[[Program], Mapping[str, Any]]


class Family:
    """All networks that a text with searched values describes; without searched values it is a single network.

    >>> family = Family(parse("input 8 -> dense choice(4, 16) relu -> dense 1"), {})
    >>> [plan.parameters() for plan in family.check()]
    [41, 161]

    Attributes:
        program: the parsed text.
        names: the notebook's variables that the text uses.
        work_out: evaluates the expressions in curly brackets of a member, and returns the values by key.
        searched: the searched values, in text order.
    """

    def __init__(self, program: Program, names: Names, work_out: WorkOut | None = None) -> None:
        self.program = program
        self.searched = find_searched(program)
        self.work_out: WorkOut = work_out or (lambda _: {})
        self.names = self._needed(names)

    @property
    def text(self) -> str:
        """The whole text, as the printer writes it."""
        return print_program(self.program)

    def _needed(self, names: Names) -> Names:
        """Only the variables that the text may use: a sweep must not keep the others in memory while it runs."""
        words = set(map(normalized, re.findall(IDENTIFIER, print_program(self.program)))) | set(re.findall(IDENTIFIER, self.program.text))
        kept = {word: names[word] for word in words if word in names}
        return LiveNames(kept) if isinstance(names, LiveNames) else kept

    def member(self, values: Mapping[str, Drawn]) -> Program:
        """The program of the network with these values."""
        return parse(put_in(self.program, values).text)

    def draw(self, draw: Callable[[Searched], Drawn | None]) -> Program:
        """The program of a network whose values are drawn one by one."""
        return parse(draw_member(self.program, draw).text)

    def names_for(self, member: Program) -> Names:
        """The names, with the values of a member's expressions; each is evaluated once."""
        keys = {expression_key(expression) for expression in member.expressions()}
        if keys <= set(self.names):
            return self.names
        self.names = type(self.names)({**self.names, **self.work_out(member)})  # type: ignore[call-arg]
        return self.names

    def smallest(self) -> dict[str, Drawn]:
        """The values of the smallest network."""
        return {one.name: one.ends()[0] for one in self.searched}

    def largest(self) -> dict[str, Drawn]:
        """The values of the largest network."""
        return {one.name: one.ends()[1] for one in self.searched}

    def samples(self) -> Iterator[dict[str, Drawn]]:
        """The values of the networks that are checked: the smallest, the largest, and one for each option of a choice."""
        return sample_values(self.searched)

    def check(self) -> tuple[Plan, Plan]:
        """The plans of the smallest and of the largest network, after checking that all samples can be built.

        Raises:
            SeqmagicError: At the words of those that can't, with fixes that were tried.
        """
        plans: list[Plan] = []
        errors: list[SeqmagicError] = []
        for values in self.samples():
            try:
                plans.append(self._plan(put_in(self.program, values)))
            except SeqmagicError as error:
                singles = error.errors if isinstance(error, SeveralErrors) else (error,)
                errors += [_of_member(single, values) if plans else single for single in singles]
                if not plans:
                    break  # If the smallest network can't be built, the other networks would only repeat its errors.
        first_of_places: dict[tuple[Span | None, str], SeqmagicError] = {}
        for single in errors:
            first_of_places.setdefault((single.span, type(single).__name__), single)
        try:
            raise_all(first_of_places.values())
        except SeqmagicError as error:
            add_fixes(error, FixTrial(self.program.text, lambda text: find_faults(text, self.names)))
            raise
        return plans[0], plans[min(1, len(plans) - 1)]

    def _plan(self, member: Program) -> Plan:
        """The plan of a member whose spans refer to the family's text."""
        names = self.names_for(member)
        program = read_pasted(member, names)
        plan = make_plan(program, names)
        raise_all(read_last_lines(replace(program, fit=None), names).errors_with(plan.ending))
        return plan


def _of_member(error: SeqmagicError, values: Mapping[str, Drawn]) -> SeqmagicError:
    """Add to an error, which only some networks have, the values that cause it."""
    error.problem = gettext("{problem} This happens with {values}.", problem=error.problem.rstrip(), values=format_values(values))
    return error


def format_values(values: Mapping[str, Drawn]) -> str:
    """Drawn values as text.

    >>> format_values({"dense": "64", "adam": 0.0012})
    'dense 64, adam 0.0012'
    """
    return ", ".join(f"{name} {value if isinstance(value, str) else f'{value:g}'}" for name, value in values.items())
