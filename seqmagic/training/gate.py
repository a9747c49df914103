"""The gate: Pause, Step and Stop, pressed from any thread, and read by the one that trains."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue


class Gate:
    """Lets a run's batches through, one by one, until the end of an epoch, or freely; and carries out wishes between two of them.

    >>> gate = Gate()
    >>> gate.pause(); gate.is_open
    False
    >>> gate.step_batch(); gate.allowance(100)
    1
    >>> gate.is_open
    False
    """

    def __init__(self) -> None:
        self.stop_asked = False
        self._open = threading.Event()
        self._open.set()
        self._single = False
        self._until_epoch = False
        self._wishes: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._news = threading.Event()

    @property
    def is_open(self) -> bool:
        """Whether nobody has told the run to hold."""
        return self._open.is_set()

    def stop(self) -> None:
        """No further batch."""
        self.stop_asked = True
        self._wake()

    def pause(self) -> None:
        """Hold after the batch that is under way."""
        self._single = self._until_epoch = False
        self._open.clear()

    def resume(self) -> None:
        """Go on freely."""
        self._single = self._until_epoch = False
        self._open.set()
        self._wake()

    def step_batch(self) -> None:
        """Let one batch through, then hold."""
        self._single, self._until_epoch = True, False
        self._open.set()
        self._wake()

    def step_epoch(self) -> None:
        """Let the rest of the epoch through, then hold."""
        self._single, self._until_epoch = False, True
        self._open.set()
        self._wake()

    def wish(self, work: Callable[[], object]) -> None:
        """Have something done between two batches, also while the run holds."""
        self._wishes.put(work)
        self._wake()

    def _wake(self) -> None:
        self._news.set()

    # What the training thread does.

    def allowance(self, wanted: int) -> int:
        """How many of so many batches may go now; asked when the gate is open."""
        if self.stop_asked:
            return 0
        if self._single:
            self._single = False
            self._open.clear()
            return 1
        return wanted

    def end_epoch(self) -> None:
        """An epoch is over."""
        if self._until_epoch:
            self._until_epoch = False
            self._open.clear()

    def carry_out(self) -> bool:
        """Do what was wished for; True when there was anything."""
        did = False
        while True:
            try:
                work = self._wishes.get_nowait()
            except Empty:
                return did
            work()
            did = True

    def wait(self, seconds: float) -> None:
        """Wait for the next press, at most so long."""
        self._news.wait(seconds)
        self._news.clear()
