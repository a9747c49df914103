"""A stranger's file can do nothing: it is left as it is and said to be, or what is wrong in it is one row that can't be read."""

from __future__ import annotations

import itertools
import json
import os
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqmagic.errors import FileError
from seqmagic.ledger import schema, tables
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.file import APPLICATION
from seqmagic.ledger.ledger import Ledger, TableRows
from seqmagic.ledger.run_list import row_of
from seqmagic.training.journal import state_of
from seqmagic.widgets import run_curves
from seqmagic.widgets.run_card import RunCard
from seqmagic.widgets.run_comparison import RunComparison
from seqmagic.widgets.run_curves import RunCurves, describe_curves, draw_runs
from seqmagic.widgets.run_table import RunTable, describe_change
from tests.ledger.strange_files import (
    Craft,
    beside,
    by,
    changing,
    entry,
    fill,
    link_to_victim,
    loosen,
    made_with,
    make_folder,
    make_link,
    make_link_to_nothing,
    make_pipe,
    shared_journal,
    with_facts,
)

OTHER_TABLES = "has different tables than seqmagic makes"
WINDOWS = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")
STRANGE: dict[str, tuple[Craft, str]] = {
    "a column without a type": (made_with("id INTEGER PRIMARY KEY AUTOINCREMENT", "id ANY NOT NULL"), OTHER_TABLES),
    "a key without a type": (made_with("id INTEGER PRIMARY KEY AUTOINCREMENT", "id ANY PRIMARY KEY"), OTHER_TABLES),
    "a column of another type": (made_with("started REAL", "started ANY"), OTHER_TABLES),
    "a column that may be empty": (made_with("name TEXT NOT NULL", "name TEXT"), OTHER_TABLES),
    "a default that is computed": (made_with("outcome TEXT", "outcome TEXT DEFAULT (abs(1))"), OTHER_TABLES),
    "a check of its own": (made_with("outcome TEXT", "outcome TEXT CHECK (randomblob(9) IS NULL)"), OTHER_TABLES),
    "a rule fewer": (made_with(", UNIQUE (run, kind)", ""), OTHER_TABLES),
    "a comment": (made_with("outcome TEXT", "outcome TEXT /* <b> */"), OTHER_TABLES),
    "a generated column": (by("ALTER TABLE runs ADD COLUMN more TEXT AS (upper(name))"), OTHER_TABLES),
    "one more column": (by("ALTER TABLE runs ADD COLUMN more TEXT"), OTHER_TABLES),
    "a column with another name": (by("ALTER TABLE runs RENAME COLUMN name TO title"), OTHER_TABLES),
    "one more table": (by("CREATE TABLE more (a)"), OTHER_TABLES),
    "one table fewer": (by("DROP TABLE arrays"), OTHER_TABLES),
    "a view": (by("CREATE VIEW more AS SELECT * FROM runs"), OTHER_TABLES),
    "a view for a table": (by("ALTER TABLE arrays RENAME TO a", "CREATE VIEW arrays AS SELECT * FROM a"), OTHER_TABLES),
    "a trigger": (by("CREATE TRIGGER t AFTER INSERT ON runs BEGIN DELETE FROM curves; END"), OTHER_TABLES),
    "an index": (by("CREATE INDEX i ON runs (name)"), OTHER_TABLES),
    "an index of an expression": (by("CREATE INDEX i ON runs (upper(name))"), OTHER_TABLES),
    "statistics": (by("ANALYZE"), OTHER_TABLES),
    "a virtual table": (by("PRAGMA writable_schema = ON", "INSERT INTO sqlite_master VALUES ('table', 'more', 'more', 0, 'CREATE VIRTUAL TABLE more USING strange(a)')"), OTHER_TABLES),
    "somebody else's database": (by("PRAGMA application_id = 7"), "is a database of another program"),
    "somebody else's empty one": (lambda path: _empty(path, 7, 0), "is a database of another program"),
    "a newer one": (by("PRAGMA user_version = 99"), "was written by a newer version of seqmagic"),
    "a version before the first": (by("PRAGMA user_version = 0"), OTHER_TABLES),
    "a negative version": (by("PRAGMA user_version = -3"), OTHER_TABLES),
    "numbers that have come to their end": (by("UPDATE sqlite_sequence SET seq = 9223372036854775807"), "has run numbers that seqmagic never uses"),
    "numbers that are none": (by("UPDATE sqlite_sequence SET seq = 'a'"), "has run numbers that seqmagic never uses"),
    "a run with the last number": (by("UPDATE runs SET id = 9223372036854775807 WHERE id = 2"), "has run numbers that seqmagic never uses"),
    "a folder": (make_folder, "is a folder"),
    "a pipe": (make_pipe, "is not a regular file"),
    "a link": (make_link, "is a link"),
    "a link to nothing": (make_link_to_nothing, "is a link"),
    "a log that is a link": (beside("-wal", link_to_victim), "has a link next to it, runs.sqlite-wal"),
    "an index of a log that is a link": (beside("-shm", link_to_victim), "has a link next to it, runs.sqlite-shm"),
    "a journal that is a link": (beside("-journal", link_to_victim), "has a link next to it, runs.sqlite-journal"),
    "a log that is a pipe": (beside("-wal", make_pipe), "has not a regular file next to it, runs.sqlite-wal"),
    "a journal that is a folder": (beside("-journal", make_folder), "has a folder next to it, runs.sqlite-journal"),
    "a journal that names another file": (shared_journal, "has a journal next to it that was written by another program"),
}  # fmt: skip


