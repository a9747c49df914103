"""Answers: a student's answers in comments on the lines of a network, checked against its plan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from seqmagic.exercises.check import FAILED, OPEN, PASSED, Check
from seqmagic.language import Program
from seqmagic.language.answers import UNREADABLE, Answer, answers_in
from seqmagic.network.layers import is_input
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row
from seqmagic.translation import gettext

RESULT = re.compile(r"\s*[=≈].*")  # The result of a sum, which is cut off: a student with a wrong answer should compute it.


@dataclass(frozen=True)
class Marked:
    """The marked answers of a cell.

    Attributes:
        checks: passed, failed or open, in text order.
        hidden_from: the first row of the plan whose numbers would reveal an answer; None if all are right. -1 is the input.
    """

    checks: tuple[Check, ...] = ()
    hidden_from: int | None = None


def mark_answers(program: Program, plan: Plan) -> Marked:
    """Mark the answers in a text: `# out=26x26x32 params=320`.

    Only the first line with a wrong answer shows the sum, without its result: the lines after it depend on that.
    """
    checks: list[Check] = []
    hidden: int | None = None
    for answer in answers_in(program.text):
        rows = _rows_in(answer.span.line, program, plan)
        first_wrong = hidden is None or hidden in rows
        check = _mark(answer, rows, plan, shows_sum=first_wrong)
        checks.append(check)
        if check.state != PASSED and rows and hidden is None:
            hidden = rows[0]
    return Marked(tuple(checks), hidden)


def _rows_in(line: int, program: Program, plan: Plan) -> list[int]:
    """The rows of the plan for a line of the text; -1 is the input."""
    has_input = is_input(program.layers[0])
    first = [-1] if has_input and program.layers[0].span.line == line else []
    return first + [index for index, row in enumerate(plan.rows) if row.layer.span.line == line]


def _mark(answer: Answer, rows: list[int], plan: Plan, *, shows_sum: bool) -> Check:
    asked = answer.text
    if not rows:
        return Check(asked, FAILED, gettext("{asked}: this line contains no layer of the network.", asked=asked), answer.span)
    if answer.value is None:
        return Check(asked, OPEN, gettext("Not answered yet."), answer.span, is_blank=True)
    layers = [plan.rows[index] for index in rows if index >= 0]
    found = _shape_after(layers, plan) if answer.about == "out" else sum(row.parameters for row in layers)
    if found is None:
        return Check(
            asked, FAILED, gettext("{asked}: this can't be computed until the network has an input line.", asked=asked), answer.span
        )
    sums = gettext("; ").join(_sums_of(answer.about, layers))
    if answer.value == found:
        return Check(asked, PASSED, gettext("Right: {sums}.", sums=sums) if sums else gettext("Right."), answer.span)
    unreadable = UNREADABLE in (answer.value if isinstance(answer.value, tuple) else (answer.value,))
    if unreadable:
        expected = (
            gettext("a shape such as 26x26x32") if answer.about == "out" else gettext("a whole number, or a sum such as 784*128 + 128")
        )
        return Check(asked, FAILED, gettext("{asked} can't be read. Expected: {expected}.", asked=asked, expected=expected), answer.span)
    sentence = gettext("Not right. It is {sub}; compute that.", sub=RESULT.sub("", sums)) if sums and shows_sum else gettext("Not right.")
    return Check(asked, FAILED, sentence, answer.span)


def _shape_after(layers: list[Row], plan: Plan) -> tuple[int | None, ...] | None:
    shape = layers[-1].after if layers else plan.input_shape
    return None if shape is None else tuple(shape)


def _sums_of(about: str, layers: list[Row]) -> Iterator[str]:
    """The arithmetic behind an answer, one sum for each layer that has one."""
    if about == "params":
        yield from [" + ".join(row.parameter_sum for row in layers if row.parameters)] if any(row.parameters for row in layers) else []
    elif layers and layers[-1].shape_sum:
        yield layers[-1].shape_sum
