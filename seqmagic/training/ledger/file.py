"""The ledger's file: an SQLite database that is opened with care. It may be damaged, newer, somebody else's, or impossible to write.

Nothing that is there is ever overwritten: a damaged file is renamed, any other is left alone and one beside it is used.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

APPLICATION = 0x5E9A61C0  # Stands in the file's head and says whose it is.
VERSION = 1
BUSY_SECONDS = 1.0  # So long a writer waits for another kernel's.
# Smaller files are looked through from end to end when they are opened, which takes some hundredths of a second.
LOOKED_THROUGH = 20_000_000
KEPT_IN_MEMORY = 50_000_000  # Bytes that may be kept where no file can be written.
WAL_BYTES = 4_000_000  # To this the write-ahead log shrinks after a large checkpoint.
ENDINGS = ("", "-wal", "-shm", "-journal")  # Files that belong together.

Connect = Callable[..., sqlite3.Connection]
Say = Callable[[str], None]

TABLES = """
CREATE TABLE IF NOT EXISTS runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, network TEXT NOT NULL,
    started REAL NOT NULL, touched REAL NOT NULL, ended REAL, outcome TEXT, facts TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS curves (
    run INTEGER NOT NULL, kind TEXT NOT NULL, part INTEGER NOT NULL, names TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (run, kind, part));
CREATE TABLE IF NOT EXISTS checkpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, kind TEXT NOT NULL,
    saved REAL NOT NULL, facts TEXT NOT NULL, count INTEGER NOT NULL, checksum TEXT NOT NULL,
    UNIQUE (run, kind));
CREATE TABLE IF NOT EXISTS arrays (
    checkpoint INTEGER NOT NULL, position INTEGER NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (checkpoint, position));
"""


class DamagedError(Exception):
    """The file is no database, or not a whole one."""


class ElseError(Exception):
    """The file is a database that is none of ours, or a newer one; the text says which."""


def kind_of(error: BaseException) -> int:
    """SQLite's code for what went wrong, without its details; 0 where it gave none."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether an error means that the file is damaged."""
    return isinstance(error, DamagedError) or kind_of(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_closed_folder(error: BaseException) -> bool:
    """Whether an error means that nothing can be written there."""
    unwritable = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
    return isinstance(error, PermissionError) or kind_of(error) in unwritable


def open_file(path: Path, connect: Connect, say: Say, *, thorough: bool = False) -> tuple[sqlite3.Connection, Path | None]:
    """A connection to a ledger's file, which is made where there is none; and the file that it came to be, None for memory.

    connect: `sqlite3.connect`, or something that is called like it.
    say: told a sentence for each thing that the user should know.
    thorough: look through the whole file, however large.

    Raises sqlite3.Error or OSError when the reason may pass, such as a full disk.
    """
    for _ in range(4):  # A newer file may have a damaged one beside it, and so on; not for ever.
        seen = identity_of(path)
        try:
            return _connect(path, connect, thorough=thorough), path
        except ElseError as error:
            beside = path.with_name(f"{path.stem}-v{VERSION}{path.suffix}")
            say(f"{path.name} {error}. It stays as it is; runs are kept in {beside.name}.")
            path = beside
        except (DamagedError, sqlite3.Error, OSError) as error:
            if is_closed_folder(error):
                break
            if not is_damage(error):
                raise
            if identity_of(path) != seen:
                continue  # Another kernel has set it aside in the meantime.
            try:
                say(f"{path.name} was damaged. It is now {_set_aside(path).name}, and a new one was begun.")
            except OSError:
                break
    return open_memory(path, connect, say), None


def open_memory(path: Path, connect: Connect, say: Say) -> sqlite3.Connection:
    """A ledger in memory, with what is in the file if that can be read and is small."""
    say(f"{path.name} can't be written in {path.parent}: runs are kept only until the kernel ends.")
    connection = connect(":memory:", isolation_level=None, check_same_thread=False)
    for how in ("mode=ro", "immutable=1"):  # Reading a file with a write-ahead log writes beside it, except from one that never changes.
        with contextlib.suppress(sqlite3.Error, OSError, ValueError, DamagedError, ElseError):
            if path.stat().st_size <= KEPT_IN_MEMORY:
                with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as source:
                    _check(source, thorough=True)
                    source.backup(connection)
                break
    _make_tables(connection)
    return connection


def _connect(path: Path, connect: Connect, *, thorough: bool) -> sqlite3.Connection:
    connection = connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        _check(connection, thorough=thorough or path.stat().st_size < LOOKED_THROUGH)
        if _is_empty(connection):
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # So that the file can shrink; only an empty one takes it.
        _begin_log(connection)
        if _is_empty(connection):
            _make_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, *, thorough: bool) -> None:
    """Whose file it is, and whether it is whole.

    Raises ElseError and DamagedError; SQLite itself does when the head is wrong or the end is missing.
    """
    if _is_empty(connection):
        return
    if value_of(connection, "PRAGMA application_id") != APPLICATION:
        raise ElseError("is a database of something else")
    if value_of(connection, "PRAGMA user_version") > VERSION:
        raise ElseError("was written by a newer seqmagic")
    if thorough and value_of(connection, "PRAGMA quick_check(1)") != "ok":
        raise DamagedError
    if not {"runs", "curves", "checkpoints", "arrays"} <= {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}:
        raise DamagedError


def _is_empty(connection: sqlite3.Connection) -> bool:
    return value_of(connection, "SELECT count(*) FROM sqlite_master") == 0


def _begin_log(connection: sqlite3.Connection) -> None:
    """Turn the write-ahead log on; a network drive may have none, and then the ordinary journal does."""
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    logged = value_of(connection, "PRAGMA journal_mode") == "wal"
    # With the log, a crash of the computer may cost the last moments, never the file.
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if logged else 'FULL'}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    for statement in filter(None, map(str.strip, TABLES.split(";"))):
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def value_of(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...] = ()) -> Any:
    """The first value that a statement gives."""
    return connection.execute(statement, values).fetchone()[0]


def identity_of(path: Path) -> tuple[int, int] | None:
    """Which file stands under a name now; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _set_aside(path: Path) -> Path:
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
