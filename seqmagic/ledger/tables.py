"""The ledger's tables: writes entries, curves and checkpoints to the file, and reads them back.

For writes, the caller has begun a transaction.
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from seqmagic.ledger.arrays import Packed, as_json, checksum, join_rows, unpack
from seqmagic.ledger.entry import RunEntry, with_numbers
from seqmagic.ledger.file import value_of
from seqmagic.ledger.row_checks import MOST_WHOLE, are_places, is_moment, text
from seqmagic.ledger.schema import (
    CHECKPOINT_FACTS,
    FACTS,
    KINDS,
    LONGEST_NAME,
    MOST_JSON,
    MOST_METRICS,
    UnreadableError,
    check_row,
    names_of,
    read_facts,
    read_json,
)
from seqmagic.network.memory import available_bytes, format_bytes
from seqmagic.translation import gettext

COLUMNS = [name for name in names_of("runs") if name != "facts"]  # The fields of an entry that have their own column, which SQL can search.
# For entries that lack these facts: the defaults would name this process, and the run would count as its own.
NEUTRAL: dict[str, Any] = {"process": 0, "process_started": 0.0, "host": "", "started": 0.0, "touched": 0.0}
MOST_ENTRIES = 10_000  # The newest ones are read.
is_name = text(LONGEST_NAME)
MOST_PARTS = 100_000  # Columns of the table for metrics with several values, such as one per class.
MOST_CURVES = 64_000_000  # Bytes of a run's curves.


@dataclass(frozen=True)
class TableRows:
    """Rows of a run's curves, stored together with a checkpoint.

    Attributes:
        table: "batches", "epochs" or "parts".
        names: of the columns after the position. values: the rows, with the position first.
        replace: whether they replace all rows of the table.
    """

    table: str
    names: Sequence[str]
    values: Any
    replace: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """The state of a run: facts, and arrays in the order in which they were stored.

    Attributes:
        saved: Unix seconds.
    """

    run: int
    kind: str
    saved: float
    facts: dict[str, Any]
    arrays: list[np.ndarray]


def insert_entry(connection: sqlite3.Connection, entry: RunEntry, above: int) -> int:
    """Insert a new entry; returns its number, which was never used before and is greater than `above`."""
    _mark_the_dead(connection)
    numbers = "SELECT max(coalesce((SELECT max(id) FROM runs), 0), coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'runs'), 0))"
    entry = replace(entry, id=max(value_of(connection, numbers), above) + 1)
    values = [*(getattr(entry, name) for name in COLUMNS), _facts_of(entry)]
    connection.execute(f"INSERT INTO runs ({', '.join(COLUMNS)}, facts) VALUES ({', '.join('?' * len(values))})", values)
    return entry.id


def end_entry(connection: sqlite3.Connection, run: int, outcome: str, numbers: dict[str, float], facts: dict[str, Any]) -> bool:
    """Record a run's end; False if there is no such run."""
    entry = read_entry(connection, run)
    if entry is None:
        return False
    ended = with_numbers(entry, *read_rows(connection, run, "epochs"))
    ended = replace(ended, numbers={**ended.numbers, **numbers}, facts={**entry.facts, **facts})
    now = time.time()
    statement = "UPDATE runs SET touched = ?, ended = ?, outcome = ?, facts = ? WHERE id = ?"
    connection.execute(statement, (now, now, outcome, _facts_of(ended), run))
    return True


def touch_entry(connection: sqlite3.Connection, run: int) -> bool:
    """Update the time of a run's last write; False if there is no such run."""
    return connection.execute("UPDATE runs SET touched = ? WHERE id = ?", (time.time(), run)).rowcount > 0


def delete_entry(connection: sqlite3.Connection, run: int) -> None:
    """Delete a run, with everything that belongs to it."""
    for kind in KINDS:
        delete_checkpoint(connection, run, kind)
    connection.execute("DELETE FROM curves WHERE run = ?", (run,))
    connection.execute("DELETE FROM runs WHERE id = ?", (run,))


