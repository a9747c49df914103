"""Machines of this computer: a scheduler and workers in separate processes, which the kernel's interrupt doesn't reach.

They end with the kernel, however it ends: all of them are children of one process, which exits when its stdin is closed.
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
from seqmagic.translation import gettext

LOOPBACK = "127.0.0.1"
ROOM = 1_200_000_000  # Bytes that a worker needs after loading TensorFlow, with some data.
MOST_WORKERS = 16
PATIENCE = 90.0  # Seconds: a busy computer may need some of them to start three Python processes.


class LocalMachines:
    """A scheduler with its workers on this computer.

    Attributes:
        workers: how many. stays: whether they outlive the kernel.
        address: of the scheduler. process: the parent of all others.
    """

    def __init__(self, workers: int, *, stays: bool = False, host: str = LOOPBACK) -> None:
        self.workers, self.stays = workers, stays
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  # Kept open as long as the processes run; a pipe could fill up.
        with tempfile.TemporaryDirectory(prefix="seqmagic-") as folder:
            told = Path(folder) / "address.json"
            command = [sys.executable, "-m", "seqmagic.machines.serve", str(told), str(workers), host, *(["--stay"] if stays else [])]
            # In its own session: otherwise the notebook's stop button would end it.
            self.process = subprocess.Popen(  # noqa: S603  # seqmagic's own module.
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
        reason = last[0] if last else gettext("none was ready within {seconds:g} seconds", seconds=PATIENCE)
        raise MachineError(gettext("No workers could be started here: {reason}.", reason=reason))

    @property
    def is_alive(self) -> bool:
        """Whether the process is running."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End all of them, including their training."""
        if self.process.stdin is not None:
            self.process.stdin.close()
        if self.stays:
            self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def count_workers() -> int:
    """The number of workers that the CPUs and the memory allow."""
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
        address = machines.address
        print(gettext("Listening at {address} without encryption: anyone who can connect can run code here.", address=address))  # noqa: T201
    return machines.address


def local_address(workers: int | None = None) -> str:
    """The address of workers that were started in this kernel, or of new ones.

    Args:
        workers: the number of workers.
    """
    alive = [machines for machines in _started if machines.is_alive and workers in (None, machines.workers)]
    return alive[-1].address if alive else start_local(workers)


def ends_with_kernel(address: str) -> bool:
    """Whether a scheduler was started by this kernel and ends with it."""
    return any(machines.address == address and not machines.stays for machines in _started)


_started: list[LocalMachines] = []
