"""The ranks of a training that several workers of a scheduler share, as seen from the kernel: one task of dask on each of these workers."""

from __future__ import annotations

import pickle
import time
import uuid
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from queue import Empty
from typing import Any

from seqmagic.machines.connection import ROOT, Connection
from seqmagic.machines.errors import import_distributed, lost_connection
from seqmagic.steps.messages import Lost
from seqmagic.steps.workers import UnwantedError, WorkerError, Workers
from seqmagic.translation import gettext

SECONDS_BETWEEN_CHECKS = 0.5  # Between two checks that the workers are still there.
ROWS = ".npy"  # The files that hold data, and go to each worker once.


class RemoteWorkers(Workers):
    """Processes on workers of a scheduler, each on another one.

    All tasks are sent at once and with the same priority: two trainings that need the same workers then stand in the same order at each of
    them, and never wait for each other.

    Attributes:
        cluster: the scheduler.
    """

    def __init__(self, cluster: Connection, count: int, folder: Path, is_wanted: Callable[[], bool]) -> None:
        super().__init__(count)
        self.cluster, self._name, client = cluster, f"{ROOT}-ranks-{uuid.uuid4().hex[:12]}", cluster.client
        queue = import_distributed().Queue
        self._replies = queue(self._name, client)
        self._orders = [queue(f"{self._name}-{rank}", client) for rank in range(count)]
        self._next_check = 0.0
        self._futures: list[Any] = []
        try:
            self.places = self._await_places(is_wanted)
            self._futures = self._submit(folder)
            self.addresses = tuple(self.gather(is_wanted))
        except BaseException:
            self.close()
            raise

    def _await_places(self, is_wanted: Callable[[], bool]) -> tuple[str, ...]:
        """The workers to use; one that was killed is started again by its nanny."""
        while len(places := choose_places(self._load(), self.count)) < self.count:
            if not is_wanted():
                raise UnwantedError
            time.sleep(SECONDS_BETWEEN_CHECKS)
        return places

    def _load(self) -> dict[str, int]:
        """The number of tasks at each worker."""
        return {address: len(keys) for address, keys in self.cluster.client.processing().items()}

    def _submit(self, folder: Path) -> list[Any]:
        import dask

        files = {file.name: file.read_bytes() for file in folder.iterdir()}
        rows = self.cluster.send_data({name: content for name, content in files.items() if name.endswith(ROWS)})
        rest = {name: content for name, content in files.items() if not name.endswith((ROWS, ".txt"))}
        machines = Counter(machine_of(place) for place in self.places)
        tasks = []
        for rank, place in enumerate(self.places):
            with dask.annotate(workers=[place], allow_other_workers=False):
                tasks.append(dask.delayed(_task(), pure=False)(rank, self._name, machines[machine_of(place)], rest, rows))
        return list(self.cluster.client.compute(tasks, optimize_graph=False, priority=0, fifo_timeout="0 ms"))

    def send(self, number: int, order: Any) -> None:
        """Put it into the queue of the rank."""
        try:
            self._orders[number].put(pickle.dumps(order, protocol=5))
        except OSError as error:
            raise lost_connection(self.cluster.address) from error

    def receive(self, seconds: float) -> tuple[int, Any]:
        """Take it from the common queue."""
        try:
            rank, packed = self._replies.get(timeout=seconds)
        except TimeoutError:
            self._check()
            raise Empty from None
        except OSError as error:
            raise lost_connection(self.cluster.address) from error
        answer = pickle.loads(packed)  # noqa: S301  # Dask itself uses pickle.
        return rank, self.lost(rank, answer.how, answer.text) if isinstance(answer, Lost) else answer

    def _check(self) -> None:
        """Look from time to time whether all workers are there, and their tasks run.

        Raises:
            WorkerError: If a task could not begin. WorkerLostError: If a worker is gone.
        """
        now = time.monotonic()
        if now < self._next_check:
            return
        self._next_check = now + SECONDS_BETWEEN_CHECKS
        there = self.cluster.client.nthreads()
        for rank, (place, future) in enumerate(zip(self.places, self._futures, strict=True)):
            if place not in there:
                raise self.lost(rank, gettext("with the worker of dask at {place}", place=place))
            if str(future.status) == "error":
                error = future.exception()
                raise WorkerError(f"{type(error).__name__}: {error}")
            if str(future.status) != "pending":
                raise self.lost(rank)

    def close(self) -> None:
        """Cancel the tasks, which ends their processes."""
        with suppress(Exception):  # If the connection is lost, dask cancels them itself.
            self.cluster.client.cancel(self._futures, force=True)
            for queue in (self._replies, *self._orders):
                queue.close()


def choose_places(load: Mapping[str, int], count: int) -> tuple[str, ...]:
    """The workers that take part: those with the fewest tasks, and of these one of each machine before a second one of any.

    >>> choose_places({"tcp://10.0.0.5:1": 0, "tcp://10.0.0.5:2": 0, "tcp://10.0.0.6:1": 0, "tcp://10.0.0.7:1": 3}, 2)
    ('tcp://10.0.0.5:1', 'tcp://10.0.0.6:1')

    Args:
        load: the number of tasks at each worker. count: how many of them are needed.
    """
    seen: Counter[str] = Counter()
    order = []
    for place in sorted(load, key=lambda place: (load[place], place)):
        order.append((load[place], seen[machine_of(place)], place))
        seen[machine_of(place)] += 1
    return tuple(place for *_, place in sorted(order)[:count])


def machine_of(place: str) -> str:
    """The host of a worker's address.

    >>> machine_of("tls://10.0.0.5:4321")
    '10.0.0.5'
    """
    return place.partition("://")[2].rpartition(":")[0]


def _task() -> Callable[..., None]:
    """The function that a worker calls; sent by value, because the scheduler need not have seqmagic installed."""

    def host(*arguments: Any) -> None:
        from seqmagic.machines.rank import host_rank

        host_rank(*arguments)

    return host
