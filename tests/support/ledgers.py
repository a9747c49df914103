"""Ledgers for tests: entries, connections that fail on request, and a process that writes endlessly."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import numpy as np

from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger, TableRows

OPENED: list[sqlite3.Connection] = []


def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
    """Open a file, and keep the connection for the test."""
    OPENED.append(sqlite3.connect(*arguments, **options))
    return OPENED[-1]


def entry(name: str = "digits", **facts: Any) -> RunEntry:
    """The entry of a run at its start."""
    return RunEntry(name=name, **{"network": "abc", "text": "input 64\ndense 10\n", **facts})


def begin(ledger: Ledger, name: str = "digits", **facts: Any) -> int:
    """Begin a run in a ledger; returns its number."""
    run = ledger.begin(entry(name, **facts))
    assert run is not None
    return run


class Failing(sqlite3.Connection):
    """Fails at one statement, and counts."""

    at = -1
    count = 0
    error: BaseException = sqlite3.OperationalError("disk I/O error")

    def execute(self, *arguments: Any) -> sqlite3.Cursor:
        Failing.count += 1
        if Failing.count == Failing.at:
            raise Failing.error
        return super().execute(*arguments)


def failing_connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
    """Open a file whose statements can be made to fail."""
    return sqlite3.connect(*arguments, factory=Failing, **options)


def write_for_ever(path: str, epochs: int = 1_000_000) -> None:
    """Run in the tests' child processes: write checkpoint after checkpoint, each with its number in every array."""
    ledger = Ledger(path)
    run = begin(ledger)
    sys.stdout.write(f"{run}\n")
    sys.stdout.flush()
    for epoch in range(epochs):
        arrays = [np.full(size, epoch, "float32") for size in (10, 30_000, 1000)]
        assert ledger.save_checkpoint(run, "last", {"epoch": epoch}, arrays, rows=[TableRows("epochs", ["loss"], [[epoch, epoch]])]), (
            ledger.warnings
        )
    ledger.end(run, "done")
    ledger.close()
