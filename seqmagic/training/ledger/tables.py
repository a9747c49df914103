"""The ledger's tables: entries, curves and checkpoints, as they go into the file and come out of it.

Whoever calls this has begun a transaction where something is written.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from seqmagic.training.ledger.entry import RunEntry, with_numbers
from seqmagic.training.ledger.file import value_of
from seqmagic.training.ledger.packing import Packed, as_json, checksum, join_rows, unpack

COLUMNS = ("id", "name", "network", "started", "touched", "ended", "outcome")  # Of an entry, those that the file can search.


@dataclass(frozen=True)
class Rows:
    """Rows of a run's curves, to be kept together with a checkpoint.

    table: "batches", "epochs" or "parts".
    names: the columns after the position. values: a row each, position first.
    replace: they take the place of all that the table has.
    """

    table: str
    names: Sequence[str]
    values: Any
    replace: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """A run's state at one moment: facts, and arrays in the order in which they were given.

    saved: Unix seconds.
    """

    run: int
    kind: str
    saved: float
    facts: dict[str, Any]
    arrays: list[np.ndarray]


def insert_entry(connection: sqlite3.Connection, entry: RunEntry, above: int) -> int:
    """Put a new entry in; gives its number, which was never another's, and is greater than `above`."""
    _mark_the_dead(connection)
    given = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'runs'").fetchone() or (0,)
    entry = replace(entry, id=max(given[0], above) + 1)
    values = [*(getattr(entry, name) for name in COLUMNS), _facts_of(entry)]
    connection.execute(f"INSERT INTO runs ({', '.join(COLUMNS)}, facts) VALUES ({', '.join('?' * len(values))})", values)
    return entry.id


def end_entry(connection: sqlite3.Connection, run: int, outcome: str, numbers: dict[str, float], facts: dict[str, Any]) -> bool:
    """Enter a run's end; False when there is no such run."""
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
    """Note that a run has just written something; False when there is no such run."""
    return connection.execute("UPDATE runs SET touched = ? WHERE id = ?", (time.time(), run)).rowcount > 0


def delete_entry(connection: sqlite3.Connection, run: int) -> None:
    """Take a run out, with all that belongs to it."""
    for kind in ("first", "best", "last"):
        delete_checkpoint(connection, run, kind)
    connection.execute("DELETE FROM curves WHERE run = ?", (run,))
    connection.execute("DELETE FROM runs WHERE id = ?", (run,))


def read_entry(connection: sqlite3.Connection, run: int) -> RunEntry | None:
    """A run by its number."""
    return next(iter(read_entries(connection, "WHERE id = ?", (run,))), None)


def read_entries(connection: sqlite3.Connection, which: str, values: tuple[Any, ...] = ()) -> list[RunEntry]:
    """Runs; of one that has not come to its end, the numbers are those of its curves.

    which: the end of the statement, from WHERE or ORDER BY on.
    """
    found = connection.execute(f"SELECT {', '.join(COLUMNS)}, facts FROM runs {which}", values).fetchall()
    known = {field.name for field in fields(RunEntry)}
    entries = []
    for *columns, facts in found:
        told = {name: value for name, value in json.loads(facts).items() if name in known}
        entry = RunEntry(**{**told, **dict(zip(COLUMNS, columns, strict=True))})
        if entry.outcome is None:
            entry = with_numbers(entry, *read_rows(connection, entry.id, "epochs"))
        entries.append(replace(entry, best={name: (pair[0], pair[1]) for name, pair in entry.best.items()}))
    return entries


def _facts_of(entry: RunEntry) -> str:
    return as_json({field.name: getattr(entry, field.name) for field in fields(entry) if field.name not in COLUMNS})


def _mark_the_dead(connection: sqlite3.Connection) -> None:
    """Note the end of runs whose kernel ended before they did, so that their checkpoints may go when room is needed."""
    for entry in read_entries(connection, "WHERE outcome IS NULL AND ended IS NULL"):
        if not entry.is_under_way:
            connection.execute("UPDATE runs SET ended = touched WHERE id = ?", (entry.id,))


def put_rows(connection: sqlite3.Connection, run: int, rows: Rows) -> None:
    """Append rows to a run's curves, or put them in the place of those.

    Raises ValueError when a row is not as long as the names say.
    """
    values = np.asarray(rows.values, "<f8")
    if values.ndim != 2 or values.shape[1] != 1 + len(rows.names):
        raise ValueError(f"rows of shape {values.shape} for a position and {len(rows.names)} names")
    if rows.replace:
        connection.execute("DELETE FROM curves WHERE run = ? AND kind = ?", (run, rows.table))
    if len(values):
        part = value_of(connection, "SELECT coalesce(max(part), 0) + 1 FROM curves WHERE run = ? AND kind = ?", (run, rows.table))
        content = (run, rows.table, part, json.dumps(list(rows.names)), values.tobytes())
        connection.execute("INSERT INTO curves VALUES (?, ?, ?, ?, ?)", content)


