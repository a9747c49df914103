"""The family: a text with searched values, checked as any other text is, though no single network of it is built yet."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from seqmagic.errors import SeqmagicError, SeveralErrors, Span, raise_all
from seqmagic.language import LiveNames, Program, parse, print_program
from seqmagic.language.identifiers import IDENTIFIER, normalized
from seqmagic.language.searched import CHOICE, Drawn, Searched, draw_member, find_searched, put_in
from seqmagic.network.arguments import Names
from seqmagic.network.expressions import expression_key
from seqmagic.network.fixes import FixTrial, add_fixes
from seqmagic.network.pasted import read_pasted
from seqmagic.network.plan import Plan, make_plan
from seqmagic.recipes.faults import find_faults, read_last_lines
from seqmagic.translation import gettext

WorkOut = Callable[[Program], Mapping[str, Any]]


class Family:
    """All networks that a text with searched values stands for; one without any stands for itself alone.

    >>> family = Family(parse("input 8 -> dense choice(4, 16) relu -> dense 1"), {})
    >>> [plan.parameters() for plan in family.check()]
    [41, 161]

    Attributes:
        program: as it was written.
        names: the notebook's own things that the text names.
        work_out: gives what the curly brackets of a member come to, by their keys.
        searched: the values that are searched, in the order of the text.
    """

    def __init__(self, program: Program, names: Names, work_out: WorkOut | None = None) -> None:
        self.program = program
        self.searched = find_searched(program)
        self.work_out: WorkOut = work_out or (lambda _: {})
        self.names = self._needed(names)

    @property
    def text(self) -> str:
        """The whole text, in its own spelling."""
        return print_program(self.program)

    def _needed(self, names: Names) -> Names:
        """Of the notebook's things those that the text may mean: the others must not be held for as long as a sweep takes."""
        words = set(map(normalized, re.findall(IDENTIFIER, print_program(self.program)))) | set(re.findall(IDENTIFIER, self.program.text))
        kept = {word: names[word] for word in words if word in names}
        return LiveNames(kept) if isinstance(names, LiveNames) else kept

    def member(self, values: Mapping[str, Drawn]) -> Program:
        """The network with these values, as a text of its own."""
        return parse(put_in(self.program, values).text)

    def draw(self, draw: Callable[[Searched], Drawn | None]) -> Program:
        """The network with values that are drawn one by one, as a text of its own."""
        return parse(draw_member(self.program, draw).text)

    def names_for(self, member: Program) -> Names:
        """The notebook's things, with what the curly brackets of a member come to; each is worked out once."""
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
        smallest, largest = self.smallest(), self.largest()
        yield smallest
        if self.searched:
            yield largest
        for one in self.searched:
            for option in one.texts if one.kind == CHOICE else ():
                if option not in (smallest[one.name], largest[one.name]):
                    yield {**smallest, one.name: option}

    def check(self) -> tuple[Plan, Plan]:
        """The plans of the smallest and of the largest network, where all that are checked can be built.

        Raises:
            SeqmagicError: At the words of those that can't, with what was tried.
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
                    break  # The smallest can't be built either: so it is with all of them.
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
        """The plan of a member whose places are those of the family's text."""
        names = self.names_for(member)
        program = read_pasted(member, names)
        plan = make_plan(program, names)
        raise_all(read_last_lines(replace(program, fit=None), names).errors_with(plan.ending))
        return plan


def _of_member(error: SeqmagicError, values: Mapping[str, Drawn]) -> SeqmagicError:
    """An error that not all networks of a family have, with the values that it comes from."""
    error.problem = gettext("{problem} So it is with {values}.", problem=error.problem.rstrip(), values=format_values(values))
    return error


def format_values(values: Mapping[str, Drawn]) -> str:
    """Drawn values in words.

    >>> format_values({"dense": "64", "adam": 0.0012})
    'dense 64, adam 0.0012'
    """
    return ", ".join(f"{name} {value if isinstance(value, str) else f'{value:g}'}" for name, value in values.items())
