"""The exercise: everything that a cell asks of a model; it can be checked repeatedly."""

from __future__ import annotations

import keras

from seqmagic.errors import LanguageError
from seqmagic.exercises.answers import Marked, mark_answers
from seqmagic.exercises.check import Check
from seqmagic.exercises.expectations import check_expectations, check_words, is_of_training
from seqmagic.exercises.facts import facts_of
from seqmagic.language import Program, parse
from seqmagic.ledger.attempts import Attempt
from seqmagic.ledger.current import current_ledger
from seqmagic.network.arguments import Names
from seqmagic.network.plan import Plan
from seqmagic.translation import gettext


class Exercise:
    """The requirements of a cell, in `expect` lines and in comments that ask for answers.

    Attributes:
        program: the parsed cell.
        marked: the answers in its comments.

    Raises:
        UnknownNameError, ArgumentError, LanguageError: At a line with an impossible requirement.
    """

    def __init__(self, program: Program, model: keras.Model, names: Names, plan: Plan | None = None) -> None:
        if plan is None:  # A cell that builds the model has been checked before building.
            check_words(program, names)
        self.program, self._model, self._names, self._plan = program, model, names, plan
        self.marked = mark_answers(program, plan) if plan is not None and program.layers else Marked()

    def __bool__(self) -> bool:
        return bool(self.program.expects or self.marked.checks)

    @property
    def waits_for_training(self) -> bool:
        """Whether any requirement depends on training."""
        return any(map(is_of_training, self.program.expects))

    def check(self) -> list[Check]:
        """Check all requirements against the current state, in text order.

        Raises:
            UnknownNameError: At a metric that training has not logged, or an unknown layer.
        """
        checks = [*self.marked.checks, *check_expectations(self.program.expects, facts_of(self._model, self._names, self._plan))]
        return sorted(checks, key=lambda check: (check.span.line, check.span.column))

    def keep(self, checks: list[Check]) -> None:
        """Record an attempt in the ledger; the student's name is not stored."""
        ledger = current_ledger()
        if ledger is not None and checks:
            ledger.add_attempt(Attempt(self._model.name, tuple((check.asked, check.state) for check in checks)))


def read_expectations(text: str) -> Program:
    """Read a text that consists of `expect` lines.

    Raises:
        LanguageError: At any other line.
    """
    program = parse(text)
    if program.units or any((program.compile, program.fit, program.seed)) or not program.expects:
        raise LanguageError(gettext("Only expect lines can be checked."), instead="expect params < 50k")
    return program


def asks_only(program: Program) -> bool:
    """Whether a text builds no model, but only contains requirements for an existing one."""
    return bool(program.expects) and not (program.units or program.compile or program.fit or program.seed)
