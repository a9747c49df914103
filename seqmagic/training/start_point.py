"""The start point of a run: what it takes over from the one whose history goes on, or that was cut."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from seqmagic.errors import ArgumentError
from seqmagic.history import History
from seqmagic.options.compile_line import loss_of
from seqmagic.training.registry import last_run_of
from seqmagic.training.resume import Cut
from seqmagic.training.state import State


@dataclass(frozen=True)
class StartPoint:
    """What a run begins with.

    Attributes:
        record: the history that it adds to; a copy, so that the earlier run's own stays what it was.
        began_at: how many epochs the model had behind it when the history's newest run began, before it was cut, if it was.
        state: what a run that was cut goes on from.
        first, best: the first weights of the history, and those of its best epoch.
        number: the earlier run's in the ledger.
        loss: what the model is trained for now.
        rate: the learning rate that the run which was cut began with, where it was a number.
    """

    record: History
    began_at: int = 0
    state: State | None = None
    first: State | None = None
    best: State | None = None
    number: int | None = None
    loss: Any = None
    rate: float | None = None


def inherit(model: Any, history: History | None, cut: Cut | None, initial_epoch: int = 0) -> StartPoint:
    """The start point of a run that is about to begin.

    Args:
        history: of the run to go on from.
        cut: the run to go on with.
        initial_epoch: how many epochs the model has behind it in any case.

    Raises:
        ArgumentError: Where the history has more.
    """
    loss = loss_of(model)
    if cut is not None:
        rate = cut.optimizer.get("learning_rate")
        plain = rate if isinstance(rate, (int, float)) else None
        return StartPoint(cut.history, cut.first_epoch, cut.state, cut.first, cut.best, cut.number, loss, plain)
    if history is None:
        return StartPoint(History(), initial_epoch, loss=loss)
    record, began_at = history.copy(), math.ceil(history.position)
    if 0 < initial_epoch < began_at:
        problem = f"initial_epoch is {initial_epoch}, and the history that goes on has {began_at} epochs."
        raise ArgumentError(problem, expected=f"no initial_epoch, or {began_at}")
    began_at = max(began_at, initial_epoch)
    last = last_run_of(model)
    if last is None or history is not last.record:
        return StartPoint(record, began_at, loss=loss)
    worker = last._worker  # noqa: SLF001  # What runs hand on is nobody else's.
    if worker.session.loss != loss:
        record.loss_since = record.position
        return StartPoint(record, began_at, first=worker.snapshots.first, number=worker.number, loss=loss)
    return StartPoint(record, began_at, None, worker.snapshots.first, worker.snapshots.best, worker.number, loss)
