"""Leases limit how many runs of one student train at a time, over all of the student's kernels.

They use dask's distributed semaphore: the scheduler counts the leases, and takes back those of a kernel that has died.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from typing import Any

from seqmagic.ledger.owner import owner_here
from seqmagic.machines.errors import import_distributed


def student_here() -> str:
    """The user and host that own this kernel. On a hub, all users may have the same name, but then each has another host."""
    return f"{owner_here().user}@{socket.gethostname()}"


class Leases:
    """The leases of this kernel.

    Attributes:
        most: how many leases all kernels of a student may hold together.
    """

    def __init__(self, client: Any, most: int, student: str) -> None:
        self.most = most
        name = f"seqmagic-{student}-{most}"
        self._semaphore = import_distributed().Semaphore(most, name, scheduler_rpc=client.scheduler, loop=client.loop)

    def take(self, seconds: float) -> bool:
        """Acquire a lease, waiting some seconds for one; returns whether one was acquired.

        Raises:
            OSError: Where the scheduler doesn't answer.
        """
        try:
            return bool(self._semaphore.acquire(seconds))
        except RuntimeError as error:  # Dask's own loop has ended with the connection.
            raise OSError(str(error)) from error

    def give_back(self) -> None:
        """Release a lease; if the scheduler misses this, the lease times out."""
        with suppress(OSError, RuntimeError):
            self._semaphore.release()

    def close(self) -> None:
        """Stop refreshing the leases, so that those still held time out."""
        self._semaphore.refresh_callback.stop()
