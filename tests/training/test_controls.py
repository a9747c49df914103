"""What can be pressed while a run goes on, and after it: steps, the learning rate, more epochs, earlier weights, goals."""

from __future__ import annotations

import gc
import time
from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, DataError
from seqmagic.training.history import Table
from seqmagic.training.run import Run, active_runs
from tests.conftest import DIGITS


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
    with pytest.raises(ArgumentError, match="A schedule sets the learning rate"):
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
    with pytest.raises(DataError, match=r"The data of this run is gone\.\nExpected: the data again\.\nType instead: run.more"):
        run.more()
    assert len(run.more(x=x, y=y).wait().history["loss"]) == 2


def test_a_run_that_has_ended_keeps_neither_its_data_nor_its_model(digits_data: Any) -> None:
    model = seqmagic.build(DIGITS)
    run = seqmagic.fit(model, *digits_data).wait()
    assert run.model is model
    del model
    gc.collect()
    assert run.model is None
    with pytest.raises(DataError, match=r"The model .* of this run is gone"):
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
    with pytest.raises(DataError, match="The best weights of this run are not there"):
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
    assert run.reason == "val_loss did not get better for 2 epochs."


@pytest.mark.parametrize("until", ["accuracy", "accuracy == 1", "__import__('os')", "accuracy > high", 3, "accuracy > 0.9 or loss < 1"])
def test_what_is_no_goal_is_refused(digits_data: Any, digits_model: Any, until: Any) -> None:
    with pytest.raises(ArgumentError, match=r'Type instead: until="val_accuracy > 0\.98"'):
        seqmagic.Run(digits_model, *digits_data, until=until)


def test_a_goal_for_a_number_that_is_not_reported_is_refused_before_the_first_batch(digits_data: Any, digits_model: Any) -> None:
    with pytest.raises(ArgumentError, match="until asks for 'val_accuracy', and this training reports"):
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
