"""The cores of this computer, and how its workers share them.

A small network needs more time for handing its operations from thread to thread than for their arithmetic. While several workers train,
each keeps to its own cores, where the threads of the others don't wake it; one that trains alone has all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

PASSES = 5  # Over the threads of a process: one that has just been started is where the thread was that started it.


def cores_here() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0))


def shares(cores: Sequence[int], count: int) -> list[set[int]]:
    """Divide cores among processes; several of them share one if there are not enough.

    >>> shares([0, 1, 2, 3], 2)
    [{0, 1}, {2, 3}]
    >>> shares([0, 1], 3)
    [{0}, {1}, {0}]
    """
    total = len(cores)
    if count > total:
        return [{cores[number % total]} for number in range(count)]
    return [set(cores[number * total // count : (number + 1) * total // count]) for number in range(count)]


def keep_to(pid: int, cores: set[int]) -> None:
    """Let a process and its children run on some cores only."""
    with suppress(psutil.NoSuchProcess):
        process = psutil.Process(pid)
        for one in (process, *process.children(recursive=True)):
            for _ in range(PASSES):
                if not sum(_moves(thread, cores) for thread in _threads(one.pid)):
                    break


def _threads(pid: int) -> Iterator[int]:
    with suppress(OSError):
        yield from (int(task.name) for task in Path(f"/proc/{pid}/task").iterdir())


def _moves(thread: int, cores: set[int]) -> bool:
    """Move a thread to some cores, unless it is there or has just ended."""
    with suppress(OSError):
        if os.sched_getaffinity(thread) != cores:
            os.sched_setaffinity(thread, cores)
            return True
    return False


class CoreSharing:
    """Divides the cores among the workers that train, each time when one begins or ends.

    Attributes:
        scheduler: of dask, in this process.
        pids: gives the process of each worker, by its address.
    """

    def __init__(self, scheduler: Any, pids: Callable[[], dict[str, int]]) -> None:
        self.scheduler, self.pids = scheduler, pids
        self._all = cores_here()
        self._given: dict[int, set[int]] = {}

    def share(self) -> None:
        """Divide the cores among the workers that have a task."""
        pids = self.pids()
        busy = sorted(pids[address] for address, worker in self.scheduler.workers.items() if worker.processing and address in pids)
        wanted = {pid: set(self._all) for pid in pids.values()} | dict(zip(busy, shares(self._all, len(busy)), strict=True))
        for pid, cores in wanted.items():
            if self._given.get(pid, set(self._all)) != cores:
                keep_to(pid, cores)
        self._given = wanted
