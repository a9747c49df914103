"""The watchers of a run: whoever wants to know how it goes on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

# More often than this nobody can see, and above 1,000 messages a second a notebook server drops some.
SECONDS_BETWEEN_NOTICES = 0.1


class Watchers(list[Callable[..., object]]):
    """Called with what they watch; what fails in one is kept aside, so that the training doesn't feel it.

    error: the last that failed in one of them, or None.
    """

    def __init__(self) -> None:
        super().__init__()
        self.error: BaseException | None = None
        self._told_at = 0.0

    def tell(self, *news: Any, now: bool = False) -> None:
        """Tell all of them, at most ten times a second.

        now: whether it must not wait.
        """
        moment = time.perf_counter()
        if not now and moment - self._told_at < SECONDS_BETWEEN_NOTICES:
            return
        self._told_at = moment
        for watcher in list(self):
            try:
                watcher(*news)
            except BaseException as error:  # noqa: BLE001  # A watcher may be anybody's, and do anything.
                self.error = error
