"""The state of a run: running, paused, done, ..."""

from __future__ import annotations

from enum import StrEnum

from seqmagic.translation import gettext_noop


class RunState(StrEnum):
    """The state of a run; equal to, and shown as, its word, such as "done".

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
        """Whether a run has ended in its own kernel, as stored in the ledger."""
        return self in ENDS


ENDS = (RunState.DONE, RunState.STOPPED, RunState.FAILED)
