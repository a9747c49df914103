"""The connection to a ledger's file: opened when it is first needed, and again if the file was deleted, replaced or damaged."""

from __future__ import annotations

import contextlib
import sqlite3
import weakref
from collections import Counter
from pathlib import Path

from seqmagic.ledger.file import Connect, open_file, open_memory
from seqmagic.ledger.paths import identity_of
from seqmagic.translation import gettext


class FileConnection:
    """A connection to a file, or to memory if no file is writable. One thread may use it at a time.

    Attributes:
        path: the file in use: another next to the requested one if that isn't one of ours.
        connect: opens a file; `sqlite3.connect` or a compatible function.
        troubles: messages for the user, and how often each occurred.
        adopt: whether to take over a copy of another user's runs.
        is_in_memory: whether the contents are lost when the kernel ends.
        opened: the SQLite connection; None while the file is not open.
    """

    def __init__(self, path: Path, connect: Connect, troubles: Counter[str], *, adopt: bool) -> None:
        self.path, self.connect, self.troubles, self.adopt = path, connect, troubles, adopt
        self.is_in_memory = False
        self.opened: sqlite3.Connection | None = None
        self._is_suspected = False
        self._identity: tuple[int, int] | None = None  # Of the open file.

    def open(self) -> sqlite3.Connection:
        """The SQLite connection, to the file that is at the path now."""
        if self.opened is not None and not self.is_in_memory and identity_of(self.path) != self._identity:
            # SQLite would go on writing to a deleted file.
            self.close()
            self.report(gettext("{file} was deleted or replaced while in use; runs are now saved in the new file.", file=self.path.name))
        if self.opened is None:
            self.opened, kept_in = open_file(self.path, self.connect, self.report, thorough=self._is_suspected, adopt=self.adopt)
            self._is_suspected, self.is_in_memory = False, kept_in is None
            self.path = kept_in or self.path
            self._identity = identity_of(self.path)
            # Also when the kernel exits: SQLite then removes the write-ahead log.
            weakref.finalize(self, self.opened.close)
        return self.opened

    def report(self, sentence: str) -> None:
        """Note a message for the user."""
        self.troubles[sentence] += 1

    def turn_to_memory(self) -> None:
        """Go on with what can be read of the file, in memory."""
        self.close()
        self.opened, self.is_in_memory = open_memory(self.path, self.connect, self.report), True

    def suspect(self) -> None:
        """The file is damaged: check it completely, and rename it, when it is next opened."""
        self._is_suspected = True
        self.close()

    def undo(self) -> None:
        """Roll back what was begun."""
        if self.opened is not None and self.opened.in_transaction:
            try:
                self.opened.execute("ROLLBACK")
            except sqlite3.Error:
                self.close()  # Closing rolls back too.

    def close(self) -> None:
        """Close the file; it is opened again when it is next needed."""
        opened, self.opened = self.opened, None
        if opened is not None:
            with contextlib.suppress(sqlite3.Error):
                opened.close()
