"""The budget of time: how much is done at once, so that what comes in between costs next to nothing, and nobody waits for it."""

from __future__ import annotations

import time

LONGEST_WAIT = 5.0  # Seconds.
MOST = 0.02  # Of a run's time.


class CallSize:
    """How many batches go into one call of the graph: as many as take a few hundredths of a second.

    So Stop and Pause answer at once, and what is done between two calls is not felt.

    Attributes:
        seconds: how long a call should take.
    """

    def __init__(self, seconds: float = 0.03) -> None:
        self.seconds = seconds
        self.count = 1

    def learn(self, count: int, seconds: float) -> None:
        """A call of so many batches took so long.

        >>> size = CallSize(0.03)
        >>> size.learn(1, 0.001)
        >>> size.count
        4
        """
        fitting = int(count * self.seconds / max(seconds, 1e-6))
        self.count = max(1, min(fitting, 4 * self.count))


class TimeBudget:
    """How often something may be done that costs time, so that it never takes more than its share of a run.

    Attributes:
        share: of the whole time, such as 0.005. When it took long for once, as on a busy disk, the next time comes after some seconds all
            the same, as long as it stays within MOST of the time.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._next = 0.0
        self._began = 0.0

    @property
    def is_due(self) -> bool:
        """Whether its time has come again."""
        return time.perf_counter() >= self._next

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *problem: object) -> None:
        now = time.perf_counter()
        took = now - self._began
        self._next = now + min(took / self.share, max(LONGEST_WAIT, took / MOST))
