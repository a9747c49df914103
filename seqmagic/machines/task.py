"""The task of a worker: it trains one run, and tells the kernel of it."""

from __future__ import annotations

import pickle
from collections import OrderedDict
from contextlib import suppress
from dataclasses import replace
from typing import Any

import keras

from seqmagic.errors import SeqmagicError, TrainingError
from seqmagic.errors.boundary import translate
from seqmagic.ledger.run_state import RunState
from seqmagic.machines.pack import unpack_job
from seqmagic.machines.post import Post
from seqmagic.training.elsewhere import Job
from seqmagic.training.registry import hand_over_of
from seqmagic.training.run import Run
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import Moment, State, capture

MOST_UNPACKED = 2  # Of the data that this process has trained on: all tries of a sweep have the same.
_unpacked: OrderedDict[bytes, dict[str, Any]] = OrderedDict()


def train_job(job: str, data: bytes) -> str:
    """Train a run that the scheduler has been given, from its beginning or from where another worker was lost.

    Args:
        job: by what it is known. data: packed.
    """
    from distributed import get_worker

    post = Post(get_worker(), job)
    if post.get("end") is not None:
        return job  # Only dask has not heard of it.
    post.hear(post.get("wish"))
    try:
        _train(post, unpack_job(post.get("job"), _unpack(data)))
    except Exception as error:  # noqa: BLE001  # Whoever waits in the kernel must hear of it.
        post.end(record=None, error=_sendable(translate(error, "The worker")))
    return job


def _unpack(data: bytes) -> dict[str, Any]:
    found = _unpacked.pop(data, None)
    if found is None:
        found = pickle.loads(data)  # noqa: S301  # Dask's own way.
    _unpacked[data] = found
    while len(_unpacked) > MOST_UNPACKED:
        _unpacked.popitem(last=False)
    return found


def _train(post: Post, job: Job) -> None:
    run = _run_of(job, post.last())
    post.follow(run, job.limit)
    run.start()
    post.greet(run)
    post.hear(post.get("wish"))  # Also what was pressed before it was there.
    with suppress(SeqmagicError):
        run.wait()
    state, best = _left_by(job.model, run)
    told = {"reason": run.reason or post.reason, "stopped": run.state == RunState.STOPPED, "warnings": run.warnings}
    post.end(record=run.record, progress=run.report(), state=state, best=best, error=_sendable(run.error), **told)


def _run_of(job: Job, lost: StartPoint | None) -> Run:
    """The run, from where it is to begin.

    Args:
        lost: what another worker has left of it.
    """
    start = job.start_point if lost is None else StartPoint.resuming(lost)
    x, y, more = job.data["x"], job.data["y"], {name: part for name, part in job.data.items() if name not in ("x", "y")}
    options: dict[str, Any] = {**job.options, **more, "data_names": job.names, "fit_line": job.fit_line}
    for callback in job.options.get("callbacks") or [] if lost is not None else []:
        if hasattr(callback, "go_on"):
            callback.go_on(start.record)
    if start.state is not None:
        return Run(job.model, x, y, start_point=start, **options)
    return Run(job.model, x, y, history=start.record if start.record.reached else None, **options)


def _left_by(model: keras.Model, run: Run) -> tuple[State, State | None]:
    """The state of the model at the end of its run, and that of its best epoch."""
    left, report = hand_over_of(model), run.report()
    last = left.state if left is not None else None
    # As the model is now: a rate may have been set since the state was kept, or other weights put back.
    state = capture(model, last.moment if last is not None else Moment(report["epoch"] + 1))
    return replace(state, callbacks=last.callbacks) if last is not None else state, left.best if left is not None else None


def _sendable(error: SeqmagicError | None) -> SeqmagicError | None:
    """An error as another process can have it."""
    if error is None:
        return None
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # It was pickled just now.
    except Exception:  # noqa: BLE001  # It may hold anything.
        return TrainingError(error.problem, expected=error.expected, instead=error.instead)
    return error
