"""Following: a run's thread in the kernel sends it to a worker, receives its events, and forwards the user's actions."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Empty, SimpleQueue
from typing import Any

import numpy as np

from seqmagic.machines.connection import Connection
from seqmagic.machines.errors import MachineError, import_distributed, lost_connection
from seqmagic.machines.pack import check_data, pack_job
from seqmagic.measure import format_position
from seqmagic.training.elsewhere import TABLES, Mirror
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import State
from seqmagic.translation import gettext

SECONDS = 0.05  # Between two checks for the user's actions.
SECONDS_BETWEEN_CHECKS = 0.5  # Between two checks whether the job still exists.
SECONDS_OF_SILENCE = 1.0  # A worker from which nothing came for so long may be lost.
PATIENCE = 20.0  # Seconds to wait for a scheduler that can't be reached.
# Dask gives equal priority to tasks that arrive within this time; at 0, it orders the runs of all kernels by their arrival.
AT_ONCE = "0 ms"
MOST_TIMES = 5  # Maximum number of times to send a run, in case its data is lost with all workers.


def _task() -> Callable[[str, bytes], str]:
    """The function that a worker calls; sent by value, because the scheduler unpickles it too, and need not have seqmagic installed."""

    def train(job: str, data: bytes) -> str:
        from seqmagic.machines.task import train_job

        return train_job(job, data)

    return train


def _queued(key: str, job: str, data: Any) -> Any:
    """Dask's task for a run, which the scheduler keeps until a worker is free: it would give the first ones to busy workers, too.

    Dask has this queue for tasks that produce data, and tells them by an attribute that older versions don't have.
    """
    from dask._task_spec import Task, TaskRef

    task = Task(key, _task(), job, TaskRef(data.key))
    with suppress(AttributeError):
        task._data_producer = True  # noqa: SLF001
    return task


class JobFollower:
    """Follows one run.

    Attributes:
        cluster: where it trains. mirror: of the run, in this kernel. job: its id on the scheduler.
        inbox: the queue of the workers' events.
    """

    def __init__(self, cluster: Connection, mirror: Mirror, job: str, inbox: SimpleQueue[dict[str, Any]]) -> None:
        self.cluster, self.mirror, self.job, self.inbox = cluster, mirror, job, inbox
        self.life = ""
        self._future: Any = None
        self._times = 0
        self._wishes: dict[str, list[Any]] = {}
        self._is_over = False
        self._next_check, self._answered = 0.0, time.monotonic()
        self._heard = self._answered
        self._rank = 0

    def follow(self) -> None:
        """Send the job, or find it again, and follow it to its end.

        Raises:
            MachineError: If it can't be sent, or the workers can't be reached any more.
            SeqmagicError: The error that ended the training.
        """
        with self._turn(), self.cluster.ranked() as self._rank:
            if not self._is_over:
                self._follow()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait until the class lets this student train one more run, which is counted within this context; Stop ends the wait."""
        leases, has_one = self.cluster.leases(), False
        try:
            while leases is not None and not has_one and not self._is_over:
                try:
                    has_one = leases.take(SECONDS)
                except OSError as error:
                    raise lost_connection(self.cluster.address) from error
                self._is_over = self.mirror.stop_asked
            yield
        finally:
            if leases is not None and has_one:
                leases.give_back()

    def _follow(self) -> None:
        if self.cluster.knows(self.job):
            self._wish(anew=True, press="resume")
            self._future = import_distributed().Future(self.cluster.get(self.job, "key"), client=self.cluster.client)
        else:
            self._send()
        while not self._is_over:
            self._hear()
            self._press()
            self._check()

    def _send(self) -> None:
        distributed = import_distributed()
        work = self.mirror.job()
        check_data(work.data, work.names)
        packed, data, key = pack_job(work), self.cluster.send_data(work.data), f"seqmagic-run-{self.job}-{self._times}"
        if not self._times:
            self.cluster.put(self.job, "job", packed)
            self._wish()
        self.cluster.put(self.job, "key", key)
        self._times += 1
        self._future = self.cluster.client.get(
            {key: _queued(key, self.job, data)}, key, sync=False, priority=-self._rank, fifo_timeout=AT_ONCE
        )
        distributed.fire_and_forget(self._future)  # It also goes on when nothing waits for it any more.

    # Receiving events.

    def _hear(self) -> None:
        """Handle the events in the queue, waiting a short time for the first one."""
        wait = SECONDS
        while not self._is_over:
            try:
                message = self.inbox.get(timeout=wait)
            except Empty:
                return
            wait = 0.001
            self._heard = time.monotonic()
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        kind = message["kind"]
        if kind == "begun" and message["life"] != self.life:
            self._begin(message)
        elif message["life"] != self.life:
            return  # It comes from a worker that was given up.
        elif kind == "news":
            for told in message["rows"]:
                rows = np.frombuffer(told["values"]).reshape(-1, told["width"])
                self.mirror.add_rows(told["table"], list(told["names"]), rows, anew=told["anew"])
            self.mirror.move(message["progress"])
        elif kind == "kept":
            self._keep(message["which"])
        elif kind == "end":
            self._end()

    def _begin(self, message: dict[str, Any]) -> None:
        if self.life:
            epochs = message["behind"]
            place = (
                gettext("from where it was, {epochs} epochs in", epochs=format_position(epochs)) if epochs else gettext("from the start")
            )
            lost, there = self.mirror.where, message["where"]
            told = gettext("The worker {lost} was lost. The run continues on {there} {place}.", lost=lost, there=there, place=place)
            self.mirror.session.warnings.append(told)
        self.life = message["life"]
        self.mirror.begin(message["where"], message["steps"], is_repeatable=message["is_repeatable"])

    def _keep(self, which: str) -> None:
        """Store a checkpoint of the scheduler in this kernel too: the ledger outlives the scheduler."""
        packed = self.cluster.get(self.job, which)
        if packed is not None:
            kept: StartPoint | State | None = pickle.loads(packed)  # noqa: S301  # Dask itself uses pickle.
            state = kept.state if isinstance(kept, StartPoint) else kept
            if state is not None:
                self.mirror.keep(which, state)

    def _end(self) -> None:
        """Handle the final message."""
        packed = self.cluster.get(self.job, "end")
        if packed is None:
            return
        last = pickle.loads(packed)  # noqa: S301
        self._is_over = True
        self.cluster.forget(self.job)
        if last["record"] is not None:
            for table in TABLES:
                self.mirror.add_rows(table, *getattr(last["record"], table).rows_from(), anew=True)
            self.mirror.move(last["progress"])
            self.mirror.end(last["state"], last["best"], last)
        if last["error"] is not None:
            raise last["error"]

    # Forwarding the user's actions.

    def _press(self) -> None:
        if self._is_over:
            return
        pressed = self.mirror.press()
        if self.mirror.stop_asked and self._times and not self.life:
            self._cancel()  # No worker has reported that it has begun, so there is nothing to wait for.
        elif pressed:
            self._wish(**pressed)

    def _cancel(self) -> None:
        """End a run that no worker is training, with what came from earlier ones."""
        self._is_over = True
        self.cluster.cancel(self.job, self._future)
        self.mirror.end_unfinished()

    def _wish(self, **what: Any) -> None:
        serial = time.time_ns()
        # Include earlier wishes, so that a worker that has not polled in the meantime doesn't miss one.
        self._wishes |= {name: [value, serial] for name, value in what.items()}
        self.cluster.put(self.job, "wish", {"serial": serial, "topic": self.cluster.topic, **self._wishes})

    # Checking that the job still exists.

    def _check(self) -> None:
        now = time.monotonic()
        if self._is_over or now < self._next_check:
            return
        self._next_check = now + SECONDS_BETWEEN_CHECKS
        if self.cluster.is_alive:
            self._answered = now
        elif now > self._answered + PATIENCE or str(self.cluster.client.status) == "closed":
            raise lost_connection(self.cluster.address)
        status = str(self._future.status)
        if status == "pending":
            self._look_for_worker(now)
            return
        self._end()
        if not self._is_over:
            self._look_after(status)

    def _look_for_worker(self, now: float) -> None:
        """Handle a job whose worker was lost, and which dask has queued again."""
        if self.mirror.stop_asked and not self.cluster.is_executed(self._future.key):
            self._end()  # Its worker may have ended it just now, before the future knows.
            if not self._is_over:
                self._cancel()
        elif self.life and not self.mirror.is_waiting and now > self._heard + SECONDS_OF_SILENCE:
            self._heard = now
            if self.mirror.where not in self.cluster.client.nthreads():
                self.mirror.wait_again()

    def _look_after(self, status: str) -> None:
        """Handle a job that has ended for dask without sending its final message."""
        error = self._future.exception() if status == "error" else None
        if error is not None and type(error).__name__ not in ("KilledWorker", "FutureCancelledError"):
            reason = f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"
            problem = gettext("The worker could not start: {reason}", reason=reason)
            raise MachineError(problem, expected=gettext("the notebook's packages and modules on each worker")) from error
        if self._times >= MOST_TIMES:
            problem = gettext("The workers of {address} were lost {count} times.", address=self.cluster.address, count=self._times)
            raise MachineError(problem, expected=gettext("workers that keep running"))
        if self.mirror.stop_asked:
            self._cancel()
            return
        if not self.mirror.is_waiting:
            self.mirror.wait_again()
        if self.cluster.client.nthreads():
            with suppress(TimeoutError):  # The last worker was lost meanwhile: it is tried again at the next check.
                self._send()
