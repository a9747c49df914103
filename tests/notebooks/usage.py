"""A notebook that is run without a screen, and what it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from nbclient import NotebookClient


@dataclass
class Usage:
    """What a notebook took: the most memory of its kernel, and the processor's time of each cell."""

    peak_bytes: int = 0
    cell_seconds: list[float] = field(default_factory=list)


def run(notebook: Any, folder: Path) -> Usage:
    """Run all cells with that folder as the kernel's own; the results stand in the notebook."""
    usage, seconds = Usage(), [0.0]

    def kernel() -> psutil.Process:
        return psutil.Process(client.km.provisioner.pid)

    def look(**_: Any) -> None:
        times = kernel().cpu_times()
        usage.cell_seconds.append(times.user + times.system - seconds[-1])
        seconds.append(times.user + times.system)
        status = Path(f"/proc/{kernel().pid}/status")
        if status.exists():  # Only Linux tells the most that a process ever had.
            usage.peak_bytes = 1024 * int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())[0])

    client = NotebookClient(
        notebook, timeout=300, on_cell_executed=look, resources={"metadata": {"path": str(folder)}}, record_timing=False
    )
    client.execute()
    return usage
