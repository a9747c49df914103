"""A run can be watched, paused, stopped and waited for; what it learned stays; nothing else touches its model."""

from __future__ import annotations

import signal
import threading
import time
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import BusyError, CompileError, DataError, SeqmagicError, TrainingError
from seqmagic.training.current_runs import run_of
from seqmagic.training.progress import Progress
from seqmagic.training.registry import active_runs
from seqmagic.training.run import Run
from tests.support.digits import DIGITS
from tests.support.renewed import renewed
from tests.support.run_end import end_of


@pytest.fixture(autouse=True)
def no_run_is_left() -> Any:
    yield
    for run in active_runs():
        run.stop().wait_quietly()


def until(condition: Any, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_run_learns_the_digits(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, x[:1400], y[:1400], epochs=15, validation_data=(x[1400:], y[1400:]))
    assert isinstance(run, Run)
    assert run.wait().state == "done"
    assert set(run.history) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert all(len(numbers) == 15 for numbers in run.history.values())
    assert run.history["val_accuracy"][-1] > 0.85
    assert len(run.record.batches) == 15 * 44


def test_the_same_numbers_as_keras_itself(digits_data: Any) -> None:
    x, y = digits_data
    keras.utils.set_random_seed(5)
    theirs = seqmagic.build(DIGITS).fit(x, y, epochs=2, shuffle=False, validation_split=0.2, verbose=0).history
    keras.utils.set_random_seed(5)
    ours = seqmagic.fit(seqmagic.build(DIGITS), x, y, epochs=2, shuffle=False, validation_split=0.2).wait().history
    assert ours == theirs


def test_pause_resume_and_stop(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.fit(digits_model, *digits_data, epochs=1000)
    until(lambda: len(run.record.batches) > 5)
    run.pause()
    until(lambda: run.paused)
    held = len(run.record.batches)
    time.sleep(0.2)
    assert len(run.record.batches) == held
    run.resume()
    until(lambda: len(run.record.batches) > held)
    weights = [w.copy() for w in digits_model.get_weights()]
    assert run.stop().wait().state == "stopped"
    assert run.history["loss"]
    assert any(not np.array_equal(a, b) for a, b in zip(weights, digits_model.get_weights(), strict=True)) or run.ended


def test_a_stop_while_paused_and_a_stop_right_at_the_start(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.fit(digits_model, *digits_data, epochs=1000).pause()
    until(lambda: run.paused)
    assert end_of(run.stop()).ended
    for _ in range(5):
        assert end_of(seqmagic.fit(digits_model, *digits_data, epochs=1000).stop()).state == "stopped"


def test_a_run_goes_on_where_the_last_one_ended(digits_data: Any, digits_model: Any) -> None:
    first = seqmagic.fit(digits_model, *digits_data, epochs=2).wait()
    second = seqmagic.fit(digits_model, *digits_data, epochs=1, history=first.record).wait()
    assert len(second.history["loss"]) == 3
    assert list(second.record.epochs.positions) == [1, 2, 3]


def test_labels_of_one_axis_and_of_two_train_the_same_model_in_turns(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    for labels in (y, y[:, None], y):
        assert seqmagic.fit(digits_model, x, labels, epochs=1).wait().state == "done"


def test_calls_from_elsewhere_wait_and_are_right(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, x, y, epochs=3)
    _, accuracy = digits_model.evaluate(x, y, verbose=0)
    assert run.ended
    assert max(run.history["accuracy"]) <= 1
    assert accuracy == pytest.approx(digits_model.evaluate(x, y, verbose=0)[1])
    assert "evaluate" not in digits_model.__dict__


def test_a_second_run_and_calls_on_a_paused_model_are_refused(digits_data: Any, digits_model: Any) -> None:
    run = seqmagic.fit(digits_model, *digits_data, epochs=1000)
    with pytest.raises(BusyError, match="is already training"):
        seqmagic.fit(digits_model, *digits_data)
    run.pause()
    until(lambda: run.paused)
    with pytest.raises(BusyError, match=r"is paused in epoch \d+ of 1000"):
        digits_model.compile("adam", "mse")
    assert run_of(digits_model) is run


def test_the_time_left_follows_from_the_speed_after_the_first_batch() -> None:
    assert Progress(1, 10, 1, 100, 5.0).seconds_left is None
    assert Progress(1, 10, 1, 100, 5.0, (5.0, 0.001)).seconds_left is None
    assert Progress(2, 10, 0, 100, 7.0, (5.0, 0.0)).seconds_left == pytest.approx(2.0 * 0.9 / 0.1)


def test_a_call_that_began_before_a_pause_is_refused_and_not_let_through(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, x, y, epochs=1000)
    until(lambda: len(run.record.batches) > 5)
    threading.Timer(0.3, run.pause).start()
    with pytest.raises(BusyError, match="is paused"):
        digits_model.evaluate(x, y, verbose=0)


def test_data_that_calls_the_model_fails_in_words_and_hangs_nothing(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data

    def batches() -> Any:
        while True:
            digits_model.predict_on_batch(x[:8])
            yield x[:8], y[:8]

    run = seqmagic.fit(digits_model, batches(), epochs=2, steps_per_epoch=3)
    with pytest.raises(SeqmagicError):
        end_of(run)


def test_a_generator_trains_and_its_first_epoch_has_a_width(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, ((x[i : i + 8], y[i : i + 8]) for i in range(0, 160, 8))).wait()
    positions = list(run.record.batches.positions)
    assert positions == sorted(set(positions))
    assert list(run.record.epochs.positions) == [1]


def test_a_metric_of_several_numbers_counts_with_its_mean(digits_data: Any) -> None:
    x, y = digits_data
    model = seqmagic.build("input 8x8x1 -> flatten -> dense 10 softmax\ncompile adam categorical_crossentropy f1score")
    run = seqmagic.fit(model, x, keras.utils.to_categorical(y)).wait()
    assert 0 <= run.record.last()["f1_score"] <= 1
    assert run.history["f1_score"][0].shape == (10,)


def test_a_run_starts_once_and_a_callback_cannot_wait_for_itself(digits_data: Any, digits_model: Any) -> None:
    def wait_here(epoch: int, logs: Any) -> None:
        run.wait()

    run = Run(digits_model, *digits_data, callbacks=keras.callbacks.LambdaCallback(on_epoch_end=wait_here))
    with pytest.raises(BusyError, match="A callback can't call wait"):
        run.start().wait()
    with pytest.raises(BusyError, match="has already been started"):
        run.start()


def test_lists_and_wrong_shapes_in_validation_data(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, x, y, validation_data=(x[:9].tolist(), y[:9].tolist()))
    assert run.wait().history["val_loss"]
    with pytest.raises(DataError, match="One row of the data in validation_data is 7x8x1"):
        seqmagic.fit(digits_model, x, y, validation_data=(x[:, :7], y))


def test_a_model_with_two_inputs(digits_data: Any) -> None:
    x, _ = digits_data
    flat = x.reshape(-1, 64)
    inputs = [keras.Input((64,)), keras.Input((64,))]
    model = keras.Model(inputs, keras.layers.Dense(1)(keras.layers.Add()(inputs)))
    model.compile("sgd", "mse")
    assert seqmagic.fit(model, [flat, flat], np.zeros(len(flat))).wait().history["loss"]


def test_two_models_train_at_once(digits_data: Any) -> None:
    runs = [seqmagic.fit(renewed(seqmagic.build(DIGITS)), *digits_data, epochs=2) for _ in range(2)]
    assert [run.wait().state for run in runs] == ["done", "done"]


def test_an_interrupt_stops_a_run_that_is_waited_for(digits_data: Any, digits_model: Any) -> None:
    for delay in (0.0, 0.05, 0.6):
        run = seqmagic.fit(digits_model, *digits_data, epochs=1000)
        threading.Timer(delay + 0.05, lambda: signal.raise_signal(signal.SIGINT)).start()
        assert end_of(run).state == "stopped"
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_exception_in_a_callback_keeps_what_was_learned(digits_data: Any, digits_model: Any) -> None:
    class Fails(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 1:
                raise RuntimeError("no more")

    run = seqmagic.fit(digits_model, *digits_data, epochs=5, callbacks=[Fails()])
    with pytest.raises(TrainingError, match="no more"):
        run.wait()
    assert run.state == "failed"
    assert len(run.history["loss"]) >= 1
    assert isinstance(run.error.__cause__, RuntimeError)
    assert seqmagic.fit(digits_model, *digits_data).wait().state == "done"


def test_a_model_trains_after_a_fit_that_failed_while_keras_prepared_it(digits_data: Any) -> None:
    x, y = digits_data
    broken = [True]

    def loss(labels: Any, output: Any) -> Any:
        if broken[0]:
            raise ValueError("not yet")
        return keras.losses.sparse_categorical_crossentropy(labels, output)

    model = seqmagic.build(DIGITS.replace("sparse_categorical_crossentropy", "loss"), {"loss": loss})
    with pytest.raises(TrainingError, match="not yet"):
        seqmagic.fit(model, x, y).wait()
    broken[0] = False
    assert seqmagic.fit(model, x, y).wait().state == "done"


def test_a_stop_leaves_no_half_made_validation(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    run = seqmagic.fit(digits_model, x[:64], y[:64], epochs=50, validation_data=(np.tile(x, (40, 1, 1, 1)), np.tile(y, 40)))
    until(lambda: run.progress.epoch == 1 and run.progress.step == 2)
    time.sleep(0.2)
    run.stop().wait()  # In the middle of the validation, which would have a result at its end.
    assert (len(run.history["loss"]), run.history.get("val_loss", [])) == (1, [])


def test_watchers_hear_of_a_run_while_it_validates(digits_data: Any, digits_model: Any) -> None:
    x, y = digits_data
    heard: list[bool] = []
    slow = ((x[:8], y[:8]) for number in range(1000) if (number < 8 or sum(heard) <= 4) and time.sleep(0.12) is None)
    run = Run(digits_model, x[:64], y[:64], validation_data=slow)
    run.watchers.append(lambda run: heard.append(run.progress.validating))
    run.start().wait()
    assert sum(heard) > 4
    assert not run.progress.validating


def test_a_watcher_that_fails_disturbs_nobody(digits_data: Any, digits_model: Any) -> None:
    def watch(run: Run) -> None:
        raise ValueError

    run = Run(digits_model, *digits_data, epochs=1)
    run.watchers.append(watch)
    assert run.start().wait().state == "done"
    assert isinstance(run.watchers.error, ValueError)


@pytest.mark.parametrize(
    ("x", "y", "options", "message"),
    [
        (np.zeros((5, 8, 8)), np.zeros(4), {}, "x has 5 rows, but the number of rows in y is 4.\nExpected: one label per row."),
        (
            np.zeros((5, 7, 8, 1)),
            np.zeros(5),
            {},
            "One row of x is 7x8x1, but 'sequential' starts with input 8x8x1.\nExpected: x of shape (rows, 8, 8, 1).\nType instead: input 7x8x1",
        ),
        (np.zeros((0, 8, 8, 1)), np.zeros(0), {}, "x is empty.\nExpected: at least one row."),
        (np.array([["a"]]), np.zeros(1), {}, "x holds text, such as 'a'.\nExpected: numbers."),
        (np.zeros((5, 8, 8, 1)), np.zeros(5), {"epoch": 3}, "'fit' has no argument 'epoch'.\nClosest matches: epochs."),
        (np.zeros((5, 8, 8, 1)), np.zeros(5), {"epochs": -1}, "epochs is -1.\nExpected: a whole number of at least 1."),
        (np.zeros((5, 8, 8, 1)), np.zeros(5), {"epochs": None}, "epochs is None.\nExpected: a whole number of at least 1."),
        (np.zeros((5, 8, 8, 1)), None, {}, "x has no labels.\nExpected: the labels after the data, as in fit x_train y_train."),
        (np.zeros((5, 8, 8, 1)), "hello", {}, "y is the text 'hello'.\nExpected: an array of labels, one per row."),
        (
            np.zeros((5, 8, 8, 1)),
            np.zeros(5),
            {"validation_split": 2},
            "validation_split is 2.\nExpected: a fraction of the data, such as 0.2.",
        ),
        (
            np.zeros((5, 8, 8, 1)),
            np.zeros(5),
            {"validation_data": np.zeros((5, 8, 8, 1))},
            "validation_data contains data without labels.\nExpected: both.\nType instead: validation_data=x_test,y_test",
        ),
        ([[1, 2], [3]], [1, 2], {}, "The lists in x have different lengths.\nExpected: rows of the same length."),
    ],
)
def test_data_that_does_not_fit_is_refused_before_the_first_step(x: Any, y: Any, options: Any, message: str) -> None:
    keras.utils.clear_session()
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.fit(seqmagic.build(DIGITS), x, y, **options)
    assert str(caught.value) == message
    assert active_runs() == []


def test_a_model_that_is_not_compiled_and_lists_as_data() -> None:
    with pytest.raises(CompileError):
        seqmagic.fit(seqmagic.build("input 2 -> dense 1"), [[1, 2]], [1])
    with pytest.raises(CompileError, match="without a loss"):
        seqmagic.fit(seqmagic.build("input 2 -> dense 1\ncompile sgd"), [[1, 2]], [1])
    run = seqmagic.fit(seqmagic.build("input 2 -> dense 1\ncompile sgd mse"), [[1, 2], [3, 4]], [1, 2])
    assert run.wait().history["loss"]
    with pytest.raises(DataError):
        seqmagic.fit(run.model, [[1, 2, 3]], [1])


def test_another_loss_begins_another_search_for_the_best_epoch(digits_data: Any) -> None:
    model = seqmagic.build(DIGITS.split("compile")[0] + "compile adam mse")
    x, columns = digits_data[0], keras.utils.to_categorical(digits_data[1], 10)
    first = seqmagic.fit(model, x, columns, epochs=2).wait()
    model.compile("adam", "categorical_crossentropy")
    second = first.more(2)
    with pytest.raises(DataError, match="best weights of this run are not available"):
        second.pause().restore("best")
    second.resume().wait()
    name, position, value = second.record.best()
    assert name == "loss"
    assert position > 2
    assert value > first.record.best()[2]  # A crossentropy is larger than any of the squares before.
    assert [warning for warning in second.warnings if warning.startswith("From epoch 3 on, the loss function is different")]
    assert second.restore("best") is second
    third = second.more(1).wait()
    assert third.record.best()[1] > 2
    assert not any("another one" in warning for warning in third.warnings)
