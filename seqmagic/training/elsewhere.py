"""A training elsewhere: what a run hands over that doesn't train in this kernel, and how it is told of what comes of it, as if it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import keras
import numpy as np

from seqmagic.classroom.bounds import check_seconds, worker_limit
from seqmagic.describe.source import name_of_model
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.registry import take_hand_over
from seqmagic.training.request import Request
from seqmagic.training.session import Session
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import Moment, State, capture, put_back

TABLES = ("batches", "epochs", "parts")  # Of a history.


class Elsewhere(Protocol):
    """Where a run trains that doesn't train in this kernel."""

    address: str

    def train(self, mirror: Mirror, job: str) -> None:
        """Train what a mirror hands over, and tell it of all that comes, until the end.

        Args:
            mirror: of the run.
            job: by what it is known there.
        """


@dataclass
class Job:
    """What is to be trained: all that a process elsewhere has to know.

    Attributes:
        model: with the weights, the random states and the optimizer of `state`.
        told: what the ledger says of it: it must come out the same there.
        data: x, y, and the options of `fit` that are data.
        options: the others.
        names: what the data and the labels are called.
        start_point: where it begins.
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
    """A run in this kernel, for whoever trains it elsewhere.

    Attributes:
        model: gets the state that the training leaves.
        request: what is trained on. start_point: where it begins.
        session: where the run is.
        told: what the ledger says of the model.
        earlier_job: by what the run that this one goes on with was known, where that trained elsewhere.
        where: what trains it now, in a word or two; empty while it waits.
    """

    model: keras.Model
    request: Request
    start_point: StartPoint
    session: Session
    told: dict[str, Any] = field(default_factory=dict)
    earlier_job: str = ""
    where: str = ""
    _rate: float | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        self._rate = self._plain_rate()

    def job(self) -> Job:
        """What is to be trained, as this run was asked for."""
        x, y, given = self.request.again.get()
        options = {**given, "seed": self.request.seed}
        data = {"x": x, "y": y, **{name: options.pop(name) for name in DATA_OPTIONS if name in options}}
        state = capture(self.model, Moment(self.session.count.first_epoch))
        names, line = self.request.names, self.request.fit_line
        start = portable(self.start_point)
        return Job(self.model, name_of_model(self.model), state, self.told, data, options, names, line, start, worker_limit())

    # What whoever trains tells.

    def begin(self, where: str, steps: int | None, *, is_repeatable: bool) -> None:
        """It begins now, or begins again after what trained it was lost.

        Args:
            where: what trains it. steps: how many batches an epoch has.
            is_repeatable: whether the order of its data can be had again.
        """
        if not self.where:
            self.session.clock.set(0.0, holding=False)
        self.where = where
        self.session.count.steps, self.session.is_repeatable = steps, is_repeatable
        self.session.announce(now=True)

    def add_rows(self, table: str, names: list[str], rows: np.ndarray, *, anew: bool) -> None:
        """Some rows of its history.

        Args:
            rows: position first.
            anew: whether they stand for all that there were.
        """
        kept = getattr(self.session.record, table)
        if anew:
            kept.cut(-1.0)
        if len(rows):
            kept.extend(rows[:, 0], names, rows[:, 1:])

    def move(self, progress: Mapping[str, Any]) -> None:
        """Where it is now, as `Session.report` says."""
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
        """A state that it has kept: "last" or "best"."""
        snapshots = self.session.snapshots
        setattr(snapshots, kind, state)
        if snapshots.write is not None:
            snapshots.write(kind, state)

    def end(self, state: State, best: State | None, told: Mapping[str, Any]) -> None:
        """It has ended, and left this state, and that of its best epoch.

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

    # What whoever trains asks.

    def press(self) -> dict[str, Any]:
        """What was pressed since the last time, for the one that trains; empty where nothing was."""
        # What waits for a worker learns nothing, and one batch at least is learned.
        if self.session.count.batches and not self.stop_asked and (told := check_seconds(self.session.clock.seconds)):
            self.session.reason = told
            self.session.controls.stop()
        pressed: dict[str, Any] = {"press": word} if (word := self.session.controls.take_press()) else {}
        # Afterwards, so that what was wished for before Stop is there with it.
        self.session.controls.carry_out()
        rate = self._plain_rate()
        if rate != self._rate:
            self._rate = pressed["rate"] = rate
        return pressed

    @property
    def stop_asked(self) -> bool:
        """Whether somebody pressed Stop."""
        return self.session.controls.stop_asked

    def _plain_rate(self) -> float | None:
        optimizer = self.model.optimizer
        return float(optimizer.learning_rate) if has_plain_rate(optimizer) else None


def portable(start_point: StartPoint) -> StartPoint:
    """A start point as another process can have it: without what is held here alone."""
    return replace(start_point, kept=KeptWeights(0), config=replace(start_point.config, loss=None))
