"""The kernel's connection to a scheduler: the data sent to it, the metadata it stores, and the workers' events."""

from __future__ import annotations

import hashlib
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from queue import SimpleQueue
from typing import Any

from seqmagic.classroom.current import current_rules
from seqmagic.machines.errors import MachineError, import_distributed
from seqmagic.machines.leases import Leases, student_here
from seqmagic.machines.pack import pack
from seqmagic.translation import gettext

SECONDS = 5.0  # Timeout for the connection.
MOST_DATA = 12  # Datasets kept on the workers, such as those of the folds of a sweep.
ROOT = "seqmagic"  # The key of seqmagic's metadata on the scheduler.


class Connection:
    """A connection to one scheduler.

    Attributes:
        address: of the scheduler.
        student: the owner of this kernel's runs; a class limits the runs of each student.
        client: of dask.
        topic: the topic under which workers send events to this kernel.
    """

    def __init__(self, address: str, student: str = "") -> None:
        self.address, self.student, self.topic = address, student or student_here(), f"{ROOT}-{uuid.uuid4().hex[:12]}"
        self.client = _connect(address)
        self._inboxes: dict[str, SimpleQueue[dict[str, Any]]] = {}
        self._data: OrderedDict[str, tuple[Any, int]] = OrderedDict()
        self._leases: Leases | None = None
        self._ranks: set[int] = set()
        self._lock = threading.Lock()
        self.client.subscribe_topic(self.topic, self._hand_out)

    @property
    def is_alive(self) -> bool:
        """Whether the connection is still open."""
        return str(self.client.status) == "running"

    @contextmanager
    def listening(self, job: str) -> Iterator[SimpleQueue[dict[str, Any]]]:
        """Within this context, the queue of the workers' events about a run."""
        inbox = self._inboxes[job] = SimpleQueue()
        try:
            yield inbox
        finally:
            del self._inboxes[job]

    def leases(self) -> Leases | None:
        """The leases of this kernel, one of which each run needs to train; None if the class sets no limit."""
        most = current_rules().machines.get("runs")
        with self._lock:
            if most is None or (self._leases is not None and self._leases.most != most):
                self._let_go()
            if most is not None and self._leases is None:
                self._leases = Leases(self.client, most, self.student)
            return self._leases

    def _let_go(self) -> None:
        if self._leases is not None:
            self._leases.close()
        self._leases = None

    @contextmanager
    def ranked(self) -> Iterator[int]:
        """Within this context, the rank of a run in this kernel: the lowest number that no other run has, from 0.

        Dask starts runs of a lower rank first, so that nobody's second run starts before another student's first.
        """
        with self._lock:
            rank = next(rank for rank in count() if rank not in self._ranks)
            self._ranks.add(rank)
        try:
            yield rank
        finally:
            with self._lock:
                self._ranks.discard(rank)

    def _hand_out(self, event: tuple[float, dict[str, Any]]) -> None:
        """Put a worker's event into the queue of its run."""
        inbox = self._inboxes.get(event[1]["job"])
        if inbox is not None:
            inbox.put(event[1])

    def knows(self, job: str) -> bool:
        """Whether the scheduler still has a run of an earlier kernel, running or finished."""
        return bool(job) and self.get(job, "job") is not None

    # The scheduler's metadata of a run, which outlives kernels and workers.

    def get(self, job: str, what: str) -> Any:
        """The value stored for a run under a key, or None."""
        return self.client.get_metadata([ROOT, job, what], default=None)

    def put(self, job: str, what: str, value: Any) -> None:
        """Store a value for a run."""
        self.client.set_metadata([ROOT, job, what], value)

    def forget(self, job: str) -> None:
        """Delete everything stored for a run."""
        self.client.set_metadata([ROOT, job], {})

    def cancel(self, job: str, future: Any) -> None:
        """Take a run out of the queue. If a worker has taken it just before, the wish that stays here ends it there, and is deleted."""
        serial = time.time_ns()
        wish = {"serial": serial, "topic": self.topic, "press": ["stop", serial], "is_cancelled": True}
        self.client.set_metadata([ROOT, job], {"wish": wish})
        self.client.cancel([future], force=True)

    def is_executed(self, key: str) -> bool:
        """Whether a worker executes a task, given by its key in dask; those that wait at a worker are not."""
        try:
            return bool(self.client.call_stack(keys=[key]))
        except KeyError:
            return False  # The scheduler doesn't know it any more.
        except OSError:
            return True  # The worker is being lost, and its task is not in the queue yet.

    def send_data(self, data: dict[str, Any]) -> Any:
        """Send data to every worker, once per dataset; returns dask's future for it."""
        packed = pack(data, gettext("the data"))
        key = f"{ROOT}-data-{hashlib.blake2b(packed, digest_size=12).hexdigest()}"
        with self._lock:
            known = self._data.pop(key, None)
            if known is None or known[0].status != "finished":
                known = (self.client.scatter({key: packed}, broadcast=True)[key], len(packed))
            self._data[key] = known
            while len(self._data) > MOST_DATA:
                self._data.popitem(last=False)
            return known[0]

    def close(self) -> None:
        """Close the connection; running jobs continue."""
        with self._lock:
            self._let_go()
        self.client.close()


def _connect(address: str) -> Any:
    """Connect a dask client.

    Raises:
        MachineError: If nothing answers, or not with a compatible protocol.
    """
    distributed = import_distributed()

    def open_client() -> Any:
        return distributed.Client(address, timeout=SECONDS, set_as_default=False, name="seqmagic")

    try:
        try:
            return open_client()
        except AssertionError:
            # The client gives its own thread ten seconds to start, too few while TensorFlow is loaded on a busy machine.
            return open_client()
    except (OSError, ValueError, ImportError, TypeError) as error:
        problem = gettext("No scheduler answers at {address}.", address=address)
        expected = gettext("dask scheduler --host 127.0.0.1 --dashboard-address 127.0.0.1:0, running there")
        raise MachineError(problem, expected=expected, instead="on=local") from error