def _empty(path: Path, application: int, version: int) -> None:
    with changing(path) as connection:
        connection.execute("CREATE TABLE t (a)")
        connection.execute("DROP TABLE t")
        connection.execute(f"PRAGMA application_id = {application}")
        connection.execute(f"PRAGMA user_version = {version}")


def contents_of(folder: Path) -> dict[str, Any]:
    """Every file of a folder with what is in it, and what kind each other thing is."""
    found: dict[str, Any] = {}
    for path in sorted(folder.iterdir()):
        mode = path.lstat().st_mode
        found[path.name] = path.read_bytes() if stat.S_ISREG(mode) else str(path.readlink()) if stat.S_ISLNK(mode) else stat.S_IFMT(mode)
    return found


def assert_keeps(ledger: Ledger) -> int:
    """See that a run can be kept, and is there again; gives its number."""
    run = ledger.begin(entry("mine"))
    assert run is not None, ledger.warnings
    assert ledger.save_checkpoint(run, "last", {"a": 1}, [np.arange(3)], [TableRows("epochs", ["loss"], [[1.0, 0.5]])])
    assert ledger.end(run, "done")
    assert ledger.entry(run).numbers == {"loss": 0.5}  # type: ignore[union-attr]
    return run


def show_everything(ledger: Ledger) -> str:
    """All that `%runs` shows of each run and each pair, in both forms; gives that for a page."""
    entries, found = ledger.entries(), []
    table = RunTable(entries, notes=ledger.warnings)
    found += [repr(table), table._repr_html_()]
    for one in entries:
        card = RunCard(one, ledger.checkpoints(one.id), describe_change(one, entries))
        curves = RunCurves(f"run {one.id}", *ledger.rows(one.id, "epochs"))
        found += [repr(card), card._repr_html_(), describe_curves([curves]), str(row_of(one))]
        readable = [other for other in entries if not other.unreadable and not one.unreadable]
        found += [form for other in readable for form in (repr(RunComparison(one, other)), RunComparison(one, other)._repr_html_())]
    assert all(character.isprintable() or character == "\n" for form in found for character in form)
    return "\n".join(form for form in found if form.startswith("<style>"))


@WINDOWS
@pytest.mark.parametrize("name", STRANGE)
def test_a_file_that_is_not_exactly_ours_stays_as_it_is_and_one_beside_it_is_used(tmp_path: Path, name: str) -> None:
    craft, reason = STRANGE[name]
    path = tmp_path / "runs.sqlite"
    craft(path)
    before = contents_of(tmp_path)
    ledger = Ledger(path)
    assert ledger.entries() == []
    assert_keeps(ledger)
    assert ledger.warnings == [f"runs.sqlite {reason}. It is left unchanged; runs are saved in runs-2.sqlite."]
    ledger.close()
    after = contents_of(tmp_path)
    assert after.pop("runs-2.sqlite")
    assert after == before
    again = Ledger(path)
    assert [one.name for one in again.entries()] == ["mine"], "the next kernel finds them there, too"


def test_files_beside_it_that_are_strange_too_are_passed_over(tmp_path: Path) -> None:
    for name in ("runs", "runs-2", "runs-3"):
        (tmp_path / f"{name}.sqlite").mkdir()
    ledger = Ledger(tmp_path / "runs.sqlite")
    assert_keeps(ledger)
    assert ledger.path.name == "runs-4.sqlite"


