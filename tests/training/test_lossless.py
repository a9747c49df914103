"""Nothing that is learned is lost: not when what keeps it fails, in whichever way, nor when the training itself does."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.errors import TrainingError
from seqmagic.ledger import current, describe
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.ledger.ledger import Ledger
from seqmagic.training.run import Run
from tests.support.ledgers import Failing, entry, failing_connect
from tests.support.run_end import end_of

TEXT = "seed 3\ninput 8x8x1\nflatten -> dense 16 relu -> dense 10 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"
EPOCHS = 2


@pytest.fixture(autouse=True)
def no_ledger_is_left() -> Iterator[None]:
    yield
    name_ledger(None)
    Failing.at = -1


@pytest.fixture(scope="module")
def model() -> Any:
    return seqmagic.build(TEXT)


@pytest.fixture(scope="module")
def train(model: Any, digits_data: Any) -> Callable[..., Run]:
    """Train the same model from the same weights to the same numbers, whatever happens around it."""
    x, y = digits_data
    first = [weight.copy() for weight in model.get_weights()]

    def train(epochs: int = EPOCHS, during: Callable[[], Any] = lambda: None, rows: int = 320) -> Run:
        model.set_weights(first)
        for variable in model.optimizer.variables[:1] if model.optimizer.built else ():
            variable.assign(0)
        for variable in model.optimizer.variables[2:] if model.optimizer.built else ():
            variable.assign(keras.ops.zeros_like(variable))
        run = seqmagic.fit(model, x[:rows], y[:rows], epochs=epochs, batch_size=32, seed=5)
        during()
        return end_of(run)

    return train


@pytest.fixture(scope="module")
def undisturbed(model: Any, train: Callable[..., Run]) -> tuple[dict[str, list[float]], list[np.ndarray]]:
    name_ledger(None)
    return train().history, model.get_weights()


def assert_whole(run: Run, model: Any, undisturbed: Any, what: str = "") -> None:
    assert (run.state, run.history) == ("done", undisturbed[0]), what
    assert len(run.record.batches) == EPOCHS * 10, what
    assert all(np.array_equal(a, b) for a, b in zip(model.get_weights(), undisturbed[1], strict=True)), what


def test_whichever_statement_of_the_ledger_fails_the_training_is_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Any, train: Callable[..., Run], undisturbed: Any
) -> None:
    warned = at = 0
    words = describe._texts_of(model, None)  # noqa: SLF001  # To describe the model for each run takes longer than to train it.
    monkeypatch.setattr(describe, "_texts_of", lambda *_: words)
    while True:
        at += 1
        keep_runs(path := tmp_path / f"{at}.sqlite")
        monkeypatch.setattr(current, "_opened", Ledger(path, connect=failing_connect))
        Failing.at, Failing.count = at, 0
        run = train()
        reached, Failing.at = Failing.count >= at, -1
        assert_whole(run, model, undisturbed, f"statement {at}")
        assert len(run.warnings) <= 1, f"statement {at}"
        warned += len(run.warnings)
        ledger = current.current_ledger()
        assert ledger is not None
        number = ledger.begin(entry())
        assert number is not None, f"the ledger works again after statement {at}"
        assert ledger.entry(number) is not None
        ledger.close()
        if not reached:
            break
    assert at > 30, "there were statements to fail"
    assert warned > 20


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Any, train: Callable[..., Run], undisturbed: Any) -> None:
    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = sqlite3.connect(*arguments, **options)
        connection.execute("PRAGMA max_page_count = 12")
        return connection

    keep_runs(path := tmp_path / "runs.sqlite")
    monkeypatch.setattr(current, "_opened", Ledger(path, connect=connect))
    for run in (train(), train()):  # Each run that isn't whole on the disk says so.
        assert_whole(run, model, undisturbed)
        assert run.warnings == ["The disk has no space left for runs.sqlite: something was not saved."]


@pytest.mark.parametrize("moment", ["before", "during"])
def test_a_file_that_another_process_locks(
    tmp_path: Path, moment: str, monkeypatch: pytest.MonkeyPatch, model: Any, train: Callable[..., Run], undisturbed: Any
) -> None:
    monkeypatch.setattr("seqmagic.ledger.file.BUSY_SECONDS", 0.1)
    keep_runs(path := tmp_path / "runs.sqlite")
    train()
    lock = f"import sqlite3; c = sqlite3.connect({str(path)!r}); c.execute('BEGIN EXCLUSIVE'); print(1, flush=True); input()"
    others: list[subprocess.Popen[bytes]] = []

    def lock_file() -> None:
        others.append(subprocess.Popen([sys.executable, "-c", lock], stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert others[0].stdout is not None
        others[0].stdout.readline()

    try:
        if moment == "before":
            lock_file()
        run = train(during=lock_file if moment == "during" else lambda: None)
    finally:
        others[0].communicate(b"\n")
    assert_whole(run, model, undisturbed)
    if moment == "before":
        assert run.warnings == ["runs.sqlite was locked by another kernel for too long: something was not saved."]
    train()
    assert Ledger(path).entries()[-1].state == "done"


def test_a_folder_that_can_only_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: Any, train: Callable[..., Run], undisturbed: Any
) -> None:
    keep_runs(path := tmp_path / "runs.sqlite")
    if os.getuid() == 0:  # Nothing is closed to that user.
        monkeypatch.setattr(current, "_opened", Ledger(path, connect=refuse_files))
        monkeypatch.setattr("seqmagic.ledger.file.make_private", lambda _: None)  # It leaves what it can't make to SQLite.
    tmp_path.chmod(0o500)
    try:
        run = train()
    finally:
        tmp_path.chmod(0o700)
    assert_whole(run, model, undisturbed)
    assert run.warnings == [f"runs.sqlite can't be written in {tmp_path}, so runs are lost when the kernel ends."]
    assert train().warnings == []  # It was said once.
    assert not path.exists()


def refuse_files(path: Any, *arguments: Any, **options: Any) -> sqlite3.Connection:
    if path != ":memory:":
        raise PermissionError(13, "Permission denied")
    return sqlite3.connect(path, *arguments, **options)


def train_while(harm: Callable[[Path], None], path: Path, model: Any, digits_data: Any) -> Run:
    """A run during which something happens to its file."""
    keep_runs(path)
    x, y = digits_data
    run = seqmagic.fit(model, x, y, epochs=20, batch_size=64)
    while not len(run.record.batches):
        time.sleep(0.001)
    run.pause()
    while not run.paused:
        time.sleep(0.001)
    harm(path)
    run.resume().wait()
    assert (run.state, len(run.history["loss"]), len(run.record.batches)) == ("done", 20, 20 * 29)
    return run


@pytest.mark.parametrize("moved", [True, False])
def test_a_file_that_is_taken_away_in_mid_run(tmp_path: Path, model: Any, digits_data: Any, *, moved: bool) -> None:
    def take_away(path: Path) -> None:
        for file in tmp_path.iterdir():
            file.rename(tmp_path / f"old-{file.name}") if moved else file.unlink()

    path = tmp_path / "runs.sqlite"
    run = train_while(take_away, path, model, digits_data)
    assert run.warnings == ["runs.sqlite was deleted or replaced while in use; runs are now saved in the new file."]
    ledger = Ledger(path)
    (entry,) = ledger.entries()
    assert (entry.state, entry.position) == ("done", 20)
    assert len(ledger.rows(entry.id, "batches")[1]) == 20 * 29
    assert ledger.load_checkpoint(entry.id, "last").facts["moment"] == [20, 0]  # type: ignore[union-attr]


def test_a_file_that_is_overwritten_in_mid_run(tmp_path: Path, model: Any, digits_data: Any) -> None:
    def overwrite(path: Path) -> None:
        for file in tmp_path.iterdir():
            file.write_bytes(b"rubbish " * 4000)

    train_while(overwrite, path := tmp_path / "runs.sqlite", model, digits_data)
    keep_runs(tmp_path / "others.sqlite")
    keep_runs(path)  # As another kernel opens it.
    assert seqmagic.fit(model, *digits_data, epochs=1).wait().state == "done"
    assert Ledger(path).entries()[-1].state == "done"


# When the training itself fails.


def assert_trains_again(model: Any, digits_data: Any) -> None:
    assert seqmagic.fit(model, *digits_data, epochs=1).wait().state == "done"


def test_an_exception_in_a_callback_of_ones_own(digits_data: Any, model: Any) -> None:
    weights: list[np.ndarray] = []

    class Fails(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            if batch == 7:
                weights.extend(self.model.get_weights())
                raise RuntimeError("no more")

    with pytest.raises(TrainingError, match="no more"):
        seqmagic.fit(model, *digits_data, epochs=2, callbacks=[Fails()]).wait()
    run = seqmagic.training.current_runs.last_run_of(model)
    assert len(run.record.batches) == 8
    assert all(np.array_equal(a, b) for a, b in zip(weights, model.get_weights(), strict=True))
    assert_trains_again(model, digits_data)


def test_an_exception_in_a_metric_of_ones_own(digits_data: Any) -> None:
    x, y = digits_data
    calls: list[int] = []

    def count(values: Any) -> Any:
        calls.append(1)
        if len(calls) == 100:
            raise ValueError("a hundred is enough")
        return np.float32(0)

    def metric(labels: Any, output: Any) -> Any:
        return tf.ensure_shape(tf.numpy_function(count, [output], tf.float32), [])

    model = seqmagic.build(TEXT.replace("accuracy", "metric"), {"metric": metric})
    before = model.get_weights()
    run = seqmagic.fit(model, x, y, epochs=4)
    with pytest.raises(TrainingError, match="a hundred is enough"):
        run.wait()
    assert len(run.history["loss"]) == 1
    assert 57 <= len(run.record.batches) < 100
    assert not any(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert_trains_again(model, digits_data)


def test_numbers_that_run_away(digits_data: Any, model: Any) -> None:
    x, y = digits_data
    bad = tf.data.Dataset.from_tensor_slices((np.where(np.arange(len(y))[:, None, None, None] == 1500, np.nan, x), y)).batch(32)
    run = seqmagic.fit(model, bad, epochs=3)
    with pytest.raises(TrainingError, match="Batch 47 of epoch 1 contains a value that is NaN or infinite"):
        run.wait()
    assert len(run.record.batches) > 40
    assert all(np.isfinite(weight).all() for weight in model.get_weights())
    assert_trains_again(model, digits_data)


def test_threads_that_press_all_at_once(digits_data: Any, model: Any) -> None:
    run = seqmagic.fit(model, *digits_data, epochs=100000, validation_split=0.2)
    limit = time.monotonic() + 120
    while run.record.best() is None:
        assert time.monotonic() < limit
        time.sleep(0.01)
    end = time.monotonic() + 1

    def press(*buttons: Callable[[], Any]) -> None:
        while time.monotonic() < end:
            for button in buttons:
                button()
                time.sleep(0.003)

    def rate() -> None:
        run.learning_rate = 0.001

    pressing = [(run.pause, run.resume), (run.step_batch, run.resume), (run.step_epoch,), (rate, lambda: run.restore("best"))]
    threads = [threading.Thread(target=press, args=buttons) for buttons in pressing]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.resume()
    before = len(run.record.batches)
    while len(run.record.batches) == before and run.record.batches.generation == 0:
        time.sleep(0.001)
    assert end_of(run.stop()).state == "stopped"
    assert_trains_again(model, digits_data)
