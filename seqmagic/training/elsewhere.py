"""Training elsewhere: what a run sends to another process for training, and how it is updated as if it trained here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import keras
import numpy as np

from seqmagic.classroom.bounds import check_seconds, worker_limit
from seqmagic.describe.source import name_of_model
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.steps.workers import Workers
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.registry import take_hand_over
from seqmagic.training.request import Request
from seqmagic.training.session import Session
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import Moment, State, capture, put_back
from seqmagic.translation import gettext

TABLES = ("batches", "epochs", "parts")  # Of a history.


class Elsewhere(Protocol):
    """A place where a run trains outside this kernel."""

    address: str

    @property
    def caution(self) -> str:
        """What the user should know before data are sent there, in a sentence; empty if there is nothing."""

    @property
    def outlives_kernel(self) -> bool:
        """Whether a training there goes on when this kernel ends."""

    def check_sharing(self, workers: int) -> None:
        """Check that several workers there can share a training.

        Raises:
            ArgumentError: With what to do instead.
        """

    def start_workers(self, count: int, folder: Path, is_wanted: Callable[[], bool]) -> Workers:
        """Start the processes of a training that several workers there share.

        Args:
            count: how many. folder: with the files that they read.
            is_wanted: returns False once Stop was pressed.
        """

    def train(self, mirror: Mirror, job: str) -> None:
        """Train a mirror's job, and report everything to the mirror, until the end.

        Args:
            mirror: of the run.
            job: its id there.
        """


@dataclass
class Job:
    """Everything that another process needs for a training.

    Attributes:
        model: with the weights, the seed states and the optimizer of `state`.
        told: the model's facts as stored in the ledger; they must come out equal there.
        data: x, y, and those options of `fit` that are data.
        options: the others.
        names: of the data and the labels.
        start_point: of the run.
        limit: the seconds that it may have a worker, and what is said when they are over.
    """

    model: keras.Model
    name: str
    state: State
    told: dict[str, Any]
    data: dict[str, Any]
    options: dict[str, Any]
    names: tuple[str, str]
    fit_line: str
    start_point: StartPoint
    limit: tuple[float, str] | None = None


DATA_OPTIONS = ("validation_data", "sample_weight")


@dataclass
class Mirror:
    """A run in this kernel that is trained elsewhere.

    Attributes:
        model: receives the final state.
        request: what to train. start_point: of the run.
        session: with the progress.
        told: the model's facts as stored in the ledger.
        earlier_job: the id of the run that this one resumes, if that trained elsewhere.
        where: the worker that trains it now, or trained it last; empty while it is queued.
        is_waiting: whether it is queued, the first time or since its worker was lost.
    """

    model: keras.Model
    request: Request
    start_point: StartPoint
    session: Session
    told: dict[str, Any] = field(default_factory=dict)
    earlier_job: str = ""
    where: str = ""
    is_waiting: bool = True
    _rate: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._rate = self._plain_rate()

    def job(self) -> Job:
        """The job for this run."""
        x, y, given = self.request.again.get()
        options = {**given, "seed": self.request.seed}
        data = {"x": x, "y": y, **{name: options.pop(name) for name in DATA_OPTIONS if name in options}}
        state = capture(self.model, Moment(self.session.count.first_epoch))
        names, line = self.request.names, self.request.fit_line
        start = portable(self.start_point)
        return Job(self.model, name_of_model(self.model), state, self.told, data, options, names, line, start, worker_limit())

    # Called with reports from the worker.

    def begin(self, where: str, steps: int | None, *, is_repeatable: bool) -> None:
        """Training begins, or begins again after its worker was lost.

        Args:
            where: the worker. steps: the number of batches per epoch.
            is_repeatable: whether the order of its data can be restored.
        """
        if not self.where:
            self.session.clock.set(0.0, holding=False)
        self.where, self.is_waiting = where, False
        self.session.count.steps, self.session.is_repeatable = steps, is_repeatable
        self.session.announce(now=True)

    def wait_again(self) -> None:
        """Its worker was lost, and another has to take it."""
        self.is_waiting = True
        self.session.announce(now=True)

    def add_rows(self, table: str, names: list[str], rows: np.ndarray, *, anew: bool) -> None:
        """Add rows to its history.

        Args:
            rows: with the position first.
            anew: whether they replace all rows.
        """
        kept = getattr(self.session.record, table)
        if anew:
            kept.cut(-1.0)
        if len(rows):
            kept.extend(rows[:, 0], names, rows[:, 1:])

    def move(self, progress: Mapping[str, Any]) -> None:
        """Update the progress, from `Session.report`."""
        session, count = self.session, self.session.count
        if progress["batches"] and not count.batches:
            take_hand_over(self.model)
        count.epoch, count.step, count.steps = progress["epoch"], progress["step"], progress["steps"]
        count.begun = max(progress["begun"] and 1, count.epoch - count.first_epoch + 1)
        count.batches, count.validating = progress["batches"], progress["validating"]
        warm = progress["warm"]
        session.clock.set(progress["seconds"], holding=progress["holding"])
        session.clock.warm = tuple(warm) if warm else None
        if session.journal is not None:
            session.journal.look()
        session.announce()

    def keep(self, kind: str, state: State) -> None:
        """Store a checkpoint: "last" or "best"."""
        snapshots = self.session.snapshots
        setattr(snapshots, kind, state)
        if snapshots.write is not None:
            snapshots.write(kind, state)

    def end(self, state: State, best: State | None, told: Mapping[str, Any]) -> None:
        """End, with the final state, and that of the best epoch.

        Args:
            told: the reason, whether it was stopped, and the warnings.
        """
        put_back(self.model, state)
        snapshots = self.session.snapshots
        snapshots.last, snapshots.best = state, best or snapshots.best
        self.session.reason = told["reason"] or self.session.reason
        if told["stopped"]:
            self.session.controls.stop()  # Maybe nobody has pressed it here.
        self.session.warnings += [one for one in told["warnings"] if one not in self.session.warnings]
        for kind, kept in (("last", state), ("best", best)):
            if snapshots.write is not None and kept is not None:
                snapshots.write(kind, kept)
        snapshots.keep_epoch(self.session.record.reached, now=True)
        self.session.announce(now=True)

    def end_unfinished(self) -> None:
        """End by Stop while no process trains it: with the last checkpoint, if there is one."""
        last = self.session.snapshots.last
        if last is not None and (self.where or self.start_point.state is not None):
            put_back(self.model, last)
        if self.where:
            self.session.warnings.append(
                gettext("No worker was training it when it was stopped: the model has the weights of the last copy.")
            )

    # Called to get the user's actions.

    def press(self) -> dict[str, Any]:
        """The user's actions since the last call; empty if there are none."""
        # What waits for a worker learns nothing, and one batch at least is learned.
        if self.session.count.batches and not self.stop_asked and (told := check_seconds(self.session.clock.seconds)):
            self.session.reason = told
            self.session.controls.stop()
        pressed: dict[str, Any] = {"press": word} if (word := self.session.controls.take_press()) else {}
        # Afterwards, so that work requested before Stop is done by then.
        self.session.controls.carry_out()
        rate = self._plain_rate()
        if rate != self._rate:
            self._rate = pressed["rate"] = rate
        return pressed

    @property
    def stop_asked(self) -> bool:
        """Whether Stop was pressed."""
        return self.session.controls.stop_asked

    def _plain_rate(self) -> float | None:
        optimizer = self.model.optimizer
        return float(optimizer.learning_rate) if has_plain_rate(optimizer) else None


def portable(start_point: StartPoint) -> StartPoint:
    """A start point without the parts that exist only in this process."""
    return replace(start_point, kept=KeptWeights(0), config=replace(start_point.config, loss=None))
