"""The ledger's tables: entries, curves and checkpoints, as they go into the file and come out of it.

Whoever calls this has begun a transaction where something is written.
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

COLUMNS = [name for name in names_of("runs") if name != "facts"]  # Of an entry, those that the file can search.
# Of an entry whose facts don't say it: not this process, which would count as its own.
NEUTRAL: dict[str, Any] = {"process": 0, "process_started": 0.0, "host": "", "started": 0.0, "touched": 0.0}
MOST_ENTRIES = 10_000  # The newest are shown.
is_name = text(LONGEST_NAME)
MOST_PARTS = 100_000  # Numbers of a row in which metrics give several, such as one for each class.
MOST_CURVES = 64_000_000  # Bytes of a run's curves.


@dataclass(frozen=True)
class TableRows:
    """Rows of a run's curves, to be kept together with a checkpoint.

    Attributes:
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

    Attributes:
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
    numbers = "SELECT max(coalesce((SELECT max(id) FROM runs), 0), coalesce((SELECT max(seq) FROM sqlite_sequence WHERE name = 'runs'), 0))"
    entry = replace(entry, id=max(value_of(connection, numbers), above) + 1)
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
    for kind in KINDS:
        delete_checkpoint(connection, run, kind)
    connection.execute("DELETE FROM curves WHERE run = ?", (run,))
    connection.execute("DELETE FROM runs WHERE id = ?", (run,))


def read_entry(connection: sqlite3.Connection, run: int) -> RunEntry | None:
    """A run by its number."""
    return next(iter(select_entries(connection, "WHERE id = ?", (run,))), None)


def select_entries(connection: sqlite3.Connection, which: str, values: tuple[Any, ...] = ()) -> list[RunEntry]:
    """Runs; of one that has not come to its end, the numbers are those of its curves. One that can't be read hides no other.

    Args:
        which: the end of the statement, from WHERE or ORDER BY on.
    """
    numbers = [run for (run,) in connection.execute(f"SELECT id FROM runs {which}", values)]
    entries = (_read_entry(connection, run) for run in numbers)
    return [entry for entry in entries if entry is not None]  # Another kernel may just have deleted one.


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
    except (UnreadableError, sqlite3.DataError) as error:  # The latter where a text is too long.
        name = row.get("name", "")
        return RunEntry(**NEUTRAL, id=run, name=name if is_name(name) else "", unreadable=str(error))
    return replace(entry, best={name: (pair[0], pair[1]) for name, pair in entry.best.items()})


@contextmanager
def _at_most(connection: sqlite3.Connection, length: int) -> Iterator[None]:
    """Let no value be read that is longer: SQLite refuses it before it takes the memory."""
    before = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length)
    try:
        yield
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, before)


def _facts_of(entry: RunEntry) -> str:
    return as_json({name: getattr(entry, name) for name in FACTS})


def _mark_the_dead(connection: sqlite3.Connection) -> None:
    """Note the end of runs whose kernel ended before they did, so that their checkpoints may go when room is needed."""
    for entry in select_entries(connection, "WHERE outcome IS NULL AND ended IS NULL"):
        if not entry.is_under_way and not entry.unreadable:
            connection.execute("UPDATE runs SET ended = touched WHERE id = ?", (entry.id,))


def put_rows(connection: sqlite3.Connection, run: int, rows: TableRows) -> None:
    """Append rows to a run's curves, or put them in the place of those.

    Raises:
        ValueError: When a row is not as long as the names say.
    """
    values = np.asarray(rows.values, "<f8")
    if values.ndim != 2 or values.shape[1] != 1 + len(rows.names):
        raise ValueError(f"rows of shape {values.shape} for a position and {len(rows.names)} names")
    if rows.replace:
        connection.execute("DELETE FROM curves WHERE run = ? AND kind = ?", (run, rows.table))
    if len(values):
        part = value_of(connection, "SELECT coalesce(max(part), 0) + 1 FROM curves WHERE run = ? AND kind = ?", (run, rows.table))
        content = (run, rows.table, part, json.dumps(list(rows.names)), values.tobytes())
        connection.execute("INSERT INTO curves (run, kind, part, names, content) VALUES (?, ?, ?, ?, ?)", content)


def read_rows(connection: sqlite3.Connection, run: int, table: str) -> tuple[list[str], np.ndarray]:
    """A run's curves: the names, and a row each, position first.

    Raises:
        UnreadableError: When they are not what was kept.
    """
    length, statement = "SELECT sum(length(content)) FROM curves WHERE run = ? AND kind = ?", "SELECT names, content FROM curves"
    pieces = []
    with _at_most(connection, MOST_CURVES):
        if (value_of(connection, length, (run, table)) or 0) > MOST_CURVES:
            raise UnreadableError("its curves are too long")
        for encoded, content in connection.execute(f"{statement} WHERE run = ? AND kind = ? ORDER BY part", (run, table)):
            check_row("curves", {"names": encoded, "content": content})
            pieces.append(_piece_of(read_json(encoded), content, MOST_PARTS if table == "parts" else MOST_METRICS))
    if sum(len(rows) for _, rows in pieces) * (1 + len({name for names, _ in pieces for name in names})) * 8 > 2 * MOST_CURVES:
        raise UnreadableError("its curves are too long")
    names, rows = join_rows(pieces)
    if table == "parts" and not are_places(names):
        raise UnreadableError("its arrays of numbers are none")
    return names, rows