def test_an_empty_database_becomes_ours_whatever_its_version(tmp_path: Path) -> None:
    for number, (application, version) in enumerate([(0, 0), (APPLICATION, schema.VERSION), (0, schema.VERSION)]):
        path = tmp_path / f"{number}.sqlite"
        _empty(path, application, version)
        ledger = Ledger(path)
        assert_keeps(ledger)
        assert (ledger.path, ledger.warnings) == (path, [])


def test_a_file_of_an_earlier_version_is_added_to_and_keeps_its_runs(tmp_path: Path) -> None:
    for version in range(1, schema.VERSION):
        path = tmp_path / f"{version}.sqlite"
        fill(tmp_path / "new.sqlite")
        with changing(path) as connection:
            schema.make_tables(connection, version)
            connection.execute("ATTACH ? AS source", (str(tmp_path / "new.sqlite"),))
            for table in (name for name, table in schema.TABLES.items() if table.since <= version):
                columns = ", ".join(schema.names_of(table, version))
                connection.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM source.{table}")  # noqa: S608
            connection.execute(f"PRAGMA application_id = {APPLICATION}")
            connection.execute(f"PRAGMA user_version = {version}")
        ledger = Ledger(path)
        assert [(one.name, one.outcome, one.numbers) for one in ledger.entries()] == [
            (name, "stopped", {"loss": 0.5, "accuracy": 0.3}) for name in ("net", "other")
        ]
        assert ledger.load_checkpoint(1, "last").arrays[0].tolist() == [0, 1, 2, 3, 4, 5]  # type: ignore[union-attr]
        assert assert_keeps(ledger) == 3
        assert (ledger.path, ledger.warnings) == (path, [])
        ledger.close()
        with changing(path) as connection:
            assert connection.execute("PRAGMA user_version").fetchone() == (schema.VERSION,)
            assert schema.is_schema_of(connection, schema.VERSION)
        (tmp_path / "new.sqlite").unlink()


FIRST = """
CREATE TABLE runs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, network TEXT NOT NULL,
    started REAL NOT NULL, touched REAL NOT NULL, ended REAL, outcome TEXT, facts TEXT NOT NULL);
CREATE TABLE curves (
    run INTEGER NOT NULL, kind TEXT NOT NULL, part INTEGER NOT NULL, names TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (run, kind, part));
CREATE TABLE checkpoints (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run INTEGER NOT NULL, kind TEXT NOT NULL,
    saved REAL NOT NULL, facts TEXT NOT NULL, count INTEGER NOT NULL, checksum TEXT NOT NULL,
    UNIQUE (run, kind));
CREATE TABLE arrays (
    checkpoint INTEGER NOT NULL, position INTEGER NOT NULL, dtype TEXT NOT NULL, shape TEXT NOT NULL, content BLOB NOT NULL,
    PRIMARY KEY (checkpoint, position));
"""


def test_the_first_version_is_known_as_it_was_written(tmp_path: Path) -> None:
    with changing(tmp_path / "first.sqlite") as connection:
        connection.executescript(FIRST)
        assert schema.is_schema_of(connection, 1)


def test_new_tables_are_strict() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        schema.make_tables(connection)
        with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT value in REAL column"):
            connection.execute("INSERT INTO runs (name, network, started, touched, facts) VALUES ('a', 'b', 'c', 1.0, '{}')")


def test_every_field_of_an_entry_has_a_check() -> None:
    assert {field.name for field in fields(RunEntry)} == {*tables.COLUMNS, *schema.FACTS, "unreadable"}


# One bad row is one row.


def unlike(path: Path, statement: str) -> None:
    fill(path)
    loosen(path)
    with changing(path) as connection:
        connection.execute(statement)


BAD_VALUES = ["'<img src=x onerror=hit()>'", "x'00ff00'", "1e999", "-1.0", "9223372036854775807", "''", "'NaN'"]
# SQLite itself makes a text of a number in a column of texts.
BAD = [("name", "x'00ff00'"), ("network", "x'00ff00'"), ("outcome", "x'00ff00'"), ("facts", "x'7b7d'")]
BAD += [(column, value) for column in ("started", "touched", "ended") for value in BAD_VALUES]