def read_rows(connection: sqlite3.Connection, run: int, table: str) -> tuple[list[str], np.ndarray]:
    """A run's curves: the names, and a row each, position first."""
    statement = "SELECT names, content FROM curves WHERE run = ? AND kind = ? ORDER BY part"
    pieces = []
    for told, content in connection.execute(statement, (run, table)):
        names = json.loads(told)
        pieces.append((names, np.frombuffer(content, "<f8").reshape(-1, 1 + len(names))))
    return join_rows(pieces)


def put_checkpoint(connection: sqlite3.Connection, run: int, kind: str, facts: str, parts: Sequence[Packed]) -> None:
    """Keep a run's state; the former one of the kind must be gone."""
    columns = (run, kind, time.time(), facts, len(parts), checksum(facts, parts))
    statement = "INSERT INTO checkpoints (run, kind, saved, facts, count, checksum) VALUES (?, ?, ?, ?, ?, ?)"
    made = connection.execute(statement, columns).lastrowid
    for position, part in enumerate(parts):
        connection.execute("INSERT INTO arrays VALUES (?, ?, ?, ?, ?)", (made, position, part.dtype, part.shape, part.content))


def read_checkpoint(connection: sqlite3.Connection, run: int, kind: str) -> Checkpoint | None:
    """A run's state.

    Raises ValueError when it is not what was kept.
    """
    statement = "SELECT id, saved, facts, count, checksum FROM checkpoints WHERE run = ? AND kind = ?"
    # One statement sees one moment: another kernel may put a new checkpoint in the place of this one between two of them.
    whole = f"SELECT c.*, a.dtype, a.shape, a.content FROM ({statement}) c LEFT JOIN arrays a ON a.checkpoint = c.id ORDER BY a.position"
    found = connection.execute(whole, (run, kind)).fetchall()
    if not found:
        return None
    _, saved, facts, count, told, *_ = found[0]
    parts = [Packed(dtype, shape, content or b"") for *_, dtype, shape, content in found if dtype is not None]
    if len(parts) != count or checksum(facts, parts) != told:
        raise ValueError(f"the checkpoint {kind!r} of run {run} is damaged")
    return Checkpoint(run, kind, saved, json.loads(facts), [unpack(part) for part in parts])


def read_checkpoint_facts(connection: sqlite3.Connection, run: int, kind: str) -> dict[str, Any] | None:
    """What a checkpoint says beside its arrays, which are not read; None when there is none."""
    found = connection.execute("SELECT facts FROM checkpoints WHERE run = ? AND kind = ?", (run, kind)).fetchone()
    return dict(json.loads(found[0])) if found is not None else None


def delete_checkpoint(connection: sqlite3.Connection, run: int, kind: str) -> None:
    """Take a run's state of one kind out, if there is one."""
    connection.execute("DELETE FROM arrays WHERE checkpoint IN (SELECT id FROM checkpoints WHERE run = ? AND kind = ?)", (run, kind))
    connection.execute("DELETE FROM checkpoints WHERE run = ? AND kind = ?", (run, kind))


class NoRoomError(Exception):
    """Even without all that may go, there is no room; the text says for what."""


def make_room(connection: sqlite3.Connection, most: int, needed: int, keep: int) -> None:
    """Let the oldest checkpoints of ended runs go, then their oldest curves, until so many bytes fit in.

    most: the size that the file may have. keep: a run of which nothing goes.

    Raises NoRoomError when they don't.
    """
    ended = "run IN (SELECT id FROM runs WHERE ended IS NOT NULL) AND run != ?"
    oldest_checkpoint = f"SELECT run, kind FROM checkpoints WHERE {ended} ORDER BY saved, id LIMIT 1"
    oldest_curves = f"SELECT run, kind FROM curves WHERE {ended} ORDER BY kind, run LIMIT 1"  # "batches", which are long, before "epochs".
    while _used_bytes(connection) + needed > most:
        if found := connection.execute(oldest_checkpoint, (keep,)).fetchone():
            delete_checkpoint(connection, *found)
        elif found := connection.execute(oldest_curves, (keep,)).fetchone():
            connection.execute("DELETE FROM curves WHERE run = ? AND kind = ?", found)
        else:
            from seqmagic.model.memory import spoken_bytes

            raise NoRoomError(f"it would take {spoken_bytes(_used_bytes(connection) + needed)}, and may have {spoken_bytes(most)}")


def _used_bytes(connection: sqlite3.Connection) -> int:
    free = value_of(connection, "PRAGMA page_count") - value_of(connection, "PRAGMA freelist_count")
    return int(free * value_of(connection, "PRAGMA page_size"))
