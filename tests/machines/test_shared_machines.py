"""A training that workers of a scheduler share: two of them on this computer stand for two machines, and each runs the process of a rank."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import seqmagic
from seqmagic.classroom.class_file import read_class_file
from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.errors import SeqmagicError
from seqmagic.ledger.run_state import RunState
from seqmagic.machines.cluster import Cluster
from seqmagic.machines.ranks import choose_places
from seqmagic.steps.workers import WorkerError, WorkerLostError
from seqmagic.training import session
from seqmagic.training.budget import CallSize
from seqmagic.training.run import Run
from tests.support.local_cluster import await_that, local_cluster
from tests.support.run_end import end_of

pytest.importorskip("distributed")

ROWS = np.random.default_rng(8).normal(size=(90, 8)).astype("float32")
LABELS = (ROWS[:, :4].mean(1) > 0).astype("int32")
NETWORK = "seed 5\ninput 8 -> dense 6 tanh -> dense 2 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"
# 73 rows are trained on: the last batch of an epoch has 13, which two processes can't divide evenly.
OPTIONS: dict[str, Any] = {"batch_size": 20, "validation_split": 0.18, "class_weight": {0: 1.0, 1: 2.0}, "seed": 3, "epochs": 4}

KILLS = bool(os.environ.get("SEQMAGIC_KILLS"))  # Two more processes then load TensorFlow.


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with local_cluster(2) as found:
        yield found


def ranks_of(cluster: Cluster) -> list[int]:
    """The processes of ranks below the workers."""
    found = []
    for pid in cluster.client.run(os.getpid).values():
        for child in psutil.Process(pid).children():
            with suppress(psutil.NoSuchProcess):  # It has just ended.
                found += [child.pid] if "seqmagic.steps.worker" in " ".join(child.cmdline()) else []
    return found


def pid_of(cluster: Cluster, place: str) -> int:
    """The process of a worker."""
    return int(cluster.client.run(os.getpid, workers=[place])[place])


class Events(CallSize):
    """Takes a batch at a time, and may kill the worker of the second rank after the sixth, which is in the middle of an epoch."""

    def __init__(self, cluster: Cluster | None) -> None:
        super().__init__()
        self.cluster, self.batches, self.ranks, self.where = cluster, 0, 0, ""
        self.run: Run | None = None

    def learn(self, count: int, seconds: float) -> None:
        assert count == 1
        assert self.run is not None
        self.batches += 1
        if self.batches == 6 and self.cluster is not None:
            self.where, self.ranks = self.run.where, len(ranks_of(self.cluster))
            if KILLS:
                os.kill(pid_of(self.cluster, self.where.split(", ")[1]), signal.SIGKILL)


def train(monkeypatch: pytest.MonkeyPatch, cluster: Cluster | None = None) -> Events:
    events = Events(cluster)
    monkeypatch.setattr(session, "CallSize", lambda: events)
    more: dict[str, Any] = {} if cluster is None else {"on": cluster, "workers": 2}
    events.run = Run(seqmagic.build(NETWORK), ROWS, LABELS, **OPTIONS, **more)
    end_of(events.run.start())
    return events


def test_the_numbers_are_those_of_one_process_also_if_a_worker_is_killed(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    one, several = train(monkeypatch), train(monkeypatch, cluster)
    assert one.run is not None
    assert several.run is not None
    assert several.run.state == RunState.DONE
    curves = [np.array(events.run.record.batches.rows_from()[1]) for events in (one, several) if events.run is not None]
    np.testing.assert_allclose(curves[1], curves[0], rtol=1e-5, atol=1e-6)
    for name, curve in one.run.history.items():
        np.testing.assert_allclose(several.run.history[name], curve, rtol=1e-5, err_msg=name)
    for here, there in zip(one.run.model.get_weights(), several.run.model.get_weights(), strict=True):
        np.testing.assert_allclose(there, here, rtol=1e-4, atol=1e-6)
    first, second = several.where.split(", ")
    assert first != second
    assert several.ranks == 2
    told = [warning for warning in several.run.warnings if "continued with new workers" in warning]
    assert len(told) == KILLS
    for sentence in told:
        assert sentence.startswith(
            f"Worker 2 of 2 ended, with the worker of dask at {second}: the training continued with new workers from"
        )
    await_that(lambda: not ranks_of(cluster) and not any(cluster.client.processing().values()))


def test_stop_while_they_wait_for_a_busy_worker(cluster: Cluster) -> None:
    busy = [cluster.client.submit(time.sleep, 3.0, pure=False) for _ in range(2)]
    run = Run(seqmagic.build(NETWORK), ROWS, LABELS, on=cluster, workers=2, **OPTIONS).start()
    await_that(lambda: run.waits_at)
    end_of(run.stop())
    assert (run.state, run.where) == (RunState.STOPPED, "")
    cluster.client.gather(busy)
    await_that(lambda: not any(cluster.client.processing().values()))


def test_the_processes_end_with_the_connection_of_their_kernel(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "model.keras").write_bytes(b"")
    theirs = Cluster(cluster.address)
    workers = theirs.start_workers(2, tmp_path, lambda: True)
    assert set(workers.places) == set(cluster.workers)
    assert all(address.startswith("127.0.0.1:") for address in workers.addresses)
    assert len(ranks_of(cluster)) == 2
    workers.send(0, "rm -rf")
    with pytest.raises(WorkerError, match="'rm -rf' is not a known command"):
        workers.gather(lambda: True)
    os.kill(pid_of(cluster, workers.places[1]), signal.SIGKILL)
    with pytest.raises(WorkerLostError, match=f"Worker 2 of 2 ended, with the worker of dask at {workers.places[1]}"):
        workers.gather(lambda: True)
    theirs.close()
    await_that(lambda: len(cluster.workers) == 2 and not ranks_of(cluster))


def test_what_cannot_be_shared_there_is_refused(cluster: Cluster, tmp_path: Path) -> None:
    def begin(workers: int) -> None:
        Run(seqmagic.build(NETWORK), ROWS, LABELS, on=cluster, workers=workers, **OPTIONS)

    with pytest.raises(SeqmagicError, match=r"There are 2 workers at tcp://127.0.0.1:\d+, and workers=3 needs that many") as told:
        begin(3)
    assert told.value.instead == "workers=2"
    (tmp_path / "seqmagic-class.toml").write_text("[machines]\nruns = 2")
    follow(read_class_file(tmp_path / "seqmagic-class.toml"))
    try:
        with pytest.raises(SeqmagicError, match="limits what a run takes, and workers=2 takes several workers") as told:
            begin(2)
        assert told.value.instead == "workers=1"
    finally:
        follow(NO_RULES)


def test_the_machines_with_least_work_take_part_and_each_once_before_any_twice() -> None:
    load = {"tcp://10.0.0.5:1": 0, "tcp://10.0.0.5:2": 0, "tcp://10.0.0.6:1": 0, "tcp://10.0.0.7:1": 3}
    assert choose_places(load, 3) == ("tcp://10.0.0.5:1", "tcp://10.0.0.6:1", "tcp://10.0.0.5:2")
    assert choose_places(load, 4)[-1] == "tcp://10.0.0.7:1"
