"""Fixes: small changes to a text that may remove an error; each is tried, and only those that build are offered."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice

from seqmagic.errors import LanguageError, SeqmagicError, SeveralErrors, Span, UnknownNameError
from seqmagic.network.change import Change
from seqmagic.network.changes import changes_of_proposal, possible_changes
from seqmagic.network.common_mistakes import LONGEST, is_sentence
from seqmagic.network.known_networks import write_network
from seqmagic.network.number_words import has_number_words
from seqmagic.network.own_thread import processor_seconds
from seqmagic.translation import gettext

MOST_FIXES = 2
MOST_TRIES = 16
# The limit for all trials after one cell, while the user waits for the message. It is CPU time, so that a busy computer offers the same
# fixes as an idle one. It starts after the first check of the text, which in a new kernel imports modules.
MOST_SECONDS = 1.0
MOST_WAITING = 5.0  # Wall-clock seconds; the limit in any case.


class FixTrial:
    """Decides whether a change to a text is a fix: it removes its error and adds no other.

    Attributes:
        text: the current text.
        find: counts everything wrong or unwise in a text, keyed by `fault_of`.
    """

    def __init__(self, text: str, find: Callable[[str], Counter[str]]) -> None:
        self.lines = tuple(text.split("\n"))
        self._find = find
        self._known: dict[tuple[str, ...], Counter[str]] = {}
        self._began: tuple[float, float] | None = None  # CPU and wall-clock time when the first check of the text ended.

    @property
    def is_late(self) -> bool:
        """Whether the time for trials is used up."""
        if self._began is None:
            return False
        worked, waited = processor_seconds() - self._began[0], time.monotonic() - self._began[1]
        return worked > MOST_SECONDS or waited > MOST_WAITING

    def accepts(self, change: Change, error: SeqmagicError) -> bool:
        """Whether a change removes an error and adds none."""
        return self._is_better(self.lines, change.lines, error)

    def confirms(self, change: Change, error: SeqmagicError, mended: Mapping[str, str]) -> bool:
        """The same after the other errors are fixed, because they may hide errors that the change adds.

        Args:
            mended: the lines with other errors, and their corrections.
        """
        own = None if change.at is None else self.lines[change.at]  # This line's correction may already fix the other errors too.
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
    """An error's message without the line number, so that it is recognized after its line has moved."""
    return re.sub(gettext(r"\bline \d+"), "line", error.problem)  # Each translation writes "line 3" in its own way.


Meant = Callable[[SeqmagicError], Iterator[Change] | None]


def add_fixes(error: SeqmagicError, trial: FixTrial, meant: Meant = lambda error: None) -> None:
    """Set the fixes of an error, or of each of several errors, to the changes that were tried and help.

    Args:
        meant: gives the changes for an error of a special kind, instead of the general ones.
    """
    chosen: dict[SeqmagicError, list[Change]] = {}
    for single in error.shown if isinstance(error, SeveralErrors) else (error,):
        changes = meant(single) if single.span is not None else None
        if changes is None and single.span is not None:
            # The fixes that an error itself proposes are guesses like any other.
            own = (change for fix in single.fixes for change in changes_of_proposal(fix, single.span, trial.lines))
            changes = chain(possible_changes(single, trial.lines), own)
        chosen[single] = trial.choose(changes or (), single)
    mended = {single: _mended(changes[0], trial.lines) for single, changes in chosen.items() if changes}
    for single in error.errors if isinstance(error, SeveralErrors) else (error,):
        others = {line: new for other, lines in mended.items() if other is not single for line, new in lines.items()}
        fixes = [change for change in chosen.get(single, []) if trial.confirms(change, single, others)]
        if any(other is not single and other not in mended for other in chosen):
            fixes = fixes[:1]  # While another line can't be fixed, it may hide errors that a second guess adds.
        if single.span is not None:
            single.fixes = tuple(_shown(change, single.span) for change in fixes)
            _mind_sentence(single)
            single.text, single.corrections = "\n".join(trial.lines), tuple("\n".join(change.lines) for change in fixes)


def _mind_sentence(error: SeqmagicError) -> None:
    """Say how to write a network that is described in a sentence, or called by its name, if no fix shows it."""
    layers = write_network(error.name) if isinstance(error, UnknownNameError) and error.kind == "layer" and not error.fixes else ""
    if layers:
        error.hint = gettext("{word!r} is a whole network: write its layers, such as {layers}.", word=error.name, layers=layers)  # type: ignore[attr-defined]
        return
    if error.span is None:
        return
    is_told = is_sentence(error.span.source) and not (error.fixes and isinstance(error, LanguageError))
    if not is_told and (has_number_words(error.span.source) if error.fixes else has_number_words(error.span.text)):
        _say(error, gettext("Numbers are written in digits, such as 10."), gettext("numbers in digits, such as 10"))
    elif is_told and not error.fixes:
        hint = gettext("This is a sentence. Write one layer per line, such as dense 64 relu.")
        _say(error, hint, gettext("one layer per line, such as dense 64 relu, and no sentence"))


def _say(error: SeqmagicError, hint: str, expected: str) -> None:
    """Say what to write instead: as a sentence beside an unknown word, or as what was expected."""
    if isinstance(error, UnknownNameError):
        error.hint = hint
    else:
        error.expected = expected


def _mended(change: Change, lines: tuple[str, ...]) -> dict[str, str]:
    """The line that a change replaces, and its replacement; empty for a change of several lines."""
    return {} if change.at is None or len(change.lines) != len(lines) else {lines[change.at]: change.lines[change.at]}


def _shown(change: Change, span: Span) -> str:
    """A change as text; with its line number if it is not the error's line."""
    return change.shown if change.at in (None, span.line - 1) else gettext("{shown}   (in line {at})", shown=change.shown, at=change.at + 1)
