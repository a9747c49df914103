"""Ledgers to try: entries for them, connections that fail when a test wants it, and a process that writes for ever."""

from __future__ import annotations

import sqlite3
import sys
from typing import Any

import numpy as np

from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger, TableRows

OPENED: list[sqlite3.Connection] = []


def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
    """Open a file, and keep the connection for what a test does to it."""
    OPENED.append(sqlite3.connect(*arguments, **options))
    return OPENED[-1]


def entry(name: str = "digits", **facts: Any) -> RunEntry:
    """What is known of a run when it begins."""
    return RunEntry(name=name, **{"network": "abc", "text": "input 64\ndense 10\n", **facts})


def begin(ledger: Ledger, name: str = "digits", **facts: Any) -> int:
    """Begin a run in a ledger; gives its number."""
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
    """What the children of the tests do: write one checkpoint after the other, each telling its number in every array."""
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
