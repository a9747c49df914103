"""The schema: the single definition of all tables, columns and facts in a file of runs; creation, migration and checks follow from it.

To add a column, add a line to TABLES with the version that introduces it, and increment VERSION; for a new fact, add a line to FACTS.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

from seqmagic.ledger.row_checks import (
    MOST_WHOLE,
    Check,
    are_counts,
    each,
    is_amount,
    is_content,
    is_fingerprint,
    is_moment,
    is_number,
    is_plain,
    is_value,
    maybe,
    one_of,
    pair,
    parts,
    text,
    whole,
)
from seqmagic.ledger.run_state import ENDS
from seqmagic.translation import gettext

VERSION = 4
STRICT_SINCE = 2  # From this version on, tables are STRICT: SQLite itself refuses values of other types.
ORIGIN_SINCE = 4  # From this version on, a file records who created it.
HAS_STRICT = sqlite3.sqlite_version_info >= (3, 37)

KINDS = ("first", "best", "last")  # Of checkpoints.
LONGEST_NAME, LONGEST_PATH, LONGEST_MARK = 1000, 10_000, 64
LONGEST_WORDS = 1_000_000  # Characters of a network, a cell or a line.
MOST_JSON = 16_000_000  # Characters of JSON facts.
MOST_METRICS = 1000
MOST_CHECKS = 100_000  # Characters of an exercise's checks.

Schema = frozenset[tuple[Any, ...]]
WORD = re.compile(r"\w+|[^\w\s\"]")


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        kind: SQLite's type. check: for its values; the column is nullable if it accepts None.
        key: the SQL that makes it the primary key.
        since: the version that introduced it; default: its value in older rows, as SQL.
    """

    name: str
    kind: str
    check: Check
    key: str = ""
    since: int = 1
    default: str = ""

    def __str__(self) -> str:
        must = "" if self.key or self.check(None) else "NOT NULL"
        return " ".join(filter(None, (self.name, self.kind, self.key, must, f"DEFAULT {self.default}" if self.default else "")))


@dataclass(frozen=True)
class TableSchema:
    """A table; rule: a constraint over several columns; since: the version that introduced it."""

    columns: tuple[Column, ...]
    rule: str = ""
    since: int = 1


TABLES = {
    "runs": TableSchema(
        (
            Column("id", "INTEGER", whole(1), "PRIMARY KEY AUTOINCREMENT"),
            Column("name", "TEXT", text(LONGEST_NAME)),
            Column("network", "TEXT", text(LONGEST_NAME)),
            Column("started", "REAL", is_moment),
            Column("touched", "REAL", is_moment),
            Column("ended", "REAL", maybe(is_moment)),
            Column("outcome", "TEXT", maybe(one_of(*ENDS))),
            Column("facts", "TEXT", text(MOST_JSON)),
        )
    ),
    "curves": TableSchema(
        (
            Column("run", "INTEGER", whole(1)),
            Column("kind", "TEXT", one_of("batches", "epochs", "parts")),
            Column("part", "INTEGER", whole()),
            Column("names", "TEXT", text(MOST_JSON)),
            Column("content", "BLOB", is_content),
        ),
        "PRIMARY KEY (run, kind, part)",
    ),
    "checkpoints": TableSchema(
        (
            Column("id", "INTEGER", whole(1), "PRIMARY KEY AUTOINCREMENT"),
            Column("run", "INTEGER", whole(1)),
            Column("kind", "TEXT", one_of(*KINDS)),
            Column("saved", "REAL", is_moment),
            Column("facts", "TEXT", text(MOST_JSON)),
            Column("count", "INTEGER", whole(most=1_000_000)),
            Column("checksum", "TEXT", text(LONGEST_NAME)),
        ),
        "UNIQUE (run, kind)",
    ),
    "arrays": TableSchema(
        (
            Column("checkpoint", "INTEGER", whole(1)),
            Column("position", "INTEGER", whole()),
            Column("dtype", "TEXT", text(LONGEST_NAME)),
            Column("shape", "TEXT", text(LONGEST_NAME)),
            Column("content", "BLOB", is_content),
        ),
        "PRIMARY KEY (checkpoint, position)",
    ),
    # Attempts at exercises, with the result of each check. The student and the notebook are not stored.
    "attempts": TableSchema(
        (
            Column("id", "INTEGER", whole(1), "PRIMARY KEY AUTOINCREMENT"),
            Column("made", "REAL", is_moment),
            Column("network", "TEXT", text(LONGEST_NAME)),
            Column("passed", "INTEGER", whole(most=MOST_CHECKS)),
            Column("asked", "INTEGER", whole(most=MOST_CHECKS)),
            Column("checks", "TEXT", text(LONGEST_WORDS)),
        ),
        since=3,
    ),
    # Hashes of who created the file, and where: a copy owned by someone else is not opened.
    "origin": TableSchema(
        (
            Column("id", "INTEGER", whole(1), "PRIMARY KEY"),
            *(Column(name, "TEXT", text(LONGEST_MARK)) for name in ("salt", "user", "place", "number")),
        ),
        since=4,
    ),
}

