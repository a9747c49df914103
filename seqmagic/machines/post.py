"""The post of a run: its messages from the worker that trains it to the kernel, and the user's actions back.

What must outlive both is stored on the scheduler: the checkpoint that the run can resume from, and the result at the end.
"""

from __future__ import annotations

import asyncio
import math
import pickle
import threading
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from seqmagic.training.elsewhere import TABLES
from seqmagic.training.start_point import StartPoint

if TYPE_CHECKING:
    from seqmagic.training.run import Run

ROOT = "seqmagic"
SECONDS_BETWEEN_LOOKS = 0.1  # Between two checks for the user's actions.
PRESSES = ("stop", "pause", "resume", "step_batch", "step_epoch")


class Post:
    """Sends a run's messages and receives the user's actions.

    Attributes:
        worker: of dask, in this process.
        job: the id of the run on the scheduler.
        life: tells this attempt from earlier ones on other workers.
        run: once it has been created.
        reason: why it was made to end.
        is_cancelled: whether the kernel has stopped it while it was queued, and no longer listens.
    """

    def __init__(self, worker: Any, job: str) -> None:
        self.worker, self.job, self.life = worker, job, uuid.uuid4().hex[:8]
        self.run: Run | None = None
        self.topic, self.reason = "", ""
        self._serial = -1
        self._heard: dict[str, int] = {}  # The serial of the last wish handled, by kind.
        self._sent = dict.fromkeys(TABLES, (0, 0, 0))  # What was sent of each table: rows, generation and columns.
        self._lock = threading.Lock()
        self._deadline, self._told_then = math.inf, ""
        self._is_over = False
        self.is_cancelled = False

    # Metadata on the scheduler.

    def get(self, what: str) -> Any:
        """The value stored under a key, or None."""
        from distributed.utils import sync

        return sync(self.worker.loop, self.worker.scheduler.get_metadata, keys=[ROOT, self.job, what], default=None)

    def put(self, what: str, value: Any) -> None:
        """Store a value under a key."""
        from distributed.utils import sync

        sync(self.worker.loop, self.worker.scheduler.set_metadata, keys=[ROOT, self.job, what], value=value)

    def last(self) -> StartPoint | None:
        """The checkpoint that another worker stored before it was lost."""
        last, best = self.get("last"), self.get("best")
        if last is None:
            return None
        left: StartPoint = pickle.loads(last)  # noqa: S301  # Dask itself uses pickle.
        return replace(left, best=pickle.loads(best) if best is not None else None)  # noqa: S301

    # Sending messages.

    def tell(self, kind: str, **facts: Any) -> None:
        """Send an event to the kernel."""
        self.worker.log_event(self.topic, {"job": self.job, "life": self.life, "kind": kind, "sent": time.time(), **facts})

    def follow(self, run: Run, limit: tuple[float, str] | None = None) -> None:
        """Send the run's events from now on, and pass on the user's actions to it.

        Args:
            limit: the seconds that the run may last, pauses included, and the message when they are over.
        """
        self.run = run
        if limit is not None:
            self._deadline, self._told_then = time.monotonic() + limit[0], limit[1]
        run.write_states(self.keep)
        run.watchers.append(self.look)
        self.worker.loop.add_callback(self._listen)

    def look(self, run: Run) -> None:
        """Send what has changed."""
        with self._lock:
            rows = [told for table in TABLES if (told := self._new_rows(run, table)) is not None]
            self.tell("news", rows=rows, progress=run.report())

    def _new_rows(self, run: Run, table: str) -> dict[str, Any] | None:
        kept = getattr(run.record, table)
        count, generation, columns = self._sent[table]
        names, rows = kept.rows_from()
        anew = (generation, columns) != (kept.generation, len(names)) and (count > 0 or len(rows) > 0 or columns > 0)
        new = rows if anew else rows[count:]
        self._sent[table] = (len(rows), kept.generation, len(names))
        if not len(new) and not anew:
            return None
        return {"table": table, "names": names, "width": new.shape[1], "values": new.tobytes(), "anew": anew}

    def keep(self, kind: str, left: StartPoint) -> None:
        """Store on the scheduler what another worker could resume from, with the curves so far."""
        self.put(kind, pickle.dumps(replace(left, best=None) if kind == "last" else left.best, protocol=5))
        self.tell("kept", which=kind)

    def end(self, **facts: Any) -> None:
        """The final message: it stays on the scheduler until the kernel has read it; for a cancelled run, nothing stays."""
        self._is_over = True
        if self.is_cancelled:
            self.worker.loop.add_callback(self.worker.scheduler.set_metadata, keys=[ROOT, self.job], value={})
            return
        self.put("end", pickle.dumps(facts, protocol=5))
        self.tell("end")

    # Receiving the user's actions.

    async def _listen(self) -> None:
        """Poll for the user's actions during training, in the worker's own event loop."""
        while not self._is_over:
            if self.run is not None and time.monotonic() > self._deadline:
                self.reason = self.run.reason or self._told_then
                self.run.stop()
            try:
                wish = await self.worker.scheduler.get_metadata(keys=[ROOT, self.job, "wish"], default=None)
            except OSError:
                wish = None  # The scheduler can't be reached, and may come back.
            if wish and wish["serial"] != self._serial:
                self.hear(wish)
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def hear(self, wish: dict[str, Any]) -> None:
        """Carry out the user's actions, and note where to send events."""
        self._serial = wish["serial"]
        self.is_cancelled = wish.get("is_cancelled", False)
        if wish["topic"] != self.topic:  # Another kernel asks, because the previous one has died.
            self.topic = wish["topic"]
            self._sent = dict.fromkeys(TABLES, (0, -1, 0))
        run = self.run
        if run is None or run.ended:
            return
        wishes = {what: wish.get(what) or (None, 0) for what in ("rate", "press", "anew")}
        # In the order in which they were made: a learning rate set before Stop is applied.
        for what, (value, serial) in sorted(wishes.items(), key=lambda one: one[1][1]):
            if serial != self._heard.get(what, 0):
                self._heard[what] = serial
                self._do(run, what, value)

    def _do(self, run: Run, what: str, value: Any) -> None:
        if what == "press" and value in PRESSES:
            getattr(run, value)()
        elif what == "rate":
            run.learning_rate = value
        elif what == "anew":
            self.greet(run)
            self.look(run)

    def greet(self, run: Run) -> None:
        """Report that training has begun, and where."""
        report = run.report()
        self.tell(
            "begun", where=self.worker.address, steps=report["steps"], is_repeatable=report["is_repeatable"], behind=run.record.reached
        )
