"""All runs as a table, with pandas and without."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import FileError
from seqmagic.ledger.current import name_ledger
from seqmagic.ledger.entry import RunEntry


@pytest.fixture
def two_runs(tmp_path: Path) -> Iterator[None]:
    ledger = seqmagic.keep_runs(tmp_path / "runs.sqlite")
    for loss in (0.5, 0.25):
        run = ledger.begin(RunEntry(name="digits", epochs=2, text="input 4\n", compile="compile adam mse", started=1.6e9))
        assert run is not None
        ledger.add_rows(run, "epochs", ["loss"], np.array([[1, loss], [2, loss * 2]]))
        ledger.end(run, "done")
    yield
    name_ledger(None)


def test_a_table_of_pandas_has_a_row_for_each_run(two_runs: None) -> None:
    table = seqmagic.runs()
    assert table.index.tolist() == [1, 2]
    assert table["best loss"].tolist() == [0.5, 0.25]
    assert table.loc[2, ["model", "outcome", "epochs", "position", "loss", "compile"]].tolist() == [
        "digits",
        "done",
        2,
        2.0,
        0.5,
        "compile adam mse",
    ]
    assert table["started"].dtype.kind == "M"


def test_without_pandas_it_is_a_list(two_runs: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    assert [(row["run"], row["loss"]) for row in seqmagic.runs()] == [(1, 1.0), (2, 0.5)]


def test_where_nothing_is_kept_it_says_how(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"Type instead: seqmagic.keep_runs\(\"runs.sqlite\"\)"):
        seqmagic.runs()
    seqmagic.keep_runs(tmp_path / "runs.sqlite")
    assert len(seqmagic.runs()) == 0
    name_ledger(None)