# The entry's fields without a column of their own, stored as JSON in the column `facts`.
FACTS: dict[str, Check] = {
    "process": whole(0, 2**31 - 1),
    "process_started": is_moment,
    "host": text(LONGEST_NAME),
    "notebook": text(LONGEST_PATH),
    "kernel": text(LONGEST_NAME),
    "user": text(LONGEST_NAME),
    "seed": maybe(whole(-MOST_WHOLE, 2**64)),
    "epochs": maybe(whole()),
    "text": text(LONGEST_WORDS),
    "cell": text(LONGEST_WORDS),
    "compile": text(LONGEST_WORDS),
    "fit": text(LONGEST_WORDS),
    "settings": parts(optimizer=parts(**{"class": text(LONGEST_NAME)}), fit=parts(), judged=each(text(LONGEST_NAME), MOST_METRICS)),
    "versions": each(text(LONGEST_NAME), MOST_METRICS),
    "data": each(is_fingerprint, MOST_METRICS),
    "numbers": each(is_number, MOST_METRICS, name=LONGEST_NAME),
    "best": each(pair(is_number, is_amount), MOST_METRICS, name=LONGEST_NAME),
    "position": is_amount,
    "loss_since": is_amount,
    "continues": maybe(whole()),
    "sweep": parts(
        id=text(LONGEST_NAME),
        number=whole(1),
        repeat=whole(),
        repeats=whole(1),
        settings=parts(),
        metric=text(LONGEST_NAME),
        family=text(LONGEST_WORDS),
        line=text(LONGEST_WORDS),
        values=each(is_value, MOST_METRICS, name=LONGEST_NAME),
    ),
    "facts": parts(),
}

# The facts stored with a checkpoint's arrays.
CHECKPOINT_FACTS: dict[str, Check] = {
    "moment": pair(whole(), whole()),
    "parts": are_counts,
    "seed": whole(0, 2**64),
    "first_epoch": whole(),
    "epochs": whole(),
    "steps": maybe(whole()),
    "goal": parts(lowest=maybe(is_number), waited=whole()),
    "options": parts(),
}


class UnreadableError(ValueError):
    """A row is invalid; the message says why."""


def names_of(table: str, version: int = VERSION) -> list[str]:
    """The columns of a table, in order."""
    return [column.name for column in TABLES[table].columns if column.since <= version]


def check_row(table: str, values: Mapping[str, Any]) -> None:
    """Check the values of a row.

    Raises:
        UnreadableError: At the first invalid one.
    """
    _check(values, {column.name: column.check for column in TABLES[table].columns})


def read_facts(text: str, checks: Mapping[str, Check]) -> dict[str, Any]:
    """Parse facts from JSON, and check those that have a check.

    Raises:
        UnreadableError: If they are invalid.
    """
    facts = read_json(text)
    if not isinstance(facts, dict):
        raise UnreadableError(gettext("its facts are invalid"))
    _check(facts, checks)
    return facts


def read_json(text: str) -> Any:
    """Parse JSON.

    Raises:
        UnreadableError: If it is invalid.
    """
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableError(gettext("it contains invalid JSON")) from error


def _check(values: Mapping[str, Any], checks: Mapping[str, Check]) -> None:
    for name, value in values.items():
        if not checks.get(name, is_plain)(value):
            raise UnreadableError(gettext("its {name!r} was not written by seqmagic", name=name))


def make_tables(connection: sqlite3.Connection, version: int = VERSION, *, strict: bool = HAS_STRICT) -> None:
    """Create all tables, in the form of a version."""
    for name, table in TABLES.items():
        if table.since <= version:
            connection.execute(_made_by(name, version, strict=strict))


def _made_by(name: str, version: int, *, strict: bool) -> str:
    """The statement that creates a table."""
    columns = [str(column) for column in TABLES[name].columns if column.since <= version]
    inside = ", ".join(filter(None, [*columns, TABLES[name].rule]))
    return f"CREATE TABLE {name} ({inside}){' STRICT' if strict and version >= STRICT_SINCE else ''}"


def additions(before: int, version: int = VERSION, *, strict: bool = HAS_STRICT) -> Iterator[str]:
    """The statements that migrate a file from an earlier version; existing rows are kept."""
    for name, table in TABLES.items():
        if before < table.since <= version:
            yield _made_by(name, version, strict=strict)
            continue
        for column in table.columns:
            if before < column.since <= version:
                yield f"ALTER TABLE {name} ADD COLUMN {column}"


def is_schema_of(connection: sqlite3.Connection, version: int) -> bool:
    """Whether a file has exactly the tables of a version, and nothing else: no trigger, no view, no other index."""
    return _read_schema(connection) in _known_schemas(version)


@cache
def _known_schemas(version: int) -> frozenset[Schema]:
    """The possible schemas of a file of a version: created by that version, or migrated from an earlier one."""
    ways = {HAS_STRICT, False}
    return frozenset(_made(began, version, ways_of) for began in range(1, version + 1) for ways_of in product(ways, ways))


def _made(began: int, version: int, strict: tuple[bool, bool]) -> Schema:
    """The schema of a file created by one version and migrated to another, with or without support for STRICT."""
    with closing(sqlite3.connect(":memory:")) as connection:
        make_tables(connection, began, strict=strict[0])
        for statement in additions(began, version, strict=strict[1]):
            connection.execute(statement)
        return _read_schema(connection)


def _read_schema(connection: sqlite3.Connection) -> Schema:
    # If there are this many, there are too many.
    statement = "SELECT type, name, tbl_name, sql FROM sqlite_master LIMIT 50"
    found: Iterable[tuple[Any, ...]] = connection.execute(statement)
    return frozenset((*names, tuple(WORD.findall(str(sql)))) for *names, sql in found)
