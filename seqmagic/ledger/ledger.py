"""The ledger of runs: what was trained, with its curves and checkpoints, in one file that outlives the kernel.

>>> ledger = Ledger("runs.sqlite")                                         # doctest: +SKIP
>>> run = ledger.begin(RunEntry(name="digits", epochs=10))                 # doctest: +SKIP
>>> ledger.add_rows(run, "epochs", ["loss"], np.array([[1.0, 0.7]]))       # doctest: +SKIP
>>> ledger.save_checkpoint(run, "last", {"epoch": 1}, model.get_weights()) # doctest: +SKIP
>>> ledger.end(run, "done", {"loss": 0.7})                                 # doctest: +SKIP

Nothing here interrupts a training: what can't be stored gives None or False, and a message in `warnings`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from seqmagic.ledger import tables
from seqmagic.ledger.arrays import as_json, pack_array
from seqmagic.ledger.attempts import Attempt, insert_attempt, read_attempts
from seqmagic.ledger.connection import FileConnection
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.file import (
    GLANCE_SECONDS,
    KEPT_IN_MEMORY,
    Connect,
    is_closed_folder,
    is_damage,
    open_to_look,
    sqlite_code,
)
from seqmagic.ledger.paths import MOST_BYTES
from seqmagic.ledger.run_state import RunState
from seqmagic.ledger.tables import Checkpoint, NoRoomError, TableRows
from seqmagic.translation import gettext, gettext_noop

__all__ = ["Checkpoint", "Ledger", "RunEntry", "TableRows"]

TRIES = 3  # For single writes: another kernel may be storing something large.
FAILURES = (sqlite3.Error, OSError, NoRoomError, ValueError, TypeError, KeyError, OverflowError, MemoryError)

# What is lost by a fault.
KEPT, READ = gettext_noop("something was not saved"), gettext_noop("something could not be read")

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Ledger:
    """The runs in a file. It is opened, or created, when the first run starts; several threads and kernels may use it at once.

    Attributes:
        most_bytes: beyond this, the oldest checkpoints are deleted, then the oldest curves; never those of a running run.
        adopt: whether to take over a copy of another user's runs.
        connect: opens the file; `sqlite3.connect` or a compatible function.
        troubles: messages for the user, and how often each occurred.
        named: the requested file.
    """

    def __init__(self, path: str | Path, most_bytes: int = MOST_BYTES, *, adopt: bool = False, connect: Connect = sqlite3.connect) -> None:
        # Absolute, because a notebook may change its working directory later.
        self.named = Path(path).expanduser().absolute()
        self.most_bytes = most_bytes
        self.troubles: Counter[str] = Counter()
        self._lock = threading.RLock()
        self._connection = FileConnection(self.named, connect, self.troubles, adopt=adopt)
        self._closed = False
        self._highest = 0  # A new file must not give a number a second time.

    @property
    def path(self) -> Path:
        """The file in use: another next to the requested one if that isn't one of ours."""
        return self._connection.path

    @property
    def warnings(self) -> list[str]:
        """The distinct messages."""
        return list(self.troubles)

    # Writing.

    def begin(self, entry: RunEntry) -> int | None:
        """Add a run that starts; returns its number, or None if nothing can be stored."""

        def work(connection: sqlite3.Connection) -> int:
            self._highest = tables.insert_entry(connection, entry, self._highest)
            return self._highest

        return self._write(work, None, tries=TRIES)

    def add_rows(self, run: int, table: str, names: Sequence[str], rows: Any) -> bool:
        """Append rows to a run's curves.

        Args:
            table: "batches", "epochs" or "parts".
            names: of the columns after the position, which is the first value of each row.
        """
        return self._write_parts(run, [TableRows(table, names, rows)])

    def replace_rows(self, run: int, table: str, names: Sequence[str], rows: Any) -> bool:
        """Replace all rows of a table, for example after thinning."""
        return self._write_parts(run, [TableRows(table, names, rows, replace=True)])

    def save_checkpoint(self, run: int, kind: str, facts: dict[str, Any], arrays: Iterable[Any], rows: Iterable[TableRows] = ()) -> bool:
        """Store a run's checkpoint, replacing the former one of its kind, and rows of its curves, in one transaction.

        Args:
            kind: "first", "best" or "last".
            facts: any JSON-compatible values.
            arrays: of any dtype but object.
        """
        try:
            # Before the transaction: copying arrays from a GPU takes time, and must not block other kernels.
            text, parts = as_json(facts), [pack_array(array) for array in arrays]
        except FAILURES as error:
            self._explain(error, KEPT)
            return False

        def work(connection: sqlite3.Connection) -> None:
            tables.delete_checkpoint(connection, run, kind)
            self._make_room(connection, len(text) + sum(part.size for part in parts), run)
            tables.put_checkpoint(connection, run, kind, text, parts)

        return self._write_parts(run, rows, work)

    def end(self, run: int, outcome: str, numbers: dict[str, float] | None = None, **facts: Any) -> bool:
        """Record the end of a run.

        Args:
            outcome: "done", "stopped" or "failed".
            numbers: the last value of each metric; by default those of the last epoch.
            facts: anything else about it, such as reason="...".
        """
        last = {name: float(value) for name, value in (numbers or {}).items()}
        return self._write(lambda connection: tables.end_entry(connection, run, outcome, last, facts), default=False, tries=TRIES)

    def add_attempt(self, attempt: Attempt) -> bool:
        """Add an attempt at an exercise."""

        def work(connection: sqlite3.Connection) -> bool:
            insert_attempt(connection, attempt)
            return True

        return self._write(work, default=False, tries=TRIES)

    def delete(self, run: int) -> bool:
        """Delete a run, with its curves and checkpoints; False if there is none, or it is running."""

        def work(connection: sqlite3.Connection) -> bool:
            entry = tables.read_entry(connection, run)
            if entry is None or entry.is_under_way:
                return False
            tables.delete_entry(connection, run)
            return True

        deleted = self._write(work, default=False, tries=TRIES)
        if deleted:
            self._shrink()
        return deleted

    # Reading.

    def entry(self, run: int) -> RunEntry | None:
        """A run by its number, or None."""
        return self._read(lambda connection: tables.read_entry(connection, run), None)

    def entries(self) -> list[RunEntry]:
        """All runs, newest last; at most the newest MOST_ENTRIES."""
        which = f"ORDER BY id DESC LIMIT {tables.MOST_ENTRIES}"
        return self._read(lambda connection: tables.select_entries(connection, which)[::-1], [])

    def glance(self, most: int) -> list[RunEntry]:
        """The newest runs, newest first, for completions: creates or repairs no file, and doesn't wait for other threads."""
        with contextlib.ExitStack() as opened, contextlib.suppress(*FAILURES):
            if self._lock.acquire(timeout=GLANCE_SECONDS):
                opened.callback(self._lock.release)
                connection = self._connection.opened or opened.enter_context(contextlib.closing(open_to_look(self.path)))
                return tables.select_entries(connection, f"ORDER BY id DESC LIMIT {most}")
        return []

    def attempts(self) -> list[Attempt]:
        """The attempts at exercises, newest last."""
        return self._read(read_attempts, [])

    def rows(self, run: int, table: str) -> tuple[list[str], np.ndarray]:
        """A run's curves: the names of the columns after the position, and the rows, with the position first.

        Args:
            table: "batches", "epochs" or "parts".
        """
        no_rows: tuple[list[str], np.ndarray] = ([], np.empty((0, 1)))
        return self._read(lambda connection: tables.read_rows(connection, run, table), no_rows)

    def load_checkpoint(self, run: int, kind: str) -> Checkpoint | None:
        """A run's checkpoint, bit for bit; None if there is none, or it is damaged."""
        return self._read(lambda connection: tables.read_checkpoint(connection, run, kind), None)

    def checkpoints(self, run: int) -> dict[str, float]:
        """The kinds of checkpoints that a run has, each with its time in Unix seconds."""
        return self._read(lambda connection: tables.read_kinds(connection, run), {})

    def unfinished(self, name: str, network: str, wanted: Callable[[RunEntry], bool] = lambda _: True) -> RunEntry | None:
        """The run to resume: the newest run of a model that was interrupted or stopped, and has a "last" checkpoint.

        Running runs are excluded, as are runs of a sweep, which is resumed as a whole, and runs older than the newest finished one. A run
        that ended before its first batch is returned only if there is no other.

        Args:
            network: the hash of the layers' config, which must be equal for resuming.
            wanted: whether a run is a candidate at all.
        """

        def work(connection: sqlite3.Connection) -> RunEntry | None:
            same = tables.select_entries(connection, "WHERE name = ? AND network = ? ORDER BY id DESC", (name, network))
            untrained = None
            passed_over = (RunState.RUNNING, RunState.UNREADABLE)
            for entry in (entry for entry in same if wanted(entry) and not entry.sweep and entry.state not in passed_over):
                if entry.outcome == RunState.DONE:
                    break
                facts = tables.read_checkpoint_facts(connection, entry.id, "last")
                if facts is not None and facts.get("moment") != [facts.get("first_epoch"), 0]:
                    return entry
                untrained = untrained or (entry if facts is not None else None)
            return untrained

        return self._read(work, None)

    @property
    def is_in_memory(self) -> bool:
        """Whether the contents are lost when the kernel ends, because no file is writable."""
        return self._connection.is_in_memory

    def close(self) -> None:
        """Close the file; later reads find nothing."""
        with self._lock:
            self._closed = True
            self._connection.close()

    # Internals.

    def _write_parts(self, run: int, rows: Iterable[TableRows], more: Callable[[sqlite3.Connection], None] | None = None) -> bool:
        """Write something that belongs to a run, and rows of its curves, in one transaction."""
        pieces = list(rows)

        def work(connection: sqlite3.Connection) -> bool:
            if not tables.touch_entry(connection, run):
                return False  # The run was deleted.
            for piece in pieces:
                tables.put_rows(connection, run, piece)
            if more is not None:
                more(connection)
            self._make_room(connection, 0, run)
            return True

        return self._write(work, default=False)

    def _shrink(self) -> None:
        """Return the file's free pages to the file system; if that fails now, later runs use them."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection.opened is not None:
                # `execute` would run this statement for one step only, which frees one page; `executescript` runs it to the end.
                self._connection.opened.executescript("PRAGMA incremental_vacuum")

    def _make_room(self, connection: sqlite3.Connection, needed: int, run: int) -> None:
        most = min(self.most_bytes, KEPT_IN_MEMORY) if self.is_in_memory else self.most_bytes
        tables.make_room(connection, most, needed, keep=run)

    def _write(self, work: Work[T], default: T, tries: int = 1) -> T:
        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
            return result

        return self._attempt(transaction, default, KEPT, tries)

    def _read(self, work: Work[T], default: T) -> T:
        with self._lock:
            if self._connection.opened is None and not os.path.lexists(self.path):
                return default  # Nothing has been written yet, and reading must not create a file.
        return self._attempt(work, default, READ)

    def _attempt(self, work: Work[T], default: T, what: str, tries: int = 1) -> T:
        """Do something with the file. A failure leaves the file unchanged, adds a warning, and does not reach the caller."""
        with self._lock:
            try:
                return default if self._closed else work(self._connection.open())
            except FAILURES as error:
                self._connection.undo()
                if sqlite_code(error) == sqlite3.SQLITE_BUSY and tries > 1:
                    return self._attempt(work, default, what, tries - 1)
                if is_closed_folder(error) and not self.is_in_memory:
                    self._connection.turn_to_memory()
                    return self._attempt(work, default, what, tries)
                self._explain(error, what)
                return default
            except BaseException:
                self._connection.undo()  # An interrupt: the transaction must not stay open.
                raise

    def _explain(self, error: Exception, what: str) -> None:
        """Add a warning about something that was not kept, or not read."""
        file, lost, report = self.path.name, gettext(what), self._connection.report
        if is_damage(error):
            self._connection.suspect()
            report(gettext("{file} is damaged, and part of it can't be read.", file=file))
        elif sqlite_code(error) == sqlite3.SQLITE_BUSY:
            report(gettext("{file} was locked by another kernel for too long: {lost}.", file=file, lost=lost))
        elif sqlite_code(error) == sqlite3.SQLITE_FULL:
            report(gettext("The disk has no space left for {file}: {lost}.", file=file, lost=lost))
        else:
            begin, reason = lost[0].upper() + lost[1:], str(error) or type(error).__name__
            report(gettext("{lost} in {file}: {reason}.", lost=begin, file=file, reason=reason))
