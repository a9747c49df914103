"""The ledger of runs: what was trained, with its curves and checkpoints, in one file that outlives the kernel.

>>> ledger = Ledger("runs.sqlite")                                         # doctest: +SKIP
>>> run = ledger.begin(RunEntry(name="digits", epochs=10))                 # doctest: +SKIP
>>> ledger.add_rows(run, "epochs", ["loss"], np.array([[1.0, 0.7]]))       # doctest: +SKIP
>>> ledger.save_checkpoint(run, "last", {"epoch": 1}, model.get_weights()) # doctest: +SKIP
>>> ledger.end(run, "done", {"loss": 0.7})                                 # doctest: +SKIP

Nothing here breaks a training off: what can't be kept gives None or False, and a sentence in `warnings`.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import weakref
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from seqmagic.ledger import tables
from seqmagic.ledger.arrays import as_json, pack_array
from seqmagic.ledger.attempts import Attempt, insert_attempt, read_attempts
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.file import (
    KEPT_IN_MEMORY,
    Connect,
    is_closed_folder,
    is_damage,
    open_file,
    open_memory,
    sqlite_code,
)
from seqmagic.ledger.paths import MOST_BYTES, identity_of
from seqmagic.ledger.run_state import RunState
from seqmagic.ledger.tables import Checkpoint, NoRoomError, TableRows

__all__ = ["Checkpoint", "Ledger", "RunEntry", "TableRows"]

TRIES = 3  # For what is written once: another kernel may be storing something large.
FAILURES = (sqlite3.Error, OSError, NoRoomError, ValueError, TypeError, KeyError, OverflowError, MemoryError)

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]


class Ledger:
    """The runs in a file. It is opened, and made, when the first run begins; several threads and kernels may use it at once.

    Attributes:
        path: the file; one beside it is used when it turns out to be something else.
        most_bytes: beyond this the oldest checkpoints go, then the oldest curves; never those of a run that is under way.
        adopt: whether a copy of what somebody else has made becomes one's own.
        connect: what opens the file, `sqlite3.connect` or the like.
        troubles: sentences for the user, and how often each would have been shown.
        named, path: the file that was asked for, and the one that is used.
    """

    def __init__(self, path: str | Path, most_bytes: int = MOST_BYTES, *, adopt: bool = False, connect: Connect = sqlite3.connect) -> None:
        # A notebook may change its folder later.
        self.named = self.path = Path(path).expanduser().absolute()
        self.most_bytes, self._adopt = most_bytes, adopt
        self.troubles: Counter[str] = Counter()
        self._connect = connect
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._in_memory = self._suspected = self._closed = False
        self._opened: tuple[int, int] | None = None  # Which file it is that is open.
        self._highest = 0  # A file that is begun anew gives no number a second time.

    @property
    def warnings(self) -> list[str]:
        """The troubles, each once."""
        return list(self.troubles)

    # What a run writes.

    def begin(self, entry: RunEntry) -> int | None:
        """Enter a run that starts; gives its number, or None when nothing can be kept."""

        def work(connection: sqlite3.Connection) -> int:
            self._highest = tables.insert_entry(connection, entry, self._highest)
            return self._highest

        return self._write(work, None, tries=TRIES)

    def add_rows(self, run: int, table: str, names: Sequence[str], rows: Any) -> bool:
        """Append rows to a run's curves.

        Args:
            table: "batches", "epochs" or "parts".
            names: the columns after the position, which is the first number of each row.
        """
        return self._write_parts(run, [TableRows(table, names, rows)])

    def replace_rows(self, run: int, table: str, names: Sequence[str], rows: Any) -> bool:
        """Put rows in the place of all that a table has, as after thinning."""
        return self._write_parts(run, [TableRows(table, names, rows, replace=True)])

    def save_checkpoint(self, run: int, kind: str, facts: dict[str, Any], arrays: Iterable[Any], rows: Iterable[TableRows] = ()) -> bool:
        """Keep a run's state in the place of its former one of that kind, and rows of its curves with it: all of it or nothing.

        Args:
            kind: "first", "best" or "last".
            facts: anything that JSON can hold.
            arrays: of any type but Python objects.
        """
        try:
            # Before the file is touched: arrays may come from a graphics card, and no other kernel should wait for that.
            text, parts = as_json(facts), [pack_array(array) for array in arrays]
        except FAILURES as error:
            self._explain(error, "kept")
            return False

        def work(connection: sqlite3.Connection) -> None:
            tables.delete_checkpoint(connection, run, kind)
            self._make_room(connection, len(text) + sum(part.size for part in parts), run)
            tables.put_checkpoint(connection, run, kind, text, parts)

        return self._write_parts(run, rows, work)

    def end(self, run: int, outcome: str, numbers: dict[str, float] | None = None, **facts: Any) -> bool:
        """Enter how a run ended.

        Args:
            outcome: "done", "stopped" or "failed".
            numbers: the last of each metric; those of the last epoch when there are none.
            facts: what else is known of it, such as reason="...".
        """
        last = {name: float(value) for name, value in (numbers or {}).items()}
        return self._write(lambda connection: tables.end_entry(connection, run, outcome, last, facts), default=False, tries=TRIES)

    def add_attempt(self, attempt: Attempt) -> bool:
        """Enter an attempt at an exercise."""

        def work(connection: sqlite3.Connection) -> bool:
            insert_attempt(connection, attempt)
            return True

        return self._write(work, default=False, tries=TRIES)

    def delete(self, run: int) -> bool:
        """Take a run out, with its curves and checkpoints; False when there is none, or when it is under way."""

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

    # What can be asked.

    def entry(self, run: int) -> RunEntry | None:
        """A run by its number, or None."""
        return self._read(lambda connection: tables.read_entry(connection, run), None)

    def entries(self) -> list[RunEntry]:
        """All runs, the newest last; of very many the newest."""
        which = f"ORDER BY id DESC LIMIT {tables.MOST_ENTRIES}"
        return self._read(lambda connection: tables.select_entries(connection, which)[::-1], [])

    def attempts(self) -> list[Attempt]:
        """The attempts at exercises, the newest last."""
        return self._read(read_attempts, [])

    def rows(self, run: int, table: str) -> tuple[list[str], np.ndarray]:
        """A run's curves: the names of the columns after the position, and a row each, position first.

        Args:
            table: "batches", "epochs" or "parts".
        """
        no_rows: tuple[list[str], np.ndarray] = ([], np.empty((0, 1)))
        return self._read(lambda connection: tables.read_rows(connection, run, table), no_rows)

    def load_checkpoint(self, run: int, kind: str) -> Checkpoint | None:
        """A run's state, bit for bit; None when there is none, or it is damaged."""
        return self._read(lambda connection: tables.read_checkpoint(connection, run, kind), None)

    def checkpoints(self, run: int) -> dict[str, float]:
        """The kinds of checkpoints that a run has, with the moment of each in Unix seconds."""
        return self._read(lambda connection: tables.read_kinds(connection, run), {})

    def unfinished(self, name: str, network: str, wanted: Callable[[RunEntry], bool] = lambda _: True) -> RunEntry | None:
        """The run to go on with: the newest of a model that broke off, or was stopped, and has a "last" checkpoint.

        A run that is under way is not meant, nor one of a sweep, which goes on as a whole; and none from before the newest that came to its
        end. One that ended before its first batch is meant only where there is no other.

        Args:
            network: the hash of the layers' config; only a run of the same can go on.
            wanted: whether a run comes into question at all.
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
        """Whether what is kept ends with the kernel, because no file can be written."""
        return self._in_memory

    def close(self) -> None:
        """Let go of the file; what is asked afterwards finds nothing."""
        with self._lock:
            self._closed = True
            self._drop()

    # How it is done.

    def _write_parts(self, run: int, rows: Iterable[TableRows], more: Callable[[sqlite3.Connection], None] | None = None) -> bool:
        """Write something that belongs to a run, and rows of its curves, in one transaction."""
        pieces = list(rows)

        def work(connection: sqlite3.Connection) -> bool:
            if not tables.touch_entry(connection, run):
                return False  # It was deleted.
            for piece in pieces:
                tables.put_rows(connection, run, piece)
            if more is not None:
                more(connection)
            self._make_room(connection, 0, run)
            return True

        return self._write(work, default=False)

    def _shrink(self) -> None:
        """Give the disk back what is free in the file; where that can't be done now, the next runs use it."""
        with self._lock, contextlib.suppress(sqlite3.Error):
            if self._connection is not None:
                # Of a statement without columns `execute` takes one step alone, which frees one page; a script runs to its end.
                self._connection.executescript("PRAGMA incremental_vacuum")

    def _make_room(self, connection: sqlite3.Connection, needed: int, run: int) -> None:
        most = min(self.most_bytes, KEPT_IN_MEMORY) if self._in_memory else self.most_bytes
        tables.make_room(connection, most, needed, keep=run)

    def _write(self, work: Work[T], default: T, tries: int = 1) -> T:
        def transaction(connection: sqlite3.Connection) -> T:
            connection.execute("BEGIN IMMEDIATE")
            result = work(connection)
            connection.execute("COMMIT")
            return result

        return self._attempt(transaction, default, "kept", tries)

    def _read(self, work: Work[T], default: T) -> T:
        with self._lock:
            if self._connection is None and not os.path.lexists(self.path):
                return default  # Nobody has written anything yet, and looking must not make a file.
        return self._attempt(work, default, "read")

    def _attempt(self, work: Work[T], default: T, what: str, tries: int = 1) -> T:
        """Do something with the file. What fails leaves it as it was, is warned of, and costs the caller nothing."""
        with self._lock:
            try:
                return default if self._closed else work(self._open())
            except FAILURES as error:
                self._undo()
                if sqlite_code(error) == sqlite3.SQLITE_BUSY and tries > 1:
                    return self._attempt(work, default, what, tries - 1)
                if is_closed_folder(error) and not self._in_memory:
                    self._turn_to_memory()
                    return self._attempt(work, default, what, tries)
                self._explain(error, what)
                return default
            except BaseException:
                self._undo()  # An interrupt: what was begun must not stay open.
                raise

    def _open(self) -> sqlite3.Connection:
        if self._connection is not None and not self._in_memory and identity_of(self.path) != self._opened:
            # SQLite would go on writing into a file that nobody can find any more.
            self._drop()
            self._warn(f"{self.path.name} was deleted or replaced while it was in use: runs are kept in the one that is there now.")
        if self._connection is None:
            self._connection, kept_in = open_file(self.path, self._connect, self._warn, thorough=self._suspected, adopt=self._adopt)
            self._suspected, self._in_memory = False, kept_in is None
            self.path = kept_in or self.path
            self._opened = identity_of(self.path)
            # At the kernel's end, too: SQLite then leaves one file, and no log beside it.
            weakref.finalize(self, self._connection.close)
        return self._connection

    def _turn_to_memory(self) -> None:
        self._drop()
        self._connection, self._in_memory = open_memory(self.path, self._connect, self._warn), True

    def _undo(self) -> None:
        if self._connection is not None and self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except sqlite3.Error:
                self._drop()  # Closing undoes it, too.

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    def _explain(self, error: Exception, what: str) -> None:
        """Warn of something that was not "kept", or not "read"."""
        file = self.path.name
        if is_damage(error):
            # Looked through from end to end, and set aside, when it is next opened.
            self._suspected = True
            self._drop()
            self._warn(f"{file} is damaged: a part of it can't be read.")
        elif sqlite_code(error) == sqlite3.SQLITE_BUSY:
            self._warn(f"{file} was in use by another kernel for too long: something was not {what}.")
        elif sqlite_code(error) == sqlite3.SQLITE_FULL:
            self._warn(f"There is no room left for {file}: something was not {what}.")
        else:
            self._warn(f"Something was not {what} in {file}: {str(error) or type(error).__name__}.")

    def _warn(self, sentence: str) -> None:
        self.troubles[sentence] += 1
