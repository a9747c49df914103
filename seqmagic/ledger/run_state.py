"""The state of a run: where it is, or how it ended."""

from __future__ import annotations

from enum import StrEnum

from seqmagic.translation import gettext_noop


class RunState(StrEnum):
    """Where a run is; equal to its word, such as "done", and shown as that.

    >>> RunState.DONE == "done", RunState.DONE, RunState.DONE.is_end, RunState("paused").is_end
    (True, 'done', True, False)
    """

    READY = gettext_noop("ready")
    WAITING = gettext_noop("waiting")
    RUNNING = gettext_noop("running")
    PAUSED = gettext_noop("paused")
    DONE = gettext_noop("done")
    STOPPED = gettext_noop("stopped")
    FAILED = gettext_noop("failed")
    DIED = gettext_noop("died")
    UNREADABLE = gettext_noop("unreadable")

    __repr__ = str.__repr__

    @property
    def is_end(self) -> bool:
        """Whether a run has ended in the kernel that it ran in, as the ledger writes it down."""
        return self in ENDS


ENDS = (RunState.DONE, RunState.STOPPED, RunState.FAILED)
