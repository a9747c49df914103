"""A sweep's past trials, read from its runs in the ledger, the only place where they are stored."""

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

# Why a trial ended early: the reason that its run gets in the ledger.
REASONS = {
    TrialState.PRUNED: gettext_noop("Most other trials were better by then."),
    TrialState.STOPPED: gettext_noop("Only this trial was stopped."),
}
ENDED_TRIAL = "trial_state"  # The fact about a stopped run with which its trial has ended.
OURS = "Pruning"  # The name of the pruning callback in the settings of a run.


def runs_of(ledger: Ledger, sweep: str) -> list[RunEntry]:
    """The runs of a sweep, oldest first."""
    return [entry for entry in ledger.entries() if entry.sweep.get("id") == sweep and not entry.unreadable]


def last_sweep(name: str, **facts: Any) -> RunEntry | None:
    """The newest run of the user's own last sweep under a name, except for runs on all rows.

    Args:
        facts: to match in the run's sweep entry, such as the family's text.
    """
    ledger, owner = current_ledger(), owner_here()
    for entry in reversed(ledger.entries()) if ledger is not None else ():
        known = entry.sweep
        fits = all(known.get(fact) == value for fact, value in facts.items())
        if known.get("id") and entry.name == name and owner.owns(entry) and fits and known["repeat"] < known["repeats"]:
            return entry
    return None


def read_trials(ledger: Ledger, sweep: str, family: Family, metric: str) -> list[Trial]:
    """The trials of a sweep from the ledger, by number.

    Raises:
        BusyError: If it is running in another kernel.
    """
    trials: dict[int, Trial] = {}
    for entry in runs_of(ledger, sweep):
        if entry.is_under_way:
            raise BusyError(gettext("Run {id} of this sweep is still running.", id=entry.id), expected=gettext("it to end"))
        facts = entry.sweep
        if facts["repeat"] >= facts["repeats"]:
            continue  # This run trained the best network on all rows, after the folds.
        number = facts["number"]
        if number not in trials:
            text = family.member(facts["values"]).text if family.searched else _member_text(family.program)
            trials[number] = Trial(number, dict(facts["values"]), text, metric, facts["repeats"])
        one = trials[number]
        # A resumed run replaces the run that it continues.
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
    return Outcome(entry.sweep["repeat"], entry.id, _state_of(entry, reason), list(names), rows, entry.seconds_in_all, reason)


def _state_of(entry: RunEntry, reason: str) -> TrialState:
    if entry.state == RunState.STOPPED:
        # Only a stopped run whose trial had ended has the fact; the others were interrupted, and are resumed.
        return TrialState(entry.facts.get(ENDED_TRIAL, TrialState.CUT))
    if not entry.state.is_end:
        return TrialState.CUT
    # The kernel may have died after the run ended but before the reason for the early end was written.
    only_ours = entry.settings.get("fit", {}).get("callbacks") == [OURS]
    early = entry.state == RunState.DONE and not reason and only_ours and entry.last_epoch is not None and entry.position < entry.last_epoch
    return TrialState.PRUNED if early else TrialState(entry.state)


def settle(one: Trial) -> None:
    """Set the state of a trial from the states of its runs."""
    wrong = next((outcome for outcome in one.outcomes if outcome.state != TrialState.DONE), None)
    if wrong is not None:
        one.state, one.reason = wrong.state, wrong.reason
    else:
        one.state = TrialState.DONE if len(one.outcomes) >= one.repeats else TrialState.CUT


def facts_of(sweep: str, one: Trial, repeat: int, **more: Any) -> dict[str, Any]:
    """The entry of a run in the ledger about its sweep."""
    return {"id": sweep, "number": one.number, "repeat": repeat, "repeats": one.repeats, "values": one.values, "metric": one.metric, **more}


def numbers_left(trials: Iterable[Trial], max_trials: int) -> list[int]:
    """The numbers of the trials that have not started, or have to be resumed."""
    ended = {one.number for one in trials if one.has_ended}
    return [number for number in range(1, max_trials + 1) if number not in ended]
