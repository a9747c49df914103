"""The state of a run: where it is, or how it ended."""

from __future__ import annotations

from enum import StrEnum


class RunState(StrEnum):
    """Where a run is; equal to its word, such as "done", and shown as that.

    >>> RunState.DONE == "done", RunState.DONE, RunState.DONE.is_end, RunState("paused").is_end
    (True, 'done', True, False)
    """

    READY = "ready"
    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"
    DIED = "died"
    UNREADABLE = "unreadable"

    __repr__ = str.__repr__

    @property
    def is_end(self) -> bool:
        """Whether a run has ended in the kernel that it ran in, as the ledger writes it down."""
        return self in ENDS


ENDS = (RunState.DONE, RunState.STOPPED, RunState.FAILED)
