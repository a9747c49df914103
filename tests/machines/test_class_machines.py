"""A class on one scheduler: so many runs of each student at once, for so long, and nobody's second before another's first."""

from __future__ import annotations

import math
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

import seqmagic
from seqmagic.classroom.class_file import read_class_file
from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.errors import SeqmagicError
from seqmagic.machines import follow as follow_module
from seqmagic.machines.cluster import Cluster, find
from seqmagic.machines.connection import Connection
from seqmagic.training.run import Run
from seqmagic.widgets.status import format_status
from tests.support.local_cluster import SECONDS, await_that, local_cluster

distributed = pytest.importorskip("distributed")

TEXT = "seed 3\ninput 8 -> dense 4 relu -> dense 2 softmax\ncompile sgd(0.01) sparse_categorical_crossentropy"
ROWS = np.random.RandomState(0).rand(60, 8).astype("float32")
LABELS = (ROWS.sum(axis=1) > 4).astype("int64")
FOR_EVER: dict[str, Any] = {"epochs": 1_000_000}


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    with local_cluster(1) as found:
        yield found


@pytest.fixture
def rules(tmp_path: Path) -> Iterator[Callable[[str], None]]:
    """Sets what a class file says."""

    def set_rules(text: str) -> None:
        file = tmp_path / "seqmagic-class.toml"
        file.write_text(text)
        follow(read_class_file(file))

    yield set_rules
    follow(NO_RULES)


def begun(cluster: Cluster, **options: Any) -> Run:
    return Run(seqmagic.build(TEXT), ROWS, LABELS, on=cluster, **{**FOR_EVER, **options}).start()


def test_on_class_is_the_scheduler_that_the_class_file_names(cluster: Cluster, rules: Callable[[str], None]) -> None:
    with pytest.raises(SeqmagicError, match="there is none here"):
        find("class")
    rules("seed = 1")
    with pytest.raises(SeqmagicError, match=r"but seqmagic-class\.toml does not name one"):
        find("class")
    rules(f'[machines]\non = "{cluster.address}"')
    run = seqmagic.fit(seqmagic.build(TEXT), ROWS, LABELS, on="class").wait()
    assert run.where in cluster.workers


def test_one_run_of_a_student_trains_and_the_next_one_waits_in_another_kernel_too(cluster: Cluster, rules: Callable[[str], None]) -> None:
    rules(f'[machines]\non = "{cluster.address}"\nruns = 1')
    assert (cluster.slots, "At most 1 run of each student trains at a time." in cluster.describe()) == (1, True)
    first = begun(cluster)
    await_that(lambda: first.where)
    other = Cluster(cluster.address)  # As of a second kernel of the same student.
    second, third = begun(other), begun(other)
    await_that(lambda: format_status(third) == f"Training: waiting for a worker of {cluster.address}")
    third.stop().wait()  # Whoever waits can be stopped.
    assert (third.state, third.where) == ("stopped", "")
    job = second._trainer.placement.job  # noqa: SLF001  # By what the scheduler would know it.
    assert cluster.get(job, "job") is None
    first.stop().wait()
    await_that(lambda: second.where)
    second.stop().wait()
    assert [run.state for run in (first, second)] == ["stopped"] * 2
    other.close()


def test_stop_does_not_wait_for_a_check_while_a_run_waits_for_a_worker(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_module, "SECONDS_BETWEEN_CHECKS", math.inf)
    first = begun(cluster)
    await_that(lambda: first.where)
    waiting = begun(cluster)
    job = waiting._trainer.placement.job  # noqa: SLF001  # By what the scheduler would know it.
    await_that(lambda: cluster.get(job, "key"))
    waiting.stop().wait()
    assert (waiting.state, waiting.where, cluster.knows(job)) == ("stopped", "", False)
    first.stop().wait()


def test_a_run_that_is_cancelled_just_when_a_worker_takes_it_ends_there(cluster: Cluster) -> None:
    theirs = Cluster(cluster.address)
    run = begun(theirs)
    await_that(lambda: run.where)
    job = run._trainer.placement.job  # noqa: SLF001
    key = cluster.get(job, "key")
    theirs.close()  # Now nothing but the cancelled job itself can end it.
    with pytest.raises(SeqmagicError, match="was lost"):
        run.wait()
    assert cluster.is_executed(key)
    cluster.cancel(job, distributed.Future(key, client=cluster.client))
    await_that(lambda: cluster.client.get_metadata(["seqmagic", job]) == {})  # The worker has ended it, and left nothing.
    await_that(lambda: not cluster.is_executed(key))


def test_a_connection_that_is_lost_ends_the_wait(cluster: Cluster, rules: Callable[[str], None]) -> None:
    rules("[machines]\nruns = 1")
    held = cluster.leases()
    assert held is not None
    await_that(lambda: held.take(1))
    other = Cluster(cluster.address)
    waiting = begun(other)
    time.sleep(0.3)
    assert not waiting.ended
    other.close()
    with pytest.raises(SeqmagicError, match=r"The connection to tcp://127.0.0.1:\d+ was lost"):
        waiting.wait()
    held.give_back()


