"""Leases: how many runs of one student train at once, counted by the scheduler over all of the student's kernels.

Dask's own semaphore, which takes back what a kernel held that has died.
"""

from __future__ import annotations

import socket
from typing import Any

from seqmagic.ledger.owner import owner_here
from seqmagic.machines.errors import import_distributed


def student_here() -> str:
    """Whose kernel this is. On a hub all may have one name, and then each a computer of their own."""
    return f"{owner_here().user}@{socket.gethostname()}"


class Leases:
    """Those that this kernel holds.

    Attributes:
        most: how many all kernels of a student may hold together.
    """

    def __init__(self, client: Any, most: int, student: str) -> None:
        self.most = most
        name = f"seqmagic-{student}-{most}"
        self._semaphore = import_distributed().Semaphore(most, name, scheduler_rpc=client.scheduler, loop=client.loop)

    def take(self, seconds: float) -> bool:
        """Take one, if there is one within some seconds."""
        return bool(self._semaphore.acquire(seconds))

    def give_back(self) -> None:
        """Give one back; one that the scheduler doesn't hear of ends by itself."""
        self._semaphore.release()

    def close(self) -> None:
        """Have them all end, sooner or later: this kernel lets go of its connection."""
        self._semaphore.refresh_callback.stop()
