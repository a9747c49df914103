"""Paths: what stands under the name of a ledger's file, and under the names that SQLite reads and writes beside it.

Any of them may come out of somebody else's archive. SQLite would follow a link and write where it leads, would wait for a pipe, and would
delete the file that a journal names.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from pathlib import Path

MOST_BYTES = 500_000_000  # Of a file of runs, unless somebody says so.
ENDINGS = ("", "-wal", "-shm", "-journal")  # Files that belong together.
# So a journal ends that belongs to a transaction over several databases. It names a file of theirs, and SQLite deletes that; we have one.
END_OF_SHARED_JOURNAL = bytes.fromhex("d9d505f920a163d7")


class ForeignFileError(Exception):
    """What is there is none of ours, or newer; the text says what it is."""


def check_paths(path: Path) -> None:
    """See that SQLite may open a file, whether it is there or not.

    Raises:
        ForeignFileError: Where it does not fit.
    """
    for ending in ENDINGS:
        place = path.with_name(path.name + ending)
        try:
            mode = place.lstat().st_mode
        except OSError:
            continue  # Nothing is there, or nobody may look: then SQLite can't either.
        if not stat.S_ISREG(mode):
            raise ForeignFileError(f"is {_kind(mode)}" if not ending else f"has {_kind(mode)} beside it, {place.name}")
    if _ends_like_shared_journal(path.with_name(path.name + "-journal")):
        raise ForeignFileError("has a journal beside it that another program wrote")


def _kind(mode: int) -> str:
    return "a link" if stat.S_ISLNK(mode) else "a folder" if stat.S_ISDIR(mode) else "no ordinary file"


def _ends_like_shared_journal(journal: Path) -> bool:
    try:
        with journal.open("rb") as file:
            file.seek(-len(END_OF_SHARED_JOURNAL), os.SEEK_END)
            return file.read() == END_OF_SHARED_JOURNAL
    except OSError:
        return False


def make_private(path: Path) -> None:
    """Make an empty file that only its owner may read, where there is none: it will hold cells, weights and the computer's name.

    What SQLite writes beside it has the same mode.
    """
    with contextlib.suppress(OSError):  # What is wrong with the place SQLite will say.
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def identity_of(path: Path) -> tuple[int, int] | None:
    """Which file stands under a name now; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def set_aside(path: Path) -> Path:
    """Rename a file, and what belongs to it, to a name with the date; gives the new name."""
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