def test_time_ends_a_run_on_its_worker_as_stop_does(cluster: Cluster, rules: Callable[[str], None]) -> None:
    rules("[machines]\nseconds = 0.5")
    run = begun(cluster)
    await_that(lambda: run.where)
    run.pause().wait()
    await_that(lambda: run.ended)
    assert (run.state, run.reason) == (
        "stopped",
        "seqmagic-class.toml limits the time of a run on a worker to 0.5 seconds, including pauses.",
    )
    family = TEXT.replace("dense 4", "dense choice(4, 5, 6)")
    options: dict[str, Any] = {"trials": 2, "prune": False, "on": cluster.address, **FOR_EVER}
    tried = seqmagic.sweep(family, ROWS, LABELS, **options).wait()
    # Each ends alone, and the sweep goes on.
    assert [(one.state, "0.5 seconds" in one.outcomes[0].reason) for one in tried.trials] == [("stopped", True)] * 2
    assert tried.state == "done"


def test_to_wait_for_a_worker_is_no_training(cluster: Cluster, rules: Callable[[str], None]) -> None:
    busy = cluster.client.submit(time.sleep, 1.0, pure=False)
    rules("[bounds]\nseconds = 0.3")
    run = begun(cluster)
    busy.result()
    await_that(lambda: run.ended)
    assert run.reason == "seqmagic-class.toml stops training after 0.3 seconds."
    assert run.progress.batches
    assert run.progress.seconds < 1.0 or run.progress.batches > 1


def test_nobodys_second_run_goes_before_anothers_first(cluster: Cluster) -> None:
    """Two kernels on one worker: one sends four, and then the other two."""
    theirs = Cluster(cluster.address)
    order: list[str] = []
    lock = threading.Lock()

    def noted(run: Run, name: str) -> Run:
        def note(one: Run) -> None:
            with lock:
                if one.where and name not in order:
                    order.append(name)

        run.watchers.append(note)
        return run

    running = noted(begun(cluster), "mine 1")
    await_that(lambda: running.where)
    runs = []
    for name, place in [*((f"mine {number}", cluster) for number in (2, 3, 4)), ("theirs 1", theirs), ("theirs 2", theirs)]:
        runs.append(noted(begun(place, epochs=2), name))
        await_that(lambda: cluster.get(runs[-1]._trainer.placement.job, "key"))  # noqa: SLF001
    time.sleep(0.2)
    running.stop().wait()
    for run in runs:
        run.wait()
    assert order == ["mine 1", "theirs 1", "mine 2", "theirs 2", "mine 3", "mine 4"]
    theirs.close()


def test_ranks_are_used_again(cluster: Connection) -> None:
    with cluster.ranked() as first, cluster.ranked() as second:
        assert (first, second) == (0, 1)
        with cluster.ranked() as third:
            assert third == 2
    with cluster.ranked() as again:
        assert again == 0


def test_a_sweep_s_tries_elsewhere_have_a_worker_each(cluster: Cluster) -> None:
    options: dict[str, Any] = {"workers": 2, "on": cluster.address}
    with pytest.raises(SeqmagicError, match="each trial of a sweep trains on one worker, and workers=2 needs more"):
        seqmagic.sweep(TEXT.replace("dense 4", "dense choice(4, 8)"), ROWS, LABELS, trials=2, **options)


def test_a_run_whose_worker_is_lost_can_be_stopped_before_it_has_another(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    run = begun(cluster)
    await_that(lambda: len(run.record.epochs) > 2)
    client = cluster.client
    scatter, tried = client.scatter, []

    def scatter_later(*arguments: Any, **options: Any) -> Any:
        tried.append(1)
        if len(tried) == 1:
            raise TimeoutError("No valid workers found")  # As dask says while there is none.
        return scatter(*arguments, **options)

    monkeypatch.setattr(client, "scatter", scatter_later)
    blocker = client.submit(lambda: distributed.Event("go").wait(SECONDS), priority=100, pure=False)  # Before the run, once both wait.
    psutil.Process(next(iter(client.run(os.getpid).values()))).send_signal(signal.SIGKILL)
    await_that(lambda: cluster.is_executed(blocker.key))
    await_that(lambda: format_status(run).endswith(f" · its worker was lost · waiting for a worker of {cluster.address}"))
    run.stop().wait()
    assert (run.state, run.warnings) == (
        "stopped",
        ["No worker was training it when it was stopped: the model has the weights of the last copy."],
    )
    assert run.model.evaluate(ROWS, LABELS, verbose=0) < run.history["loss"][0]
    distributed.Event("go", client=client).set()
    blocker.result()
