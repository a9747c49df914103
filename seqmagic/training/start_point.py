"""The start point of a run: what it begins with, and what it hands over to the next one at its end."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from seqmagic.errors import ArgumentError, LanguageError
from seqmagic.history import History
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.state import Moment, State
from seqmagic.translation import gettext


@dataclass(frozen=True)
class FitConfig:
    """What a run was asked for; most of it must be the same where a run that was cut goes on.

    Attributes:
        seed: what the order of its epochs was drawn from.
        epochs: how many it should have, with those before it was cut.
        fit_line: the words that it was started with.
        data: the fingerprints of what it was trained on.
        options: those of its fit that it needs again, and that can be kept.
        optimizer: the settings of that. loss: the loss itself, while it is there. compile_line: the words, where there are some.
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
        """What the run began with, where it was a number."""
        rate = self.optimizer.get("learning_rate")
        return float(rate) if isinstance(rate, (int, float)) else None


@dataclass(frozen=True)
class StartPoint:
    """What a run begins with. One that ends hands over what the next one can begin with.

    Attributes:
        record: the history that it adds to.
        first_epoch: how many epochs the model had behind it when the newest run of the history began, before it was cut, if it was.
        state: what a run that was cut goes on from; None where there is nothing to go on with.
        first, best: the first weights of the history, and those of its best epoch, as far as they are there.
        kept: the weights of some of its epochs.
        number: of the run that is gone on from, in the ledger.
        weights: the checksum of those that the run left, where it has one.
        steps: how many batches its epochs have, where that is known.
        config: what it was asked for.
        is_own: whether it is the user's own, and not another's who keeps runs in the same file.
    """

    record: History
    first_epoch: int = 0
    state: State | None = None
    first: State | None = None
    best: State | None = None
    kept: KeptWeights = field(default_factory=KeptWeights)
    number: int | None = None
    weights: int | None = None
    steps: int | None = None
    config: FitConfig = field(default_factory=FitConfig)
    is_own: bool = True

    @classmethod
    def fresh(cls, initial_epoch: int = 0) -> StartPoint:
        """Of a run whose history begins with it.

        Args:
            initial_epoch: how many epochs the model has behind it all the same.
        """
        return cls(History(), initial_epoch)

    @classmethod
    def after(cls, history: History, left: StartPoint | None, loss: Any, initial_epoch: int = 0) -> StartPoint:
        """Of a run that goes on from a history: with a copy of it, so that the earlier run's own stays what it was.

        Args:
            left: what the model's last run has handed over; it counts where it is of this history.
            loss: what the model is trained for now. Weights that were the best for another one are not taken over.
            initial_epoch: how many epochs the user says that the model has behind it.

        Raises:
            ArgumentError: Where the history has more.
        """
        record, behind = history.copy(), math.ceil(history.position)
        if 0 < initial_epoch < behind:
            problem = gettext(
                "initial_epoch is {initial_epoch}, and the history that goes on has {behind} epochs.",
                initial_epoch=initial_epoch,
                behind=behind,
            )
            raise ArgumentError(problem, expected=gettext("no initial_epoch, or {behind}", behind=behind))
        begin = cls(record, max(behind, initial_epoch))
        if left is None or left.record is not history:
            return begin
        if left.config.loss != loss:
            record.loss_since = record.position
            return replace(begin, first=left.first, kept=left.kept, number=left.number)
        return replace(begin, first=left.first, best=left.best, kept=left.kept, number=left.number)

    @classmethod
    def resuming(cls, left: StartPoint) -> StartPoint:
        """Of a run that goes on where another one was cut: its history goes back to the moment of its state.

        Args:
            left: what the other one has handed over, or what the ledger has kept of it; with a state.
        """
        assert left.state is not None  # noqa: S101  # As checked above.
        record, moment = left.record.copy(), left.state.moment
        record.cut(moment.epoch, moment.step / left.steps if left.steps else 0.0)
        return replace(left, record=record, best=_best_of(record, left.best, left.state))

    def without_weights(self) -> StartPoint:
        """The same for a run that has handed them over."""
        return replace(self, state=None, first=None, best=None, kept=KeptWeights(0))

    def epochs_left(self, wanted: int | None = None) -> int:
        """How many epochs there are still to be trained, the one that was cut among them.

        Args:
            wanted: how many the whole run should have now.

        Raises:
            LanguageError: When none is left.
        """
        done = (self.state.moment.epoch if self.state is not None else self.first_epoch) - self.first_epoch
        left = (wanted or self.config.epochs) - done
        if left < 1:
            problem = gettext("The run has had its {done} epochs: there is nothing to go on with.", done=done)
            raise LanguageError(problem, expected=gettext("more epochs"), instead=f"epochs={done + 10} --resume")
        return left


def _best_of(history: History, *states: State | None) -> State | None:
    """The state of the best epoch of a history: weights that were kept before a better epoch are those of another."""
    best = history.best()
    wanted = None if best is None else Moment(int(best.position))
    return next((state for state in states if state is not None and state.moment == wanted), None)
