"""Runs in words: when, how far, how it ended, with which numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence

from seqmagic.training.ledger.entry import RunEntry, is_small_good
from seqmagic.widgets.status import ordered, spoken_seconds

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
STATES = {"died": "kernel died", "running": "under way"}


def spoken_moment(seconds: float, now: float | None = None) -> str:
    """A moment in Unix seconds as people write it; the year only where it is another one."""
    then, today = time.localtime(seconds), time.localtime(now)
    year = f" {then.tm_year}" if then.tm_year != today.tm_year else ""
    return f"{MONTHS[then.tm_mon - 1]} {then.tm_mday}{year}, {then.tm_hour}:{then.tm_min:02d}"


def spoken_state(entry: RunEntry) -> str:
    """How a run ended: 'done', 'stopped', 'failed', 'under way' or 'kernel died'."""
    return STATES.get(entry.state, entry.state)


def spoken_epochs(entry: RunEntry) -> str:
    """How far a run came, such as '10 epochs' or '3.4 of 10 epochs'."""
    done = f"{entry.position:.3g}"
    if entry.epochs is not None and entry.state != "done" and entry.position < entry.epochs:
        done = f"{done} of {entry.epochs:,}"
    return f"{done} epoch{'' if done in ('1', '0 of 1') else 's'}"


def spoken_time(entry: RunEntry) -> str:
    """How long a run took."""
    return spoken_seconds(entry.seconds)


def spoken_number(value: float) -> str:
    """A number of a metric in at most four digits."""
    return "NaN" if math.isnan(value) else f"{value:.4g}"


def metrics_of(entries: Iterable[RunEntry], first: str | None = None, most: int | None = None) -> list[str]:
    """The metrics that runs have, in reading order; those that most runs have, where there are too many.

    first: one that comes before all others.
    """
    counts: dict[str, float] = {}
    for entry in entries:
        for name in entry.numbers:
            counts[name] = counts.get(name, 0) + 1
    kept = sorted(counts, key=lambda name: (name != first, -counts[name]))[:most]
    names = [name for name, _ in ordered(dict.fromkeys(kept, 0.0))]
    return sorted(names, key=lambda name: name != first)


def best_value(entry: RunEntry, metric: str) -> float:
    """The best value that a run had in a metric; NaN where it has none."""
    return entry.best.get(metric, (entry.numbers.get(metric, math.nan), 0.0))[0]


def sort_by(entries: Sequence[RunEntry], metric: str) -> list[RunEntry]:
    """Runs with the best in a metric first; those without it last, the newest of equal ones first."""
    sign = 1 if is_small_good(metric) else -1

    def key(entry: RunEntry) -> tuple[bool, float, int]:
        value = best_value(entry, metric)
        return math.isnan(value), 0.0 if math.isnan(value) else sign * value, -entry.id

    return sorted(entries, key=key)
