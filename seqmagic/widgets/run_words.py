"""Runs in words: when, how far, how it ended, with which numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from pathlib import PurePath

from seqmagic.ledger.diff import loss_of
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.run_state import RunState
from seqmagic.measure import is_loss, is_small_good
from seqmagic.widgets.status import format_seconds, ordered

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STATES = {RunState.DIED: "kernel died", RunState.RUNNING: "under way"}


def format_moment(seconds: float, now: float | None = None) -> str:
    """A moment in Unix seconds as people write it; the year only where it is another one."""
    then, today = time.localtime(seconds), time.localtime(now)
    year = f" {then.tm_year}" if then.tm_year != today.tm_year else ""
    return f"{MONTHS[then.tm_mon - 1]} {then.tm_mday}{year}, {then.tm_hour}:{then.tm_min:02d}"


def format_start(entry: RunEntry) -> str:
    """When a run began; empty where that can't be read."""
    return "" if entry.unreadable else format_moment(entry.started)


def format_state(entry: RunEntry) -> str:
    """How a run ended: 'done', 'stopped', 'failed', 'under way', 'kernel died' or 'unreadable'."""
    return STATES.get(entry.state, str(entry.state))


def format_epochs(entry: RunEntry) -> str:
    """How far a run came, such as '10 epochs' or '3.4 of 10 epochs'."""
    if entry.unreadable:
        return ""
    done = f"{entry.position:.3g}"
    if entry.epochs is not None and entry.state != RunState.DONE and entry.position < entry.epochs:
        done = f"{done} of {entry.epochs:,}"
    return f"{done} epoch{'' if done in ('1', '0 of 1') else 's'}"


def format_time(entry: RunEntry) -> str:
    """How long a run took."""
    return "" if entry.unreadable else format_seconds(entry.seconds)


def format_number(value: float) -> str:
    """A number of a metric in at most four digits."""
    return "NaN" if math.isnan(value) else f"{value:.4g}"


def metrics_of(entries: Iterable[RunEntry], first: str | None = None, most: int | None = None) -> list[str]:
    """The metrics that runs have, in reading order; where there are too many, what runs are judged by and what most of them have.

    Args:
        first: one that comes before all others.
    """
    counts: dict[str, float] = {}
    for entry in entries:
        for name in {**entry.numbers, **entry.best}:
            counts[name] = counts.get(name, 0) + 1
    # Of the two that an epoch gives for one metric, that of the validation says more.
    weight = {name: (name != first, not is_loss(name), -count, f"val_{name}" in counts) for name, count in counts.items()}
    kept = sorted(counts, key=weight.__getitem__)[:most]
    names = [name for name, _ in ordered(dict.fromkeys(kept, 0.0))]
    return sorted(names, key=lambda name: name != first)


def best_value(entry: RunEntry, metric: str) -> float:
    """The best value that a run had in a metric after a whole epoch; NaN where it has none."""
    return entry.best.get(metric, (math.nan, 0.0))[0]


def winners_of(entries: Sequence[RunEntry], metric: str) -> set[int]:
    """The numbers of the runs that are the best in a metric, each among those that it can be held against; a run alone is not the best."""
    groups: dict[tuple[str, str], list[RunEntry]] = {}
    for entry in entries:
        if not math.isnan(best_value(entry, metric)):
            groups.setdefault((entry.name, loss_of(entry) if is_loss(metric) else ""), []).append(entry)
    return {sort_by(group, metric)[0].id for group in groups.values() if len(group) > 1}


def are_comparable(one: RunEntry, other: RunEntry, metric: str) -> bool:
    """Whether the numbers of two runs in a metric say which is better: both learned the same, and a loss is the same loss."""
    labels = [entry.data.get("y", {}).get("hash") for entry in (one, other)]
    same = one.name == other.name or (labels[0] is not None and labels[0] == labels[1])
    return same and (not is_loss(metric) or loss_of(one) == loss_of(other))


def owners_of(entries: Sequence[RunEntry]) -> dict[int, str]:
    """Whose each run is, by its number; nothing where all are the same person's out of the same notebook."""
    paths = {entry.notebook: PurePath(entry.notebook.replace("\\", "/")) for entry in entries}
    names = {path.name for path in paths.values()}
    parts = 1 if len(names) == len(paths) else 2  # Notebooks of one name are told apart by their folders.
    notebooks = {notebook: "/".join(path.parts[-parts:]) for notebook, path in paths.items()}
    users = {entry.user for entry in entries}
    told = [(entry.id, notebooks[entry.notebook] if len(paths) > 1 else "", entry.user if len(users) > 1 else "") for entry in entries]
    return {number: ", ".join(filter(None, words)) for number, *words in told if any(words)}


def sort_by(entries: Sequence[RunEntry], metric: str) -> list[RunEntry]:
    """Runs with the best in a metric first; those without it last, the newest of equal ones first."""
    sign = 1 if is_small_good(metric) else -1

    def key(entry: RunEntry) -> tuple[bool, float, int]:
        value = best_value(entry, metric)
        return math.isnan(value), 0.0 if math.isnan(value) else sign * value, -entry.id

    return sorted(entries, key=key)
