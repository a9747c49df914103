"""Paths: what exists under the name of a ledger's file, and under the names that SQLite reads and writes next to it.

Any of them may come from an untrusted archive. SQLite would follow a symlink and write to its target, would block on a pipe, and would
delete the file that a journal names.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from pathlib import Path

from seqmagic.translation import gettext

MOST_BYTES = 500_000_000  # The default limit for a file of runs.
ENDINGS = ("", "-wal", "-shm", "-journal")  # Suffixes of the files that belong together.
# The end of a journal that belongs to a transaction over several databases. It names another journal file, which SQLite deletes; a ledger
# has only one database.
END_OF_SHARED_JOURNAL = bytes.fromhex("d9d505f920a163d7")


class ForeignFileError(Exception):
    """The file is not seqmagic's, or is newer; the message says which."""


def check_paths(path: Path) -> None:
    """Check that SQLite may open a file, whether it exists or not.

    Raises:
        ForeignFileError: If it may not.
    """
    for ending in ENDINGS:
        place = path.with_name(path.name + ending)
        try:
            mode = place.lstat().st_mode
        except OSError:
            continue  # It does not exist, or is inaccessible: then SQLite can't open it either.
        if not stat.S_ISREG(mode):
            raise ForeignFileError(
                gettext("is {kind}", kind=_kind(mode))
                if not ending
                else gettext("has {kind} next to it, {name}", kind=_kind(mode), name=place.name)
            )
    if _ends_like_shared_journal(path.with_name(path.name + "-journal")):
        raise ForeignFileError(gettext("has a journal next to it that was written by another program"))


def _kind(mode: int) -> str:
    return gettext("a link") if stat.S_ISLNK(mode) else gettext("a folder") if stat.S_ISDIR(mode) else gettext("not a regular file")


def _ends_like_shared_journal(journal: Path) -> bool:
    try:
        with journal.open("rb") as file:
            file.seek(-len(END_OF_SHARED_JOURNAL), os.SEEK_END)
            return file.read() == END_OF_SHARED_JOURNAL
    except OSError:
        return False


def make_private(path: Path) -> None:
    """Create an empty file that only its owner may read, unless one exists: it will contain cells, weights and the computer's name.

    The files that SQLite creates next to it get the same mode.
    """
    with contextlib.suppress(OSError):  # SQLite will report what is wrong with the folder.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def identity_of(path: Path) -> tuple[int, int] | None:
    """The device and inode of the file under a name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def set_aside(path: Path) -> Path:
    """Rename a file, and those that belong to it, to a name with the date; returns the new path."""
    stem = f"{path.stem}.damaged-{time.strftime('%Y-%m-%d-%H%M%S')}"
    target, count = path.with_name(stem + path.suffix), 1
    while target.exists():
        count += 1
        target = path.with_name(f"{stem}-{count}{path.suffix}")
    for ending in ENDINGS:
        source = path.with_name(path.name + ending)
        if source.exists():
            source.rename(target.with_name(target.name + ending))
    return target
