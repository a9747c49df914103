"""The panels that cells show. When a cell runs again, what it showed before is gone from the page, and is closed here, too."""

from __future__ import annotations

from collections import defaultdict
from typing import Any
from weakref import WeakKeyDictionary

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

from seqmagic.training.registry import notify_subscribers


class ShownPanels:
    """Shows panels, and remembers which cell each belongs to. A widget that nobody closes stays in the kernel for good."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._of_cell: dict[str, list[Any]] = defaultdict(list)
        self._begun_in: WeakKeyDictionary[Any, str] = WeakKeyDictionary()  # For each run the message that the cell came with.

    def show(self, panel: Any) -> None:
        """Display a panel in the cell that runs now."""
        display(panel)
        cell = self._message.get("metadata", {}).get("cellId")
        if cell:
            self._of_cell[cell].append(panel)

    def remember_run(self, run: Any) -> None:
        """Note that the cell that runs now has begun a run."""
        self._begun_in[run] = self._message_id

    def is_of_this_cell(self, run: Any) -> bool:
        """Whether the cell that runs now has begun a run, as in a loop."""
        return self._begun_in.get(run) == self._message_id

    @property
    def _message(self) -> dict[str, Any]:
        kernel = getattr(self.shell, "kernel", None)
        return kernel.get_parent("shell") if kernel is not None else {}

    @property
    def _message_id(self) -> str:
        return str(self._message.get("header", {}).get("msg_id", ""))

    def notice_runs(self, result: Any) -> None:
        """The hook that IPython calls after each cell: dashboards show what it has started and compiled."""
        notify_subscribers()

    def close_old(self, info: Any) -> None:
        """The hook that IPython calls with each cell: what it showed before leaves the page, and goes. A run goes on."""
        for panel in self._of_cell.pop(getattr(info, "cell_id", None) or "", []):
            panel.close()
