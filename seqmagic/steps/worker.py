"""A worker process, one of several that share a training: `python -m seqmagic.steps.worker`. It is driven over its standard input.

It exits when the process that started it does, because its standard input is closed then.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
from queue import SimpleQueue
from typing import IO, Any

from seqmagic.steps.messages import Assign, Failed, Give, Measure, Ready, Steps, WorkerSetup
from seqmagic.translation import gettext


def main() -> None:
    """Handle the messages on standard input; replies go to the original stdout, and what TensorFlow prints goes to stderr."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    orders: SimpleQueue[Any] = SimpleQueue()
    threading.Thread(target=read_orders, args=(sys.stdin.buffer, orders), daemon=True).start()
    replica: Any = None
    while True:
        try:
            order = orders.get()
            if isinstance(order, WorkerSetup):
                replica = make_replica(order)
                reply: Any = Ready(replica.shapes, replica.count_shapes)
            else:
                reply = obey(replica, order)
        except Exception as error:  # noqa: BLE001  # Whatever the exception, the kernel reports it to the user.
            reply = Failed(type(error).__name__, str(error))
        pickle.dump(reply, replies, protocol=5)
        replies.flush()


def read_orders(source: IO[bytes], orders: SimpleQueue[Any]) -> None:
    """Read the kernel's messages in a thread; when the pipe closes, exit the process at once, even in the middle of a step."""
    try:
        while True:
            orders.put(pickle.load(source))  # noqa: S301  # The data comes from the process that started this one.
    except Exception:  # noqa: BLE001
        os._exit(0)


def make_replica(setup: WorkerSetup) -> Any:
    """Create the replica. TF_CONFIG names the other workers and must be set before TensorFlow is imported."""
    cluster = {"worker": list(setup.addresses)}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": setup.rank}})
    from seqmagic.steps.replica import Replica

    return Replica(setup)


def obey(replica: Any, order: Any) -> Any:
    """Handle one message from the kernel."""
    if isinstance(order, Steps):
        return replica.take(order)
    if isinstance(order, Give):
        return replica.values()
    if isinstance(order, Assign):
        return replica.assign(order)
    if isinstance(order, Measure):
        return replica.measure()
    raise TypeError(gettext("{order!r} is not a known command.", order=order))


if __name__ == "__main__":
    main()
