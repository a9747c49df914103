"""The ledger in use: nowhere until somebody says so, and then one file."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import seqmagic
from seqmagic.errors import FileError
from seqmagic.ledger.current import current_ledger, is_named, keep_runs, name_ledger
from seqmagic.ledger.entry import RunEntry


@pytest.fixture(autouse=True)
def nowhere() -> Iterator[None]:
    name_ledger(None)
    yield
    name_ledger(None)


def test_nothing_is_kept_until_somebody_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert (current_ledger(), is_named()) == (None, False)
    ledger = keep_runs("runs")
    assert ledger is current_ledger() is keep_runs(tmp_path / "runs.sqlite")
    assert list(tmp_path.iterdir()) == []
    ledger.begin(RunEntry(name="digits"))
    assert (tmp_path / "runs.sqlite").exists()
    assert keep_runs("other.db") is not ledger
    name_ledger(None)
    assert current_ledger() is None


@pytest.mark.parametrize(("name", "instead"), [("runs.csv", "runs.sqlite"), ("my.data.npz", "my.data.sqlite"), ("", "runs.sqlite")])
def test_a_file_of_runs_can_be_nothing_else(name: str, instead: str) -> None:
    with pytest.raises(FileError, match="can't be used as a file for runs") as caught:
        keep_runs(name)
    assert caught.value.instead == instead
    assert current_ledger() is None


def test_saying_where_loads_nothing() -> None:
    code = "import sys; from seqmagic.ledger.current import name_ledger; name_ledger('x.sqlite'); print({'numpy', 'sqlite3', 'keras'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "set()"


def test_a_run_in_the_background_leaves_the_drawing_of_weights_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, digits_data: tuple[Any, Any]
) -> None:
    keep_runs(tmp_path / "runs")
    model = seqmagic.build("input 8x8x1 -> flatten -> dropout 0.2 -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy")
    threads, put_back = set(), random.setstate
    monkeypatch.setattr(random, "setstate", lambda state: (threads.add(threading.current_thread()), put_back(state)))
    seqmagic.fit(model, *digits_data, epochs=1).wait()
    # Python has one generator: what another thread puts back would go into a network that a cell makes meanwhile.
    assert threads == {threading.main_thread()}
    assert len(current_ledger().entries()) == 1
