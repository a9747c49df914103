"""A notebook that is run without a screen, and what it takes."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from nbclient import NotebookClient

from tests.support.forked_kernel import manager_class


@dataclass
class Usage:
    """What a notebook took: the most memory of its kernel, and the processor's time of each cell."""

    peak_bytes: int = 0
    cell_seconds: list[float] = field(default_factory=list)


def run(notebook: Any, folder: Path, *, loads_keras: bool = True) -> Usage:
    """Run all cells with that folder as the kernel's own; the results stand in the notebook.

    loads_keras: whether the kernel has to, as a student's does; otherwise it is forked from one with Keras, where the system can fork.
    """
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

    manager = manager_class(loads_keras=loads_keras)
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(
        notebook, timeout=300, on_cell_executed=look, resources=where, record_timing=False, kernel_manager_class=manager
    )
    client.execute()
    return usage
