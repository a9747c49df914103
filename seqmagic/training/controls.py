"""The controls: Pause, Step and Stop, set from any thread, and read by the training thread."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from seqmagic.network.layers import first_sentence
from seqmagic.translation import gettext


class Controls:
    """Lets a run's batches through, one by one, until the end of an epoch, or without limit; and runs requested work between batches.

    >>> controls = Controls()
    >>> controls.pause(); controls.is_open
    False
    >>> controls.step_batch(); controls.allowance(100)
    1
    >>> controls.is_open
    False
    """

    def __init__(self) -> None:
        self.stop_asked = False
        self.is_open = True  # False while the run is paused.
        self._single = False
        self._until_epoch = False
        self._wishes: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self.is_over = False  # Whether the last batch is done.
        # Called before requested work, because the model may be trained in other processes.
        self.refresh: Callable[[], object] = lambda: None
        self.failures: list[str] = []  # Requested work that failed, one sentence each.
        self._news = threading.Event()
        self._passed_on = "resume"  # The last action that was forwarded, for training elsewhere.
        self._lock = threading.Lock()  # Protects the other values, which must change together.

    def stop(self) -> None:
        """Stop before the next batch."""
        # Only a flag: a signal handler calls this in a thread that may be anywhere, even inside the event's own lock.
        self.stop_asked = True

    def pause(self) -> None:
        """Pause after the current batch."""
        self._set(is_open=False)

    def resume(self) -> None:
        """Continue without limit."""
        self._set(is_open=True)

    def step_batch(self) -> None:
        """Allow one batch, then pause."""
        self._set(is_open=True, single=True)

    def step_epoch(self) -> None:
        """Allow the rest of the epoch, then pause."""
        self._set(is_open=True, until_epoch=True)

    def _set(self, *, is_open: bool, single: bool = False, until_epoch: bool = False) -> None:
        with self._lock:
            self.is_open, self._single, self._until_epoch = is_open, single, until_epoch
        self._news.set()

    def wish(self, work: Callable[[], object]) -> None:
        """Request work to be done between two batches, even while the run is paused; it is done at once after the last batch."""
        with self._lock:
            if not self.is_over:
                self._wishes.put(work)
                self._news.set()
                return
        work()

    # Called by the training thread.

    def allowance(self, wanted: int) -> int:
        """How many of the wanted batches may run now; called while the run is not paused."""
        if self.stop_asked:
            return 0
        with self._lock:
            if self._single:
                self._single = self.is_open = False
                return 1
        return wanted

    def take_press(self) -> str:
        """The latest action since the last call, by its method name, for training elsewhere; empty if there is none."""
        with self._lock:
            single, until_epoch = self._single, self._until_epoch
            if single or until_epoch:
                self._single = self._until_epoch = self.is_open = False
            word = "step_batch" if single else "step_epoch" if until_epoch else "resume" if self.is_open else "pause"
            word = "stop" if self.stop_asked else word
            holds = word == "pause" and self._passed_on.startswith("step")  # After a step it pauses by itself.
            if (word == self._passed_on and not word.startswith("step")) or holds:
                return ""
            self._passed_on = word
            return word

    def end_epoch(self) -> None:
        """Called at the end of an epoch."""
        with self._lock:
            if self._until_epoch:
                self._until_epoch = self.is_open = False

    def close(self) -> None:
        """Called after the last batch: work requested since then is done now."""
        with self._lock:
            self.is_over = True
        self.carry_out()

    def carry_out(self) -> bool:
        """Do the requested work; True if there was any. Failures are added to `failures`, and training continues."""
        did = False
        while True:
            try:
                work = self._wishes.get_nowait()
            except Empty:
                return did
            try:
                self.refresh()
                work()
            except Exception as error:  # noqa: BLE001  # The caller is gone, and training is not affected.
                self.failures.append(gettext("An action between two batches failed: {sentence}", sentence=first_sentence(error)))
            did = True

    def wait(self, seconds: float) -> None:
        """Wait for the next action, at most for this time."""
        self._news.wait(seconds)
        self._news.clear()
