"""The panels that cells show. When a cell runs again, what it showed before is gone from the page, and is closed here, too."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display


class ShownPanels:
    """Shows panels, and remembers which cell each belongs to. A widget that nobody closes stays in the kernel for good."""

    def __init__(self, shell: InteractiveShell) -> None:
        self.shell = shell
        self._of_cell: dict[str, list[Any]] = defaultdict(list)

    def show(self, panel: Any) -> None:
        """Display a panel in the cell that runs now."""
        display(panel)
        parent = self.shell.kernel.get_parent("shell") if getattr(self.shell, "kernel", None) is not None else {}
        cell = parent.get("metadata", {}).get("cellId")
        if cell:
            self._of_cell[cell].append(panel)

    def notice_runs(self, result: Any) -> None:
        """The hook that IPython calls after each cell: dashboards show what it has started."""
        dashboard = sys.modules.get("seqmagic.widgets.dashboard")
        if dashboard is not None:
            dashboard.notice_runs()

    def close_old(self, info: Any) -> None:
        """The hook that IPython calls with each cell: what it showed before leaves the page, and goes. A run goes on."""
        for panel in self._of_cell.pop(getattr(info, "cell_id", None) or "", []):
            panel.close()
