"""Runs on dask's workers: real ones, on this computer, shared by all tests of this file; each is the same run as in the kernel."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import psutil
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.ledger.current import current_ledger
from seqmagic.machines.cluster import Cluster
from seqmagic.sweeps.sweep import Sweep
from seqmagic.sweeps.trials import Trial
from seqmagic.training.run import Run
from tests.support.local_cluster import await_that, local_cluster

pytest.importorskip("distributed")

TEXT = """
seed 3
input 8
dense 8 relu -> dropout 0.2
dense 2 softmax
compile adam(0.01) sparse_categorical_crossentropy accuracy
"""
FAMILY = TEXT.replace("dense 8", "dense choice(2, 4, 8)").replace("0.2", "between(0.1, 0.4)")
ROWS = np.random.RandomState(0).rand(120, 8).astype("float32")
LABELS = (ROWS.sum(axis=1) > 4).astype("int64")
STARTED: list[Run | Sweep] = []


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with local_cluster(2) as found:
        seqmagic.keep_runs(tmp_path_factory.mktemp("machines") / "runs.sqlite")
        yield found


@pytest.fixture(autouse=True)
def nothing_goes_on() -> Iterator[None]:
    """Stop what a test has started and left: after a failed one, no worker would be free for the next."""
    STARTED.clear()
    yield
    for one in STARTED:
        one.stop()
    await_that(lambda: all(one.ended for one in STARTED))


def long_run(cluster: Cluster, **options: Any) -> Run:
    run = Run(seqmagic.build(TEXT), ROWS, LABELS, epochs=100_000, seed=5, on=cluster, **options).start()
    STARTED.append(run)
    await_that(lambda: len(run.record.epochs) > 2)
    return run


def same_weights(one: keras.Model, other: keras.Model) -> bool:
    return all(np.array_equal(*pair) for pair in zip(one.get_weights(), other.get_weights(), strict=True))


def test_a_run_elsewhere_is_the_run_here_bit_for_bit(cluster: Cluster) -> None:
    here, there = seqmagic.build(TEXT), seqmagic.build(TEXT)
    options: dict[str, Any] = {"epochs": 3, "seed": 5, "validation_split": 0.25, "batch_size": 16}
    wanted = Run(here, ROWS, LABELS, **options).start().wait()
    found = Run(there, ROWS, LABELS, on=cluster, **options).start().wait()
    assert found.history == wanted.history
    assert found.record.batches.rows_from()[1].tolist() == wanted.record.batches.rows_from()[1].tolist()
    assert same_weights(here, there)
    assert found.where in cluster.workers
    ledger = current_ledger()
    assert ledger is not None
    entry = ledger.entry(found.number or 0)
    assert entry is not None
    assert (entry.outcome, entry.position, entry.settings["on"]["address"]) == ("done", 3, cluster.address)
    # And so it goes on from there.
    assert found.more(2).wait().history == wanted.more(2).wait().history
    assert same_weights(here, there)


def test_a_sweep_elsewhere_gives_each_try_as_it_is_here(cluster: Cluster) -> None:
    tried = sweep(on=cluster.address, trials=4).wait()
    assert [one.state for one in tried.trials] == ["done"] * 4
    assert {outcome.where for one in tried.trials for outcome in one.outcomes} <= set(cluster.workers)
    alone = tried.trials[-1]
    run = seqmagic.fit(seqmagic.build(alone.text), ROWS, LABELS, validation_split=0.25, epochs=3).wait()
    assert run.history["val_loss"][-1] == alone.result
    assert tried.best is not None
    assert tried.best_model.evaluate(ROWS[90:], LABELS[90:], verbose=0)[0] == pytest.approx(tried.best.result, rel=1e-5)
    again = sweep(on=cluster.address, trials=4).wait()
    assert [(one.values, one.result) for one in again.trials] == [(one.values, one.result) for one in tried.trials]
    assert "2 workers" in tried.where
    assert "kB of data on each" in tried.where


def sweep(**options: Any) -> Sweep:
    made = seqmagic.sweep(FAMILY, ROWS, LABELS, **{"validation_split": 0.25, "epochs": 3, "name": "net", "prune": False, **options})
    STARTED.append(made)
    return made


def test_stop_ends_a_run_and_what_was_learned_comes_back(cluster: Cluster) -> None:
    run = long_run(cluster)
    run.stop().wait()
    assert run.state == "stopped"
    kept = run.model.evaluate(ROWS, LABELS, verbose=0)
    assert kept[0] < run.history["loss"][0]
    gone_on = seqmagic.fit(run.model, ROWS, LABELS, resume=True, epochs=int(run.record.position) + 5, on=cluster.address).wait()
    assert gone_on.state == "done"
    assert gone_on.record.position == int(run.record.position) + 5


def test_pause_holds_and_a_step_trains_one_batch(cluster: Cluster) -> None:
    run = long_run(cluster)
    run.pause()
    await_that(lambda: run.paused and run.state == "paused")
    before = run.progress.batches
    await_that(lambda: run.step_batch().progress.batches > before)
    run.resume()
    await_that(lambda: run.state == "running" and run.progress.batches > before + 50)
    run.learning_rate = 0.001
    run.stop().wait()
    assert float(run.model.optimizer.learning_rate) == pytest.approx(0.001)


def where(one: Trial) -> str:
    return "".join(outcome.where for outcome in one.outcomes)


def test_what_a_worker_hands_over_at_stop_is_not_lost_while_dask_has_not_told_its_end(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed, job = type(cluster).is_executed, ""

    def is_executed_later(self: Cluster, key: str) -> bool:
        await_that(lambda: self.get(job, "end") is not None and not executed(self, key))
        return executed(self, key)

    monkeypatch.setattr("seqmagic.machines.follow.SECONDS_BETWEEN_CHECKS", 0.0)
    monkeypatch.setattr(type(cluster), "is_executed", is_executed_later)
    run = long_run(cluster)
    job = run._trainer.placement.job  # noqa: SLF001  # By what the scheduler knows it.
    run.learning_rate = 0.001
    run.stop().wait()
    assert float(run.model.optimizer.learning_rate) == pytest.approx(0.001)
    assert run.warnings == []
    assert seqmagic.fit(run.model, ROWS, LABELS, resume=True, epochs=int(run.record.position) + 1).wait().state == "done"


def test_one_try_is_stopped_alone_and_all_at_once(cluster: Cluster) -> None:
    tried = sweep(on=cluster.address, trials=4, epochs=100_000)
    # Two train, and another waits for the first of them that ends; on a busy computer these are not always the first two.
    await_that(lambda: len(tried.trials) > 2 and sum(bool(where(one)) for one in tried.trials) == 2)
    assert len(tried.trials) == 3
    stopped, going, waiting = sorted(range(3), key=lambda index: not where(tried.trials[index]))
    freed = where(tried.trials[stopped])
    tried.stop_trial(stopped + 1)
    await_that(lambda: where(tried.trials[waiting]) and tried.trials[stopped].state == "stopped")
    assert (where(tried.trials[waiting]), tried.trials[going].state) == (freed, "running")
    tried.stop().wait()
    assert tried.state == "stopped"
    assert [one.state for one in tried.trials if one.number != stopped + 1] == ["cut"] * (len(tried.trials) - 1)


def test_a_worker_that_is_killed_costs_what_came_after_its_last_state(cluster: Cluster) -> None:
    run = long_run(cluster)
    job = run._trainer.placement.job  # noqa: SLF001  # By what the scheduler knows it.
    await_that(lambda: cluster.get(job, "last") is not None)
    epochs, place = len(run.record.epochs), run.where
    os.kill(pid_of(cluster, place), signal.SIGKILL)
    await_that(lambda: run.warnings)
    assert run.warnings[0].startswith(f"The worker {place} was lost. The run continues on tcp://")
    assert "from the start" not in run.warnings[0]
    await_that(lambda: len(run.record.epochs) > epochs + 10)
    run.stop().wait()
    # The curves have each epoch once, and the weights are those of a run that was never cut.
    positions = run.record.epochs.rows_from()[1][:, 0]
    assert (np.diff(positions[:-1]) == 1).all()
    whole = Run(seqmagic.build(TEXT), ROWS, LABELS, epochs=epochs + 5, seed=5).start().wait()
    assert run.history["loss"][: epochs + 5] == whole.history["loss"]


@pytest.mark.skipif(sys.platform != "linux", reason="workers are forked on Linux only")
def test_forked_workers_draw_numbers_of_their_own_with_as_many_threads_as_the_kernel(cluster: Cluster) -> None:
    drawn = cluster.client.run(lambda: np.random.get_state()[1].tobytes())  # noqa: NPY002, PLW0108  # Looked up there.
    assert len(set(drawn.values())) == 2
    threads = cluster.client.run(lambda: tf.config.threading.get_intra_op_parallelism_threads())  # noqa: PLW0108  # Sent by value.
    assert set(threads.values()) == {tf.config.threading.get_intra_op_parallelism_threads()}


def pid_of(cluster: Cluster, address: str) -> int:
    return int(cluster.client.run(os.getpid, workers=[address])[address])


def test_the_interrupt_of_the_kernel_reaches_no_worker_and_nothing_listens_outside(cluster: Cluster) -> None:
    processes = [psutil.Process(pid) for pid in cluster.client.run(os.getpid).values()]
    assert all(os.getsid(process.pid) != os.getsid(0) for process in processes)
    serving = processes[0].parent()
    assert serving is not None
    listening = [found for process in [serving, *processes] for found in process.net_connections() if found.status == psutil.CONN_LISTEN]
    assert listening
    assert {found.laddr.ip for found in listening} == {"127.0.0.1"}


def test_what_a_notebook_defines_goes_along(cluster: Cluster) -> None:
    things: dict[str, Any] = {}
    source = "import keras\nclass Twice(keras.layers.Layer):\n    def call(self, x): return 2 * x\ndef far(a, b): return keras.ops.mean(abs(a - b))"
    exec(source, things)  # noqa: S102  # As a cell of a notebook does.
    text = "seed 1\ninput 8 -> dense 4 relu -> Twice -> dense 1\ncompile adam far"
    here, there = seqmagic.build(text, things), seqmagic.build(text, things)
    wanted = Run(here, ROWS, LABELS, epochs=2, seed=1).start().wait()
    assert Run(there, ROWS, LABELS, epochs=2, seed=1, on=cluster).start().wait().history == wanted.history


def test_what_goes_wrong_there_is_told_here(cluster: Cluster) -> None:
    model = seqmagic.build(TEXT.replace("adam(0.01)", "sgd(1e30)"))
    with pytest.raises(SeqmagicError, match="became NaN or infinite"):
        Run(model, ROWS, LABELS, epochs=3, on=cluster).start().wait()

    class Lock(keras.callbacks.Callback):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lock = __import__("threading").Lock()

    with pytest.raises(SeqmagicError, match="Lock in callbacks can't be sent to another process"):
        Run(seqmagic.build(TEXT), ROWS, LABELS, callbacks=[Lock()], on=cluster).start().wait()
    import tensorflow as tf

    dataset = tf.data.Dataset.from_tensor_slices((ROWS, LABELS)).batch(8)
    with pytest.raises(SeqmagicError, match="makes its batches in this kernel"):
        Run(seqmagic.build(TEXT), dataset, data_names=("batches", ""), on=cluster).start().wait()


def test_a_kernel_that_comes_back_finds_its_run_under_way(cluster: Cluster) -> None:
    other = Cluster(cluster.address)  # As of a kernel that dies.
    run = long_run(other)
    await_that(lambda: cluster.get(run._trainer.placement.job, "last") is not None)  # noqa: SLF001
    other.close()
    with pytest.raises(SeqmagicError, match=r"The connection to tcp://127.0.0.1:\d+ was lost"):
        run.wait()
    seen = len(run.record.epochs)
    found = seqmagic.fit(run.model, ROWS, LABELS, resume=True, on=cluster.address)
    await_that(lambda: len(found.record.epochs) > seen + 5)
    assert (found.where, found.warnings) == (run.where, [])
    found.stop().wait()
    assert (np.diff(found.record.epochs.rows_from()[1][:-1, 0]) == 1).all()