@pytest.mark.parametrize(("column", "value"), [*BAD, ("outcome", "'<img src=x onerror=hit()>'"), ("outcome", "'running'"), ("facts", "'[]'"), ("facts", "'{'"), ("facts", "'" + "[" * 50_000 + "'")])  # fmt: skip
def test_a_value_of_another_type_is_one_row_that_can_not_be_read(tmp_path: Path, column: str, value: str) -> None:
    path = tmp_path / "runs.sqlite"
    unlike(path, f"UPDATE runs SET {column} = {value} WHERE id = 1")  # noqa: S608
    ledger = Ledger(path)
    bad, good = ledger.entries()
    assert (bad.state, good.state, good.name) == ("unreadable", "stopped", "other")
    assert "<img" not in show_everything(ledger)
    assert ledger.unfinished("net", "abc") is None
    assert ledger.unfinished("other", "abc") == good
    assert_keeps(ledger)
    assert ledger.delete(1)
    assert [one.id for one in ledger.entries()] == [2, 3]


FACTS_THAT_LIE: list[tuple[str, Any]] = [
    ("best", {"loss": "<img src=x onerror=hit()>"}),
    ("best", {"loss": [0.5]}),
    ("best", {"loss": ["0.5", 1]}),
    ("best", {"loss": [0.5, None]}),
    ("best", []),
    ("numbers", {"loss": "0.5"}),
    ("numbers", {"loss": None}),
    ("numbers", {"loss": True}),
    ("numbers", {"loss": 10**400}),
    ("numbers", {"x" * 5000: 1.0}),
    ("numbers", {str(number): 1.0 for number in range(2000)}),
    ("numbers", None),
    ("position", "1"),
    ("position", -1),
    ("position", float("inf")),
    ("epochs", "2"),
    ("epochs", 10**30),
    ("seed", [1]),
    ("continues", "<b>"),
    ("process", 10**12),
    ("process_started", "a"),
    ("host", 3),
    ("notebook", ["a"]),
    ("text", 7),
    ("text", "x" * 2_000_000),
    ("cell", None),
    ("compile", {"a": 1}),
    ("fit", 1.5),
    ("settings", []),
    ("settings", {"optimizer": "Adam"}),
    ("settings", {"optimizer": {"class": ["Adam"]}}),
    ("settings", {"fit": "<b>"}),
    ("versions", {"keras": 3}),
    ("data", {"x": "<b>"}),
    ("data", {"x": {"shape": "8x4"}}),
    ("data", {"x": {"shape": [8, "4"]}}),
    ("data", {"x": {"shape": [8], "dtype": 3}}),
    ("data", {"x": {"parts": [1, 2]}}),
    ("data", {"x": {"parts": "abc"}}),
    ("facts", "reason"),
]


@pytest.mark.parametrize(("fact", "value"), FACTS_THAT_LIE, ids=lambda value: str(value)[:30])
def test_a_fact_of_another_form_is_one_row_that_can_not_be_read(tmp_path: Path, fact: str, value: Any) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    with_facts(path, 1, lambda facts: facts.update({fact: value}))
    ledger = Ledger(path)
    bad, good = ledger.entries()
    assert bad.unreadable == f"its {fact!r} was not written by seqmagic"
    assert (bad.state, bad.name, good.state) == ("unreadable", "net", "stopped")
    assert bad.unreadable in repr(RunTable([bad, good]))
    assert "<img" not in show_everything(ledger)
    assert_keeps(ledger)


def deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"parts": [value]}
    return value


@pytest.mark.parametrize("fact", ["data", "settings", "facts"])
@pytest.mark.parametrize("depth", [20, 300])
def test_facts_in_facts_without_end_are_one_row_that_can_not_be_read(tmp_path: Path, fact: str, depth: int) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    with_facts(path, 1, lambda facts: facts.update({fact: {"x": deep(depth)}}))
    ledger = Ledger(path)
    assert [one.state for one in ledger.entries()] == ["unreadable", "stopped"]
    show_everything(ledger)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("<img src=x onerror=hit()>"),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=5) | st.just("loss"), inside, max_size=3),
    max_leaves=6,
)
sql_values = st.none() | st.integers(-(2**63), 2**63 - 1) | st.floats() | st.text(max_size=9) | st.binary(max_size=9) | st.just(b"\xff\xfe")


EXAMPLES = int(os.environ.get("SEQMAGIC_STRANGE_FILES", "40"))


