"""The process that runs a scheduler and workers on this computer: `python -m seqmagic.machines.serve FILE WORKERS HOST`."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from pathlib import Path

IDLE = "2 hours"  # Workers that outlive their kernel end after this time without work.
CAN_FORK = sys.platform == "linux"  # Elsewhere, a process that has loaded TensorFlow can't be forked safely.
FORKS = {"distributed.worker.multiprocessing-method": "forkserver"}
SECONDS = 5.0  # For an orderly shutdown.
SETTINGS = {
    # A run whose worker was lost is sent to another, up to 100 times; and the nanny ends no worker for its memory before the system does.
    "distributed.scheduler.allowed-failures": 100,
    "distributed.worker.memory.terminate": False,
    # Runs are queued on the scheduler, in one queue, from which the next free worker takes the first. Dask does so only with "root-ish"
    # tasks, which have few dependencies: with these thresholds, a run is one despite its data.
    "distributed.scheduler.worker-saturation": 1.0,
    "distributed.scheduler.rootish-taskgroup": 1_000_000,
    "distributed.scheduler.rootish-taskgroup-dependencies": 1_000_000,
}


def serve(told: Path, workers: int, host: str, *, stays: bool) -> None:
    """Start them, write their address, and end with the kernel, or on request.

    Args:
        told: the file for the address.
        stays: whether they outlive the kernel.
    """
    over = threading.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: over.set())
    if not stays:
        threading.Thread(target=_await_end, args=(over,), daemon=True).start()
    import dask
    from distributed import LocalCluster

    settings = {**SETTINGS, **(FORKS if CAN_FORK else {}), "distributed.scheduler.idle-timeout": IDLE if stays else None}
    asked = {"n_workers": workers, "threads_per_worker": 1, "host": host, "memory_limit": 0, "dashboard_address": _dashboard(host)}
    with dask.config.set(settings):
        if CAN_FORK:
            _load_before_forks(several=workers > 1)
        with LocalCluster(**asked) as cluster:
            _write(told, cluster.scheduler_address)
            while not over.wait(1) and cluster.status.name == "running":
                pass


def _load_before_forks(*, several: bool) -> None:
    """Load everything once, in a process from which the workers are forked; a killed worker is replaced at once, too."""
    from distributed.utils import get_mp_context

    # Dask's own list comes first; it is replaced.
    get_mp_context().set_forkserver_preload(["distributed", "seqmagic.machines.forked" if several else "seqmagic.machines.task"])


def _write(told: Path, address: str) -> None:
    """Write the address in one step, for the kernel that waits for it."""
    written = told.with_suffix(".new")
    written.write_text(json.dumps({"address": address}))
    written.replace(told)


def _await_end(over: threading.Event) -> None:
    """Wait until stdin is closed, which happens when the kernel ends, even by kill -9."""
    while os.read(0, 1024):
        pass
    over.set()
    threading.Event().wait(SECONDS)
    if hasattr(os, "killpg"):
        os.killpg(os.getpgrp(), signal.SIGKILL)  # This affects only these processes, because the process leads its own session.
    os._exit(1)


def _dashboard(host: str) -> str | None:
    """The address of dask's dashboard, which needs bokeh."""
    from importlib.util import find_spec

    return f"{host}:0" if find_spec("bokeh") else None


if __name__ == "__main__":  # Worker processes import this module again.
    serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], stays="--stay" in sys.argv)
