"""The placement of a run: in this kernel, in another process, or on several workers that share each batch."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

import keras

from seqmagic.ledger.current import current_ledger
from seqmagic.steps.shared_loop import SharedLoop
from seqmagic.training.elsewhere import Elsewhere, Mirror
from seqmagic.training.start_point import StartPoint


@dataclass
class Placement:
    """Where a run trains.

    Attributes:
        place: outside this kernel, if it trains there. job: the run's id there. mirror: updated from there.
        shared: the loop of a training that several workers share.
    """

    place: Elsewhere | None = None
    job: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    mirror: Mirror | None = None
    shared: SharedLoop | None = None

    @property
    def where(self) -> str:
        """The worker that trains the run, or the workers, if not this kernel; empty while it waits for one."""
        return self.mirror.where if self.mirror is not None else ", ".join(self.shared.places) if self.shared is not None else ""

    @property
    def waits_at(self) -> str:
        """The scheduler where the run waits for a worker; empty if it doesn't."""
        waits = self.mirror.is_waiting if self.mirror is not None else self.shared is not None and not self.where
        return self.place.address if self.place is not None and waits else ""

    @property
    def goes_on_at(self) -> str:
        """The scheduler where the run trains on when this kernel ends; empty if it doesn't."""
        return self.place.address if self.place is not None and self.place.outlives_kernel and self.mirror is not None else ""

    @property
    def settings(self) -> dict[str, Any]:
        """What the run's entry in the ledger says of it."""
        return {"on": {"address": self.place.address, "job": self.job}} if self.place is not None else {}

    def share(self, model: keras.Model, workers: int) -> SharedLoop | None:
        """Let several workers share each batch, if there are several; returns their loop."""
        if workers > 1:
            self.shared = SharedLoop(model, workers, self.place.start_workers if self.place is not None else None)
        return self.shared

    def train(self, mirror: Mirror, place: Elsewhere) -> None:
        """Train in another process."""
        self.mirror = mirror
        mirror.session.announce(now=True)  # It waits for a worker now.
        place.train(mirror, self.job)


def job_of(start_point: StartPoint) -> str:
    """The id of the run that a start point resumes, if that trained in another process; empty if it didn't."""
    ledger = current_ledger()
    number = start_point.number_in(ledger.path) if ledger is not None else None
    before = ledger.entry(number) if ledger is not None and number is not None and start_point.state is not None else None
    return str(before.settings.get("on", {}).get("job", "")) if before is not None else ""
