"""The copies of a run's model, which the user can put back until another run of the model replaces them."""

from __future__ import annotations

from typing import Any

from seqmagic.history import History
from seqmagic.training import registry
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import State


class Copies:
    """Finds the copies of a run's model: during the run they are its snapshots, afterwards in what it has left.

    Attributes:
        record: the run's history, by which the copies are recognized as its own.
        snapshots: of the run.
    """

    def __init__(self, record: History, snapshots: Snapshots) -> None:
        self.record, self.snapshots = record, snapshots

    def state(self, which: str, model: Any) -> State | None:
        """The "first" or the "best" state of the model; None if there is none, or none any more.

        Args:
            model: None if it no longer exists.
        """
        holder = self._holder(model)
        return None if holder is None else holder.first if which == "first" else holder.best if which == "best" else None

    def kept(self, model: Any) -> KeptWeights:
        """The weights of some epochs."""
        holder = self._holder(model)
        return KeptWeights(0) if holder is None else holder.kept

    def _holder(self, model: Any) -> StartPoint | Snapshots | None:
        active = registry.run_of(model)
        if model is None or (active is not None and active.record is not self.record):
            return None
        left = registry.hand_over_of(model)
        return left if left is not None and left.record is self.record else self.snapshots