def read_entry(connection: sqlite3.Connection, run: int) -> RunEntry | None:
    """A run by its number."""
    return next(iter(select_entries(connection, "WHERE id = ?", (run,))), None)


def select_entries(connection: sqlite3.Connection, which: str, values: tuple[Any, ...] = ()) -> list[RunEntry]:
    """Select runs; for an unfinished run, the metrics are taken from its curves. An unreadable run does not affect the others.

    Args:
        which: the end of the SQL statement, from WHERE or ORDER BY on.
    """
    numbers = [run for (run,) in connection.execute(f"SELECT id FROM runs {which}", values)]
    entries = (_read_entry(connection, run) for run in numbers)
    return [entry for entry in entries if entry is not None]  # Another kernel may have deleted one in the meantime.


def _read_entry(connection: sqlite3.Connection, run: int) -> RunEntry | None:
    row: dict[str, Any] = {}
    try:
        with _at_most(connection, MOST_JSON):
            found = connection.execute(f"SELECT {', '.join(COLUMNS)}, facts FROM runs WHERE id = ?", (run,)).fetchone()
        if found is None:
            return None
        row = dict(zip([*COLUMNS, "facts"], found, strict=True))
        check_row("runs", row)
        facts = read_facts(row.pop("facts"), FACTS)
        entry = RunEntry(**{**NEUTRAL, **{name: value for name, value in facts.items() if name in FACTS}, **row})
        if entry.outcome is None:
            entry = with_numbers(entry, *read_rows(connection, run, "epochs"))
    except (UnreadableError, sqlite3.DataError) as error:  # DataError is raised for a text that is too long.
        name = row.get("name", "")
        return RunEntry(**NEUTRAL, id=run, name=name if is_name(name) else "", unreadable=str(error))
    return replace(entry, best={name: (pair[0], pair[1]) for name, pair in entry.best.items()})


@contextmanager
def _at_most(connection: sqlite3.Connection, length: int) -> Iterator[None]:
    """Limit the length of values: SQLite then refuses a longer one before allocating it."""
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length)
    try:
        yield
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


def _facts_of(entry: RunEntry) -> str:
    return as_json({name: getattr(entry, name) for name in FACTS})


def _mark_the_dead(connection: sqlite3.Connection) -> None:
    """Mark runs as ended if their kernel has died, so that their checkpoints can be deleted when space is needed."""
    for entry in select_entries(connection, "WHERE outcome IS NULL AND ended IS NULL"):
        if not entry.is_under_way and not entry.unreadable:
            connection.execute("UPDATE runs SET ended = touched WHERE id = ?", (entry.id,))


def put_rows(connection: sqlite3.Connection, run: int, rows: TableRows) -> None:
    """Append rows to a run's curves, or replace them.

    Raises:
        ValueError: If the rows don't have one value for each name.
    """
    values = np.asarray(rows.values, "<f8")
    if values.ndim != 2 or values.shape[1] != 1 + len(rows.names):
        raise ValueError(gettext("rows of shape {shape} for one position and {count} names", shape=values.shape, count=len(rows.names)))
    if rows.replace:
        connection.execute("DELETE FROM curves WHERE run = ? AND kind = ?", (run, rows.table))
    if len(values):
        part = value_of(connection, "SELECT coalesce(max(part), 0) + 1 FROM curves WHERE run = ? AND kind = ?", (run, rows.table))
        content = (run, rows.table, part, json.dumps(list(rows.names)), values.tobytes())
        connection.execute("INSERT INTO curves (run, kind, part, names, content) VALUES (?, ?, ?, ?, ?)", content)


