"""The task of a worker that shares a training with others: it runs the process of one rank, and passes messages to and fro."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqmagic.steps.messages import Failed, Lost, WorkerSetup
from seqmagic.steps.workers import LocalWorkers, UnwantedError, WorkerError, WorkerLostError

SECONDS = 1.0  # Between two checks whether the kernel is still there, while it asks for nothing.


def host_rank(rank: int, gang: str, sharers: int, files: Mapping[str, bytes], rows: bytes) -> None:
    """Run the process of a rank until the kernel cancels this task, or is gone.

    Args:
        gang: the name of the queues of this training. sharers: how many ranks this machine has.
        files: what the process reads, by name. rows: the same for its data, packed.
    """
    from distributed import Queue, get_client, get_worker
    from distributed.comm import get_address_host

    worker, client = get_worker(), get_client()
    key, orders, replies = worker.get_current_task(), Queue(f"{gang}-{rank}", client), Queue(gang, client)

    def is_wanted() -> bool:
        """Whether the task has not been cancelled: dask also does that when the kernel is gone."""
        task = worker.state.tasks.get(key)
        return task is not None and task.state == "executing"

    with tempfile.TemporaryDirectory(prefix="seqmagic-workers-") as name:
        folder = Path(name)
        for file, content in {**files, **pickle.loads(rows)}.items():  # noqa: S301  # Dask itself uses pickle.
            (folder / file).write_bytes(content)
        process = LocalWorkers(1, folder, get_address_host(worker.address))
        try:
            replies.put([rank, pickle.dumps(process.addresses[0])])
            while is_wanted():
                with suppress(TimeoutError):
                    order = pickle.loads(orders.get(timeout=SECONDS))  # noqa: S301  # As above.
                    if isinstance(order, WorkerSetup):
                        order = replace(order, folder=name, threads=threads_here(sharers))
                    replies.put([rank, pickle.dumps(answer_of(process, order, is_wanted), protocol=5)])
        except UnwantedError:
            pass
        finally:
            process.close()


def answer_of(process: LocalWorkers, order: Any, is_wanted: Callable[[], bool]) -> Any:
    """The reply of a process to a message; what went wrong with it is a reply, too."""
    try:
        return process.ask([order], is_wanted)[0]
    except WorkerError as error:
        return Failed("WorkerError", str(error))
    except WorkerLostError as error:
        return Lost(error.how, error.text)


def threads_here(sharers: int) -> int:
    """The threads of a rank: as many as this worker was told to use, or its share of the processors."""
    told = os.environ.get("TF_NUM_INTRAOP_THREADS", "")
    return int(told) if told.isdecimal() and int(told) else max(1, (os.cpu_count() or 1) // sharers)
