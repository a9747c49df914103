"""The ledger entry of a run: what was trained, how, on which data, and the result."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seqmagic.history import is_missing
from seqmagic.ledger.run_state import RunState
from seqmagic.measure import best_row, follows_loss, judged_in

# A run on another computer counts as running if it has written to the ledger within this time: its process can't be checked.
SIGN_OF_LIFE_SECONDS = 600.0
CLOCK_SECONDS = 2.0  # Tolerance for a process's start time, which may differ between queries.

# Facts that a run has from its start.
LAST_EPOCH, SECONDS_BEFORE = "last_epoch", "seconds_before"
MOST_EPOCHS = 10**15


def process_start() -> float:
    """The start time of this process, in Unix seconds: together with the pid it identifies the process, because pids are reused."""
    return started_at(os.getpid()) or 0.0


def started_at(process: int) -> float | None:
    """The start time of a process of this computer, in Unix seconds; None if there is no such process."""
    import psutil

    try:
        found = psutil.Process(process)
        return None if found.status() == psutil.STATUS_ZOMBIE else float(found.create_time())
    except psutil.Error:
        return None


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """One run, as the ledger stores it.

    >>> RunEntry(name="digits", text="input 64 -> dense 10 softmax", epochs=10).state
    'running'

    Attributes:
        id: its number in the ledger; 0 if it has none yet.
        name: of the model.
        started, ended, touched: Unix seconds: its start, its end, and its last write.
        outcome: "done", "stopped" or "failed"; None while it runs, or if its kernel died.
        process, process_started, host: of the process that runs it.
        notebook, kernel, user: the owner, as far as it is known; see `ledger.owner`.
        seed, epochs: as they were given.
        text: the network in seqmagic's language, with every {...} evaluated; without compile and fit.
        cell: the text of its cell, if it came from one.
        compile, fit: those lines.
        settings, versions, data: the other settings, package versions, and the fingerprints of the data.
        network: a hash of the layers' config; equal for networks that can share weights.
        numbers: the last value of each metric.
        best: for each metric its best value and that value's position, in epochs.
        position: the number of finished epochs at the last row of its curves.
        loss_since: the position from which the current loss was used; earlier loss values are not comparable.
        continues: the number of the run that it resumed, or None.
        sweep: for a run of a sweep: the sweep, the trial, and the drawn values.
        facts: recorded at the end, such as the reason.
        unreadable: why the row could not be read, if it couldn't: then only the number, and perhaps the name, are known.
    """

    name: str
    id: int = 0
    started: float = field(default_factory=time.time)
    ended: float | None = None
    touched: float = field(default_factory=time.time)
    outcome: str | None = None
    process: int = field(default_factory=os.getpid)
    process_started: float = field(default_factory=process_start)
    host: str = field(default_factory=socket.gethostname)
    # With defaults, because entries in older files lack them.
    notebook: str = ""
    kernel: str = ""
    user: str = ""
    seed: int | None = None
    epochs: int | None = None
    text: str = ""
    cell: str = ""
    compile: str = ""
    fit: str = ""
    settings: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    data: dict[str, Any] = field(default_factory=dict)
    network: str = ""
    numbers: dict[str, float] = field(default_factory=dict)
    best: dict[str, tuple[float, float]] = field(default_factory=dict)
    position: float = 0.0
    loss_since: float = 0.0
    continues: int | None = None
    sweep: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    unreadable: str = ""

    @property
    def is_under_way(self) -> bool:
        """Whether it is training now, in this kernel or another."""
        if self.outcome is not None or self.ended is not None or self.unreadable:
            return False
        if self.host != socket.gethostname():
            return abs(time.time() - self.touched) < SIGN_OF_LIFE_SECONDS  # abs(), because a time in the future proves nothing either.
        return self.has_living_kernel

    @property
    def has_living_kernel(self) -> bool:
        """Whether its process still runs; False for another computer's, which can't be checked."""
        began = started_at(self.process) if self.host == socket.gethostname() else None
        return began is not None and abs(began - self.process_started) < CLOCK_SECONDS

    @property
    def state(self) -> RunState:
        """'running', 'done', 'stopped', 'failed', 'died' if its kernel ended first, or 'unreadable'."""
        if self.unreadable:
            return RunState.UNREADABLE
        return RunState(self.outcome) if self.outcome else RunState.RUNNING if self.is_under_way else RunState.DIED

    def judged_by(self, metric: str) -> str:
        """The name that tells whether a metric is better when smaller: its own, unless it computes something else."""
        return judged_in(self.settings.get("judged", {}), metric)

    @property
    def seconds(self) -> float:
        """Its duration so far, without pauses."""
        seconds = _as_seconds(self.facts.get("seconds"))
        if seconds is not None:
            return seconds
        return max(0.0, (self.ended if self.ended is not None else self.touched) - self.started)

    @property
    def seconds_in_all(self) -> float:
        """The same, including the runs that it continued."""
        return self.seconds + (_as_seconds(self.facts.get(SECONDS_BEFORE)) or 0.0)

    @property
    def last_epoch(self) -> int | None:
        """The position at which it was to end, counted as `position` is; None if it isn't known."""
        end = self.facts.get(LAST_EPOCH)
        if isinstance(end, int) and not isinstance(end, bool) and 0 <= end <= MOST_EPOCHS:
            return end
        return self.epochs if self.continues is None else None


def _as_seconds(value: Any) -> float | None:
    """A duration in a file, which may be anything."""
    is_duration = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf
    return float(value) if is_duration else None


def with_numbers(entry: RunEntry, names: Sequence[str], rows: np.ndarray) -> RunEntry:
    """An entry with the values from its curves: the last and the best value of each metric, and the position.

    Args:
        names: the metrics. rows: one row per epoch, with the position first.
    """
    last: dict[str, float] = {}
    best: dict[str, tuple[float, float]] = {}
    for column, name in enumerate(names, 1):
        there = rows[:, column][~is_missing(rows[:, column])]
        if len(there):
            last[name] = float(there[-1])  # It may be NaN or infinite.
        found = best_row(names, rows, name, entry.judged_by(name), entry.loss_since if follows_loss(name) else 0.0)
        if found is not None:
            best[name] = (found.value, found.position)
    return replace(entry, numbers=last, best=best, position=float(rows[-1, 0]) if len(rows) else 0.0)
