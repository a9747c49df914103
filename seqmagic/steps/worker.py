"""A worker process of a training that several share: `python -m seqmagic.steps.worker`, with its setup and all else by its standard input.

It ends with whoever has started it: nothing comes by its input then.
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


def main() -> None:
    """Do what comes by the standard input; what TensorFlow prints goes to the errors, and answers to where the output was."""
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
        except Exception as error:  # noqa: BLE001  # Whatever it is, the kernel says it in its own words.
            reply = Failed(type(error).__name__, str(error))
        pickle.dump(reply, replies, protocol=5)
        replies.flush()


def read_orders(source: IO[bytes], orders: SimpleQueue[Any]) -> None:
    """Read what the kernel says, in a thread: where nothing can come any more, the process ends, whatever it is at."""
    try:
        while True:
            orders.put(pickle.load(source))  # noqa: S301  # It comes from the process that has started this one.
    except Exception:  # noqa: BLE001
        os._exit(0)


def make_replica(setup: WorkerSetup) -> Any:
    """The model, once TensorFlow knows of the other workers; that has to be said before it is loaded."""
    cluster = {"worker": [f"127.0.0.1:{port}" for port in setup.ports]}
    os.environ["TF_CONFIG"] = json.dumps({"cluster": cluster, "task": {"type": "worker", "index": setup.rank}})
    from seqmagic.steps.replica import Replica

    return Replica(setup)


def obey(replica: Any, order: Any) -> Any:
    """Do one thing that the kernel asks for."""
    if isinstance(order, Steps):
        return replica.take(order)
    if isinstance(order, Give):
        return replica.values()
    if isinstance(order, Assign):
        return replica.assign(order)
    if isinstance(order, Measure):
        return replica.measure()
    raise TypeError(f"no order: {order!r}")


if __name__ == "__main__":
    main()
