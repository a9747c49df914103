"""The controls: Pause, Step and Stop, pressed from any thread, and read by the one that trains."""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import Empty, SimpleQueue

from seqmagic.network.layers import first_sentence
from seqmagic.translation import gettext


class Controls:
    """Lets a run's batches through, one by one, until the end of an epoch, or freely; and carries out wishes between two of them.

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
        self.is_open = True  # Whether nobody has paused the run.
        self._single = False
        self._until_epoch = False
        self._wishes: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self.is_over = False  # Whether the last batch is done.
        self.refresh: Callable[[], object] = lambda: None  # Called before a wish: the model may be trained elsewhere.
        self.failures: list[str] = []  # What was wished for and didn't work, a sentence each.
        self._news = threading.Event()
        self._passed_on = "resume"  # What was pressed last, for a training elsewhere.
        self._lock = threading.Lock()  # What is pressed, and what the training makes of it, are several values that belong together.

    def stop(self) -> None:
        """No further batch."""
        # Only a flag: an interrupt's handler presses Stop in a thread that may be anywhere, also inside the event's own lock.
        self.stop_asked = True

    def pause(self) -> None:
        """Hold after the batch that is under way."""
        self._set(is_open=False)

    def resume(self) -> None:
        """Go on freely."""
        self._set(is_open=True)

    def step_batch(self) -> None:
        """Let one batch through, then hold."""
        self._set(is_open=True, single=True)

    def step_epoch(self) -> None:
        """Let the rest of the epoch through, then hold."""
        self._set(is_open=True, until_epoch=True)

    def _set(self, *, is_open: bool, single: bool = False, until_epoch: bool = False) -> None:
        with self._lock:
            self.is_open, self._single, self._until_epoch = is_open, single, until_epoch
        self._news.set()

    def wish(self, work: Callable[[], object]) -> None:
        """Have something done between two batches, also while the run holds; at once when no batch will come any more."""
        with self._lock:
            if not self.is_over:
                self._wishes.put(work)
                self._news.set()
                return
        work()

    # What the training thread does.

    def allowance(self, wanted: int) -> int:
        """How many of so many batches may go now; asked when nobody holds the run."""
        if self.stop_asked:
            return 0
        with self._lock:
            if self._single:
                self._single = self.is_open = False
                return 1
        return wanted

    def take_press(self) -> str:
        """What was pressed since it was last asked, by the name of the method, for a training elsewhere; empty where nothing was."""
        with self._lock:
            single, until_epoch = self._single, self._until_epoch
            if single or until_epoch:
                self._single = self._until_epoch = self.is_open = False
            word = "step_batch" if single else "step_epoch" if until_epoch else "resume" if self.is_open else "pause"
            word = "stop" if self.stop_asked else word
            holds = word == "pause" and self._passed_on.startswith("step")  # It holds by itself after a step.
            if (word == self._passed_on and not word.startswith("step")) or holds:
                return ""
            self._passed_on = word
            return word

    def end_epoch(self) -> None:
        """An epoch is over."""
        with self._lock:
            if self._until_epoch:
                self._until_epoch = self.is_open = False

    def close(self) -> None:
        """No batch will come any more: what was wished for after the last one is done now."""
        with self._lock:
            self.is_over = True
        self.carry_out()

    def carry_out(self) -> bool:
        """Do what was wished for; True when there was anything. What fails is noted in `failures`, and the training goes on."""
        did = False
        while True:
            try:
                work = self._wishes.get_nowait()
            except Empty:
                return did
            try:
                self.refresh()
                work()
            except Exception as error:  # noqa: BLE001  # Who wished is not here any more, and the training has no part in it.
                self.failures.append(
                    gettext("What was asked for between two batches didn't work: {sentence}", sentence=first_sentence(error))
                )
            did = True

    def wait(self, seconds: float) -> None:
        """Wait for the next press, at most so long."""
        self._news.wait(seconds)
        self._news.clear()
