"""Several processes share the steps of a training: the results are those of one, whatever happens to a process meanwhile.

The processes are real, and each loads TensorFlow, so that one training goes through all of it.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import psutil
import pytest

import seqmagic
from seqmagic.ledger.run_state import RunState
from seqmagic.steps.worker import obey
from seqmagic.training import session
from seqmagic.training.budget import CallSize
from seqmagic.training.run import Run
from tests.support.run_end import end_of

rng = np.random.default_rng(8)
ROWS = rng.normal(size=(93, 6, 6, 1)).astype("float32")
LABELS = (ROWS[:, :3].mean((1, 2, 3)) > 0).astype("int32") + (ROWS[:, 3:].mean((1, 2, 3)) > 0)
WEIGHTS = {0: 1.0, 1: 2.0, 2: 0.5}
NETWORK = """
seed 5
input 6x6x1
conv 4 3 relu -> flatten
dense 8 tanh kernel_regularizer=l2(0.01)
dense 3 softmax
compile adam(0.01) sparse_categorical_crossentropy accuracy
"""
# 75 rows are trained on: the last batch of an epoch has 15, which two processes can't divide evenly; that of the validation has 1.
OPTIONS: dict[str, Any] = {"batch_size": 20, "validation_split": 0.19, "validation_batch_size": 17, "class_weight": WEIGHTS, "seed": 3}
EPOCHS = 5


class Outcome(NamedTuple):
    model: keras.Model
    run: Run
    workers: list[list[int]]
    paused_for: list[int]
    resumed: Run


def workers_here() -> list[int]:
    return sorted(child.pid for child in psutil.Process().children() if "seqmagic.steps.worker" in " ".join(child.cmdline()))


def wait_until(condition: Callable[[], Any]) -> None:
    end = time.monotonic() + 300
    while not condition():
        assert time.monotonic() < end, "nothing happened"
        time.sleep(0.02)


class Events(CallSize):
    """Takes a batch at a time, kills a worker after the tenth, which is in the middle of an epoch, and stops after the eighteenth.

    What Keras tells callbacks of batches would have the model brought up to date each time, and hide what is lost.
    """

    def __init__(self, *, kills: bool) -> None:
        super().__init__()
        self.kills, self.batches = kills, 0
        self.workers: list[list[int]] = []
        self.run: Run | None = None

    def learn(self, count: int, seconds: float) -> None:
        assert self.run is not None
        assert count == 1
        self.batches += 1
        if self.batches in (1, 18) and self.kills:
            self.workers.append(workers_here())
        if self.batches == 10 and self.kills:
            os.kill(self.workers[0][1], signal.SIGKILL)
        if self.batches == 18:
            self.run.stop()


class Slowing(keras.callbacks.Callback):  # type: ignore[misc]
    """Changes the learning rate after the second epoch."""

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 1:
            self.model.optimizer.learning_rate = 0.003


def train(**options: Any) -> Outcome:
    model = seqmagic.build(NETWORK)
    events = Events(kills=bool(options))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(session, "CallSize", lambda: events)
        run = Run(model, ROWS, LABELS, epochs=EPOCHS, callbacks=[Slowing()], **OPTIONS, **options)
    events.run = run
    run.pause().start()
    paused_for: list[int] = []
    if options:
        wait_until(lambda: run.paused)
        paused_for = [len(run.record.batches), len(workers_here())]
    run.resume()
    end_of(run)
    resumed = end_of(seqmagic.fit(model, ROWS, LABELS, resume=True, callbacks=[Slowing()], workers=1))
    return Outcome(model, run, events.workers, paused_for, resumed)


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[Outcome, Outcome]]:
    before = set(Path(tempfile.gettempdir()).glob("seqmagic-workers-*"))
    yield train(), train(workers=2)
    assert set(Path(tempfile.gettempdir()).glob("seqmagic-workers-*")) <= before, "files were left"


def batches_of(run: Run) -> np.ndarray:
    return np.array(run.record.batches.rows_from()[1])


def test_the_numbers_are_those_of_one_process(pair: tuple[Outcome, Outcome]) -> None:
    one, several = pair
    assert several.run.state == one.run.state == RunState.STOPPED
    assert batches_of(several.run).shape == batches_of(one.run).shape
    np.testing.assert_allclose(batches_of(several.run), batches_of(one.run), rtol=1e-5, atol=1e-6)
    assert several.run.history.keys() == one.run.history.keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}
    for name, curve in one.run.history.items():
        np.testing.assert_allclose(several.run.history[name], curve, rtol=1e-5, err_msg=name)


def test_the_notebook_s_model_has_what_was_learned_and_goes_on_alone(pair: tuple[Outcome, Outcome]) -> None:
    one, several = pair
    assert several.resumed.state == RunState.DONE
    for name, curve in one.resumed.history.items():
        np.testing.assert_allclose(several.resumed.history[name], curve, rtol=1e-4, err_msg=name)
    for here, there in zip(several.model.optimizer.variables, one.model.optimizer.variables, strict=True):
        np.testing.assert_allclose(here.numpy(), there.numpy(), rtol=1e-3, atol=1e-6)


def test_a_killed_process_costs_nothing(pair: tuple[Outcome, Outcome]) -> None:
    run, (before, after) = pair[1].run, pair[1].workers
    (sentence,) = [warning for warning in run.warnings if "continued with new workers" in warning]
    assert sentence.startswith("Worker 2 of 2 ended, killed by SIGKILL: the training continued with new workers from")
    assert len(before) == len(after) == 2
    assert not {*before} & {*after}


def test_it_says_that_it_does_not_pay(pair: tuple[Outcome, Outcome]) -> None:
    (advice,) = [warning for warning in pair[1].run.warnings if "in one process" in warning]
    assert "with workers=2 this training takes longer, not less" in advice
    assert pair[0].run.warnings == []


def test_it_holds_and_ends_with_all_its_processes(pair: tuple[Outcome, Outcome]) -> None:
    assert pair[1].paused_for == [0, 2]
    wait_until(lambda: not workers_here())


def test_stop_is_heard_while_they_start() -> None:
    run = Run(seqmagic.build(NETWORK), ROWS, LABELS, workers=2, **OPTIONS).start()
    wait_until(lambda: len(workers_here()) == 2)
    end_of(run.stop())
    assert run.state == RunState.STOPPED
    assert not workers_here()


KERNEL = """
import pathlib, sys, time
from seqmagic.steps.workers import LocalWorkers
workers = LocalWorkers(2, pathlib.Path(sys.argv[1]))
print(*[process.pid for process in workers.processes], flush=True)
time.sleep(600)
"""


def test_they_end_with_the_kernel(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KERNEL, str(tmp_path)], stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout is not None
        pids = [int(pid) for pid in kernel.stdout.readline().split()]
        assert len(pids) == 2
        assert {os.getsid(pid) for pid in pids} == set(pids), "the interrupt button would reach them"
        kernel.kill()
    wait_until(lambda: not any(psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids))


def test_nobody_obeys_what_is_no_order() -> None:
    with pytest.raises(TypeError, match="'rm -rf' is not a known command"):
        obey(None, "rm -rf")
