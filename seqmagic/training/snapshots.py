"""The snapshots: the first, the best and the last good state of a model in training, so that nothing learned is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras

from seqmagic.errors import TrainingError
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.options.early_stop import EarlyStop
from seqmagic.training.budget import TimeBudget
from seqmagic.training.callback_memory import Notes
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.state import Moment, State, capture, is_finite, is_small, put_back, size_of_weights, take_weights
from seqmagic.translation import gettext

QUICK = {"SGD": 0.1}  # Learning rates from which divergence is blamed on the rate; for other optimizers 0.01.
SHARE = 0.005  # Of the time, for each of: copies within an epoch, and writing them.
SHARE_OF_EPOCHS = 0.02  # The same for copies at the end of an epoch.


class Snapshots:
    """Keeps copies of a model's state in memory, and passes them on for writing.

    `write`, if it is set, is called with a kind ("last" or "best") and a state, rarely enough to cost little time.

    Attributes:
        model: in training.
        early_stop: its state is included in each copy.
        first: the weights at the start of the history, from an earlier run.
        best: the best state so far.
        kept: the weights of some epochs.
    """

    def __init__(
        self,
        model: keras.Model,
        early_stop: EarlyStop,
        first: State | None = None,
        best: State | None = None,
        kept: KeptWeights | None = None,
        *,
        scale: str = "",
    ) -> None:
        self.model: Any = model
        self.early_stop = early_stop
        self.scale = scale  # The note on data that is far larger than 1.
        self.refresh: Callable[[], object] = lambda: None  # Called before a copy, because the model may be trained in other processes.
        self.write: Callable[[str, State], Any] | None = None
        self.notes = Notes([])  # Of the user's callbacks.
        self.first = first
        self.best = best
        self.kept = KeptWeights() if kept is None else kept
        self.last: State | None = None
        self.good: State | None = None
        self.is_small = is_small(model)
        self._copying, self._writing, self._good_copying = TimeBudget(SHARE), TimeBudget(SHARE), TimeBudget(SHARE_OF_EPOCHS)
        self._best_is_written = True

    def begin(self, moment: Moment, resumed: State | None = None) -> None:
        """Called before training starts, or resumes from a state: metrics within its epoch are restored later."""
        if self.is_small:
            self.last = self.good = resumed or capture(self.model, moment, self.notes.take(), self.early_stop.facts())
            if moment == Moment():
                self.first = self.first or self.last
            if resumed is None or not resumed.moment.step:
                self.kept.begin(moment.epoch, size_of_weights(self.model), partial(take_weights, self.model))

    def look(self, moment: Moment, *, now: bool = False) -> bool:
        """Copy the state, if the time budget allows; False if a weight is not finite any more.

        Args:
            now: whether it must be copied now: training ends here, or the user has changed something.
        """
        return not (now or self._copying.is_due) or self._copy(moment, self._copying, now=now)

    def look_well(self, moment: Moment, *, now: bool = False) -> bool:
        """The same at the end of an epoch: this is the state to return to if the training diverges."""
        if not (now or self._good_copying.is_due):
            return True
        found = self._copy(moment, self._good_copying, now=now)
        self.good = self.last if found else self.good
        return found

    def _copy(self, moment: Moment, budget: TimeBudget, *, now: bool) -> bool:
        if not self.is_small:
            return True
        with budget:
            self.refresh()
            state = capture(self.model, moment, self.notes.take(), self.early_stop.facts())
            if not state.is_finite:
                return False
            self.last = state
        if now or self._writing.is_due:
            self._write()
        return True

    def keep_best(self, moment: Moment) -> None:
        """Store the current weights as the best: no epoch was better than the one that has just ended."""
        if not self.is_small:
            return
        state = capture(self.model, moment, early_stop=self.early_stop.facts())
        if state.is_finite:
            self.best, self._best_is_written = state, False

    def keep_epoch(self, position: float, *, now: bool) -> None:
        """Called at the end of an epoch, or of a training within an epoch: keep the weights, if this epoch is selected.

        Args:
            position: the number of finished epochs, including a fraction of an interrupted one.
            now: whether it is the last one.
        """
        if self.is_small:
            self.kept.keep(position, partial(take_weights, self.model), now=now)

    def _write(self) -> None:
        if self.write is None or self.last is None:
            return
        with self._writing:
            self.write("last", self.last)
            if self.best is not None and not self._best_is_written:
                self.write("best", self.best)
                self._best_is_written = True

    def is_at(self, moment: Moment) -> bool:
        """Whether the last copy is of this moment."""
        return self.last is not None and self.last.moment == moment

    def release(self) -> None:
        """Release the model and the copies after training; the run has handed them over."""
        self.model = self.first = self.best = self.last = self.good = None
        self.kept = KeptWeights(0)

    def error_of(self, what: str, where: str, *, seen_before: bool = True) -> TrainingError:
        """Restore the last good state; returns the error for a diverged training, with the likely cause.

        Args:
            what: "The loss" or "A weight".
            where: the moment when it was detected.
            seen_before: whether all data was checked before training.
        """
        rate = float(self.model.optimizer.learning_rate) if has_plain_rate(self.model.optimizer) else None
        if self.scale:
            expected = (
                f"{gettext('numbers') if rate is None else gettext('a smaller learning rate; it is {rate:g}', rate=rate)}. {self.scale}"
            )
        elif rate is not None and rate >= QUICK.get(type(self.model.optimizer).__name__, 0.01):
            expected = gettext("a smaller learning rate; it is {rate:g}", rate=rate)
        elif not seen_before:
            expected = gettext("numbers; first look for missing values in the later batches of the data")
        else:
            expected = gettext(
                "numbers; look for the log of 0 or a division by 0 in your own loss or layer, or for huge values in the data"
            )
        return TrainingError(
            gettext("{what} became NaN or infinite in {where}{go_back}.", what=what, where=where, go_back=self._go_back()),
            expected=expected,
        )

    def error_in_data(self, where: str) -> TrainingError:
        """The same for a batch with NaN or infinity in the data."""
        problem = gettext("{where} contains a value that is NaN or infinite{go_back}.", where=where.capitalize(), go_back=self._go_back())
        return TrainingError(problem, expected=gettext("numbers in every batch: fill in missing values, or remove their rows"))

    def _go_back(self) -> str:
        if self.good is None:
            return ""
        self.refresh()  # After this, later values from worker processes are irrelevant.
        put_back(self.model, self.good)
        self.last = self.good
        return gettext("; the weights from {moment} were put back", moment=_format_moment(self.good.moment))

    def are_weights_finite(self) -> bool:
        """Whether all weights are finite."""
        return all(is_finite(variable.value.numpy()) for variable in self.model.variables)


def _format_moment(moment: Moment) -> str:
    return gettext("the end of epoch {epoch}", epoch=moment.epoch) if moment.epoch else gettext("before the first epoch")
