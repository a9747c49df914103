"""The ledger: what is kept comes back, whatever happens to the file; and nothing that happens to it reaches a training."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np
import pytest

from seqmagic.ledger.entry import process_start
from seqmagic.ledger.ledger import Ledger, TableRows
from seqmagic.measure import is_small_good
from tests.support.ledgers import OPENED, Failing, begin, connect, entry, failing_connect

FACTS = {"epoch": 3, "rate": 1e-3, "nested": {"a": [1, None, True]}}
ARRAYS = [
    np.arange(6, dtype="float32").reshape(2, 3),
    np.array(7),
    np.ones((2, 2), ml_dtypes.bfloat16),
    np.empty((0, 3)),
    np.array([True, False]),
]
# A process that is no more: the number of one that has ended, which began when nothing runs from.
DEAD = {"process": os.getpid(), "process_started": process_start() - 1000}
FREEZE = "import sys, time; from tests.support.ledgers import write_for_ever; write_for_ever(sys.argv[1])"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger(tmp_path / "runs.sqlite", connect=connect)
    yield made
    made.close()


def assert_same_arrays(found: Any, wanted: list[np.ndarray]) -> None:
    assert found is not None
    assert [(a.dtype, a.shape, a.tobytes()) for a in found.arrays] == [(a.dtype, a.shape, a.tobytes()) for a in wanted]


# What is kept comes back.


def test_an_entry_comes_back_as_it_was(ledger: Ledger) -> None:
    found = entry(
        seed=3,
        epochs=10,
        cell="dense {n}",
        compile="compile adam mse",
        fit="fit x y",
        settings={"rate": 0.1},
        versions={"keras": "3"},
        data={"x": {"shape": [3]}},
    )
    run = begin(
        ledger, **{name: getattr(found, name) for name in ("seed", "epochs", "cell", "compile", "fit", "settings", "versions", "data")}
    )
    assert replace(ledger.entry(run), started=found.started, touched=found.touched) == replace(found, id=run)
    assert ledger.entry(run + 1) is None
    assert ledger.warnings == []


def test_a_run_ends_with_its_last_and_best_numbers(ledger: Ledger) -> None:
    run = begin(ledger)
    assert ledger.entry(run).state == "running"
    ledger.add_rows(run, "epochs", ["loss", "accuracy"], np.array([[1.0, 0.9, 0.5], [2.0, 0.4, 0.8]]))
    ledger.add_rows(run, "epochs", ["loss", "accuracy", "val_loss"], np.array([[3.0, 0.6, 0.8, 0.7]]))
    assert ledger.entry(run).numbers == {"loss": 0.6, "accuracy": 0.8, "val_loss": 0.7}
    assert ledger.end(run, "stopped", reason="val_accuracy > 0.98 was reached.")
    found = ledger.entry(run)
    assert (found.state, found.numbers["loss"], found.facts) == ("stopped", 0.6, {"reason": "val_accuracy > 0.98 was reached."})
    assert found.best == {"loss": (0.4, 2.0), "accuracy": (0.8, 2.0), "val_loss": (0.7, 3.0)}
    assert found.ended is not None
    assert found.position == 3


def test_rows_are_appended_or_replaced(ledger: Ledger) -> None:
    run = begin(ledger)
    assert ledger.add_rows(run, "batches", ["loss"], np.array([[0.1, 3.0], [0.2, np.nan]]))
    assert ledger.add_rows(run, "batches", ["loss", "mae"], np.array([[0.3, 1.0, 2.0]]))
    assert ledger.add_rows(run, "epochs", ["loss"], np.empty((0, 2)))
    names, rows = ledger.rows(run, "batches")
    assert names == ["loss", "mae"]
    np.testing.assert_array_equal(rows, [[0.1, 3, np.nan], [0.2, np.nan, np.nan], [0.3, 1, 2]])
    assert ledger.rows(run, "epochs") == ([], pytest.approx(np.empty((0, 1))))
    assert ledger.replace_rows(run, "batches", ["loss"], np.array([[0.2, 5.0]]))
    np.testing.assert_array_equal(ledger.rows(run, "batches")[1], [[0.2, 5]])


def test_a_checkpoint_comes_back_bit_for_bit_and_takes_the_place_of_the_former(ledger: Ledger, tmp_path: Path) -> None:
    run = begin(ledger)
    assert ledger.save_checkpoint(run, "last", {"epoch": 1}, [np.zeros(3)])
    assert ledger.save_checkpoint(run, "best", {}, [])
    assert ledger.save_checkpoint(
        run, "last", FACTS, ARRAYS, rows=[TableRows("epochs", ["loss"], [[3.0, 0.5]]), TableRows("batches", ["loss"], [[0.5, 1.0]])]
    )
    ledger.close()
    again = Ledger(tmp_path / "runs.sqlite")
    found = again.load_checkpoint(run, "last")
    assert found is not None
    assert (found.facts, found.run, found.kind) == (FACTS, run, "last")
    assert_same_arrays(found, ARRAYS)
    assert again.load_checkpoint(run, "best").arrays == []
    assert again.load_checkpoint(run, "first") is None
    assert again.rows(run, "epochs")[1].tolist() == [[3.0, 0.5]]
    assert list(again.checkpoints(run)) == ["best", "last"]


def test_rows_that_do_not_fit_keep_the_checkpoint_beside_them_out_too(ledger: Ledger) -> None:
    run = begin(ledger)
    assert ledger.save_checkpoint(run, "last", {"epoch": 1}, ARRAYS)
    assert not ledger.save_checkpoint(run, "last", {"epoch": 2}, [np.zeros(3)], rows=[TableRows("epochs", ["loss", "mae"], [[1.0, 2.0]])])
    assert ledger.load_checkpoint(run, "last").facts == {"epoch": 1}
    assert "rows of shape (1, 2) for one position and 2 names" in ledger.warnings[0]


def test_python_objects_are_never_kept(ledger: Ledger) -> None:
    run = begin(ledger)
    assert not ledger.save_checkpoint(run, "last", {}, [np.array([object()])])
    assert ledger.warnings == ["Something was not saved in runs.sqlite: an array of object contains more than numbers."]


def test_facts_that_json_does_not_know_become_numbers_or_text(ledger: Ledger) -> None:
    run = begin(ledger, settings={"rate": np.float32(0.5), "sizes": np.arange(2), "path": Path("a")})
    assert ledger.entry(run).settings == {"rate": 0.5, "sizes": [0, 1], "path": "a"}


def test_a_run_is_deleted_with_all_that_belongs_to_it(ledger: Ledger) -> None:
    run = begin(ledger)
    ledger.save_checkpoint(run, "last", {}, ARRAYS, rows=[TableRows("epochs", ["loss"], [[1.0, 2.0]])])
    assert not ledger.delete(run), "it is under way"
    ledger.end(run, "done")
    assert ledger.delete(run)
    assert (ledger.entries(), ledger.load_checkpoint(run, "last"), len(ledger.rows(run, "epochs")[1])) == ([], None, 0)
    assert not ledger.delete(run)
    assert not ledger.add_rows(run, "epochs", ["loss"], [[1.0, 2.0]])
    assert begin(ledger) > run, "a number is never given a second time"


def test_the_file_shrinks_when_a_run_is_deleted(ledger: Ledger, tmp_path: Path) -> None:
    run = begin(ledger)
    ledger.save_checkpoint(run, "last", {}, [np.random.default_rng(0).random(100_000)])
    ledger.end(run, "done")
    assert ledger.delete(run)
    ledger.close()
    assert (tmp_path / "runs.sqlite").stat().st_size < 100_000


# Which run to go on with.


def test_the_run_to_go_on_with_is_the_newest_that_broke_off(ledger: Ledger) -> None:
    def made(outcome: str | None, name: str = "digits", **facts: Any) -> int:
        run = begin(ledger, name, **facts)
        ledger.save_checkpoint(run, "last", {}, ARRAYS)
        if outcome:
            ledger.end(run, outcome)
        return run

    def next_run() -> int | None:
        found = ledger.unfinished("digits", "abc")
        return found and found.id

    assert next_run() is None
    made("done")
    assert next_run() is None
    stopped = made("stopped")
    made("stopped", "other")
    made("failed", network="xyz")
    made(None)  # Under way, in this very process.
    ledger.end(begin(ledger), "failed")  # Without a checkpoint.
    assert next_run() == stopped
    died = made(None, **DEAD)
    assert next_run() == died
    assert ledger.entry(died).state == "died"
    made("done")
    assert next_run() is None


def test_a_run_in_another_living_kernel_is_under_way(ledger: Ledger) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        import psutil

        run = begin(ledger, process=other.pid, process_started=psutil.Process(other.pid).create_time())
        ledger.save_checkpoint(run, "last", {}, ARRAYS)
        assert ledger.entry(run).is_under_way
        assert ledger.unfinished("digits", "abc") is None
        other.kill()
        other.wait()
        assert ledger.entry(run).state == "died"
        assert ledger.unfinished("digits", "abc").id == run


def test_a_run_on_another_computer_is_under_way_as_long_as_it_writes(ledger: Ledger) -> None:
    run = begin(ledger, host=f"not-{socket.gethostname()}")
    assert ledger.entry(run).state == "running"
    other = begin(ledger, host=f"not-{socket.gethostname()}", touched=time.time() - 3600)
    assert ledger.entry(other).state == "died"
    begin(ledger)
    assert ledger.entry(other).ended == pytest.approx(time.time() - 3600, abs=60)
    assert ledger.add_rows(other, "epochs", ["loss"], [[1.0, 2.0]]), "it was only slow"


@pytest.mark.parametrize(("name", "small"), [("loss", True), ("val_loss", True), ("head_loss", True), ("mae", True), ("root_mean_squared_error", True), ("accuracy", False), ("val_auc", False), ("mean_pred", False), ("kl_divergence", True)])  # fmt: skip
def test_which_numbers_are_best_when_they_are_small(name: str, *, small: bool) -> None:
    assert is_small_good(name) is small


# Nothing that happens to the file reaches a training.


def round_of_work(ledger: Ledger, run: int | None) -> list[Any]:
    """Everything that a run does to the ledger; gives what each call gave."""
    other = ledger.begin(entry())
    given = [
        other,
        ledger.add_rows(run or 0, "batches", ["loss"], [[0.5, 1.0]]),
        ledger.save_checkpoint(run or 0, "last", {"epoch": 2}, ARRAYS[:2], rows=[TableRows("epochs", ["loss"], [[2.0, 0.5]])]),
    ]
    return [*given, ledger.end(other or 0, "done", {"loss": 1.0}), ledger.delete(other or 0)]


def test_whichever_statement_fails_the_last_whole_checkpoint_is_there(tmp_path: Path) -> None:
    failed = 0
    for at in range(1, 200):
        Failing.at, Failing.count = -1, 0
        path = tmp_path / f"{at}.sqlite"
        first = Ledger(path)
        run = begin(first)
        first.save_checkpoint(run, "last", {"epoch": 1}, ARRAYS)
        first.close()
        tried = Ledger(path, connect=failing_connect)
        Failing.at, Failing.count = at, 0
        given = round_of_work(tried, run)
        reached = Failing.count >= at
        Failing.at = -1
        # The one that failed says so, unless it was tried again or was only tidying up.
        failed += not all(given)
        kept = Ledger(path).load_checkpoint(run, "last")
        assert kept is not None, f"statement {at}"
        assert_same_arrays(kept, ARRAYS if kept.facts == {"epoch": 1} else ARRAYS[:2])
        assert kept.facts == ({"epoch": 2} if given[2] else {"epoch": 1}), f"statement {at}"
        assert len(Ledger(path).rows(run, "epochs")[1]) == given[2]
        assert all(round_of_work(tried, run)), f"the ledger works again after statement {at}"
        tried.close()
        if not reached:
            break
    assert at > 40, "there were statements to fail"
    assert failed > 30


def test_an_interrupt_leaves_nothing_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Failing, "error", KeyboardInterrupt())
    ledger = Ledger(tmp_path / "runs.sqlite", connect=failing_connect)
    Failing.at = -1
    run = begin(ledger)
    ledger.save_checkpoint(run, "last", {"epoch": 1}, ARRAYS)
    for at in range(1, 8):
        Failing.at, Failing.count = at, 0
        with pytest.raises(KeyboardInterrupt):
            ledger.save_checkpoint(run, "last", {"epoch": 2}, [np.zeros(3)])
        assert_same_arrays(ledger.load_checkpoint(run, "last"), ARRAYS)
    Failing.at = -1
    assert all(round_of_work(ledger, run))


def test_a_full_disk_costs_only_what_did_not_fit(ledger: Ledger) -> None:
    run = begin(ledger)
    assert ledger.save_checkpoint(run, "last", {"epoch": 1}, ARRAYS)
    OPENED[-1].execute(f"PRAGMA max_page_count = {OPENED[-1].execute('PRAGMA page_count').fetchone()[0] + 2}")
    assert not ledger.save_checkpoint(run, "last", {"epoch": 2}, [np.zeros(100_000)])
    assert not ledger.save_checkpoint(run, "last", {"epoch": 2}, [np.zeros(100_000)])
    assert ledger.warnings == ["The disk has no space left for runs.sqlite: something was not saved."]
    assert_same_arrays(ledger.load_checkpoint(run, "last"), ARRAYS)
    assert ledger.end(run, "done")


def test_the_oldest_checkpoints_go_first_then_the_oldest_curves(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "runs.sqlite", most_bytes=1_000_000)
    weights, curve = [np.random.default_rng(0).random(25_000)], np.zeros((5000, 2))
    runs = []
    for index in range(8):
        runs.append(begin(ledger))
        assert ledger.save_checkpoint(
            runs[-1],
            "last",
            {"index": index},
            weights,
            rows=[TableRows("batches", ["loss"], curve), TableRows("epochs", ["loss"], [[1.0, 2.0]])],
        )
        ledger.end(runs[-1], "done")
    left = [run for run in runs if ledger.load_checkpoint(run, "last")]
    assert left == runs[-len(left) :], "the newest are there"
    assert 1 <= len(left) < 4
    assert all(len(ledger.rows(run, "epochs")[1]) == 1 for run in runs)
    assert len(ledger.rows(runs[-1], "batches")[1]) == 5000
    live = begin(ledger)
    assert ledger.save_checkpoint(live, "last", {}, [np.zeros(90_000)])
    assert [len(ledger.rows(run, "batches")[1]) for run in runs] < [5000] * 8, "curves went for it"
    assert not ledger.save_checkpoint(begin(ledger), "last", {}, [np.zeros(90_000)]), "nothing of a run that is under way goes"
    assert ledger.load_checkpoint(live, "last") is not None
    assert "1 MB" in ledger.warnings[0]
    ledger.close()
    assert (tmp_path / "runs.sqlite").stat().st_size < 1_300_000
    assert [path.name for path in tmp_path.iterdir()] == ["runs.sqlite"]


def damage_nothing_of_sqlite(path: Path) -> None:
    path.write_bytes(b"This is no database. " * 500)


def damage_the_end(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def damage_the_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:12_000] = os.urandom(12_000 - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("damage", [damage_nothing_of_sqlite, damage_the_end, damage_the_middle])
def test_a_damaged_file_is_set_aside_and_a_new_one_begun(tmp_path: Path, damage: Any) -> None:
    path = tmp_path / "runs.sqlite"
    first = Ledger(path)
    first.save_checkpoint(begin(first), "last", {}, [np.arange(5000)])
    first.close()
    damage(path)
    before = path.read_bytes()
    again = Ledger(path)
    assert again.entries() == []
    run = begin(again)
    assert again.save_checkpoint(run, "last", {}, ARRAYS)
    (aside,) = tmp_path.glob("runs.damaged-*.sqlite")
    assert aside.read_bytes() == before
    assert again.warnings == [f"runs.sqlite was damaged. It was renamed to {aside.name}, and a new file was started."]
    assert Ledger(path).load_checkpoint(run, "last") is not None


def test_a_checkpoint_with_a_changed_byte_is_none_and_warned_of(ledger: Ledger) -> None:
    run = begin(ledger)
    ledger.save_checkpoint(run, "last", {}, ARRAYS)
    OPENED[-1].execute("UPDATE arrays SET content = zeroblob(length(content)) WHERE position = 0")
    assert ledger.load_checkpoint(run, "last") is None
    assert ledger.warnings == [f"Something could not be read in runs.sqlite: the checkpoint 'last' of run {run} is damaged."]
    assert ledger.save_checkpoint(run, "last", {}, ARRAYS)
    assert_same_arrays(ledger.load_checkpoint(run, "last"), ARRAYS)


def test_a_file_that_is_damaged_in_mid_session_is_set_aside_and_no_number_comes_again(ledger: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    run = begin(ledger)
    ledger.save_checkpoint(run, "last", {}, [np.arange(5000)])
    OPENED[-1].execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(os.urandom(path.stat().st_size))
    OPENED[-1].execute("PRAGMA shrink_memory")
    results = [ledger.add_rows(run, "epochs", ["loss"], [[1.0, 2.0]]), ledger.load_checkpoint(run, "last")]
    assert results == [False, None]
    assert begin(ledger) > run
    assert len(list(tmp_path.glob("runs.damaged-*.sqlite"))) == 1
    assert not ledger.add_rows(run, "epochs", ["loss"], [[1.0, 2.0]])


@pytest.mark.parametrize(("statements", "reason"), [(["PRAGMA user_version = 99"], "was written by a newer version of seqmagic"), (["PRAGMA application_id = 7"], "is a database of another program")])  # fmt: skip
def test_a_newer_file_or_somebody_elses_is_left_alone(tmp_path: Path, statements: list[str], reason: str) -> None:
    path = tmp_path / "runs.sqlite"
    first = Ledger(path)
    begin(first)
    first.close()
    with sqlite3.connect(path) as connection:
        for statement in statements:
            connection.execute(statement)
    connection.close()
    before = path.read_bytes()
    again = Ledger(path)
    begin(again)
    assert again.warnings == [f"runs.sqlite {reason}. It is left unchanged; runs are saved in runs-2.sqlite."]
    assert (again.path.name, len(again.entries())) == ("runs-2.sqlite", 1)
    again.close()
    assert path.read_bytes() == before
    assert len(Ledger(path).entries()) == 1, "the next kernel finds them there, too"


def test_where_nothing_can_be_written_runs_are_kept_until_the_kernel_ends(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    ledger = Ledger(tmp_path / "file" / "runs.sqlite")
    run = begin(ledger)
    assert ledger.save_checkpoint(run, "last", {}, ARRAYS)
    assert ledger.end(run, "done")
    assert_same_arrays(ledger.load_checkpoint(run, "last"), ARRAYS)
    assert ledger.warnings == [f"runs.sqlite can't be written in {tmp_path / 'file'}, so runs are lost when the kernel ends."]
    assert not ledger.save_checkpoint(begin(ledger), "last", {}, [np.zeros(10_000_000)]), "the memory is not for that"


def test_a_file_that_can_only_be_read_is_shown_and_goes_on_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    first = Ledger(path)
    begin(first)
    first.close()
    before = path.read_bytes()

    def read_only(target: Any, **options: Any) -> sqlite3.Connection:
        return sqlite3.connect(target if target == ":memory:" else f"file:{target}?mode=ro", uri=True, **options)

    ledger = Ledger(path, connect=read_only)
    assert (len(ledger.entries()), ledger.warnings) == (1, [])
    run = begin(ledger)
    assert ledger.end(run, "done")
    assert len(ledger.entries()) == 2
    assert len(ledger.warnings) == 1
    ledger.close()
    assert path.read_bytes() == before


def test_without_a_write_ahead_log_the_ordinary_journal_serves(tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("Windows has no such way to open a file.")

    def no_log(target: Any, **options: Any) -> sqlite3.Connection:
        return connect(f"file:{target}?vfs=unix-dotfile", uri=True, **options)

    ledger = Ledger(tmp_path / "runs.sqlite", connect=no_log)
    run = begin(ledger)
    assert ledger.save_checkpoint(run, "last", {}, ARRAYS)
    assert OPENED[-1].execute("PRAGMA journal_mode").fetchone() == ("delete",)
    assert_same_arrays(ledger.load_checkpoint(run, "last"), ARRAYS)


def test_another_kernel_that_writes_for_long_costs_a_warning(ledger: Ledger, tmp_path: Path) -> None:
    run = begin(ledger)
    other = sqlite3.connect(tmp_path / "runs.sqlite", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    assert not ledger.add_rows(run, "epochs", ["loss"], [[1.0, 2.0]])
    assert ledger.warnings == ["runs.sqlite was locked by another kernel for too long: something was not saved."]
    other.execute("ROLLBACK")
    other.close()
    assert ledger.add_rows(run, "epochs", ["loss"], [[1.0, 2.0]])


def test_after_closing_nothing_is_found_and_nothing_fails(ledger: Ledger) -> None:
    run = begin(ledger)
    ledger.close()
    assert (ledger.begin(entry()), ledger.add_rows(run, "epochs", ["loss"], [[1.0, 2.0]]), ledger.entries(), ledger.entry(run)) == (
        None,
        False,
        [],
        None,
    )


def test_looking_makes_no_file(ledger: Ledger, tmp_path: Path) -> None:
    assert (ledger.entries(), ledger.entry(1), ledger.load_checkpoint(1, "last"), ledger.unfinished("digits", "abc")) == (
        [],
        None,
        None,
        None,
    )
    assert list(tmp_path.iterdir()) == []


# Several threads, several kernels.


def test_several_threads_write_at_once(ledger: Ledger) -> None:
    def work() -> None:
        run = begin(ledger)
        for epoch in range(20):
            assert ledger.save_checkpoint(run, "last", {"epoch": epoch}, ARRAYS, rows=[TableRows("epochs", ["loss"], [[epoch, 1.0]])])
        ledger.end(run, "done")

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.warnings == []
    assert [len(ledger.rows(found.id, "epochs")[1]) for found in ledger.entries()] == [20] * 4
    assert [ledger.load_checkpoint(found.id, "last").facts for found in ledger.entries()] == [{"epoch": 19}] * 4


def assert_whole(ledger: Ledger, run: int) -> int:
    found = ledger.load_checkpoint(run, "last")
    if found is None:
        assert len(ledger.rows(run, "epochs")[1]) == 0
        return -1
    epoch = found.facts["epoch"]
    assert [set(array.tolist()) for array in found.arrays] == [{epoch}] * 3
    assert len(ledger.rows(run, "epochs")[1]) == epoch + 1, "checkpoint and curves tell the same"
    return int(epoch)


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    code = "import sys; from tests.support.ledgers import write_for_ever; write_for_ever(sys.argv[1], 60)"
    path = tmp_path / "runs.sqlite"
    children = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], cwd=Path(__file__).parents[3], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for child in children:
        assert child.wait(100) == 0, child.stderr and child.stderr.read()
    ledger = Ledger(path)
    assert [(found.outcome, assert_whole(ledger, found.id)) for found in ledger.entries()] == [("done", 59)] * 2


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="Windows kills in another way.")
def test_a_killed_kernel_leaves_a_whole_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    chance = np.random.default_rng()
    written = []
    for _ in range(20):
        child = subprocess.Popen(
            [sys.executable, "-c", FREEZE, str(path)], cwd=Path(__file__).parents[3], stdout=subprocess.PIPE, text=True
        )
        run = int(child.stdout.readline())  # type: ignore[union-attr]
        time.sleep(chance.uniform(0, 0.12))
        child.send_signal(signal.SIGKILL)
        child.wait()
        child.stdout.close()  # type: ignore[union-attr]
        ledger = Ledger(path)
        assert ledger.entry(run).state == "died"
        written.append(assert_whole(ledger, run))
        assert ledger.warnings == []
        ledger.close()
    assert max(written) > 2, "some had begun to write"
