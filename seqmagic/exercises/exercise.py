"""The exercise: all that a cell asks of a model, held against it as often as one likes."""

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
    """What a cell asks of a model, in `expect` lines and in comments that want an answer.

    Attributes:
        program: what the cell says.
        marked: the answers in its comments.

    Raises:
        UnknownNameError, ArgumentError, LanguageError: At a line that asks for what can't be.
    """

    def __init__(self, program: Program, model: keras.Model, names: Names, plan: Plan | None = None) -> None:
        if plan is None:  # Of a cell that makes the model, this was seen before it was made.
            check_words(program, names)
        self.program, self._model, self._names, self._plan = program, model, names, plan
        self.marked = mark_answers(program, plan) if plan is not None and program.layers else Marked()

    def __bool__(self) -> bool:
        return bool(self.program.expects or self.marked.checks)

    @property
    def waits_for_training(self) -> bool:
        """Whether something is asked that only a training can give."""
        return any(map(is_of_training, self.program.expects))

    def check(self) -> list[Check]:
        """Hold all of it against what is there now, in the order of the text.

        Raises:
            UnknownNameError: At a number that the training has not reported, or a layer that nobody knows.
        """
        checks = [*self.marked.checks, *check_expectations(self.program.expects, facts_of(self._model, self._names, self._plan))]
        return sorted(checks, key=lambda check: (check.span.line, check.span.column))

    def keep(self, checks: list[Check]) -> None:
        """Note an attempt where runs are kept; whose it is, is not written down."""
        ledger = current_ledger()
        if ledger is not None and checks:
            ledger.add_attempt(Attempt(self._model.name, tuple((check.asked, check.state) for check in checks)))


def read_expectations(text: str) -> Program:
    """Read a text of `expect` lines alone.

    Raises:
        LanguageError: At what is none.
    """
    program = parse(text)
    if program.units or any((program.compile, program.fit, program.seed)) or not program.expects:
        raise LanguageError(gettext("Nothing but expect lines can be checked."), instead="expect params < 50k")
    return program


def asks_only(program: Program) -> bool:
    """Whether a text makes no model, and only asks for something in one that is there."""
    return bool(program.expects) and not (program.units or program.compile or program.fit or program.seed)
