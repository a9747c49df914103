"""Files of runs as a stranger could put them into an archive: each is our own, changed in one place."""

from __future__ import annotations

import json
import os
import sqlite3
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np

from seqmagic.ledger import schema
from seqmagic.ledger.attempts import Attempt
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.file import APPLICATION
from seqmagic.ledger.ledger import Ledger, TableRows

Craft = Callable[[Path], None]
FINGERPRINT = {"name": "x", "kind": "array", "shape": [8, 4], "dtype": "float32", "hash": "ab"}


def entry(name: str = "net", **facts: Any) -> RunEntry:
    options: dict[str, Any] = {
        "network": "abc",
        "text": "input 4\ndense 8 relu\ndense 3 softmax\n",
        "compile": "compile adam mse",
        "fit": "fit x y epochs=2",
        "epochs": 2,
        "settings": {"optimizer": {"class": "Adam", "learning_rate": 0.001}, "fit": {"epochs": 2}, "precision": "float32"},
        "versions": {"keras": "3"},
        "data": {"x": FINGERPRINT},
        **facts,
    }
    return RunEntry(name=name, **options)


def fill(path: Path) -> None:
    """Write two runs, with curves and weights."""
    ledger = Ledger(path)
    for name in ("net", "other"):
        run = ledger.begin(entry(name))
        assert run is not None
        rows = [TableRows("epochs", ["loss", "accuracy"], [[1.0, 0.9, 0.1], [2.0, 0.5, 0.3]])]
        facts = {"moment": [2, 0], "parts": [1, 0], "seed": 1, "first_epoch": 0, "epochs": 2, "steps": 4, "goal": {}, "options": {}}
        assert ledger.save_checkpoint(run, "last", facts, [np.arange(6.0)], rows)
        assert ledger.end(run, "stopped", reason="Stop was pressed.")
    ledger.add_attempt(Attempt("net", (("expect params < 50k", "passed"),)))
    ledger.close()


def loosen(path: Path) -> None:
    """Make the same file without STRICT, as an older SQLite does: its columns take values of any type."""
    loose = path.with_name("loose.sqlite")
    with closing(sqlite3.connect(loose, isolation_level=None)) as connection:
        schema.make_tables(connection, strict=False)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {schema.VERSION}")
        connection.execute("ATTACH ? AS source", (str(path),))
        for table in schema.TABLES:
            connection.execute(f"INSERT INTO {table} SELECT * FROM source.{table}")  # noqa: S608  # Our own names.
    loose.replace(path)


@contextmanager
def changing(path: Path) -> Iterator[sqlite3.Connection]:
    """A plain connection to change a file with."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


def by(*statements: str) -> Craft:
    """A file that some statements have changed."""

    def craft(path: Path) -> None:
        fill(path)
        with changing(path) as connection:
            for statement in statements:
                connection.execute(statement)

    return craft


def with_facts(path: Path, run: int, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change what an entry says in JSON; what `change` gives is written, if it gives something."""
    with changing(path) as connection:
        facts = json.loads(connection.execute("SELECT facts FROM runs WHERE id = ?", (run,)).fetchone()[0])
        found = change(facts)
        text = found if isinstance(found, str) else json.dumps(facts if found is None else found)
        connection.execute("UPDATE runs SET facts = ? WHERE id = ?", (text, run))


def made_with(old: str, new: str) -> Craft:
    """A file whose tables are made with other words, and which holds a run whose values are script."""

    def craft(path: Path) -> None:
        with closing(sqlite3.connect(":memory:")) as ours:
            schema.make_tables(ours)
            made = [
                sql for (sql,) in ours.execute("SELECT sql FROM sqlite_master WHERE name IN ('runs', 'curves', 'checkpoints', 'arrays')")
            ]
        assert any(old in sql for sql in made), made
        with changing(path) as connection:
            for sql in made:
                connection.execute(sql.replace(old, new))
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {schema.VERSION}")
            values = ("<img src=x onerror=hit()>",) * 3
            with suppress(sqlite3.Error):  # Where the column still takes no text.
                connection.execute("INSERT INTO runs (id, name, network, started, touched, facts) VALUES (?, ?, ?, 1.0, 1.0, '{}')", values)

    return craft


def make_folder(path: Path) -> None:
    path.mkdir()


def make_pipe(path: Path) -> None:
    os.mkfifo(path)


def make_link(path: Path) -> None:
    fill(path.with_name("elsewhere.sqlite"))
    path.symlink_to("elsewhere.sqlite")


def make_link_to_nothing(path: Path) -> None:
    path.symlink_to("victim.txt")


def beside(ending: str, make: Craft) -> Craft:
    """A good file with something else where SQLite would write beside it."""

    def craft(path: Path) -> None:
        fill(path)
        make(path.with_name(path.name + ending))

    return craft


def link_to_victim(path: Path) -> None:
    victim = path.with_name("victim.txt")
    victim.write_text("years of work\n")
    path.symlink_to(victim)


def shared_journal(path: Path) -> None:
    """A journal that names another file, which SQLite would delete once it has rolled back."""
    fill(path)
    victim = path.with_name("victim.txt")
    victim.write_text("years of work\n")
    with changing(path) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
    magic, name = bytes.fromhex("d9d505f920a163d7"), str(victim).encode()
    head = (magic + struct.pack(">IIIII", 0, 1234, pages, 512, size)).ljust(512, b"\0")
    tail = struct.pack(">I", 0x40000000 // size + 1) + name + struct.pack(">II", len(name), sum(name)) + magic
    path.with_name(path.name + "-journal").write_bytes(head + tail)
