"""The check: one requirement of an exercise, and whether it is met."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seqmagic.errors import ExpectationError, SeqmagicError, Span, UnfilledError, raise_all

PASSED, FAILED, OPEN = "passed", "failed", "open"


@dataclass(frozen=True)
class Check:
    """A requirement and the result of checking it.

    Attributes:
        asked: as written in the cell.
        state: "passed", "failed", or "open" if it can't be checked yet: a blank, or a training that has not been run.
        sentence: the result, with the numbers.
        span: of the requirement.
        is_blank: whether an answer is missing.
    """

    asked: str
    state: str
    sentence: str
    span: Span
    is_blank: bool = False

    def as_error(self) -> SeqmagicError:
        """The same as an error, for autograders, which count a cell without an error as passed."""
        kind = UnfilledError if self.is_blank else ExpectationError
        return kind(self.sentence, span=self.span)


def raise_unmet(checks: Iterable[Check]) -> None:
    """Raise the checks that have not passed.

    Raises:
        ExpectationError: For what failed, or isn't known yet.
        UnfilledError: For a blank.
        SeveralErrors: With all of them.
    """
    raise_all(check.as_error() for check in checks if check.state != PASSED)
