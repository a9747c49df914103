"""The stop button: interrupts, however many, end the background runs cleanly, and keep a queued cell from running.

ipykernel raises KeyboardInterrupt wherever the kernel is, even in its own steps before and after a cell. There it is printed as the error
of a hook, and the cell still runs; or the cell's reply is never sent, and the cell stays busy.
"""

from __future__ import annotations

import contextlib
import signal
import time
from types import FrameType
from typing import Any

from IPython.core.error import InputRejected
from IPython.core.interactiveshell import InteractiveShell

from seqmagic.errors import Interrupted
from seqmagic.sweeps.registry import active_sweeps
from seqmagic.training.interrupts import answered
from seqmagic.training.registry import active_runs
from seqmagic.translation import gettext, gettext_noop

BEFORE = gettext_noop("This cell did not run.")
# The time that IPython may need to show a KeyboardInterrupt; a second one in the meantime could lose the cell's result.
RAISED_SECONDS = 0.5


class CellInterrupted(InputRejected, Interrupted):  # type: ignore[misc]  # IPython is untyped.
    """A cell was interrupted before any of it ran. IPython accepts this from an AST transformer, and then does not run the cell."""


class InterruptHandler:
    """Handles interrupts, in a kernel and in a terminal.

    Attributes:
        refusal: why the current cell must not run; empty if it may.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self.refusal = ""
        self._code_began: float | None = None  # When the user's own code started.
        self._took_one = False
        self._raised_at = float("-inf")
        shell.ast_transformers.append(self)
        kernel = getattr(shell, "kernel", None)
        if kernel is not None:
            self._before_message = kernel.pre_handler_hook
            kernel.pre_handler_hook = self._begin_message
            # Later, because at the end of this cell the kernel restores the previous handler.
            kernel.io_loop.call_later(0, watch_between_messages)

    def let_go(self) -> None:
        """Remove the hooks. Between cells, a run can still be interrupted."""
        self.shell.ast_transformers.remove(self)
        kernel = getattr(self.shell, "kernel", None)
        if kernel is not None:
            kernel.__dict__.pop("pre_handler_hook", None)

    def visit(self, node: Any) -> Any:
        """Called by IPython, as an AST transformer, just before the code of a cell runs."""
        refusal, self.refusal = self.refusal, ""
        if refusal:
            raise CellInterrupted(refusal)
        self._code_began = self._code_began or time.monotonic()
        return node

    def end_cell(self, result: Any) -> None:
        """A post_run_cell hook: after it, only the kernel's own steps follow. A cell may have run another one."""
        if result is None or result.info.raw_cell == self._message.get("content", {}).get("code"):
            self._code_began = None

    def _begin_message(self) -> None:
        """The kernel's pre_handler_hook, called for each message; afterwards the kernel restores the previous handler.

        The kernel's own hook sets Python's handler. A press before ours is set would raise where the kernel doesn't expect it, and the
        message would get no reply: it counts as a press just after.
        """
        self.refusal, self._took_one, self._code_began = "", False, None
        try:
            self._before_message()
            self._take_over()
        except KeyboardInterrupt:
            self._take_over()
            with contextlib.suppress(KeyboardInterrupt):  # A message that is no cell has nothing to interrupt.
                self._handle(signal.SIGINT, None)

    def _take_over(self) -> None:
        with contextlib.suppress(ValueError):  # Only the main thread may set signal handlers.
            signal.signal(signal.SIGINT, self._handle)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if answered.covers_now(self._code_began or float("-inf")):
            return
        if self._code_began is None and not self._took_one and (self._has_cell or active_runs() or active_sweeps()):
            self._took_one = True
            self.refusal = self.refusal or gettext(BEFORE)
            stop_runs()
            return
        now = time.monotonic()
        if now > self._raised_at + RAISED_SECONDS:
            self._raised_at = now
            signal.default_int_handler(number, frame)

    @property
    def _has_cell(self) -> bool:
        return bool(self._message.get("header", {}).get("msg_type") == "execute_request")

    @property
    def _message(self) -> dict[str, Any]:
        kernel = getattr(self.shell, "kernel", None)
        return kernel.get_parent("shell") if kernel is not None else {}


def stop_runs() -> None:
    """Stop all runs and sweeps; further interrupts shortly after are ignored."""
    answered.note()
    for sweep in active_sweeps():
        sweep.stop()
    for run in active_runs():
        run.stop()


def watch_between_messages() -> None:
    """Set a signal handler for the time between cells."""
    before = signal.getsignal(signal.SIGINT)
    if getattr(before, "stops_runs", False):
        return

    def handle(number: int, frame: FrameType | None) -> None:
        if active_runs() or active_sweeps():
            stop_runs()
        elif callable(before):
            before(number, frame)

    handle.stops_runs = True  # type: ignore[attr-defined]
    with contextlib.suppress(ValueError):  # Only the main thread may set signal handlers.
        signal.signal(signal.SIGINT, handle)
