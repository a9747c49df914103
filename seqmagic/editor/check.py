"""The check: the shape after each line of a cell, and its problems, from the same parser and plan that running the cell uses.

It runs no user code: problems that need it are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeAlias

from seqmagic.editor.flow import Flow, Memory, follow, words_in
from seqmagic.errors import SeqmagicError, SeveralErrors, Span, raise_all
from seqmagic.exercises.answers import mark_answers
from seqmagic.exercises.check import PASSED
from seqmagic.exercises.expectations import check_words
from seqmagic.language import Block, Call, Program, expressions_in
from seqmagic.language.expansion import expand
from seqmagic.network.advice import advice_on
from seqmagic.network.change import Change
from seqmagic.network.expressions import is_gap
from seqmagic.network.fixes import FixTrial, add_fixes, fault_of
from seqmagic.network.layers import is_input
from seqmagic.network.output_layer import Ending
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row
from seqmagic.network.shape_math import format_shape
from seqmagic.options.compile_line import CompileOptions
from seqmagic.options.loss_checks import PairingError, changes_of, check_metrics, check_pairing, find_mismatches, loss_span, metric_spans
from seqmagic.recipes.faults import ending_alone, read_fit_line
from seqmagic.translation import gettext

IN_LINE = re.compile(r"In line (\d+) ")


@dataclass(frozen=True)
class LineShape:
    """The output shape of the last layer in a line, and the parameters of all its layers."""

    line: int
    shape: str
    params: int


@dataclass(frozen=True)
class Fix:
    """A fix: the new text of a line; only a title if it does not replace a single line."""

    title: str
    line: int | None = None
    text: str | None = None


@dataclass(frozen=True)
class Problem:
    """An error or a warning.

    Attributes:
        span: its position; the first line if it has none.
        severity: "error" or "warning".
    """

    span: Span
    severity: str
    message: str
    fixes: tuple[Fix, ...] = ()


@dataclass(frozen=True)
class CellCheck:
    """The shapes and the problems of a text; its lines count from 1."""

    lines: tuple[LineShape, ...] = ()
    problems: tuple[Problem, ...] = ()


Look: TypeAlias = tuple[Flow, list[SeqmagicError], list[tuple[Span, str]]]


@dataclass(frozen=True)
class Checker:
    """Checks texts.

    Attributes:
        names: the notebook's variables.
        memory: results from earlier texts.
        onto: the model to which the layers would be appended.
        is_stale: whether the answer is no longer needed.
    """

    names: Mapping[str, Any]
    memory: Memory
    onto: Any = None
    is_stale: Callable[[], bool] = lambda: False
    _known: dict[str, Look] = field(default_factory=dict, repr=False)  # A text is looked at without fixes first, and then with them.

    def check(self, text: str) -> CellCheck:
        """The shapes and the problems of a text, without fixes. Call it in a separate thread, by `work_beside`."""
        flow, errors, warnings = self._look(text)
        problems = [*(_problem(error) for error in errors), *(Problem(span, "warning", message) for span, message in warnings)]
        return CellCheck(tuple(_shapes(flow)), tuple(problems))

    def with_fixes(self, text: str) -> CellCheck:
        """The same with fixes that were tried. Raises InterruptedError if the answer is no longer needed."""
        flow, errors, warnings = self._look(text)
        try:
            raise_all(errors)
        except SeqmagicError as whole:
            add_fixes(whole, FixTrial(text, self._faults), partial(_meant, text))
        problems = [replace(_problem(error), fixes=tuple(_fixes(error, text))) for error in errors]
        problems += [Problem(span, "warning", message) for span, message in warnings]
        return CellCheck(tuple(_shapes(flow)), tuple(problems))

    def _faults(self, text: str) -> Counter[str]:
        """Count everything wrong with a changed text."""
        if self.is_stale():
            raise InterruptedError
        _, errors, warnings = self._look(text)
        return Counter([*map(fault_of, errors), *(message for _, message in warnings)])

    def _look(self, text: str) -> Look:
        """The flow of a text, its errors, and what is unwise."""
        if text not in self._known:
            self._known[text] = self._look_anew(text)
        return self._known[text]

    def _look_anew(self, text: str) -> Look:
        flow = follow(text, self.names, self.memory, self.onto)
        errors = list(flow.errors)
        options = None
        if flow.program is not None:
            options, wrong = self._last_lines(flow.program, flow)
            errors += wrong
        try:
            raise_all(error for error in errors if not is_gap(error))
        except SeveralErrors as several:
            errors = list(several.errors)
        except SeqmagicError as error:
            errors = [error]
        else:
            errors = []
        return flow, errors, list(_unwise(flow, options))

    def _last_lines(self, program: Program, flow: Flow) -> tuple[CompileOptions | None, list[SeqmagicError]]:
        """The options of the compile line, and the errors in it and the lines below; lines that need user code are skipped."""
        options: CompileOptions | None = None
        errors: list[SeqmagicError] = []
        try:
            if program.compile is not None and not self._is_open(program.compile, flow):
                options = self.memory.options(program.compile, flow.names)
                ending = flow.ending or self._ending_alone(program, flow)
                if ending is not None:
                    check_pairing(ending, options.loss, loss_span(program))
                    check_metrics(ending, options.loss, options.metrics, metric_spans(program))
        except SeqmagicError as error:
            errors.append(error)
        try:
            if program.fit is not None and not any(expressions_in(program.fit)) and not _calls(program.fit):
                read_fit_line(program, self.names, compiled=self.onto is not None)
        except SeqmagicError as error:
            errors.append(error)
        try:
            if not errors and not (program.compile is not None and self._is_open(program.compile, flow)):
                check_words(program, flow.names)
        except SeqmagicError as error:
            errors.append(error)
        return options, errors

    def _ending_alone(self, program: Program, flow: Flow) -> Ending | None:
        """The output of the last layer, when the layers before it have errors."""
        is_known = program.layers and not self._is_open(program.layers[-1], flow)
        return ending_alone(program, flow.names) if is_known else None

    def _is_open(self, step: Any, flow: Flow) -> bool:
        """Whether a line depends on something that only running user code would show."""
        words = {getattr(word, "text", "") for word in words_in((step.word, step.arguments))}
        return any(word in self.names and word not in flow.names for word in words) or any(expressions_in(step))


def _calls(step: Any) -> bool:
    return any(isinstance(argument.value, Call) for argument in step.arguments)


def _shapes(flow: Flow) -> Iterator[LineShape]:
    """The shapes after each line, as far as they are known; those of a block are shown where it is used."""
    if flow.plan is None or flow.program is None or flow.is_family:
        return
    shapes: dict[int, tuple[Any, int]] = {}
    first = flow.program.layers[0] if flow.program.layers else None
    if first is not None and is_input(first) and flow.plan.input_shape is not None:
        shapes[first.span.line] = (flow.plan.input_shape, 0)
    for line, row in zip(_lines_of(flow.program, skips_input=first is not None and is_input(first)), flow.plan.rows, strict=False):
        if row.after is not None:
            shapes[line] = (row.after, shapes.get(line, (None, 0))[1] + row.parameters)
    refused = {error.span.line for error in flow.errors if error.span is not None}  # A line whose end is refused has no output.
    end = _first_question(flow.program, flow.plan)
    shown = {line: one for line, one in sorted(shapes.items()) if line not in refused and (end is None or line < end)}
    yield from (LineShape(line, format_shape(shape), params) for line, (shape, params) in shown.items())


def _first_question(program: Program, plan: Plan) -> int | None:
    """The first line whose comment asks for its shape or parameters, and has no right answer: from there on, shapes would be answers."""
    asked = mark_answers(program, plan).checks if program.layers else ()
    return min((check.span.line for check in asked if check.state != PASSED and check.span is not None), default=None)


def _lines_of(program: Program, *, skips_input: bool) -> Iterator[int]:
    """The line at which each layer is shown: that of its word, or of the use of its block."""
    blocks = tuple(unit for unit in program.units if isinstance(unit, Block))
    inside = {line for block in blocks for line in range(block.span.line, max(_last_line(block), block.span.line) + 1)}
    for unit in program.units:
        if isinstance(unit, Block):
            continue
        for layer in expand((*blocks, unit)):
            if skips_input and is_input(layer):
                continue
            yield unit.span.line if layer.span.line in inside else layer.span.line


def _last_line(block: Block) -> int:
    return max((unit.span.line for unit in block.units), default=block.span.line)


def _unwise(flow: Flow, options: CompileOptions | None) -> Iterator[tuple[Span, str]]:
    """Notes on what can be built but is unwise, each with its span."""
    if flow.program is None or flow.plan is None or not flow.is_whole or not flow.plan.rows:
        return
    for note in advice_on(flow.program, flow.plan):
        found = IN_LINE.match(note)
        row: Row | None = next((row for row in flow.plan.rows if found and row.layer.span.line == int(found[1])), None)
        yield (row.layer.span if row is not None else flow.program.layers[0].span), note
    span = loss_span(flow.program)
    if options is not None and flow.ending is not None and span is not None:
        yield from (
            (span, gettext("{sentence}.", sentence=found.reason)) for found in find_mismatches(flow.ending, options.loss) if not found.fatal
        )


def _problem(error: SeqmagicError) -> Problem:
    return Problem(error.span or Span(1, 1, 2), "error", error.reason)


def _meant(text: str, error: SeqmagicError) -> Iterator[Change] | None:
    return changes_of(error.mismatch, text, error.layer, error.span) if isinstance(error, PairingError) else None


def _fixes(error: SeqmagicError, text: str) -> Iterator[Fix]:
    """The fixes of an error, as replacements of a single line if possible."""
    lines = text.split("\n")
    for title, corrected in zip(error.fixes, error.corrections, strict=False):
        new = corrected.split("\n")
        differing = [at for at, (old, line) in enumerate(zip(lines, new, strict=False)) if old != line]
        if len(new) == len(lines) and len(differing) == 1:
            yield Fix(title, differing[0] + 1, new[differing[0]])
        else:
            yield Fix(title)
