"""The panels of cells. When a cell runs again, its old panels disappear from the page, and are closed here."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from weakref import WeakKeyDictionary

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from seqmagic.training.registry import notify_subscribers


class ShownPanels:
    """Shows panels, and records the cell of each. A widget that is never closed stays in the kernel's memory."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._of_cell: dict[str, list[Any]] = defaultdict(list)
        self._begun_in: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # For each run, the id of the message that ran its cell.

    def show(self, panel: Any) -> None:
        """Display a panel in the current cell."""
        display(panel)
        cell = self._message.get("metadata", {}).get("cellId")
        if cell:
            self._of_cell[cell].append(panel)

    def remember_run(self, run: Any) -> None:
        """Record that the current cell has started a run."""
        self._begun_in[run] = self._message_id

    def is_of_this_cell(self, run: Any) -> bool:
        """Whether the current cell has started a run, for example in a loop."""
        return self._begun_in.get(run) == self._message_id

    @property
    def _message(self) -> dict[str, Any]:
        kernel = getattr(self.shell, "kernel", None)
        return kernel.get_parent("shell") if kernel is not None else {}

    @property
    def _message_id(self) -> str:
        return str(self._message.get("header", {}).get("msg_id", ""))

    def notice_runs(self, result: Any) -> None:
        """A post_run_cell hook: update dashboards with what the cell has started and compiled."""
        notify_subscribers()

    def close_old(self, info: Any) -> None:
        """A pre_run_cell hook: close the cell's old panels. Runs continue."""
        for panel in self._of_cell.pop(getattr(info, "cell_id", None) or "", []):
            panel.close()
