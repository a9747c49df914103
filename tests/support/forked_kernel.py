"""Kernels with Keras already imported: forked from a process that has imported it, for tests that are not about the import.

`python -m tests.support.forked_kernel` imports Keras once, reads a line of JSON for each kernel, and prints the pid of the process that it
forks for it. A kernel that imports Keras itself takes ten times as long to start.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning import LocalProvisioner

PROJECT = Path(__file__).parents[2]


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


@cache
def _server() -> subprocess.Popen[str]:
    """The process that forks kernels for this one, and ends with it."""
    command = [sys.executable, "-m", "tests.support.forked_kernel"]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT)
    atexit.register(server.kill)
    return server


class ForkingProvisioner(LocalProvisioner):  # type: ignore[misc]  # Jupyter's traits are untyped.
    """Starts a kernel by forking; everything else is inherited."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Ask the server to fork a kernel with the arguments of a command."""
        server = _server()
        assert server.stdin is not None
        assert server.stdout is not None
        asked = {"arguments": cmd[cmd.index("ipykernel_launcher") + 1 :], "environment": dict(kwargs["env"]), "folder": str(kwargs["cwd"])}
        print(json.dumps(asked), file=server.stdin, flush=True)
        self.process = ForkedProcess(int(server.stdout.readline()))
        self.pid = self.pgid = self.process.pid
        self.cwd = asked["folder"]
        return self.connection_info


class ForkingManager(AsyncKernelManager):  # type: ignore[misc]  # Jupyter's traits are untyped.
    """A manager of forked kernels, for code that creates its own manager, such as nbclient."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.provisioner = ForkingProvisioner(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)


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


def main() -> None:
    """Fork the kernels requested on standard input."""
    import sklearn.datasets  # noqa: F401

    import seqmagic.recipes.recipe  # noqa: F401

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nothing here waits for the children.
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            try:
                _become_kernel(**json.loads(line))
            finally:
                os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
