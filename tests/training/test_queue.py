"""Runs that wait for their turn behind another one of their model."""

from __future__ import annotations

import random
import threading
import time
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic import Run
from seqmagic.errors import BusyError
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.training.registry import active_runs, last_run_of, line_of, run_of
from tests.support.run_end import end_of

TEXT = "input 4 -> dense 3 softmax\nseed 1\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"
X, Y = np.random.default_rng(1).random((64, 4)), np.arange(64) % 3


class Brake(keras.callbacks.Callback):  # type: ignore[misc]
    """Holds an epoch's beginning until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.go = threading.Event(), threading.Event()

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.began.set()
        assert self.go.wait(60)


@pytest.fixture
def model() -> Any:
    return seqmagic.build(TEXT)


def held(model: Any, **options: Any) -> tuple[Run, Brake]:
    """A run that is under way, and doesn't go on until it is told to."""
    brake = Brake()
    run = Run(model, X, Y, callbacks=[brake], **{"epochs": 2, "seed": 1, **options}).start()
    assert brake.began.wait(60)
    return run, brake


def test_runs_in_a_line_train_one_after_the_other_as_if_each_had_been_waited_for(model: Any) -> None:
    run, brake = held(model)
    others = [Run(model, X, Y, epochs=epochs, seed=epochs).start(queued=True) for epochs in (3, 1)]
    assert [each.state for each in line_of(model)] == ["running", "waiting", "waiting"]
    assert others[0].format_state() == "waiting for its turn"
    brake.go.set()
    for each in others:
        each.wait()
    assert [len(each.history["loss"]) for each in (run, *others)] == [2, 3, 1]
    assert (active_runs(), run_of(model), last_run_of(model)) == ([], None, others[1])
    alone = seqmagic.build(TEXT)
    before = [Run(alone, X, Y, epochs=epochs, seed=seed).start().wait() for epochs, seed in ((2, 1), (3, 3), (1, 1))]
    for one, other in zip((run, *others), before, strict=True):
        assert one.history == other.history
    for one, other in zip(model.get_weights(), alone.get_weights(), strict=True):
        assert np.array_equal(one, other)


def test_a_queued_run_begins_at_once_where_nothing_is_in_training(model: Any) -> None:
    run = Run(model, X, Y).start(queued=True)
    assert run.state != "waiting"
    assert run.wait().state == "done"


def test_without_a_word_a_second_run_is_refused(model: Any) -> None:
    _, brake = held(model)
    with pytest.raises(BusyError, match="is already training"):
        Run(model, X, Y).start()
    brake.go.set()
    model.count_params()


def test_stop_ends_the_first_and_the_next_begins(model: Any) -> None:
    run, brake = held(model, epochs=10_000)
    following = Run(model, X, Y, epochs=2).start(queued=True)
    run.stop()
    brake.go.set()
    assert following.wait().state == "done"
    assert (run.state, len(following.history["loss"])) == ("stopped", 2)


def test_a_run_that_waits_can_be_given_up(model: Any) -> None:
    run, brake = held(model)
    given_up, stopped, last = (Run(model, X, Y).start(queued=True) for _ in range(3))
    assert given_up.cancel().state == "stopped"
    assert line_of(model) == [run, stopped, last]
    stopped.stop()
    brake.go.set()
    last.wait()
    assert run.cancel().state == "done"
    assert (given_up.history, stopped.history, stopped.state) == ({}, {}, "stopped")
    assert stopped.wait() is stopped


def test_what_fails_first_leaves_the_turn_to_the_next(model: Any) -> None:
    class Fault(keras.callbacks.Callback):  # type: ignore[misc]
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            raise RuntimeError("no")

    run, brake = held(model)
    failing = Run(model, X, Y, callbacks=[Fault()]).start(queued=True)
    last = Run(model, X, Y).start(queued=True)
    brake.go.set()
    assert last.wait().state == "done"
    assert (run.state, failing.state) == ("done", "failed")


def test_a_call_from_elsewhere_waits_for_all_of_them(model: Any) -> None:
    _, brake = held(model)
    others = [Run(model, X, Y, epochs=3).start(queued=True) for _ in range(2)]
    brake.go.set()
    model.evaluate(X, Y, verbose=0)
    assert [each.state for each in others] == ["done", "done"]
    assert "val_loss" not in others[1].history
    assert others[1].history["accuracy"][-1] <= 1


def test_a_run_that_waits_behind_a_paused_one_is_paused_itself(model: Any) -> None:
    run, brake = held(model)
    following = Run(model, X, Y).start(queued=True)
    run.pause()
    brake.go.set()
    end = time.monotonic() + 120
    while not run.paused:
        assert time.monotonic() < end
        time.sleep(0.001)
    assert following.paused
    assert following.wait_quietly()
    with pytest.raises(BusyError, match="paused"):
        model.predict(X)
    run.resume()
    following.wait()


def test_a_run_of_the_queue_is_in_the_ledger_from_its_own_beginning(model: Any, tmp_path: Any) -> None:
    ledger = keep_runs(tmp_path / "runs.sqlite")
    try:
        _, brake = held(model)
        following = Run(model, X, Y, epochs=2).start(queued=True)
        time.sleep(0.5)
        brake.go.set()
        following.wait()
    finally:
        name_ledger(None)
    first, second = sorted(ledger.entries(), key=lambda entry: entry.id)
    assert (first.state, second.state, second.epochs) == ("done", "done", 2)
    assert second.started >= first.started + 0.5


def test_any_order_of_queueing_cancelling_and_stopping_ends(model: Any) -> None:
    chance = random.Random(time.time_ns())  # It keeps no secret.
    runs: list[Run] = []
    for _ in range(30):
        runs.append(Run(model, X, Y, epochs=chance.randint(1, 3)).start(queued=True))
        if chance.random() < 0.5:
            chance.choice([run.cancel for run in runs] + [run.stop for run in runs])()
        time.sleep(chance.random() / 20)
    for run in runs:
        assert end_of(run).ended
        assert run.state != "done" or len(run.history["loss"]) == run.progress.epochs
    assert (active_runs(), run_of(model)) == ([], None)
    assert "fit" not in model.__dict__
