"""Interrupts by flag: Ctrl-C and the square button end a run between two batches, and never in the middle of one.

A KeyboardInterrupt raised inside `fit` may be swallowed by Keras's callbacks or leave the model unable to train again. And an
impatient user presses twenty times: one that was answered by ending a run answers the others as well.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAUSE_SECONDS = 1.0  # Presses that follow each other faster than this are the same one,
MOST_SECONDS = 10.0  # for at most so long.
PATIENCE_SECONDS = 5.0  # What is pressed so long after the first press is no impatience: something hangs.


class Presses:
    """What was pressed while something waits.

    Attributes:
        count: how many times.
        insists: whether somebody still presses after a while: then nobody should wait any longer.
    """

    def __init__(self) -> None:
        self.count = 0
        self.insists = False
        self._first = 0.0

    def note(self) -> None:
        """One more press."""
        now = time.monotonic()
        self._first = self._first or now
        self.count += 1
        self.insists = now > self._first + PATIENCE_SECONDS
        answered.note()


class Answered:
    """The last press that was answered, and those that followed it at once."""

    def __init__(self) -> None:
        self._first = self._last = float("-inf")

    def note(self) -> None:
        """A press was answered."""
        now = time.monotonic()
        if not self._is_recent(now):
            self._first = now
        self._last = now

    def covers_now(self, since: float = float("-inf")) -> bool:
        """Whether a press at this moment is one with the last that was answered, which then lasts on.

        Args:
            since: when what would be interrupted began; what was answered before that has nothing to do with it.
        """
        now = time.monotonic()
        if self._last < since or not self._is_recent(now):
            return False
        self._last = now
        return True

    def _is_recent(self, now: float) -> bool:
        return now < self._last + PAUSE_SECONDS and now < self._first + MOST_SECONDS


answered = Answered()


def wait_for(
    event: threading.Event,
    stop: Callable[[], object],
    *,
    seconds: float | None = None,
    is_enough: Callable[[], bool] = lambda: False,
    meanwhile: Callable[[], object] = lambda: None,
) -> Presses:
    """Wait for an event, or `seconds`, or until it is enough, or somebody insists; gives what was pressed meanwhile.

    Args:
        stop: called at the first press.
        meanwhile: called many times a second.
    """
    end = None if seconds is None else time.monotonic() + seconds
    with on_interrupt(stop) as presses:
        # Short waits: a long one in the main thread would keep Python from seeing the interrupt on some systems.
        while not event.wait(0.05) and not is_enough() and not presses.insists and (end is None or time.monotonic() <= end):
            meanwhile()
    return presses


@contextmanager
def on_interrupt(first: Callable[[], object]) -> Iterator[Presses]:
    """While this holds, the first interrupt calls `first`, and all are counted; none is raised.

    Who waits in it looks at what it gives, and leaves when somebody insists. Signals reach the main thread alone; in any other thread
    nothing changes.
    """
    presses = Presses()
    if threading.current_thread() is not threading.main_thread():
        yield presses
        return

    def handle(*_: object) -> None:
        presses.note()
        if presses.count == 1:
            first()

    before = signal.signal(signal.SIGINT, handle)
    try:
        yield presses
    finally:
        signal.signal(signal.SIGINT, before if before is not None else signal.default_int_handler)