def _piece_of(names: Any, content: bytes, most: int) -> tuple[list[str], np.ndarray]:
    """Some rows of a run's curves."""
    if not isinstance(names, list) or len(names) > most or not all(map(is_name, names)) or len(set(names)) < len(names):
        raise UnreadableError("its curves have other names than metrics have")
    if len(content) % (8 * (1 + len(names))):
        raise UnreadableError("its curves are no rows of numbers")
    rows = np.frombuffer(content, "<f8").reshape(-1, 1 + len(names))
    if not (np.isfinite(rows[:, 0]) & (rows[:, 0] >= 0) & (rows[:, 0] <= MOST_WHOLE)).all():
        raise UnreadableError("its curves have rows of no epoch")
    return names, rows


def put_checkpoint(connection: sqlite3.Connection, run: int, kind: str, facts: str, parts: Sequence[Packed]) -> None:
    """Keep a run's state; the former one of the kind must be gone."""
    columns = (run, kind, time.time(), facts, len(parts), checksum(facts, parts))
    statement = "INSERT INTO checkpoints (run, kind, saved, facts, count, checksum) VALUES (?, ?, ?, ?, ?, ?)"
    made = connection.execute(statement, columns).lastrowid
    for position, part in enumerate(parts):
        values = (made, position, part.dtype, part.shape, part.content)
        connection.execute("INSERT INTO arrays (checkpoint, position, dtype, shape, content) VALUES (?, ?, ?, ?, ?)", values)


def read_checkpoint(connection: sqlite3.Connection, run: int, kind: str) -> Checkpoint | None:
    """A run's state.

    Raises:
        ValueError: When it is not what was kept.
    """
    statement = "SELECT id, saved, facts, count, checksum FROM checkpoints WHERE run = ? AND kind = ?"
    length = f"SELECT sum(length(content)) FROM arrays WHERE checkpoint IN (SELECT id FROM ({statement}))"
    if (value_of(connection, length, (run, kind)) or 0) > _most_bytes(connection):
        raise UnreadableError(f"the checkpoint {kind!r} of run {run} is larger than it can be")
    with _at_most(connection, MOST_JSON):
        connection.execute(statement, (run, kind)).fetchall()  # What is too long is refused before it stands beside each array.
    # One statement sees one moment: another kernel may put a new checkpoint in the place of this one between two of them.
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
        raise UnreadableError(f"the checkpoint {kind!r} of run {run} is damaged")
    return Checkpoint(run, kind, saved, read_facts(facts, CHECKPOINT_FACTS), [unpack(part) for part in parts])


def _most_bytes(connection: sqlite3.Connection) -> int:
    """How long a checkpoint may be: no longer than its file, and so that the memory has room for it twice."""
    return min(_used_bytes(connection), available_bytes() // 2)


def read_checkpoint_facts(connection: sqlite3.Connection, run: int, kind: str) -> dict[str, Any] | None:
    """What a checkpoint says beside its arrays, which are not read; None when there is none that can be read."""
    with _at_most(connection, MOST_JSON), contextlib.suppress(UnreadableError, sqlite3.DataError):
        found = connection.execute("SELECT facts FROM checkpoints WHERE run = ? AND kind = ?", (run, kind)).fetchone()
        if found is not None:
            check_row("checkpoints", {"facts": found[0]})
            return read_facts(found[0], CHECKPOINT_FACTS)
    return None


def read_kinds(connection: sqlite3.Connection, run: int) -> dict[str, float]:
    """The kinds of checkpoints that a run has, with the moment of each."""
    kinds = ", ".join("?" * len(KINDS))
    found = connection.execute(f"SELECT kind, saved FROM checkpoints WHERE run = ? AND kind IN ({kinds}) ORDER BY saved", (run, *KINDS))
    return {kind: saved for kind, saved in found if is_moment(saved)}


def delete_checkpoint(connection: sqlite3.Connection, run: int, kind: str) -> None:
    """Take a run's state of one kind out, if there is one."""
    connection.execute("DELETE FROM arrays WHERE checkpoint IN (SELECT id FROM checkpoints WHERE run = ? AND kind = ?)", (run, kind))
    connection.execute("DELETE FROM checkpoints WHERE run = ? AND kind = ?", (run, kind))


class NoRoomError(Exception):
    """Even without all that may go, there is no room; the text says for what."""


def make_room(connection: sqlite3.Connection, most: int, needed: int, keep: int) -> None:
    """Let the oldest checkpoints of ended runs go, then their oldest curves, until so many bytes fit in.

    Args:
        most: the size that the file may have. keep: a run of which nothing goes.

    Raises:
        NoRoomError: When they don't.
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
            raise NoRoomError(f"it would take {format_bytes(_used_bytes(connection) + needed)}, and may have {format_bytes(most)}")


def _used_bytes(connection: sqlite3.Connection) -> int:
    free = value_of(connection, "PRAGMA page_count") - value_of(connection, "PRAGMA freelist_count")
    return int(free * value_of(connection, "PRAGMA page_size"))
