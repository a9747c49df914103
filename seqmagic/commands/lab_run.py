"""Running a lab: runs its cells in a new kernel, as an autograder does, and records time, memory and network access of each."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from seqmagic.commands.network_watch import NetworkWatch
from seqmagic.errors import FileError
from seqmagic.translation import gettext, gettext_noop
from seqmagic.translation.catalogue import gettext_in
from seqmagic.translation.chosen import languages

EVERY = 0.05  # Seconds between two samples of the kernel's memory.
UNFILLED = "UnfilledError"


@dataclass
class CellRun:
    """The results of a cell.

    Attributes:
        number: its index among the code cells, from 1.
        source: its text.
        seconds, memory: its duration, and the kernel's peak memory in bytes.
        error, message: the type and the message of its error; "" for none.
        hosts: the hosts it connected to.
        expected: whether it is tagged as raising an exception.
    """

    number: int
    source: str
    seconds: float = 0.0
    memory: int = 0
    error: str = ""
    message: str = ""
    hosts: list[str] = field(default_factory=list)
    expected: bool = False

    @property
    def is_unfilled(self) -> bool:
        """Whether it has a blank for the student."""
        return self.error in (UNFILLED, "NotImplementedError") or any(word in self.message for word in _unfilled_words())

    @property
    def title(self) -> str:
        """Its first non-empty line."""
        return next((line.strip() for line in self.source.splitlines() if line.strip()), "")


def _unfilled_words() -> list[str]:
    """How a message begins that says so, in whatever language the notebook speaks."""
    return [gettext_in(language, gettext_noop("Not filled in yet")) for language in languages()]


def run_cells(notebook: Any, folder: Path, *, offline: bool, timeout: int) -> list[CellRun]:
    """Run the code cells of a notebook, even after one fails.

    Args:
        folder: of the notebook, in which the cells run; their ledger is in a temporary folder.
        timeout: seconds per cell.

    Raises:
        FileError: If a package for running it is missing.
    """
    try:
        from nbclient import NotebookClient
    except ImportError as error:
        problem = gettext("Running a lab needs nbclient, which is not installed.")
        raise FileError(problem, instead='python -m pip install "seqmagic[lab]"') from error
    import nbformat

    with tempfile.TemporaryDirectory() as place:
        watch = NetworkWatch(Path(place) / "hosts", offline=offline)
        cells = [nbformat.v4.new_code_cell(watch.code), *(cell for cell in notebook.cells if cell.cell_type == "code")]
        made = nbformat.v4.new_notebook(cells=cells, metadata=notebook.metadata)
        # The runs and attempts of a check are not stored in the user's ledger.
        arguments = [f"--SeqMagics.ledger={Path(place) / 'runs.sqlite'}"]
        client = NotebookClient(
            made, timeout=timeout, allow_errors=True, extra_arguments=arguments, resources={"metadata": {"path": str(folder)}}
        )
        with client.setup_kernel(stderr=subprocess.DEVNULL):  # The kernel's log is not part of the result.
            client.execute_cell(cells[0], 0)
            process = psutil.Process(client.km.provisioner.pid)
            return [_run(client, cell, number, process, watch) for number, cell in enumerate(cells[1:], 1)]


def _run(client: Any, cell: Any, number: int, process: psutil.Process, watch: NetworkWatch) -> CellRun:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    done = CellRun(number, cell.source, expected="raises-exception" in cell.metadata.get("tags", []))
    began = time.perf_counter()
    with _memory_of(process) as peak:
        try:
            if client.kc is not None and process.is_running():
                client.execute_cell(cell, number)
            else:
                done.error, done.message = "DeadKernelError", gettext("The kernel has already died.")
        except (CellTimeoutError, DeadKernelError) as error:
            done.error, done.message = type(error).__name__, str(error).strip().splitlines()[0]
    done.seconds, done.memory = time.perf_counter() - began, peak[0]
    found = next((output for output in cell.outputs if output.output_type == "error"), None)
    if found is not None:
        done.error, done.message = found.ename, found.evalue
    done.hosts = watch.hosts_of(cell.source)
    return done


@contextmanager
def _memory_of(process: psutil.Process) -> Iterator[list[int]]:
    """The peak memory of a process within this context, in bytes."""
    peak, over = [0], threading.Event()

    def look() -> None:
        while True:
            try:
                peak[0] = max(peak[0], process.memory_info().rss)
            except psutil.Error:
                return
            if over.wait(EVERY):
                return

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()
