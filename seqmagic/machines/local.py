"""Machines of this computer: a scheduler and workers in processes of their own, which the kernel's interrupt doesn't reach.

They end with the kernel, however that ends: each of them is a child of one process, which sees its input closed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from seqmagic.machines.errors import MachineError, import_distributed

LOOPBACK = "127.0.0.1"
ROOM = 1_200_000_000  # Bytes that a worker takes once it has loaded TensorFlow, with some data.
MOST_WORKERS = 16
PATIENCE = 90.0  # Seconds: a busy computer may need some of them to start three Pythons.


class LocalMachines:
    """A scheduler with its workers on this computer.

    Attributes:
        workers: how many. stays: whether they outlive the kernel.
        address: of the scheduler. process: the one that all others are children of.
    """

    def __init__(self, workers: int, *, stays: bool = False, host: str = LOOPBACK) -> None:
        self.workers, self.stays = workers, stays
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # For as long as they are there; a pipe would be full one day.
        with tempfile.TemporaryDirectory(prefix="seqmagic-") as folder:
            told = Path(folder) / "address.json"
            command = [sys.executable, "-m", "seqmagic.machines.serve", str(told), str(workers), host, *(["--stay"] if stays else [])]
            # A session of its own: the notebook's square button would end it otherwise.
            self.process = subprocess.Popen(  # noqa: S603  # Our own program.
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._errors, start_new_session=True
            )
            self.address = self._await_address(told)

    def _await_address(self, told: Path) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if told.exists():
                return str(json.loads(told.read_text())["address"])
            time.sleep(0.05)
        self.process.kill()
        self.process.wait()
        self._errors.seek(0)
        last = self._errors.read().decode(errors="replace").strip().splitlines()[-1:]
        raise MachineError(f"No workers could be started here: {last[0] if last else f'none came within {PATIENCE:g} seconds'}.")

    @property
    def is_alive(self) -> bool:
        """Whether they are there."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End them all, with what they train."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.stays:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def count_workers() -> int:
    """As many workers as there are processors for, and memory."""
    processors = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(processors, int(psutil.virtual_memory().available // ROOM), MOST_WORKERS))


def start_local(workers: int | None = None, *, stays: bool = False, host: str = LOOPBACK) -> str:
    """Start a scheduler and workers on this computer, and give their address.

    >>> seqmagic.sweep(text, x, y, on=seqmagic.machines.start_local(workers=4))   # doctest: +SKIP

    Args:
        workers: how many; as many as there are processors, where there is memory for them.
        stays: whether they outlive the kernel. They end after two hours without work.
        host: the address that they listen at. One that others can reach lets everybody there run code as you: give it in a closed network
            alone.

    Returns:
        The address, for `on=`.

    Raises:
        SetupError: Where dask.distributed is not installed.
        MachineError: Where none could be started.
    """
    import_distributed()
    machines = LocalMachines(workers or count_workers(), stays=stays, host=host)
    _started.append(machines)
    if host not in (LOOPBACK, "localhost", "::1"):
        print(f"Listening at {machines.address}, without encryption: whoever reaches that can run code here.")  # noqa: T201
    return machines.address


def local_address(workers: int | None = None) -> str:
    """The address of workers that were started here, or of new ones.

    Args:
        workers: how many there are to be.
    """
    alive = [machines for machines in _started if machines.is_alive and workers in (None, machines.workers)]
    return alive[-1].address if alive else start_local(workers)


_started: list[LocalMachines] = []
