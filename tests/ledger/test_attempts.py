"""Attempts at exercises: kept without a name, in a file that an earlier seqmagic made, too."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import seqmagic
from seqmagic.ledger import attempts as kept
from seqmagic.ledger import schema
from seqmagic.ledger.attempts import Attempt
from seqmagic.ledger.current import name_ledger
from seqmagic.ledger.file import APPLICATION
from seqmagic.ledger.ledger import Ledger

ATTEMPT = Attempt("digits", (("expect params < 50k", "passed"), ("expect layers conv >= 2", "failed")))


def test_attempts_come_back_as_a_table(tmp_path: Path) -> None:
    name_ledger(tmp_path / "runs.sqlite")
    try:
        ledger = seqmagic.keep_runs(tmp_path / "runs.sqlite")
        assert len(seqmagic.attempts()) == 0
        assert ledger.add_attempt(ATTEMPT)
        (row,) = seqmagic.attempts().to_dict("records")
        assert (row["network"], row["passed"], row["asked"], row["not passed"]) == ("digits", 1, 2, "expect layers conv >= 2")
        ledger.close()
    finally:
        name_ledger(None)


def test_nothing_in_the_file_says_whose_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "marie_the_student")
    monkeypatch.setenv("LOGNAME", "marie_the_student")
    with closing(Ledger(tmp_path / "runs.sqlite")) as ledger:
        ledger.add_attempt(ATTEMPT)
    content = (tmp_path / "runs.sqlite").read_bytes()
    assert b"expect params" in content
    assert b"marie" not in content
    assert str(tmp_path).encode() not in content


@pytest.mark.parametrize("version", range(1, schema.VERSION))
@pytest.mark.parametrize("strict", [True, False])
def test_a_file_of_an_earlier_version_takes_attempts(tmp_path: Path, version: int, *, strict: bool) -> None:
    path = tmp_path / "runs.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        schema.make_tables(connection, version, strict=strict and schema.HAS_STRICT)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {version}")
        connection.commit()
    with closing(Ledger(path)) as ledger:
        assert ledger.add_attempt(ATTEMPT)
        assert ledger.attempts() == [ATTEMPT]
        assert not ledger.warnings
    with closing(Ledger(path)) as again:
        assert again.attempts() == [ATTEMPT]
        assert not again.warnings


def test_only_the_newest_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "MOST_ATTEMPTS", 3)
    with closing(Ledger(tmp_path / "runs.sqlite")) as ledger:
        for number in range(5):
            ledger.add_attempt(Attempt(f"net{number}", ATTEMPT.states))
        assert [attempt.network for attempt in ledger.attempts()] == ["net2", "net3", "net4"]


@pytest.mark.parametrize(
    "checks", ["no JSON", "3", json.dumps([["a"]]), json.dumps([["a", 3]]), json.dumps({"a": "b"}), json.dumps([[["a"], "b"]])]
)
def test_what_is_nothing_of_ours_hides_no_other(tmp_path: Path, checks: str) -> None:
    path = tmp_path / "runs.sqlite"
    with closing(Ledger(path)) as ledger:
        ledger.add_attempt(ATTEMPT)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("INSERT INTO attempts (made, network, passed, asked, checks) VALUES (1, 'x', 0, 1, ?)", (checks,))
            connection.commit()
        assert ledger.attempts() == [ATTEMPT]
