"""The session of a run: the training thread's work between Keras's steps: counting, recording, pausing, and detecting reasons to end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqmagic.classroom.bounds import check_seconds
from seqmagic.errors import TrainingError
from seqmagic.history import History, numbers_of
from seqmagic.options.early_stop import EarlyStop
from seqmagic.training.budget import CallSize
from seqmagic.training.controls import Controls
from seqmagic.training.progress import BatchCount, Progress, Stopwatch, progress_of
from seqmagic.training.registry import take_hand_over
from seqmagic.training.resumption import Resumption
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.state import Moment
from seqmagic.translation import gettext, gettext_noop

if TYPE_CHECKING:
    from seqmagic.training.journal import Journal

NO_HISTORY = gettext_noop(
    "This model has its own fit(), which called no callbacks and returned no history: there are no numbers to show, "
    "and Stop could not reach it."
)
OWN_HISTORY = gettext_noop(
    "This model has its own fit(), which called no callbacks: only the epochs that it returned are shown, not its batches."
)
OTHER_LOSS = gettext_noop(
    "From epoch {first} on, the loss function is different, so its values can't be compared with earlier ones, and "
    "the best epoch is chosen among the new ones."
)
NUMBERED_LOSSES = gettext_noop(
    "Some outputs have the same name: in the order of the outputs, their losses are {names}. "
    "Keras's own log has only the last loss of each name."
)


def _announce_nothing(*, now: bool = False) -> None:
    pass


class Session:
    """The progress and the results of a run.

    Attributes:
        record: gets a row for every batch and every epoch.
        count: of its epochs and batches. clock: its duration.
        snapshots: takes copies of the model.
        controls: receive Pause, Step and Stop.
        early_stop: decides when to end.
        resumption: what an interrupted run is resumed from.
        announce: called when something changes during training; with `now=True` if it must not be delayed.
    """

    def __init__(
        self,
        record: History,
        count: BatchCount,
        snapshots: Snapshots,
        controls: Controls,
        early_stop: EarlyStop,
        resumption: Resumption | None = None,
    ) -> None:
        self.record, self.count, self.snapshots, self.controls, self.early_stop = record, count, snapshots, controls, early_stop
        self.resumption = resumption
        self.clock = Stopwatch()
        self.announce: Callable[..., object] = _announce_nothing
        self.journal: Journal | None = None
        self.is_repeatable = True
        self.warnings = [gettext(OTHER_LOSS, first=count.first_epoch + 1)] if 0 < record.loss_since == record.position else []
        self.reason = ""
        self._call_size = CallSize()
        self._validation_cut = False

    @property
    def progress(self) -> Progress:
        """The current position of the run."""
        return progress_of(self.count, self.clock)

    def learn(self, steps: int | None, *, is_repeatable: bool) -> None:
        """Set what is known of the data: the number of batches per epoch, and whether their order can be restored."""
        self.count.steps, self.is_repeatable = steps, is_repeatable
        if self.resumption is not None and not is_repeatable:
            self.warnings.append(self.resumption.format_other_order())

    def report(self) -> dict[str, Any]:
        """The progress, for the kernel that requested the run."""
        count, clock = self.count, self.clock
        return {
            "epoch": count.epoch,
            "begun": count.begun,
            "step": count.step,
            "steps": count.steps,
            "batches": count.batches,
            "validating": count.validating,
            "seconds": clock.seconds,
            "warm": list(clock.warm) if clock.warm else None,
            "holding": clock.holding,
        }

    # Called during Keras's fit, in this order.

    def begin(self, model: keras.Model, steps: int | None) -> None:
        """Called before fit starts; with the number of batches per epoch, if it is known."""
        self.count.steps = self.count.steps or steps
        self.snapshots.notes.begin()
        state = None
        if self.resumption is not None:
            state = self.resumption.state
            self.warnings += self.resumption.put_back(model, self.snapshots.notes)
        self.snapshots.begin(Moment(self.count.first_epoch), state)
        self.announce(now=True)

    def begin_epoch(self, epoch: int, model: keras.Model) -> None:
        """Called when an epoch starts, counted from 0, or is resumed."""
        self.count.begin_epoch(epoch)
        if self.resumption is not None:
            self.count.step = self.resumption.state.moment.step if self.is_repeatable else 0
            if self.count.step:
                self.warnings += self.resumption.enter_epoch(model, self.snapshots.notes)
            self.resumption = None

    def allow(self, wanted: int) -> int:
        """How many of the wanted batches may run now; 0 means stop. Blocks while the run is paused."""
        changed = self.controls.carry_out()
        self._look_at_clock()
        if not self.controls.is_open and not self.controls.stop_asked:
            changed = self._hold() or changed
        if changed or self.controls.stop_asked:
            # When it is resumed, a run can't know what the user changed.
            self.snapshots.look(self.count.moment, now=True)
        return self.controls.allowance(min(wanted, self._call_size.count))

    def allow_tests(self) -> bool:
        """Whether validation may continue. Blocks while the run is paused; requested work waits for the next training batch."""
        self._look_at_clock()
        if not self.controls.is_open and not self.controls.stop_asked:
            self._wait_at_controls()
        self.count.validating = True
        self.announce()
        self._validation_cut = self._validation_cut or self.controls.stop_asked
        return not self._validation_cut

    def _look_at_clock(self) -> None:
        """Stop when the time limit of the class is reached, after at least one batch."""
        if self.count.batches and not self.controls.stop_asked and (reason := check_seconds(self.clock.seconds)):
            self.reason = reason
            self.controls.stop()

    def _hold(self) -> bool:
        self.snapshots.look(self.count.moment, now=True)
        return self._wait_at_controls(self.controls.carry_out)

    def _wait_at_controls(self, work: Callable[[], bool] = lambda: False) -> bool:
        """Block until the controls open, or Stop; True if work done in the meantime changed anything."""
        self.clock.hold()
        self.announce(now=True)
        changed = False
        while not self.controls.is_open and not self.controls.stop_asked:
            self.controls.wait(0.05)
            if work():
                changed = True
                self.announce(now=True)
        self.clock.go_on()
        self.announce(now=True)
        return changed

    def end_batches(self, names: list[str], numbers: np.ndarray, seconds: float, bad: tuple[int, ...] = ()) -> None:
        """Called when some batches are done.

        Args:
            numbers: one row for each.
            bad: the indices of those with NaN or infinity in the data.

        Raises:
            TrainingError: If the loss or a weight is not finite any more.
        """
        if not self.count.batches:
            take_hand_over(self.snapshots.model)
        first = self.count.step
        positions = self.count.advance(len(numbers))
        self._call_size.learn(len(numbers), seconds)
        self.record.batches.extend(positions, names, numbers)
        losses = numbers[:, names.index("loss")] if "loss" in names else np.zeros(len(numbers))
        lost = np.flatnonzero(~np.isfinite(losses)).tolist()
        # relu turns NaN into 0: the loss may look fine although the weights are lost.
        if bad and bad[0] <= min(lost, default=bad[0]) and (lost or not self.snapshots.are_weights_finite()):
            raise self.snapshots.error_in_data(self._format_batch(first + bad[0]))
        if lost:
            raise self._runaway(gettext("The loss"), self._format_batch(first + lost[0]))
        if self.clock.warm is None:
            self.clock.warm = (self.clock.seconds, self.progress.fraction)
        if not self.snapshots.look(self.count.moment, now=self.controls.stop_asked):
            raise self._runaway(gettext("A weight"), gettext("epoch {epoch}", epoch=self.count.epoch + 1))
        if self.journal is not None:
            self.journal.look()
        self.announce()

    def _format_batch(self, step: int) -> str:
        return gettext("batch {step} of epoch {epoch}", step=step + 1, epoch=self.count.epoch + 1)

    def end_epoch(self, logs: Mapping[str, Any], *, broken_off: bool = False) -> bool:
        """Called when an epoch is done, or was ended by Stop. True means stop.

        Args:
            broken_off: whether a callback of the user ended it before its last batch.
        """
        count = self.count
        count.validating = False
        if count.step == 0:
            self.reason = self.reason if self.controls.stop_asked else gettext("There was no more data.")
            return True
        ran_out = not self.controls.stop_asked and not broken_off  # The data may have fewer batches than steps_per_epoch.
        if ran_out:
            count.steps = count.steps or count.step  # A generator's length is known after its first epoch.
        if self._validation_cut:
            logs = {name: value for name, value in logs.items() if not name.startswith("val_")}
        position = count.epoch + 1.0 if ran_out else count.behind
        self.record.add_epoch(position, logs)
        numbers = numbers_of(logs)
        whole = (ran_out or count.step >= (count.steps or count.step)) and not self._validation_cut
        after = Moment(count.epoch + 1)
        best = self.record.best()
        if best is not None and best.position == after.epoch:
            self.snapshots.keep_best(after)
        if whole:
            self.reason = self.reason if self.controls.stop_asked else self.early_stop.look(numbers)
        self.controls.end_epoch()
        last = bool(self.reason) or count.begun >= count.epochs
        # Weights may be lost although the loss still looks fine: relu turns NaN into 0.
        if whole and not self.snapshots.look_well(after, now=last or self.controls.stop_asked):
            raise self._runaway(gettext("A weight"), gettext("epoch {epoch}", epoch=self.count.epoch + 1))
        if self.controls.stop_asked and 0 < count.step < (count.steps or 0) and not self.snapshots.is_at(count.moment):
            self.snapshots.look(count.moment, now=True)  # A callback pressed Stop after the batch, so there is no copy of this moment yet.
        # The run's own callback comes last, so one that ends the training has already done so.
        ends = last or self.controls.stop_asked or bool(self.snapshots.model.stop_training)
        self.snapshots.keep_epoch(position, now=ends)
        self.announce(now=last)
        return bool(self.reason) or self.controls.stop_asked

    def look_for_validation(self, options: Mapping[str, Any]) -> None:
        """Called after fit: warn if each epoch should have been validated, and none was, as by an empty dataset.

        Args:
            options: those of `fit`.
        """
        is_due = self.early_stop.validates and options.get("validation_freq", 1) == 1 and self.record.epochs.names
        if is_due and not self.controls.stop_asked and not any(name.startswith("val_") for name in self.record.epochs.names):
            self.warnings.append(gettext("The validation data yields nothing, so there are no numbers of a validation."))

    def warn_of_numbered(self, losses: Sequence[str]) -> None:
        """Tell which loss is that of which output, where outputs have one name.

        Args:
            losses: their names in the logs, in the order of the outputs.
        """
        self.warnings.append(gettext(NUMBERED_LOSSES, names=", ".join(losses)))

    def take(self, history: Mapping[str, Sequence[Any]]) -> None:
        """Record the history returned by an overridden `fit`. If it called no callbacks, there is nothing else to show."""
        if self.count.begun:
            return
        epochs = max(map(len, history.values()), default=0)
        for epoch in range(epochs):
            logs = {name: values[epoch] for name, values in history.items() if epoch < len(values)}
            self.record.add_epoch(self.count.first_epoch + epoch + 1.0, logs)
        self.count.begun = self.count.epochs = epochs
        self.warnings.append(gettext(OWN_HISTORY) if epochs else gettext(NO_HISTORY))

    def _runaway(self, what: str, where: str) -> TrainingError:
        return self.snapshots.error_of(what, where, seen_before=self.is_repeatable)