@pytest.fixture(scope="module")
def loose(tmp_path_factory: Any) -> Callable[[], Path]:
    """Makes copies of a file whose columns take values of any type."""
    folder = tmp_path_factory.mktemp("loose")
    fill(folder / "runs.sqlite")
    loosen(folder / "runs.sqlite")
    content, numbers = (folder / "runs.sqlite").read_bytes(), itertools.count()

    def copy() -> Path:
        path = Path(folder) / f"{next(numbers)}.sqlite"
        path.write_bytes(content)
        return path

    return copy


def assert_shown_without_markup(path: Path, run: int) -> None:
    """Whatever stands in one run: everything can be shown, the other run is there, and a new one can be kept."""
    with closing(Ledger(path)) as ledger:
        see_all(ledger, path, run)


def see_all(ledger: Ledger, loose: Path, run: int) -> None:
    entries = ledger.entries()
    assert ledger.path == loose
    assert [one.unreadable for one in entries if one.id == 3 - run] == [""]
    assert "<img" not in show_everything(ledger)
    for kind in schema.KINDS:
        checkpoint = ledger.load_checkpoint(run, kind)
        if checkpoint is not None:
            with suppress(FileError):
                state_of(checkpoint)
    ledger.unfinished("net", "abc")
    assert len(ledger.attempts()) <= 1
    assert_keeps(ledger)


COLUMNS = [
    (table, column.name) for table, made in schema.TABLES.items() for column in made.columns if (table, column.name) != ("runs", "id")
]


@given(st.sampled_from(COLUMNS), sql_values)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_value_in_any_column_is_shown_and_hides_no_other_run(loose: Callable[[], Path], place: tuple[str, str], value: Any) -> None:
    path = loose()
    table, column = place
    mine = {
        "runs": "id = 1",
        "curves": "run = 1",
        "checkpoints": "run = 1",
        "arrays": "checkpoint = 1",
        "attempts": "id = 1",
        "origin": "id = 1",
    }[table]
    with changing(path) as connection:
        try:
            connection.execute(f"UPDATE {table} SET {column} = ? WHERE {mine}", (value,))  # noqa: S608
        except sqlite3.IntegrityError:
            return  # The column takes no nothing, or the row would be another's.
    assert_shown_without_markup(path, 1)


@given(st.sampled_from(sorted(schema.FACTS)), json_values)
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_fact_of_any_form_is_shown_and_hides_no_other_run(loose: Callable[[], Path], fact: str, value: Any) -> None:
    path = loose()
    with_facts(path, 1, lambda facts: facts.update({fact: value}))
    assert_shown_without_markup(path, 1)


@given(st.sampled_from(sorted(schema.CHECKPOINT_FACTS)), json_values)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_fact_of_a_checkpoint_gives_a_state_or_a_sentence(fact: str, value: Any) -> None:
    options = {
        "moment": [2, 0],
        "parts": [1, 0],
        "seed": 1,
        "first_epoch": 0,
        "epochs": 2,
        "steps": 4,
        "goal": {},
        "options": {},
        fact: value,
    }
    try:
        facts = schema.read_facts(json.dumps(options), schema.CHECKPOINT_FACTS)
        state = state_of(tables.Checkpoint(1, "last", 0.0, facts, [np.zeros(3)]))
    except (schema.UnreadableError, FileError):
        return
    assert state.moment.epoch >= 0


# What would take all the time, or all the memory.


def curves(path: Path, names: list[str], values: np.ndarray, part: int = 1) -> None:
    with changing(path) as connection:
        connection.execute("DELETE FROM curves WHERE run = 1 AND part >= ?", (part,))
        content = (1, "epochs", part, json.dumps(names), values.astype("<f8").tobytes())
        connection.execute("INSERT INTO curves (run, kind, part, names, content) VALUES (?, ?, ?, ?, ?)", content)


