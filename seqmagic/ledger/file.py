"""The ledger's file: an SQLite database, opened with care. It may be damaged, newer, of another program, or not writable.

No existing file is overwritten: a damaged file is renamed; any other is left alone, and a second file next to it is used.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seqmagic.ledger import schema
from seqmagic.ledger.origin import check_origin, note_origin
from seqmagic.ledger.paths import ForeignFileError, check_paths, identity_of, make_private, set_aside
from seqmagic.ledger.row_checks import MOST_WHOLE
from seqmagic.translation import gettext

APPLICATION = 0x5E9A61C0  # In the file's header; identifies seqmagic's files.
BUSY_SECONDS = 1.0  # How long a writer waits for another kernel's transaction.
GLANCE_SECONDS = 0.02  # The same for a completion, which shows no runs rather than keep someone waiting.
# Bytes; smaller files are checked completely when opened, which takes some hundredths of a second.
LOOKED_THROUGH = 20_000_000
KEPT_IN_MEMORY = 50_000_000  # Bytes read into memory if the file can't be written.
WAL_BYTES = 4_000_000  # The write-ahead log is truncated to this size after a large checkpoint.
MOST_TRIES = 8  # File names to try until one can be used.

Connect = Callable[..., sqlite3.Connection]
Report = Callable[[str], None]


class DamagedError(Exception):
    """The file is not a database, or is incomplete."""


def sqlite_code(error: BaseException) -> int:
    """SQLite's primary error code; 0 if there is none."""
    return (getattr(error, "sqlite_errorcode", 0) or 0) & 0xFF


def is_damage(error: BaseException) -> bool:
    """Whether an error means that the file is damaged."""
    return isinstance(error, DamagedError) or sqlite_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_closed_folder(error: BaseException) -> bool:
    """Whether an error means that the folder is not writable."""
    unwritable = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH)
    return isinstance(error, PermissionError) or sqlite_code(error) in unwritable


def open_file(
    path: Path, connect: Connect, report: Report, *, thorough: bool = False, adopt: bool = False
) -> tuple[sqlite3.Connection, Path | None]:
    """Open a connection to a ledger's file, which is created if it does not exist; returns the path used too, None for memory.

    Args:
        connect: `sqlite3.connect`, or a compatible function.
        report: called with messages for the user.
        thorough: check the whole file, whatever its size.
        adopt: take over a copy of another user's runs.

    Raises:
        sqlite3.Error, OSError: For a cause that may be temporary, such as a full disk.
    """
    named, beside = path, 1
    for _ in range(MOST_TRIES):  # The next file may be foreign as well; the number of names to try is limited.
        seen = identity_of(path)
        try:
            check_paths(path)
            return _connect(path, connect, thorough=thorough, adopt=adopt), path
        except ForeignFileError as error:
            beside += 1
            other = named.with_name(f"{named.stem}-{beside}{named.suffix}")
            told = gettext(
                "{file} {error}. It is left unchanged; runs are saved in {other}.", file=path.name, error=error, other=other.name
            )
            report(told)
            path = other
        except (DamagedError, sqlite3.Error, OSError) as error:
            if is_closed_folder(error):
                break
            if not is_damage(error):
                raise
            if identity_of(path) != seen:
                continue  # Another kernel has renamed it in the meantime.
            try:
                report(
                    gettext(
                        "{file} was damaged. It was renamed to {aside}, and a new file was started.",
                        file=path.name,
                        aside=set_aside(path).name,
                    )
                )
            except OSError:
                break
    return open_memory(path, connect, report), None


def open_to_look(path: Path) -> sqlite3.Connection:
    """A read-only connection to a ledger's file; writes nothing, neither to it nor next to it.

    Raises:
        sqlite3.Error, OSError, ValueError: If the file can't be read, isn't ours, or is of an old version, which only `open_file` upgrades.
    """
    # A log next to the file holds what another kernel has written. Without one, SQLite would create it, except in immutable mode.
    how = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "mode=ro&immutable=1"
    try:
        check_paths(path)
        connection = sqlite3.connect(f"{path.as_uri()}?{how}", uri=True, timeout=GLANCE_SECONDS)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.text_factory = _decode
            _check(connection, thorough=False)
            check_origin(connection, path)
        except BaseException:
            connection.close()
            raise
    except (DamagedError, ForeignFileError) as error:
        raise sqlite3.DatabaseError(str(error)) from error
    return connection


