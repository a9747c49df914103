"""The task of a worker: train one run, and report to the kernel."""

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
from seqmagic.translation import gettext

MOST_UNPACKED = 2  # Unpickled datasets kept in this process: all trials of a sweep use the same.
_unpacked: OrderedDict[bytes, dict[str, Any]] = OrderedDict()


def train_job(job: str, data: bytes) -> str:
    """Train a run stored on the scheduler, from its beginning or from the checkpoint of a lost worker.

    Args:
        job: its id. data: pickled.
    """
    from distributed import get_worker

    post = Post(get_worker(), job)
    packed = post.get("job")
    if post.get("end") is not None or packed is None:
        return job  # It was cancelled, or its training has ended and dask runs the task again.
    post.hear(post.get("wish"))
    try:
        _train(post, unpack_job(packed, _unpack(data)))
    except Exception as error:  # noqa: BLE001  # The error must be reported to the user in the kernel.
        post.end(record=None, error=_sendable(translate(error, gettext("The worker"))))
    return job


def _unpack(data: bytes) -> dict[str, Any]:
    found = _unpacked.pop(data, None)
    if found is None:
        found = pickle.loads(data)  # noqa: S301  # Dask itself uses pickle.
    _unpacked[data] = found
    while len(_unpacked) > MOST_UNPACKED:
        _unpacked.popitem(last=False)
    return found


def _train(post: Post, job: Job) -> None:
    run = _run_of(job, post.last())
    post.follow(run, job.limit)
    run.start()
    post.greet(run)
    post.hear(post.get("wish"))  # Also actions from before the run started.
    with suppress(SeqmagicError):
        run.wait()
    state, best = _left_by(job.model, run)
    told = {"reason": run.reason or post.reason, "stopped": run.state == RunState.STOPPED, "warnings": run.warnings}
    post.end(record=run.record, progress=run.report(), state=state, best=best, error=_sendable(run.error), **told)


def _run_of(job: Job, lost: StartPoint | None) -> Run:
    """Create the run, at its starting point.

    Args:
        lost: the checkpoint of a lost worker.
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
    # The current state of the model: after the checkpoint, the learning rate may have been set or other weights restored.
    state = capture(model, last.moment if last is not None else Moment(report["epoch"] + 1))
    return replace(state, callbacks=last.callbacks) if last is not None else state, left.best if left is not None else None


def _sendable(error: SeqmagicError | None) -> SeqmagicError | None:
    """Convert an error to one that can be pickled."""
    if error is None:
        return None
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301  # It was pickled in the line itself.
    except Exception:  # noqa: BLE001  # It may contain any object.
        return TrainingError(error.problem, expected=error.expected, instead=error.instead)
    return error
