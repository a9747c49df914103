"""Time budgets: limit the cost of work between training steps, and the length of a call that Stop has to wait for."""

from __future__ import annotations

import time

LONGEST_WAIT = 5.0  # Seconds.
MOST = 0.02  # Of a run's time.


class CallSize:
    """The number of batches per call of the graph: as many as take a few hundredths of a second.

    So Stop and Pause respond at once, and the overhead between two calls is negligible.

    Attributes:
        seconds: the target duration of a call.
    """

    def __init__(self, seconds: float = 0.03) -> None:
        self.seconds = seconds
        self.count = 1

    def learn(self, count: int, seconds: float) -> None:
        """Adjust the number after a call of `count` batches.

        >>> size = CallSize(0.03)
        >>> size.learn(1, 0.001)
        >>> size.count
        4
        """
        fitting = int(count * self.seconds / max(seconds, 1e-6))
        self.count = max(1, min(fitting, 4 * self.count))


class TimeBudget:
    """Limits how often some work is done, so that it takes no more than its share of a run's time.

    Attributes:
        share: of the whole time, such as 0.005. After one slow execution, for example on a busy disk, the work is still done again within
        some seconds, as long as it stays within MOST of the time.
    """

    def __init__(self, share: float) -> None:
        self.share = share
        self._next = 0.0
        self._began = 0.0

    @property
    def is_due(self) -> bool:
        """Whether the work may be done again."""
        return time.perf_counter() >= self._next

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *problem: object) -> None:
        now = time.perf_counter()
        took = now - self._began
        self._next = now + min(took / self.share, max(LONGEST_WAIT, took / MOST))
