"""The post of a run: from the worker that trains it to the kernel that asked for it, and what that presses back.

What must outlive both goes to the scheduler: what the run could go on from, and at the end what came of it.
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
SECONDS_BETWEEN_LOOKS = 0.1  # At what the kernel has pressed.
PRESSES = ("stop", "pause", "resume", "step_batch", "step_epoch")


class Post:
    """Carries what a run says and hears.

    Attributes:
        worker: dask's own, of this process.
        job: by what the run is known.
        life: by this the kernel tells it from one that was begun on another worker before.
        run: once it is there.
        reason: why it was made to end.
    """

    def __init__(self, worker: Any, job: str) -> None:
        self.worker, self.job, self.life = worker, job, uuid.uuid4().hex[:8]
        self.run: Run | None = None
        self.topic, self.reason = "", ""
        self._serial = -1
        self._heard: dict[str, int] = {}  # By each kind of wish, which was done last.
        self._sent = dict.fromkeys(TABLES, (0, 0, 0))  # For each table: rows, generation and columns.
        self._lock = threading.Lock()
        self._deadline, self._told_then = math.inf, ""
        self._is_over = False

    # What the scheduler keeps.

    def get(self, what: str) -> Any:
        """What is kept under a name, or None."""
        from distributed.utils import sync

        return sync(self.worker.loop, self.worker.scheduler.get_metadata, keys=[ROOT, self.job, what], default=None)

    def put(self, what: str, value: Any) -> None:
        """Keep something under a name."""
        from distributed.utils import sync

        sync(self.worker.loop, self.worker.scheduler.set_metadata, keys=[ROOT, self.job, what], value=value)

    def last(self) -> StartPoint | None:
        """What another worker has left of this run before it was lost."""
        last, best = self.get("last"), self.get("best")
        if last is None:
            return None
        left: StartPoint = pickle.loads(last)  # noqa: S301  # Dask's own way.
        return replace(left, best=pickle.loads(best) if best is not None else None)  # noqa: S301

    # What is told.

    def tell(self, kind: str, **facts: Any) -> None:
        """Tell the kernel something."""
        self.worker.log_event(self.topic, {"job": self.job, "life": self.life, "kind": kind, "sent": time.time(), **facts})

    def follow(self, run: Run, limit: tuple[float, str] | None = None) -> None:
        """Tell of a run from now on, and let it hear what is pressed.

        Args:
            limit: how many seconds it may last, pauses included, and what is said when they are over.
        """
        self.run = run
        if limit is not None:
            self._deadline, self._told_then = time.monotonic() + limit[0], limit[1]
        run.write_states(self.keep)
        run.watchers.append(self.look)
        self.worker.loop.add_callback(self._listen)

    def look(self, run: Run) -> None:
        """Tell what is new."""
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
        """Let the scheduler keep what another worker could go on from, with the curves that led to it."""
        self.put(kind, pickle.dumps(replace(left, best=None) if kind == "last" else left.best, protocol=5))
        self.tell("kept", which=kind)

    def end(self, **facts: Any) -> None:
        """The last word: it stays with the scheduler until the kernel has it."""
        self._is_over = True
        self.put("end", pickle.dumps(facts, protocol=5))
        self.tell("end")

    # What is heard.

    async def _listen(self) -> None:
        """Look at what is pressed, beside the training, in the worker's own loop."""
        while not self._is_over:
            if self.run is not None and time.monotonic() > self._deadline:
                self.reason = self.run.reason or self._told_then
                self.run.stop()
            try:
                wish = await self.worker.scheduler.get_metadata(keys=[ROOT, self.job, "wish"], default=None)
            except OSError:
                wish = None  # The scheduler is away, and may come back.
            if wish and wish["serial"] != self._serial:
                self.hear(wish)
            await asyncio.sleep(SECONDS_BETWEEN_LOOKS)

    def hear(self, wish: dict[str, Any]) -> None:
        """Do what was pressed, and tell it to whom it is to be told."""
        self._serial = wish["serial"]
        if wish["topic"] != self.topic:  # Another kernel asks: that of before has died.
            self.topic = wish["topic"]
            self._sent = dict.fromkeys(TABLES, (0, -1, 0))
        run = self.run
        if run is None or run.ended:
            return
        wishes = {what: wish.get(what) or (None, 0) for what in ("rate", "press", "anew")}
        # As they came: a rate that is set before Stop holds.
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
        """Say that it trains now, and where."""
        report = run.report()
        self.tell(
            "begun", where=self.worker.address, steps=report["steps"], is_repeatable=report["is_repeatable"], behind=run.record.reached
        )
