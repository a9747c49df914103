"""The check: one thing that an exercise asks for, and whether it is there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from seqmagic.errors import ExpectationError, SeqmagicError, Span, UnfilledError, raise_all

PASSED, FAILED, OPEN = "passed", "failed", "open"


@dataclass(frozen=True)
class Check:
    """What was asked for, and what was found.

    Attributes:
        asked: as it stands in the cell.
        state: "passed", "failed", or "open" where nothing is known yet: a blank, or a training still to come.
        sentence: what was found, with the numbers.
        span: where it stands.
        is_blank: whether it waits for an answer.
    """

    asked: str
    state: str
    sentence: str
    span: Span
    is_blank: bool = False

    def as_error(self) -> SeqmagicError:
        """The same for a grader, which takes anything but an error as passed."""
        kind = UnfilledError if self.is_blank else ExpectationError
        return kind(self.sentence, span=self.span)


def raise_unmet(checks: Iterable[Check]) -> None:
    """Raise what has not passed.

    Raises:
        ExpectationError: At what failed, or isn't known yet.
        UnfilledError: At what nobody has answered.
        SeveralErrors: With all of them.
    """
    raise_all(check.as_error() for check in checks if check.state != PASSED)