def read_rows(connection: sqlite3.Connection, run: int, table: str) -> tuple[list[str], np.ndarray]:
    """A run's curves: the names, and the rows, with the position first.

    Raises:
        UnreadableError: If they are damaged.
    """
    length, statement = "SELECT sum(length(content)) FROM curves WHERE run = ? AND kind = ?", "SELECT names, content FROM curves"
    pieces = []
    with _at_most(connection, MOST_CURVES):
        if (value_of(connection, length, (run, table)) or 0) > MOST_CURVES:
            raise UnreadableError(gettext("its curves are too long"))
        for encoded, content in connection.execute(f"{statement} WHERE run = ? AND kind = ? ORDER BY part", (run, table)):
            check_row("curves", {"names": encoded, "content": content})
            pieces.append(_piece_of(read_json(encoded), content, MOST_PARTS if table == "parts" else MOST_METRICS))
    if sum(len(rows) for _, rows in pieces) * (1 + len({name for names, _ in pieces for name in names})) * 8 > 2 * MOST_CURVES:
        raise UnreadableError(gettext("its curves are too long"))
    names, rows = join_rows(pieces)
    if table == "parts" and not are_places(names):
        raise UnreadableError(gettext("its arrays of numbers are invalid"))
    return names, rows


def _piece_of(names: Any, content: bytes, most: int) -> tuple[list[str], np.ndarray]:
    """Some rows of a run's curves."""
    if not isinstance(names, list) or len(names) > most or not all(map(is_name, names)) or len(set(names)) < len(names):
        raise UnreadableError(gettext("its curves don't have names of metrics"))
    if len(content) % (8 * (1 + len(names))):
        raise UnreadableError(gettext("its curves are not rows of numbers"))
    rows = np.frombuffer(content, "<f8").reshape(-1, 1 + len(names))
    if not (np.isfinite(rows[:, 0]) & (rows[:, 0] >= 0) & (rows[:, 0] <= MOST_WHOLE)).all():
        raise UnreadableError(gettext("its curves have rows without an epoch"))
    return names, rows


def put_checkpoint(connection: sqlite3.Connection, run: int, kind: str, facts: str, parts: Sequence[Packed]) -> None:
    """Store a run's checkpoint; the former one of the same kind must have been deleted."""
    columns = (run, kind, time.time(), facts, len(parts), checksum(facts, parts))
    statement = "INSERT INTO checkpoints (run, kind, saved, facts, count, checksum) VALUES (?, ?, ?, ?, ?, ?)"
    made = connection.execute(statement, columns).lastrowid
    for position, part in enumerate(parts):
        values = (made, position, part.dtype, part.shape, part.content)
        connection.execute("INSERT INTO arrays (checkpoint, position, dtype, shape, content) VALUES (?, ?, ?, ?, ?)", values)


def read_checkpoint(connection: sqlite3.Connection, run: int, kind: str) -> Checkpoint | None:
    """A run's checkpoint.

    Raises:
        ValueError: If it is damaged.
    """
    statement = "SELECT id, saved, facts, count, checksum FROM checkpoints WHERE run = ? AND kind = ?"
    length = f"SELECT sum(length(content)) FROM arrays WHERE checkpoint IN (SELECT id FROM ({statement}))"
    if (value_of(connection, length, (run, kind)) or 0) > _most_bytes(connection):
        raise UnreadableError(gettext("the checkpoint {kind!r} of run {run} is too large to be valid", kind=kind, run=run))
    with _at_most(connection, MOST_JSON):
        # Refuses facts that are too long before the next statement repeats them for each array.
        connection.execute(statement, (run, kind)).fetchall()
    # A single statement sees one state of the file: between two, another kernel could replace the checkpoint.
    whole = f"SELECT c.*, a.dtype, a.shape, a.content FROM ({statement}) c LEFT JOIN arrays a ON a.checkpoint = c.id ORDER BY a.position"
    found = connection.execute(whole, (run, kind)).fetchall()
    if not found:
        return None
    _, saved, facts, count, expected, *_ = found[0]
    check_row("checkpoints", {"saved": saved, "facts": facts, "count": count, "checksum": expected})
    arrays = [row[-3:] for row in found if row[-3] is not None]
    for dtype, shape, content in arrays:
        check_row("arrays", {"dtype": dtype, "shape": shape, "content": content})
    parts = [Packed(*array) for array in arrays]
    if len(parts) != count or checksum(facts, parts) != expected:
        raise UnreadableError(gettext("the checkpoint {kind!r} of run {run} is damaged", kind=kind, run=run))
    return Checkpoint(run, kind, saved, read_facts(facts, CHECKPOINT_FACTS), [unpack(part) for part in parts])


