"""Kernels with Keras already imported: forked from a process that has imported it, for tests that are not about the import.

`python -m tests.support.forked_kernel SOCKET PID` imports Keras once, reads a line of JSON for each kernel, and answers with the pid of the
process that it forks for it, until the process PID ends. A kernel that imports Keras itself takes ten times as long to start. All processes of
a test run share one: pytest's workers, and the servers that they start.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import LocalProvisioner

PROJECT = Path(__file__).parents[2]
RUN = "SEQMAGIC_TEST_RUN"  # The pid of pytest's main process, set by conftest.py.


class ForkedProcess:
    """A process forked by another one, with the interface of `subprocess.Popen` that Jupyter needs."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle: int | None = os.pidfd_open(pid)

    def poll(self) -> int | None:
        """None while it runs. Its exit status is known only to the process that forked it."""
        return None if self._handle is not None and not select.select([self._handle], [], [], 0)[0] else 0

    def wait(self) -> int:
        """Wait until it ends."""
        if self._handle is not None:
            select.select([self._handle], [], [])
            os.close(self._handle)
            self._handle = None
        return 0

    def send_signal(self, number: int) -> None:
        """Send a signal, if it still runs."""
        if self._handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


_started: list[subprocess.Popen[bytes]] = []  # Kept, because Python warns of one that nobody has and that still runs.


def reach_forks() -> socket.socket:
    """A connection to the process that forks kernels, which is started by whoever needs it first."""
    import fcntl

    served = os.environ.setdefault(RUN, str(os.getpid()))
    path = str(Path(tempfile.gettempdir(), f"seqmagic-forks-{served}"))
    connection = socket.socket(socket.AF_UNIX)
    with Path(f"{path}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if connection.connect_ex(path):
            command = [sys.executable, "-m", "tests.support.forked_kernel", path, served]
            nothing = subprocess.DEVNULL  # A pipe that somebody reads to its end would stay open.
            _started.append(subprocess.Popen(command, cwd=PROJECT, stdin=nothing, stdout=nothing, stderr=nothing))
            while connection.connect_ex(path):  # It listens before it imports anything slow.
                assert _started[-1].poll() is None, "kernels can't be forked"
                time.sleep(0.02)
    return connection


class ForkingProvisioner(LocalProvisioner):  # type: ignore[misc]  # Jupyter's traits are untyped.
    """Starts a kernel by forking; everything else is inherited."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Ask for a kernel with the arguments of a command."""
        asked = {
            "arguments": cmd[cmd.index("ipykernel_launcher") + 1 :],
            "environment": dict(kwargs["env"]),
            "folder": str(kwargs.get("cwd") or Path.cwd()),
        }
        with reach_forks() as forks, forks.makefile("rw") as lines:
            print(json.dumps(asked), file=lines, flush=True)
            self.process = ForkedProcess(int(lines.readline()))
        self.pid = self.pgid = self.process.pid
        self.cwd = asked["folder"]
        return self.connection_info


class ForkingManager(AsyncKernelManager):  # type: ignore[misc]  # Jupyter's traits are untyped.
    """A manager of forked kernels."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.provisioner = ForkingProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)


def manager_class(*, loads_keras: bool = False) -> type[AsyncKernelManager]:
    """The class of kernel managers for code that creates its own manager, such as nbclient.

    loads_keras: whether its kernels import Keras, as a user's do; otherwise they are forked, if the system can fork.
    """
    return AsyncKernelManager if loads_keras or not hasattr(os, "pidfd_open") else ForkingManager


def start_forked_kernel(folder: Path, environment: dict[str, str]) -> tuple[Any, Any]:
    """A manager and a client of a kernel, as `start_new_kernel` returns them."""
    manager = KernelManager(kernel_name="python3")
    manager.provisioner = ForkingProvisioner(kernel_id=manager.kernel_id, kernel_spec=manager.kernel_spec, parent=manager)
    manager.start_kernel(cwd=str(folder), env=environment)
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=60)
    except RuntimeError:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        raise
    return manager, client


def _become_kernel(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Act as `python -m ipykernel_launcher` in the forked process."""
    os.setsid()  # A new process group, as for any kernel, so that signals reach it and its children.
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    os.environ.clear()
    # The kernel ends with its parent.
    os.environ.update(environment, JPY_PARENT_PID=str(os.getppid()))
    os.chdir(folder)
    sys.path.remove(str(PROJECT))  # Added by `-m`.
    sys.path[:0] = filter(None, environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = ["ipykernel_launcher", *arguments]
    _find_devices()
    from ipykernel import kernelapp

    kernelapp.launch_new_instance()


def _find_devices() -> None:
    """Let TensorFlow list devices now, hiding the messages that seqmagic hides when a kernel imports Keras itself."""
    import tensorflow as tf

    kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 2)
    tf.config.list_physical_devices()
    os.dup2(kept, 2)
    os.close(kept)
    os.close(nothing)


def main(path: str, served: int) -> None:
    """Fork the kernels that are asked for."""
    end = os.pidfd_open(served)
    with socket.socket(socket.AF_UNIX) as door:
        Path(path).unlink(missing_ok=True)
        door.bind(path)
        door.listen(50)
        import sklearn.datasets  # noqa: F401

        import seqmagic.recipes.recipe  # noqa: F401

        signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nothing here waits for the children.
        while end not in select.select([door, end], [], [])[0]:
            with contextlib.suppress(ConnectionError):
                _answer(door)
    for left in (path, f"{path}.lock"):
        Path(left).unlink(missing_ok=True)


def _answer(door: socket.socket) -> None:
    """Fork the kernel for the next one who asks."""
    connection, _ = door.accept()
    with connection, connection.makefile("rw") as lines:
        asked = lines.readline()
        if not asked:
            return
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                for one in (lines, connection, door):
                    one.close()
                _become_kernel(**json.loads(asked))
            finally:
                os._exit(0)
        print(pid, file=lines, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
