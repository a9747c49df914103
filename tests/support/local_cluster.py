"""Workers on this computer for the tests of a file, which end with them, and waiting for what happens there."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from seqmagic.ledger.current import name_ledger
from seqmagic.machines.cluster import Cluster, find
from seqmagic.machines.local import _started

SECONDS = 300.0  # Until something has happened that must happen: a busy computer may need some of them.


@contextmanager
def local_cluster(workers: int) -> Iterator[Cluster]:
    """Within this context, the connection to so many workers, with no file of runs but one that is named meanwhile."""
    name_ledger(None)
    found = find(f"local:{workers}")
    try:
        yield found
    finally:
        name_ledger(None)
        found.close()
        for machines in _started:
            machines.stop()


def await_that(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.01)
