"""The past of a sweep: its trials, read back from the runs that the ledger keeps. There is no other place where they are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from seqmagic.errors import BusyError
from seqmagic.language import Program
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger
from seqmagic.ledger.owner import owner_here
from seqmagic.ledger.run_state import RunState
from seqmagic.sweeps.family import Family
from seqmagic.sweeps.trials import Outcome, Trial, TrialState
from seqmagic.translation import gettext, gettext_noop

# Why a trial ended early. The ledger only knows that its run was stopped: by these reasons it is no run that was cut.
REASONS = {
    TrialState.PRUNED: gettext_noop("Most other tries were better by then."),
    TrialState.STOPPED: gettext_noop("This try was stopped by itself."),
}
OURS = "Pruning"  # What the callback that ends a trial is called in the settings of its run.


def runs_of(ledger: Ledger, sweep: str) -> list[RunEntry]:
    """The runs of a sweep, oldest first."""
    return [entry for entry in ledger.entries() if entry.sweep.get("id") == sweep and not entry.unreadable]


def last_sweep(name: str, **facts: Any) -> RunEntry | None:
    """A run of one's own last sweep under a name, its newest that is none of those on all rows.

    Args:
        facts: what its runs must say of it, such as the family's text.
    """
    ledger, owner = current_ledger(), owner_here()
    for entry in reversed(ledger.entries()) if ledger is not None else ():
        known = entry.sweep
        fits = all(known.get(fact) == value for fact, value in facts.items())
        if known.get("id") and entry.name == name and owner.owns(entry) and fits and known["repeat"] < known["repeats"]:
            return entry
    return None


def read_trials(ledger: Ledger, sweep: str, family: Family, metric: str) -> list[Trial]:
    """The trials of a sweep as they are kept, by their numbers.

    Raises:
        BusyError: When it is under way in another kernel.
    """
    trials: dict[int, Trial] = {}
    for entry in runs_of(ledger, sweep):
        if entry.is_under_way:
            raise BusyError(gettext("Run {id} of this sweep is under way.", id=entry.id), expected=gettext("its end"))
        facts = entry.sweep
        if facts["repeat"] >= facts["repeats"]:
            continue  # It was trained on all rows, after the folds.
        number = facts["number"]
        if number not in trials:
            text = family.member(facts["values"]).text if family.searched else _member_text(family.program)
            trials[number] = Trial(number, dict(facts["values"]), text, metric, facts["repeats"])
        one = trials[number]
        # One that goes on with another stands in its place.
        one.outcomes = [*(outcome for outcome in one.outcomes if outcome.repeat != facts["repeat"]), _outcome(ledger, entry)]
    for one in trials.values():
        one.outcomes.sort(key=lambda outcome: outcome.repeat)
        settle(one)
    return [trials[number] for number in sorted(trials)]


def _member_text(program: Program) -> str:
    return Family(program, {}).member({}).text


def _outcome(ledger: Ledger, entry: RunEntry) -> Outcome:
    names, rows = ledger.rows(entry.id, "epochs")
    reason = str(entry.facts.get("reason") or "")
    return Outcome(entry.sweep["repeat"], entry.id, _state_of(entry, reason), list(names), rows, entry.seconds, reason)


def _state_of(entry: RunEntry, reason: str) -> TrialState:
    if entry.state == RunState.STOPPED:
        return next((state for state, known in REASONS.items() if known == reason), TrialState.CUT)
    if not entry.state.is_end:
        return TrialState.CUT
    # The kernel may have died after the run's end, and before it was written down why that came early.
    only_ours = entry.settings.get("fit", {}).get("callbacks") == [OURS]
    early = entry.state == RunState.DONE and not reason and only_ours and entry.epochs is not None and entry.position < entry.epochs
    return TrialState.PRUNED if early else TrialState(entry.state)


def settle(one: Trial) -> None:
    """Say what has become of a trial, from what has become of its runs."""
    wrong = next((outcome for outcome in one.outcomes if outcome.state != TrialState.DONE), None)
    if wrong is not None:
        one.state, one.reason = wrong.state, wrong.reason
    else:
        one.state = TrialState.DONE if len(one.outcomes) >= one.repeats else TrialState.CUT


def facts_of(sweep: str, one: Trial, repeat: int, **more: Any) -> dict[str, Any]:
    """What the entry of a run says of the sweep that it is part of."""
    return {"id": sweep, "number": one.number, "repeat": repeat, "repeats": one.repeats, "values": one.values, "metric": one.metric, **more}


def numbers_left(trials: Iterable[Trial], max_trials: int) -> list[int]:
    """The numbers of the trials that are still to be made, or gone on with."""
    ended = {one.number for one in trials if one.has_ended}
    return [number for number in range(1, max_trials + 1) if number not in ended]