def open_memory(path: Path, connect: Connect, report: Report) -> sqlite3.Connection:
    """A ledger in memory, with the contents of the file if that is readable and small."""
    report(gettext("{file} can't be written in {folder}, so runs are lost when the kernel ends.", file=path.name, folder=path.parent))
    connection = connect(":memory:", isolation_level=None, check_same_thread=False)
    for how in ("mode=ro", "immutable=1"):  # Reading a file with a write-ahead log creates files next to it, except in immutable mode.
        with contextlib.suppress(sqlite3.Error, OSError, ValueError, DamagedError, ForeignFileError):
            check_paths(path)
            if path.stat().st_size <= KEPT_IN_MEMORY:
                with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?{how}", uri=True)) as source:
                    _check(source, thorough=True)
                    if value_of(source, "PRAGMA user_version") == schema.VERSION:
                        check_origin(source, path)
                    source.backup(connection)
                break
    _bring_up_to_date(connection, path)
    return connection


def _connect(path: Path, connect: Connect, *, thorough: bool, adopt: bool) -> sqlite3.Connection:
    make_private(path)
    connection = connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    try:
        # The file may come from anyone: don't trust its schema, and decode text even if its bytes are invalid.
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        connection.text_factory = _decode
        _check(connection, thorough=thorough or path.stat().st_size < LOOKED_THROUGH)
        if _is_empty(connection):
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # Lets the file shrink; it can be set only while the file is empty.
        _begin_log(connection)
        _bring_up_to_date(connection, path)
        if adopt:
            note_origin(connection, path)
        check_origin(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _decode(content: bytes) -> str:
    return content.decode("utf-8", "replace")


def _check(connection: sqlite3.Connection, *, thorough: bool) -> None:
    """Check whose file it is, and whether it is intact, before anything else is read.

    Raises:
        ForeignFileError, DamagedError: SQLite itself raises if the header is wrong or the end is missing.
    """
    application = value_of(connection, "PRAGMA application_id")
    if _is_empty(connection) and application in (0, APPLICATION):
        return
    if application != APPLICATION:
        raise ForeignFileError(gettext("is a database of another program"))
    version = value_of(connection, "PRAGMA user_version")
    if version > schema.VERSION:
        raise ForeignFileError(gettext("was written by a newer version of seqmagic"))
    if version < 1 or not schema.is_schema_of(connection, version):
        raise ForeignFileError(gettext("has different tables than seqmagic makes"))
    if thorough and value_of(connection, "PRAGMA quick_check(1)") != "ok":
        raise DamagedError
    if not _has_numbers_left(connection):
        raise ForeignFileError(gettext("has run numbers that seqmagic never uses"))


def _has_numbers_left(connection: sqlite3.Connection) -> bool:
    """Whether there is a number for another run: without one, nothing can be stored in this file."""
    given = [*connection.execute("SELECT seq FROM sqlite_sequence LIMIT 50"), *connection.execute("SELECT max(id) FROM runs")]
    return all(number is None or (isinstance(number, int) and 0 <= number < MOST_WHOLE) for (number,) in given)


def _is_empty(connection: sqlite3.Connection) -> bool:
    return bool(value_of(connection, "SELECT count(*) FROM sqlite_master") == 0)


def _begin_log(connection: sqlite3.Connection) -> None:
    """Turn on the write-ahead log; on a network drive it may be unavailable, and then the ordinary journal is used."""
    with contextlib.suppress(sqlite3.OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    logged = value_of(connection, "PRAGMA journal_mode") == "wal"
    # With the log, a crash of the computer may lose the last moments, but never damages the file.
    connection.execute(f"PRAGMA synchronous = {'NORMAL' if logged else 'FULL'}")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_BYTES}")


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Create the tables in an empty file, or migrate an older one."""
    if value_of(connection, "PRAGMA user_version") == schema.VERSION and not _is_empty(connection):
        return
    connection.execute("BEGIN IMMEDIATE")
    version = value_of(connection, "PRAGMA user_version")  # Checked again within the transaction: another kernel may have been first.
    if _is_empty(connection):
        schema.make_tables(connection)
    else:
        for statement in schema.additions(version):
            connection.execute(statement)
    if version < schema.ORIGIN_SINCE:
        note_origin(connection, path)
    connection.execute(f"PRAGMA application_id = {APPLICATION}")
    connection.execute(f"PRAGMA user_version = {schema.VERSION}")
    connection.execute("COMMIT")


def value_of(connection: sqlite3.Connection, statement: str, values: tuple[Any, ...] = ()) -> Any:
    """The first value that a statement returns."""
    return connection.execute(statement, values).fetchone()[0]
