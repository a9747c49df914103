"""The square button while no cell runs: it ends the runs in the background, which is what somebody who presses it wants."""

from __future__ import annotations

import contextlib
import signal
import sys
from types import FrameType
from typing import Any

from IPython.core.interactiveshell import InteractiveShell


def watch_interrupts(shell: InteractiveShell) -> None:
    """Set a handler for the time between cells. During a cell the kernel sets its own, and puts this one back afterwards."""
    loop: Any = getattr(getattr(shell, "kernel", None), "io_loop", None)
    if loop is not None:
        # Not now: at the end of this cell the kernel restores the handler from before it.
        loop.call_later(0, _set_handler)


def _set_handler() -> None:
    before = signal.getsignal(signal.SIGINT)
    if getattr(before, "stops_runs", False):
        return

    def handle(number: int, frame: FrameType | None) -> None:
        runs = sys.modules.get("seqmagic.training.active")
        active = runs.active_runs() if runs is not None else []
        for run in active:
            run.stop()
        if not active and callable(before):
            before(number, frame)

    handle.stops_runs = True  # type: ignore[attr-defined]
    with contextlib.suppress(ValueError):  # Only the main thread may set handlers.
        signal.signal(signal.SIGINT, handle)
