"""Fixes: small changes to a text that would make an error go away; each is tried, and only what builds is offered."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice

from seqmagic.errors import SeqmagicError, SeveralErrors, Span
from seqmagic.network.changes import Change, changes_of_proposal, possible_changes
from seqmagic.network.common_mistakes import LONGEST
from seqmagic.network.own_thread import processor_seconds
from seqmagic.translation import gettext

MOST_FIXES = 2
MOST_TRIES = 16
# For all that is tried after one cell, while a person waits for the message. The processor's time counts, so that a busy computer offers
# what an idle one does; and it counts once the text itself was looked at, which in a new kernel loads what is loaded once.
MOST_SECONDS = 1.0
MOST_WAITING = 5.0  # By the clock, in any case.


class FixTrial:
    """Says whether a change of a text is a fix: what it is for is gone, and nothing else has come.

    Attributes:
        text: as it stands.
        find: all that is wrong with a text or unwise, as `fault_of` has it, and how often.
    """

    def __init__(self, text: str, find: Callable[[str], Counter[str]]) -> None:
        self.lines = tuple(text.split("\n"))
        self._find = find
        self._known: dict[tuple[str, ...], Counter[str]] = {}
        self._began: tuple[float, float] | None = None  # The processor's time and the clock's, once the text was looked at.

    @property
    def is_late(self) -> bool:
        """Whether nothing more is tried: somebody waits for the message."""
        if self._began is None:
            return False
        worked, waited = processor_seconds() - self._began[0], time.monotonic() - self._began[1]
        return worked > MOST_SECONDS or waited > MOST_WAITING

    def accepts(self, change: Change, error: SeqmagicError) -> bool:
        """Whether a change makes an error go away, and brings none."""
        return self._is_better(self.lines, change.lines, error)

    def confirms(self, change: Change, error: SeqmagicError, mended: Mapping[str, str]) -> bool:
        """The same where the other errors are mended, which may have hidden what the change brings.

        Args:
            mended: the lines of the others, and what they are mended to.
        """
        own = None if change.at is None else self.lines[change.at]  # It may be what mends the others as well.
        others = {line: new for line, new in mended.items() if line != own}
        before, after = (tuple(others.get(line, line) for line in lines) for lines in (self.lines, change.lines))
        return self._is_better(before, after, error)

    def _is_better(self, before: tuple[str, ...], after: tuple[str, ...], error: SeqmagicError) -> bool:
        fault, there, left = fault_of(error), self._faults(before), self._faults(after)
        return left[fault] < there[fault] and not left - there

    def _faults(self, lines: tuple[str, ...]) -> Counter[str]:
        if lines not in self._known:
            self._known[lines] = self._find("\n".join(lines))
            self._began = self._began or (processor_seconds(), time.monotonic())
        return self._known[lines]

    def choose(self, changes: Iterable[Change], error: SeqmagicError) -> list[Change]:
        """The changes that help, best first."""
        found: dict[str, Change] = {}
        for change in islice(changes, MOST_TRIES):
            if len(found) == MOST_FIXES or (found and change.is_last_resort) or self.is_late:
                break
            if change.shown not in found and len(change.shown) <= LONGEST and self.accepts(change, error):
                found[change.shown] = change
        return list(found.values())


def fault_of(error: SeqmagicError) -> str:
    """What is wrong, so that it can be found again when its line has moved."""
    return re.sub(gettext(r"\bline \d+"), "line", error.problem)  # Each language says by its translation how it names a line.


Meant = Callable[[SeqmagicError], Iterator[Change] | None]


def add_fixes(error: SeqmagicError, trial: FixTrial, meant: Meant = lambda error: None) -> None:
    """Give an error in a text, or each of several, the changes that were tried and help; what was not tried is not offered.

    Args:
        meant: the changes that an error of some kind asks for, instead of those that any error may.
    """
    chosen: dict[SeqmagicError, list[Change]] = {}
    for single in error.shown if isinstance(error, SeveralErrors) else (error,):
        changes = meant(single) if single.span is not None else None
        if changes is None and single.span is not None:
            # What an error proposes of itself is a guess like any other.
            own = (change for fix in single.fixes for change in changes_of_proposal(fix, single.span, trial.lines))
            changes = chain(possible_changes(single, trial.lines), own)
        chosen[single] = trial.choose(changes or (), single)
    mended = {single: _mended(changes[0], trial.lines) for single, changes in chosen.items() if changes}
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        others = {line: new for other, lines in mended.items() if other is not single for line, new in lines.items()}
        fixes = [change for change in chosen.get(single, []) if trial.confirms(change, single, others)]
        if any(other is not single and other not in mended for other in chosen):
            fixes = fixes[:1]  # Nobody knows what a line that can't be mended would say of a second guess.
        if single.span is not None:
            single.fixes = tuple(_shown(change, single.span) for change in fixes)
            single.text, single.corrections = "\n".join(trial.lines), tuple("\n".join(change.lines) for change in fixes)


def _mended(change: Change, lines: tuple[str, ...]) -> dict[str, str]:
    """The line that a change is of, and what it becomes; nothing for a change of several lines."""
    return {} if change.at is None or len(change.lines) != len(lines) else {lines[change.at]: change.lines[change.at]}


def _shown(change: Change, span: Span) -> str:
    """A change as it is shown; with its place where that is another line than the error's."""
    return change.shown if change.at in (None, span.line - 1) else gettext("{shown}   (in line {at})", shown=change.shown, at=change.at + 1)
