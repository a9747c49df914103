"""The start point of a run: what it starts with, and what it leaves for the next run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seqmagic.errors import ArgumentError, LanguageError
from seqmagic.history import History
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.state import Moment, State
from seqmagic.translation import gettext


@dataclass(frozen=True)
class FitConfig:
    """The configuration of a run; most of it must be unchanged when the run is resumed.

    Attributes:
        seed: for the order of its epochs.
        epochs: its total number, including those before an interruption.
        fit_line: as the run was started.
        data: the fingerprints of its data.
        options: of its fit, as far as they are needed again and can be stored.
        optimizer: its config. loss: the loss object, if available. compile_line: as text, if there is one.
    """

    seed: int = 0
    epochs: int = 1
    fit_line: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    optimizer: Mapping[str, Any] = field(default_factory=dict)
    loss: Any = None
    compile_line: str = ""

    @property
    def learning_rate(self) -> float | None:
        """The initial learning rate, if it was a number."""
        rate = self.optimizer.get("learning_rate")
        return float(rate) if isinstance(rate, (int, float)) else None


@dataclass(frozen=True)
class StoredRun:
    """A run in a ledger: a number counts within its file, and a notebook may change the file.

    Attributes:
        file: the ledger's path.
        number: of the run in it.
    """

    file: str
    number: int


@dataclass(frozen=True)
class StartPoint:
    """What a run starts with. A run that ends leaves one for the next run.

    Attributes:
        record: the history to append to.
        first_epoch: the number of epochs before the newest run of the history began, or before it was interrupted.
        state: from which an interrupted run is resumed; None if there is nothing to resume.
        first, best: the first weights of the history, and those of its best epoch, if available.
        kept: the weights of some of its epochs.
        stored: the run that is continued, if it is in a ledger.
        weights: a checksum of the weights that the run left, if it has one.
        steps: the number of batches per epoch, if known.
        config: of the run.
        is_own: whether it is the user's own, and not another user's in the same ledger.
    """

    record: History
    first_epoch: int = 0
    state: State | None = None
    first: State | None = None
    best: State | None = None
    kept: KeptWeights = field(default_factory=KeptWeights)
    stored: StoredRun | None = None
    weights: int | None = None
    steps: int | None = None
    config: FitConfig = field(default_factory=FitConfig)
    is_own: bool = True

    @classmethod
    def fresh(cls, initial_epoch: int = 0) -> StartPoint:
        """For a run that starts a new history.

        Args:
            initial_epoch: the number of epochs before it, as given by the user.
        """
        return cls(History(), initial_epoch)

    @classmethod
    def after(cls, history: History, left: StartPoint | None, loss: Any, initial_epoch: int = 0) -> StartPoint:
        """For a run that continues a history: with a copy of it, so that the earlier run's history is unchanged.

        Args:
            left: by the model's last run; used if it belongs to this history.
            loss: of the model now. Weights that were best for another loss are not taken over.
            initial_epoch: the number of epochs before the run, as given by the user.

        Raises:
            ArgumentError: If the history has more.
        """
        record, behind = history.copy(), math.ceil(history.position)
        if 0 < initial_epoch < behind:
            problem = gettext(
                "initial_epoch is {initial_epoch}, but the continued history already has {behind} epochs.",
                initial_epoch=initial_epoch,
                behind=behind,
            )
            raise ArgumentError(problem, expected=gettext("no initial_epoch, or {behind}", behind=behind))
        begin = cls(record, max(behind, initial_epoch))
        if left is None or left.record is not history:
            return begin
        if left.config.loss != loss:
            record.loss_since = record.position
            return replace(begin, first=left.first, kept=left.kept, stored=left.stored)
        return replace(begin, first=left.first, best=left.best, kept=left.kept, stored=left.stored)

    @classmethod
    def resuming(cls, left: StartPoint) -> StartPoint:
        """For a run that resumes an interrupted one: the history is cut at the moment of its state.

        Args:
            left: by the other run, or read from the ledger; with a state.
        """
        assert left.state is not None  # noqa: S101  # Callers check it.
        record, moment = left.record.copy(), left.state.moment
        record.cut(moment.epoch, moment.step / left.steps if left.steps else 0.0)
        return replace(left, record=record, best=_best_of(record, left.best, left.state))

    def number_in(self, file: Path) -> int | None:
        """The number of the run that is continued, if it is in the ledger with this path."""
        return self.stored.number if self.stored is not None and self.stored.file == str(file) else None

    def without_weights(self) -> StartPoint:
        """The same without the weights, for a run that has handed them over."""
        return replace(self, state=None, first=None, best=None, kept=KeptWeights(0))

    def epochs_left(self, wanted: int | None = None) -> int:
        """The number of epochs that remain, including an interrupted one.

        Args:
            wanted: the new total number.

        Raises:
            LanguageError: If none remain.
        """
        done = (self.state.moment.epoch if self.state is not None else self.first_epoch) - self.first_epoch
        left = (wanted or self.config.epochs) - done
        if left < 1:
            problem = gettext("The run has already trained its {done} epochs, so there is nothing to continue.", done=done)
            raise LanguageError(problem, expected=gettext("more epochs"), instead=f"epochs={done + 10} --resume")
        return left


def _best_of(history: History, *states: State | None) -> State | None:
    """The state of the best epoch of a history; a state stored before a better epoch is not it."""
    best = history.best()
    wanted = None if best is None else Moment(int(best.position))
    return next((state for state in states if state is not None and state.moment == wanted), None)