def _most_bytes(connection: sqlite3.Connection) -> int:
    """The maximum size of a checkpoint: that of its file, and half of the available memory."""
    return min(_used_bytes(connection), available_bytes() // 2)


def read_checkpoint_facts(connection: sqlite3.Connection, run: int, kind: str) -> dict[str, Any] | None:
    """The facts of a checkpoint, without its arrays; None if there is none, or it is unreadable."""
    with _at_most(connection, MOST_JSON), contextlib.suppress(UnreadableError, sqlite3.DataError):
        found = connection.execute("SELECT facts FROM checkpoints WHERE run = ? AND kind = ?", (run, kind)).fetchone()
        if found is not None:
            check_row("checkpoints", {"facts": found[0]})
            return read_facts(found[0], CHECKPOINT_FACTS)
    return None


def read_kinds(connection: sqlite3.Connection, run: int) -> dict[str, float]:
    """The kinds of checkpoints that a run has, each with its time."""
    kinds = ", ".join("?" * len(KINDS))
    found = connection.execute(f"SELECT kind, saved FROM checkpoints WHERE run = ? AND kind IN ({kinds}) ORDER BY saved", (run, *KINDS))
    return {kind: saved for kind, saved in found if is_moment(saved)}


def delete_checkpoint(connection: sqlite3.Connection, run: int, kind: str) -> None:
    """Delete a run's checkpoint of one kind, if there is one."""
    connection.execute("DELETE FROM arrays WHERE checkpoint IN (SELECT id FROM checkpoints WHERE run = ? AND kind = ?)", (run, kind))
    connection.execute("DELETE FROM checkpoints WHERE run = ? AND kind = ?", (run, kind))


class NoRoomError(Exception):
    """There is not enough room, even after deleting everything that may be deleted; the message says for what."""


def make_room(connection: sqlite3.Connection, most: int, needed: int, keep: int) -> None:
    """Delete the oldest checkpoints of ended runs, then their oldest curves, until there is room for the needed bytes.

    Args:
        most: the maximum size of the file in bytes. needed: the bytes to write. keep: a run from which nothing is deleted.

    Raises:
        NoRoomError: If they don't fit.
    """
    ended = "run IN (SELECT id FROM runs WHERE ended IS NOT NULL) AND run != ?"
    oldest_checkpoint = f"SELECT run, kind FROM checkpoints WHERE {ended} ORDER BY saved, id LIMIT 1"
    # "batches", which are long, sort before "epochs".
    oldest_curves = f"SELECT run, kind FROM curves WHERE {ended} ORDER BY kind, run LIMIT 1"
    while _used_bytes(connection) + needed > most:
        if found := connection.execute(oldest_checkpoint, (keep,)).fetchone():
            delete_checkpoint(connection, *found)
        elif found := connection.execute(oldest_curves, (keep,)).fetchone():
            connection.execute("DELETE FROM curves WHERE run = ? AND kind = ?", found)
        else:
            raise NoRoomError(
                gettext(
                    "it would need {size}, but may use at most {most}",
                    size=format_bytes(_used_bytes(connection) + needed),
                    most=format_bytes(most),
                )
            )


def _used_bytes(connection: sqlite3.Connection) -> int:
    free = value_of(connection, "PRAGMA page_count") - value_of(connection, "PRAGMA freelist_count")
    return int(free * value_of(connection, "PRAGMA page_size"))