CURVES: dict[str, Callable[[Path], None]] = {
    "half a row": lambda path: curves(path, ["a", "b", "c"], np.zeros(5)),
    "a name that is no text": lambda path: curves(path, [3], np.zeros(4)),  # type: ignore[list-item]
    "one name twice": lambda path: curves(path, ["loss", "loss"], np.zeros(6)),
    "too many names": lambda path: curves(path, list(map(str, range(2000))), np.zeros(2001)),
    "a long name": lambda path: curves(path, ["x" * 5000], np.zeros(2)),
    "a position that is none": lambda path: curves(path, ["loss"], np.array([[np.nan, 1.0]])),
    "a position before the first": lambda path: curves(path, ["loss"], np.array([[-1.0, 1.0]])),
    "a position that is too far": lambda path: curves(path, ["loss"], np.array([[1e300, 1.0]])),
    "a position without end": lambda path: curves(path, ["loss"], np.array([[np.inf, 1.0]])),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves_that_are_none_are_said_to_be(tmp_path: Path, name: str) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    CURVES[name](path)
    ledger = Ledger(path)
    names, rows = ledger.rows(1, "epochs")
    assert (names, rows.shape) == ([], (0, 1))
    assert len(ledger.warnings) == 1
    assert ledger.warnings[0].startswith("Something could not be read in runs.sqlite: its curves")
    with changing(path) as connection:
        connection.execute("UPDATE runs SET outcome = NULL, ended = NULL WHERE id = 1")
    assert [one.state for one in ledger.entries()] == ["unreadable", "stopped"], "the numbers of a run that died are those of its curves"


@pytest.mark.parametrize("names", [["f1[999999999]"], ["f1[0]", "f1[2]"], ["f1[0]", "f1[0,1]"], ["f1"], ["f1[a]"], ["f1[-1]"], ["f1[" + "0," * 60 + "0]"]])  # fmt: skip
def test_arrays_of_metrics_that_are_none_are_said_to_be(tmp_path: Path, names: list[str]) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    curves(path, names, np.ones((2, 1 + len(names))))
    with changing(path) as connection:
        connection.execute("UPDATE curves SET kind = 'parts' WHERE run = 1")
    ledger = Ledger(path)
    assert ledger.rows(1, "parts")[1].shape == (0, 1)
    assert ledger.warnings == ["Something could not be read in runs.sqlite: its arrays of numbers are invalid."]


def test_two_pieces_of_curves_that_would_fill_the_memory_together_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    curves(path, [], np.zeros(1_000_000))
    curves(path, [str(number) for number in range(900)], np.zeros(901), part=2)
    ledger = Ledger(path)
    assert ledger.rows(1, "epochs")[1].shape == (0, 1), "a million rows of 900 columns: 7 GB"
    assert ledger.warnings == ["Something could not be read in runs.sqlite: its curves are too long."]


@pytest.mark.parametrize(
    ("names", "values"),
    [
        (["$\\frac{$", "\u202e\x1b[31mred\nline", "<img src=x onerror=hit()>", "x" * 900], [[1.0, 1, 2, 3, 4], [2.0, 1, 2, 3, 5]]),
        (["loss"], [[1.0, 1e308], [2.0, -1e308], [9e15, np.inf]]),
        ([str(number) for number in range(300)], [[1.0, *range(300)], [2.0, *range(300)]]),
    ],
)
def test_curves_of_any_name_and_number_are_drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str], values: list[list[float]]
) -> None:
    monkeypatch.setattr(run_curves, "MOST_CHARTS", 4)
    path = tmp_path / "runs.sqlite"
    fill(path)
    curves(path, names, np.array(values))
    ledger = Ledger(path)
    shown = [RunCurves("run 1", *ledger.rows(1, "epochs"))]
    assert draw_runs(shown)[:4] == b"\x89PNG"  # type: ignore[index]
    assert all(line.isprintable() for line in describe_curves(shown).split("\n"))
    assert len(describe_curves(shown).split("\n")) == len(names)


ARRAYS = {
    "a shape that is none": "shape = '{}'",
    "a shape of texts": "shape = '[\"6\"]'",
    "a shape without end": "shape = '[99999999999999999999]'",
    "a negative shape": "shape = '[-6]'",
    "a type of Python objects": "dtype = '|O', shape = '[6]'",
    "a type of several parts": "dtype = 'f4,f4'",
    "a type that is a name of the library": "dtype = '__doc__'",
    "no type": "dtype = 'import os'",
    "fewer bytes": "content = x'00'",
}


