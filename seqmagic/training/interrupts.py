"""Interrupts by flag: Ctrl-C and the stop button end a run between two batches, never in the middle of one.

A KeyboardInterrupt inside `fit` may be swallowed by Keras's callbacks, or leave the model unable to train again. And an impatient user
presses the button many times: if one press ends a run, those that follow shortly after are ignored.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PAUSE_SECONDS = 1.0  # Presses with shorter gaps count as one,
MOST_SECONDS = 10.0  # for at most this time.
PATIENCE_SECONDS = 5.0  # A press this long after the first one means that something hangs.


class Presses:
    """The interrupts during a wait.

    Attributes:
        count: their number.
        insists: whether the user still presses after a while: then the wait must end.
    """

    def __init__(self) -> None:
        self.count = 0
        self.insists = False
        self._first = 0.0

    def note(self) -> None:
        """Count another press."""
        now = time.monotonic()
        self._first = self._first or now
        self.count += 1
        self.insists = now > self._first + PATIENCE_SECONDS
        answered.note()


class Answered:
    """The last press that was handled, and those that followed it shortly."""

    def __init__(self) -> None:
        self._first = self._last = float("-inf")

    def note(self) -> None:
        """Record that a press was handled."""
        now = time.monotonic()
        if not self._is_recent(now):
            self._first = now
        self._last = now

    def covers_now(self, since: float = float("-inf")) -> bool:
        """Whether a press now belongs to the last handled one, which it then extends.

        Args:
            since: the start of what would be interrupted; presses handled before that don't count.
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
    """Wait for an event, or `seconds`, or until `is_enough`, or until the user insists; returns the presses in the meantime.

    Args:
        stop: called on the first press.
        meanwhile: called many times a second.
    """
    end = None if seconds is None else time.monotonic() + seconds
    with on_interrupt(stop) as presses:
        # Short waits: on some systems, a long one in the main thread would keep Python from handling the interrupt.
        while not event.wait(0.05) and not is_enough() and not presses.insists and (end is None or time.monotonic() <= end):
            meanwhile()
    return presses


@contextmanager
def on_interrupt(first: Callable[[], object]) -> Iterator[Presses]:
    """Within this context, the first interrupt calls `first`, and all are counted; none raises.

    The code inside checks the yielded object, and leaves when the user insists. Signals reach only the main thread; in other threads this
    has no effect.
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
