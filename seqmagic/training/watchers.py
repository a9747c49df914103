"""The watchers of a run: callbacks that are notified of its progress."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

# Faster updates are not visible, and above 1,000 messages per second a notebook server drops some.
SECONDS_BETWEEN_NOTICES = 0.1
SHARE = 0.1  # Of a training's time: many panels may be open, and all of them are called in its thread.
LONGEST_PAUSE = 5.0


class Watchers(list[Callable[..., object]]):
    """A list of callbacks; an exception in one of them is stored, so that training is not affected.

    Attributes:
        error: the last exception in one of them, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self._next = 0.0

    def notify(self, *news: Any, now: bool = False) -> None:
        """Call all of them, at most ten times a second, and less often if that takes long.

        Args:
            now: whether it must not be delayed.
        """
        moment = time.perf_counter()
        if not now and moment < self._next:
            return
        for watcher in list(self):
            try:
                watcher(*news)
            except BaseException as error:  # noqa: BLE001  # A watcher may be anyone's code, and raise anything.
                self.error = error
        took = time.perf_counter() - moment
        self._next = moment + max(SECONDS_BETWEEN_NOTICES, took + min(took / SHARE, LONGEST_PAUSE))
