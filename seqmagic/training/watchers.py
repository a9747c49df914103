"""The watchers of a run: whoever wants to know how it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

# More often than this nobody can see, and above 1,000 messages a second a notebook server drops some.
SECONDS_BETWEEN_NOTICES = 0.1
SHARE = 0.1  # Of a training's time: many panels may be open, and all of them are called in its thread.
LONGEST_PAUSE = 5.0


class Watchers(list[Callable[..., object]]):
    """Called with what they watch; what fails in one is kept aside, so that the training doesn't feel it.

    Attributes:
        error: the last that failed in one of them, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self._next = 0.0

    def notify(self, *news: Any, now: bool = False) -> None:
        """Call all of them, at most ten times a second, and less often where that takes long.

        Args:
            now: whether it must not wait.
        """
        moment = time.perf_counter()
        if not now and moment < self._next:
            return
        for watcher in list(self):
            try:
                watcher(*news)
            except BaseException as error:  # noqa: BLE001  # A watcher may be anybody's, and do anything.
                self.error = error
        took = time.perf_counter() - moment
        self._next = moment + max(SECONDS_BETWEEN_NOTICES, took + min(took / SHARE, LONGEST_PAUSE))
