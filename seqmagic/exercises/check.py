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
        state: "passed", "failed", or "open" where nothing can be said yet: a blank, or a training that has not been.
        told: a sentence with the numbers.
        span: where it stands.
        is_blank: whether it waits for an answer.
    """

    asked: str
    state: str
    told: str
    span: Span
    is_blank: bool = False

    def as_error(self) -> SeqmagicError:
        """The same for a grader, whom only an error tells that something is not as it should be."""
        kind = UnfilledError if self.is_blank else ExpectationError
        return kind(self.told, span=self.span)


def raise_unmet(checks: Iterable[Check]) -> None:
    """Raise what has not passed.

    Raises:
        ExpectationError: At what failed, or can't be told yet.
        UnfilledError: At what nobody has answered.
        SeveralErrors: With all of them.
    """
    raise_all(check.as_error() for check in checks if check.state != PASSED)
