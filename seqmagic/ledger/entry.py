"""The entry of a run in the ledger: what was trained, how, on what, and what came of it."""

from __future__ import annotations

import math
import os
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from seqmagic.ledger.run_state import RunState
from seqmagic.measure import best_row, is_loss

# A run on another computer is under way as long as it has written something within so many seconds: nobody can look there.
SIGN_OF_LIFE_SECONDS = 600.0
CLOCK_SECONDS = 2.0  # By so much a process's start may differ from one query to the next.


def process_start() -> float:
    """When this process began, in Unix seconds: with its number it names the process, for numbers come again."""
    return started_at(os.getpid()) or 0.0


def started_at(process: int) -> float | None:
    """When a process of this computer began, in Unix seconds; None when there is none of that number."""
    import psutil

    try:
        found = psutil.Process(process)
        return None if found.status() == psutil.STATUS_ZOMBIE else float(found.create_time())
    except psutil.Error:
        return None


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """One run, as the ledger keeps it.

    >>> RunEntry(name="digits", text="input 64 -> dense 10 softmax", epochs=10).state
    'running'

    Attributes:
        id: its number in the ledger; 0 before it has one.
        name: the model's name.
        started, ended, touched: Unix seconds: its begin, its end, and when it last wrote something.
        outcome: "done", "stopped" or "failed"; None while it runs, or when its kernel died.
        process, process_started, host: the process that it runs in.
        notebook, kernel, user: whose it is, as far as that is known; see `ledger.owner`.
        seed, epochs: as they were given.
        text: the network in seqmagic's language, with every {...} worked out; without compile and fit.
        cell: the words of the cell that it came from, where it came from one.
        compile, fit: those lines.
        settings, versions, data: what else was set, the versions of the packages, the fingerprint of the data.
        network: a hash of the layers' config; two networks that can share weights have the same.
        numbers: the last number of each metric.
        best: for each metric its best value and the position of that, in epochs.
        position: how many epochs the model had behind it at the last row of its curves.
        loss_since: how many when it got the loss that it has now; earlier losses can't be compared with it.
        continues: the number of the run that it went on from, or None.
        sweep: of a run that is part of a sweep, which try it is of which sweep, and what was drawn for it.
        facts: what was noted at the end, such as the reason.
        unreadable: why a file's row could not be read, where it could not: then there is nothing but the number, and perhaps the name.
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
    # Empty by default: entries of older files don't have them.
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
        """Whether it trains now, in this kernel or in another."""
        if self.outcome is not None or self.ended is not None or self.unreadable:
            return False
        if self.host != socket.gethostname():
            return abs(time.time() - self.touched) < SIGN_OF_LIFE_SECONDS  # What is to come is no sign of life either.
        return self.has_living_kernel

    @property
    def has_living_kernel(self) -> bool:
        """Whether the process that it ran in is there still; of another computer's that can't be known, which counts as no."""
        began = started_at(self.process) if self.host == socket.gethostname() else None
        return began is not None and abs(began - self.process_started) < CLOCK_SECONDS

    @property
    def state(self) -> RunState:
        """'running', 'done', 'stopped', 'failed', 'died' when its kernel ended before it did, or 'unreadable'."""
        if self.unreadable:
            return RunState.UNREADABLE
        return RunState(self.outcome) if self.outcome else RunState.RUNNING if self.is_under_way else RunState.DIED

    @property
    def seconds(self) -> float:
        """How long it took, without the time that it was held, or has taken so far."""
        seconds = self.facts.get("seconds")
        if isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and 0 <= seconds < math.inf:
            return float(seconds)
        return max(0.0, (self.ended if self.ended is not None else self.touched) - self.started)


def with_numbers(entry: RunEntry, names: Sequence[str], rows: np.ndarray) -> RunEntry:
    """An entry with what its curves say: the last number of each metric, its best one, and how far the run came.

    Args:
        names: the metrics. rows: a row an epoch, position first.
    """
    last: dict[str, float] = {}
    best: dict[str, tuple[float, float]] = {}
    for column, name in enumerate(names, 1):
        there = rows[:, column][np.isfinite(rows[:, column])]
        if len(there):
            # NaN also stands for what a row doesn't have; of the loss it is news.
            last[name] = float(rows[-1, column] if name == "loss" else there[-1])
        found = best_row(names, rows, name, entry.loss_since if is_loss(name) else 0.0)
        if found is not None:
            best[name] = (found.value, found.position)
    return replace(entry, numbers=last, best=best, position=float(rows[-1, 0]) if len(rows) else 0.0)