@pytest.mark.parametrize("name", ARRAYS)
def test_weights_that_are_none_are_said_to_be(tmp_path: Path, name: str) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    with changing(path) as connection:
        connection.execute(f"UPDATE arrays SET {ARRAYS[name]} WHERE checkpoint = 1")  # noqa: S608
        for row in connection.execute(
            "SELECT c.facts, a.dtype, a.shape, a.content FROM checkpoints c, arrays a WHERE c.id = 1 AND a.checkpoint = 1"
        ):
            found = tables.checksum(row[0], [tables.Packed(*row[1:])])  # Whoever writes such a file writes the right sum, too.
        connection.execute("UPDATE checkpoints SET checksum = ? WHERE id = 1", (found,))
    ledger = Ledger(path)
    assert ledger.load_checkpoint(1, "last") is None
    assert len(ledger.warnings) == 1
    assert ledger.load_checkpoint(2, "last") is not None


BOMB = """
import resource, sys
from pathlib import Path
from tests.ledger.strange_files import Ledger, entry
before, ledger = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, Ledger(Path(sys.argv[1]))
print([one.state for one in ledger.entries()], ledger.load_checkpoint(1, "last"), len(ledger.rows(1, "epochs")[1]), ledger.begin(entry()))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1000)
assert "keras" not in sys.modules
"""


@WINDOWS
def test_values_too_large_to_unpack_are_refused_before_they_take_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    with changing(path) as connection:
        # Nothing but zeros: in an archive these are some hundred kilobytes.
        connection.execute("UPDATE runs SET facts = CAST(zeroblob(40000000) AS TEXT) WHERE id = 1")
        connection.execute("UPDATE curves SET content = zeroblob(70000000) WHERE run = 1")
        connection.execute("UPDATE checkpoints SET facts = CAST(zeroblob(40000000) AS TEXT) WHERE id = 1")
    message = subprocess.run([sys.executable, "-c", BOMB, str(path)], capture_output=True, text=True, timeout=250, check=False)
    assert message.returncode == 0, message.stderr
    shown, most = message.stdout.strip().rsplit("\n", 1)
    assert shown == "['unreadable', 'stopped'] None 0 3"
    assert int(most) < 70, "megabytes more than before"


def test_texts_of_many_lines_are_compared_in_a_moment(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    for run, lines in ((1, "dense 3\nrelu\n" * 40_000), (2, "relu\nrelu\ndense 3\n" * 30_000)):
        with_facts(path, run, lambda facts, lines=lines: facts.update({"text": lines}))  # type: ignore[misc]
    with changing(path) as connection:
        connection.execute("UPDATE runs SET name = 'net'")
    began = time.process_time()
    ledger = Ledger(path)
    RunTable(ledger.entries())
    repr(RunComparison(*ledger.entries()))
    assert time.process_time() - began < 20, "it took hours: 80,000 lines times 90,000"


# Whose the files are.


@WINDOWS
def test_new_files_are_their_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        ledger = Ledger(tmp_path / "runs.sqlite")
        run = ledger.begin(entry())
        assert run is not None
        assert ledger.save_checkpoint(run, "last", {}, [np.zeros(1000)])
        names = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        assert names == {"runs.sqlite": 0o600, "runs.sqlite-wal": 0o600, "runs.sqlite-shm": 0o600}
        ledger.close()
        with closing(sqlite3.connect(tmp_path / "runs.sqlite", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = DELETE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM runs")
            connection.execute("PRAGMA cache_spill = 1")
            assert stat.S_IMODE((tmp_path / "runs.sqlite-journal").stat().st_mode) == 0o600
    finally:
        os.umask(before)


@WINDOWS
def test_what_an_owner_allowed_stays_allowed(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    path.chmod(0o664)
    assert_keeps(Ledger(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o664


@pytest.fixture
def locked(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "runs.sqlite"
    fill(path)
    holder = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA locking_mode = EXCLUSIVE'); c.execute('BEGIN EXCLUSIVE'); print('held', flush=True); time.sleep(100)"
    with subprocess.Popen([sys.executable, "-c", holder, str(path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield path
        process.kill()


def test_a_file_that_another_program_holds_costs_a_sentence(locked: Path) -> None:
    ledger = Ledger(locked)
    assert ledger.entries() == []
    assert ledger.begin(entry()) is None
    assert set(ledger.warnings) == {
        "runs.sqlite was locked by another kernel for too long: something could not be read.",
        "runs.sqlite was locked by another kernel for too long: something was not saved.",
    }


def test_a_huge_file_with_nothing_in_it_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    fill(path)
    with path.open("r+b") as file:
        file.truncate(20_000_000_000)
    ledger = Ledger(path)
    assert [one.name for one in ledger.entries()] == ["net", "other"]
    assert_keeps(ledger)
