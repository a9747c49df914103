"""The live line: shows what a cell waits for, updates while it waits, and is removed afterwards."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any, Self

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import clear_output, display

from seqmagic.magics.environment import has_kernel, is_live
from seqmagic.translation import gettext

SECONDS_BETWEEN = 0.5
SILENT_SECONDS = 0.3  # Shorter waits are not shown.


class LiveLine:
    """One line in the output of the current cell, or in a terminal; nothing if nobody would see it.

    Attributes:
        is_first: whether the cell has no output yet, so that all of its output can be cleared at the end.
    """

    def __init__(self, shell: InteractiveShell, *, is_first: bool) -> None:
        self._kernel, self._is_first = has_kernel(shell), is_first
        self._is_seen = is_live(shell) or not self._kernel
        self._began = self._shown_at = time.monotonic()
        self._handle: Any = None
        self._shown = ""

    def __enter__(self) -> Self:
        return self

    def show(self, text: str) -> None:
        """Replace the text, unless the last update is too recent."""
        now = time.monotonic()
        if not self._is_seen or now < self._began + SILENT_SECONDS or (self._shown and now < self._shown_at + SECONDS_BETWEEN):
            return
        self._shown_at = now
        if text != self._shown:
            self._draw(text)
        self._shown = text

    def _draw(self, text: str) -> None:
        bundle = {"text/plain": text}
        if not self._kernel:
            sys.stdout.write(f"\r\x1b[2K{text}")
            sys.stdout.flush()
        elif self._handle is None:
            self._handle = display(bundle, raw=True, display_id=True)
        else:
            self._handle.update(bundle, raw=True)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if not self._shown:
            return
        if self._kernel and self._is_first:
            clear_output()  # The saved notebook should contain only the cell's own output.
        else:
            self._draw("")


def show_wait(line: LiveLine, run: Any, name: str = "") -> None:
    """Show what a cell waits for, for how long, and how to end it.

    Args:
        name: of the model's variable.
    """
    from seqmagic.analysis.rate_search import RateSearch
    from seqmagic.widgets.status import facts_of

    if isinstance(run, RateSearch):
        line.show(gettext("Waiting for {name}: {state}. ■ (interrupt) ends it.", name=name or run.name, state=run.format_state()))
        return
    state = " · ".join(fact for fact in facts_of(run) if not fact.endswith("batches/s"))
    line.show(gettext("Waiting for the training of {name}: {state}. ■ (interrupt) ends it.", name=name or run.name, state=state))
