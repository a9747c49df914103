"""A file of runs that was made by somebody else in another folder stays closed: a teacher's, handed out with the assignment."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

import seqmagic
from seqmagic.ledger import schema
from seqmagic.ledger.current import name_ledger
from seqmagic.ledger.ledger import Ledger
from tests.support.ledgers import begin

Be = Callable[[str], None]


@pytest.fixture
def be(monkeypatch: pytest.MonkeyPatch) -> Be:
    """Become another user."""
    return lambda name: monkeypatch.setenv("JUPYTERHUB_USER", name)


@pytest.fixture
def teachers(tmp_path: Path, be: Be) -> Path:
    """A file that a teacher has made."""
    be("marina")
    path = tmp_path / "source" / "runs.sqlite"
    path.parent.mkdir()
    with closing(Ledger(path)) as ledger:
        begin(ledger, "solution")
    return path


def copied(path: Path, folder: Path) -> Path:
    folder.mkdir(parents=True)
    return Path(shutil.copy(path, folder / path.name))


def names_in(ledger: Ledger) -> list[str]:
    with closing(ledger):
        return [entry.name for entry in ledger.entries()]


def test_a_student_does_not_see_what_the_teacher_has_trained(teachers: Path, tmp_path: Path, be: Be) -> None:
    handed_out = copied(teachers, tmp_path / "ana")
    before = handed_out.read_bytes()
    be("ana")
    ledger = Ledger(handed_out)
    assert ledger.entries() == []
    assert ledger.warnings == ["runs.sqlite is a copy of someone else's runs. It is left unchanged; runs are saved in runs-2.sqlite."]
    begin(ledger, "own")
    assert names_in(ledger) == ["own"]
    assert handed_out.read_bytes() == before
    assert names_in(Ledger(handed_out)) == ["own"]  # In the next kernel, too.


def test_who_moves_or_copies_runs_of_one_s_own_keeps_them(teachers: Path, tmp_path: Path) -> None:
    assert names_in(Ledger(copied(teachers, tmp_path / "backup"))) == ["solution"]


def test_a_folder_that_many_share_has_one_file_for_all(teachers: Path, be: Be) -> None:
    be("ana")
    ledger = Ledger(teachers)
    begin(ledger, "another")
    assert names_in(ledger) == ["solution", "another"]
    teachers.parent.rename(moved := teachers.parent.with_name("moved"))
    be("ben")
    assert names_in(Ledger(moved / teachers.name)) == ["solution", "another"]


def test_where_nobody_knows_who_one_is_nothing_is_refused(teachers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed_out = copied(teachers, tmp_path / "container")
    monkeypatch.setattr("seqmagic.ledger.owner._user", lambda: "")
    assert names_in(Ledger(handed_out)) == ["solution"]


def test_runs_of_an_account_that_was_renamed_can_be_adopted(teachers: Path, tmp_path: Path, be: Be) -> None:
    handed_over = copied(teachers, tmp_path / "new")
    be("m.kraus")
    try:
        assert names_in(seqmagic.keep_runs(handed_over, adopt=True)) == ["solution"]
    finally:
        name_ledger(None)
    assert names_in(Ledger(handed_over)) == ["solution"]
    be("ana")
    assert names_in(Ledger(copied(handed_over, tmp_path / "ana"))) == []


def test_a_copy_in_a_folder_that_can_t_be_written_is_not_read_into_memory(teachers: Path, tmp_path: Path, be: Be) -> None:
    handed_out = copied(teachers, tmp_path / "ana")
    be("ana")

    def refusing(database: object, **options: object) -> sqlite3.Connection:
        if database == ":memory:":
            return sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        raise PermissionError

    ledger = Ledger(handed_out, connect=refusing)
    begin(ledger, "own")
    assert ledger.is_in_memory
    assert names_in(ledger) == ["own"]


def test_nothing_of_the_name_or_the_folder_can_be_read_in_it(teachers: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(teachers)) as connection:
        (row,) = connection.execute("SELECT salt, user, place, number FROM origin").fetchall()
    assert all(len(mark) == 32 for mark in row)
    assert not any("marina" in mark or str(tmp_path) in mark for mark in row)


def test_marks_that_somebody_has_changed_close_nothing(teachers: Path, tmp_path: Path, be: Be) -> None:
    handed_out = copied(teachers, tmp_path / "ana")
    with closing(sqlite3.connect(handed_out)) as connection:
        connection.execute("UPDATE origin SET user = ?", ("x" * (schema.LONGEST_MARK + 1),))
        connection.commit()
    be("ana")
    assert names_in(Ledger(handed_out)) == ["solution"]
