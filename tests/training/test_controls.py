"""What can be pressed while a run goes on, and after it: steps, the learning rate, more epochs, earlier weights, goals."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.errors import ArgumentError, DataError, TrainingError
from seqmagic.history import Table
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.options.early_stop import EarlyStop
from seqmagic.training.controls import Controls
from seqmagic.training.journal import Journal
from seqmagic.training.registry import active_runs
from seqmagic.training.run import Run
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.state import Moment
from tests.support.digits import DIGITS
from tests.support.run_end import end_of


@pytest.fixture(autouse=True)
def no_run_is_left() -> Any:
    yield
    for run in active_runs():
        run.stop().wait_quietly()


def hold(run: Run) -> Run:
    end = time.monotonic() + 60
    while not run.paused:
        assert time.monotonic() < end
        time.sleep(0.002)
    return run


def test_single_batches_and_the_rest_of_an_epoch(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.Run(digits_model, *digits_data, epochs=3)
    for count in (1, 2, 3):
        assert len(hold(run.step_batch()).record.batches) == count
    assert (len(hold(run.step_epoch()).record.batches), len(run.history["loss"])) == (57, 1)
    assert (len(hold(run.step_epoch()).record.batches), len(run.history["loss"])) == (114, 2)
    assert (run.step_epoch().wait().state, len(run.history["loss"])) == ("done", 3)
    assert run.step_batch().state == "done"


def test_a_stop_while_stepping_ends_the_run(digits_data: Any, digits_model: Any) -> None:
    run = hold(seqmagic.Run(digits_model, *digits_data, epochs=3).step_batch())
    assert run.stop().wait().state == "stopped"
    assert len(run.record.batches) == 1


@pytest.mark.parametrize("kind", ["arrays", "dataset"])
def test_a_stop_before_the_first_batch_is_no_failure(kind: str) -> None:
    model = seqmagic.build("input 3 -> dense 1\ncompile sgd mse mae")
    x = np.ones((8, 3), "float32")
    data = (x, x[:, :1]) if kind == "arrays" else (tf.data.Dataset.from_tensor_slices((x, x[:, :1])).batch(4),)
    run = hold(seqmagic.Run(model, *data, epochs=3).pause().start())
    assert run.stop().wait().state == "stopped"
    assert not len(run.record.batches)


def test_a_learning_rate_takes_effect_between_two_batches(digits_data: Any, digits_model: Any) -> None:
    run = hold(seqmagic.Run(digits_model, *digits_data, epochs=100).step_batch())
    assert run.learning_rate == pytest.approx(1e-3)
    run.learning_rate = 1e-9
    before = digits_model.weights[0].value.numpy().copy()
    hold(run.step_batch())
    assert run.learning_rate == pytest.approx(1e-9)
    assert np.allclose(before, digits_model.weights[0].value.numpy(), atol=1e-7)
    run.stop().wait()
    run.learning_rate = 0.5
    assert float(digits_model.optimizer.learning_rate) == 0.5
    for wrong in (0, -1, float("nan"), float("inf"), "fast", True):
        with pytest.raises(ArgumentError, match="The learning rate is"):
            run.learning_rate = wrong


def test_a_schedule_keeps_its_learning_rate(digits_data: Any) -> None:
    model = seqmagic.build(DIGITS.replace("adam(1e-3)", "adam(exponential_decay(0.01, 100, 0.9))"))
    run = seqmagic.Run(model, *digits_data)
    assert run.learning_rate is None
    with pytest.raises(ArgumentError, match="is set by a schedule or a function"):
        run.learning_rate = 0.1


def test_more_epochs_go_on_in_one_history_with_the_same_data_and_options(digits_data: Any, digits_model: Any) -> None:
    first = seqmagic.fit(digits_model, *digits_data, epochs=2, batch_size=64, validation_split=0.1).wait()
    second = first.more(epochs=3).wait()
    assert (len(first.history["loss"]), len(second.history["val_loss"])) == (2, 5)
    assert second.history["loss"][:2] == first.history["loss"]
    assert len(second.record.batches) == 5 * 26
    assert len(second.more(batch_size=512).wait().history["loss"]) == 8


def test_data_that_is_gone_is_asked_for(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, x * 1.0, y).wait()
    gc.collect()
    with pytest.raises(
        DataError, match=r"The data of this run is no longer available\.\nExpected: the data again\.\nType instead: run.more"
    ):
        run.more()
    assert len(run.more(x=x, y=y).wait().history["loss"]) == 2


def test_a_run_that_has_ended_keeps_neither_its_data_nor_its_model(digits_data: Any) -> None:
    model = seqmagic.build(DIGITS)
    run = seqmagic.fit(model, *digits_data).wait()
    assert run.model is model
    del model
    gc.collect()
    assert run.model is None
    with pytest.raises(DataError, match=r"The model .* of this run no longer exists"):
        run.more()
    assert "done" in repr(run)


def test_the_first_and_the_best_weights_come_back(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    before = digits_model.get_weights()
    run = seqmagic.fit(digits_model, x, y, epochs=4, validation_data=(x[:300], y[:300])).wait()
    name, position, value = run.record.best()  # type: ignore[misc]
    assert (name, value) == ("val_loss", min(run.history["val_loss"]))
    wrong = 9 - y[:300]
    after = run.more(epochs=2, validation_data=(x[:300], wrong)).wait()  # Worse and worse.
    after.restore("best")
    assert digits_model.evaluate(x[:300], y[:300], verbose=0)[0] == pytest.approx(value, rel=1e-4)
    assert position == run.history["val_loss"].index(value) + 1
    assert after.continuation is after.record
    after.restore("first")
    assert all(np.array_equal(a, b) for a, b in zip(before, digits_model.get_weights(), strict=True))
    assert int(digits_model.optimizer.iterations) == 0
    anew = after.more(epochs=1).wait()
    assert len(anew.history["loss"]) == 1
    assert [len(history.epochs) for history in anew.earlier][-1] == 6
    with pytest.raises(ArgumentError, match="There are no weights called 'worst'"):
        anew.restore("worst")
    with pytest.raises(DataError, match="The best weights of this run are not available"):
        after.restore("best")  # Of an earlier run: one run's copies are enough.


def test_weights_come_back_in_a_run_that_goes_on(digits_data: Any, digits_model: Any) -> None:
    before = digits_model.get_weights()
    run = hold(seqmagic.Run(digits_model, *digits_data, epochs=3).step_epoch())
    run.restore("first")
    hold(run.step_batch())
    changed = [np.abs(a - b.value.numpy()).max() for a, b in zip(before, digits_model.weights, strict=True)]
    assert max(changed) < 0.01  # One step of Adam away from where it began.


def test_a_goal_ends_the_run_and_says_so(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.fit(digits_model, *digits_data, epochs=100, until="accuracy > 0.8").wait()
    assert run.history["accuracy"][-1] > 0.8 >= max(run.history["accuracy"][:-1], default=0)
    assert (run.state, run.reason) == ("done", "accuracy > 0.8 was reached.")


def test_patience_ends_a_run_that_learns_nothing_more(digits_data: Any) -> None:
    x, y = digits_data
    model = seqmagic.build(DIGITS.replace("adam(1e-3)", "sgd(1e-12)"))
    run = seqmagic.fit(model, x, y, epochs=100, patience=2, validation_data=(x[:50], y[:50])).wait()
    assert len(run.history["loss"]) == 3
    assert run.reason == "val_loss did not improve for 2 epochs."


def test_epochs_without_a_validation_decide_nothing_about_a_goal(digits_data: Any) -> None:
    x, y = digits_data
    text, held_out = DIGITS.replace("adam(1e-3)", "sgd(1e-12)"), {"validation_data": (x[:50], 9 - y[:50]), "validation_freq": 2}
    run = seqmagic.fit(seqmagic.build(text), x, y, epochs=20, patience=2, until="val_accuracy > 0.99", **held_out).wait()
    assert (len(run.history["loss"]), run.reason) == (6, "val_loss did not improve for 2 epochs.")
    assert run.record.best()[:2] == ("val_loss", 2.0)  # type: ignore[index]


@pytest.mark.parametrize("until", ["accuracy", "accuracy == 1", "__import__('os')", "accuracy > high", 3, "accuracy > 0.9 or loss < 1"])
def test_what_is_no_goal_is_refused(digits_data: Any, digits_model: Any, until: Any) -> None:
    with pytest.raises(ArgumentError, match=r'Type instead: until="val_accuracy > 0\.98"'):
        seqmagic.Run(digits_model, *digits_data, until=until)


def test_a_goal_for_a_number_that_is_not_reported_is_refused_before_the_first_batch(digits_data: Any, digits_model: Any) -> None:
    with pytest.raises(ArgumentError, match="until uses 'val_accuracy', but this training only reports"):
        seqmagic.fit(digits_model, *digits_data, epochs=3, until="val_accuracy > 0.9").wait()
    assert int(digits_model.optimizer.iterations) == 0


@pytest.mark.parametrize("patience", [0, -1, 1.5, "3", True])
def test_what_is_no_patience_is_refused(digits_data: Any, digits_model: Any, patience: Any) -> None:
    with pytest.raises(ArgumentError, match="patience is"):
        seqmagic.Run(digits_model, *digits_data, patience=patience)


def test_a_million_batches_are_thinned_and_no_spike_is_lost() -> None:
    table = Table(most=1000)
    generator = np.random.default_rng(0)
    losses = generator.random(1_000_000) + 1
    losses[[123_456, 777_777]] = [50.0, 0.01]
    for start in range(0, 1_000_000, 250):
        steps = np.arange(start + 1, start + 251)
        table.extend(steps / 1000, ["loss", "accuracy"], np.column_stack([losses[start : start + 250], 1 / losses[start : start + 250]]))
    positions, kept = table.curve("loss")
    assert len(table) <= 1000
    assert table.generation > 100
    assert (positions[0], positions[-1]) == (0.001, 1000.0)
    assert {50.0, 0.01} <= set(kept)
    assert positions == sorted(positions)


def in_another_thread(work: Callable[[], Any]) -> None:
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()


def test_what_is_wished_for_after_the_last_batch_is_done(digits_data: Any, digits_model: Any) -> None:
    before = digits_model.get_weights()

    def press() -> None:
        run.restore("first")
        run.learning_rate = 0.25

    late = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: in_another_thread(press))
    run = seqmagic.Run(digits_model, *digits_data, callbacks=late)
    run.start().wait()
    assert run.learning_rate == 0.25
    assert all(np.array_equal(a, b) for a, b in zip(before, digits_model.get_weights(), strict=True))
    assert run.continuation is None


def test_a_gate_that_is_closed_keeps_no_wish() -> None:
    gate, done = Controls(), []
    gate.wish(lambda: done.append(1))
    gate.close()
    gate.wish(lambda: done.append(2))
    assert done == [1, 2]


def test_continue_is_not_lost_in_a_step() -> None:
    gate = Controls()
    gate.pause()
    gate.step_batch()
    gate.resume()
    assert gate.allowance(100) == 100
    assert gate.is_open
    gate.step_epoch()
    gate.step_batch()
    gate.end_epoch()
    assert gate.is_open
    assert gate.allowance(100) == 1
    assert not gate.is_open


def test_a_pause_holds_a_validation_and_changes_nothing(digits_data: Any) -> None:
    x, y = digits_data
    many = np.tile(x, (10, 1, 1, 1)), np.tile(y, 10)  # Long enough that a pause finds the validation going on.

    def train(press: bool) -> Run:  # noqa: FBT001
        model = seqmagic.build("seed 3\n" + DIGITS)
        run = seqmagic.Run(model, x[:64], y[:64], epochs=2, seed=1, validation_data=many)
        run.step_batch()
        hold(run).step_batch()
        hold(run).step_batch()
        if press:
            end = time.monotonic() + 60
            while run.progress.step < 2 or run.state != "running":
                assert time.monotonic() < end
                time.sleep(0.0005)
            run.pause()
            hold(run)
            assert (run.progress.epoch, run.progress.step, run.history) == (1, 2, {})
            time.sleep(0.1)
            assert run.history == {}
        return run.resume().wait()

    assert train(press=True).history == train(press=False).history


def test_what_an_early_stop_had_seen_goes_with_each_copy_of_the_model(digits_model: Any) -> None:
    goal = EarlyStop(patience=9)
    snapshots = Snapshots(digits_model, goal)
    for epoch, loss in enumerate([3.0, 2.0, 2.5, 2.4], 3):
        goal.look({"loss": loss, "val_loss": loss + 1})
        snapshots.look(Moment(epoch), now=True)
        if epoch == 4:
            earlier = snapshots.last
    assert earlier is not None
    assert snapshots.last is not None
    assert snapshots.last.early_stop == goal.facts() == {"measured": "val_loss", "lowest": 3.0, "waited": 2}
    assert earlier.early_stop == {"measured": "val_loss", "lowest": 3.0, "waited": 0}


def test_whoever_waits_for_a_run_hears_of_its_end(
    digits_data: Any, digits_model: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    def leave(run: Run) -> None:
        raise SystemExit

    run = seqmagic.Run(digits_model, *digits_data)
    run.watchers.append(leave)
    assert end_of(run.start()).state == "done"
    assert isinstance(run.watchers.error, SystemExit)

    def fail(*found: Any) -> None:
        raise RuntimeError("the journal is on fire")

    keep_runs(tmp_path / "runs.sqlite")
    monkeypatch.setattr(Journal, "end", fail)
    with pytest.raises(TrainingError, match="on fire"):
        end_of(seqmagic.fit(digits_model, *digits_data))
    monkeypatch.undo()
    assert end_of(seqmagic.fit(digits_model, *digits_data)).state == "done"
    name_ledger(None)


def test_a_run_that_goes_on_says_from_which_and_keeps_its_seed(digits_data: Any, digits_model: Any, tmp_path: Any) -> None:
    ledger = keep_runs(tmp_path / "runs.sqlite")
    first = seqmagic.fit(digits_model, *digits_data, seed=77).wait()
    second = first.more(epochs=2).wait()
    assert second.seed == 77
    second.restore("first").more().wait()
    stopped = second.more(epochs=500)  # It goes on from what the model is now.
    while len(stopped.record.batches) < 300:
        time.sleep(0.001)
    stopped.stop().wait()
    seqmagic.fit(digits_model, *digits_data, resume=True, epochs=501).stop().wait()
    assert [entry.continues for entry in ledger.entries()] == [None, 1, None, 3, 4]
    name_ledger(None)


def test_a_rate_that_no_number_sets_can_not_be_pressed_into_a_running_training(digits_data: Any) -> None:
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 100, 0.9)
    for optimizer in (keras.optimizers.SGD(lambda: 0.01), keras.optimizers.LossScaleOptimizer(keras.optimizers.Adam(schedule))):
        model = seqmagic.build(DIGITS)
        model.compile(optimizer, "sparse_categorical_crossentropy")
        run = seqmagic.fit(model, *digits_data, epochs=2)
        assert run.learning_rate is None
        with pytest.raises(ArgumentError, match="set by a schedule or a function"):
            run.learning_rate = 0.1
        assert run.wait().state == "done"


def test_what_is_asked_for_between_two_batches_and_fails_leaves_the_training_alone(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.Run(digits_model, *digits_data, epochs=2)
    hold(run.step_batch())
    run._controls.wish(lambda: int("much"))  # noqa: SLF001
    run.resume().wait()
    assert run.state == "done"
    assert run.warnings == ["An action between two batches failed: invalid literal for int() with base 10: 'much'"]


def test_text_that_a_callback_puts_among_the_numbers_is_left_out(digits_data: Any, digits_model: Any) -> None:
    class Note(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: dict[str, Any]) -> None:
            logs["note"] = "fine"

    run = seqmagic.fit(digits_model, *digits_data, epochs=2, callbacks=[Note()]).wait()
    assert set(run.history) == {"loss", "accuracy"}


def test_the_clock_stands_still_while_a_run_holds(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.Run(digits_model, *digits_data, epochs=2)
    hold(run.step_batch())
    first = run.progress.seconds
    time.sleep(0.3)
    assert run.progress.seconds == first
    run.stop().wait()
