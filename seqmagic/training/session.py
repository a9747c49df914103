"""The session of a run: what its own thread does between Keras's steps. It counts, records, holds, and notices what ends a training."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from seqmagic.errors import TrainingError
from seqmagic.history import numbers_of
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.options.early_stop import Goal
from seqmagic.training.budget import Pace
from seqmagic.training.controls import Gate
from seqmagic.training.progress import Progress
from seqmagic.training.registry import take_hand_over
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import Moment, State, learning_rate_in, put_back, put_metrics_back

if TYPE_CHECKING:
    from seqmagic.training.journal import Journal

NO_HISTORY = (
    "This model has a fit() of its own, which called no callbacks and gave no history back: there are no numbers to show, and Stop could "
    "not reach it."
)
OWN_HISTORY = (
    "This model has a fit() of its own, which called no callbacks: its epochs are shown as it gave them back, its batches are not."
)
OTHER_LOSS = (
    "From epoch {first} on the loss is another one: its numbers can't be compared with those before, "
    "and the best epoch is looked for among the new ones."
)


def _tell_nobody(*, now: bool = False) -> None:
    pass


class Session:
    """Where a run is, and what came of it so far.

    Attributes:
        start_point: what it goes on from; its record gets a row for every batch and every epoch.
        epochs: how many to train.
        gate: where Pause, Step and Stop arrive.
        snapshots: takes copies of the model.
        goal: says when it has learned enough.
        announce: called when there is something to tell, while it trains; with `now=True` when that must not wait.
    """

    def __init__(
        self,
        start_point: StartPoint,
        epochs: int,
        gate: Gate,
        snapshots: Snapshots,
        goal: Goal,
    ) -> None:
        self.record, self.epochs, self.gate, self.snapshots, self.goal = start_point.record, epochs, gate, snapshots, goal
        self.began_at, self.resumed = start_point.first_epoch, start_point.state
        self.rate_at_first = start_point.config.learning_rate
        self.announce: Callable[..., object] = _tell_nobody
        self.journal: Journal | None = None
        self.is_repeatable = True
        self.warnings = [OTHER_LOSS.format(first=self.began_at + 1)] if 0 < self.record.loss_since == self.record.position else []
        self.first_epoch = self.resumed.moment.epoch if self.resumed else self.began_at
        self.planned = self.first_epoch + epochs - self.began_at  # In all, with those before the cut.
        self.epoch = self.first_epoch  # The number of the epoch under way, from 0.
        self.begun = 0  # How many epochs this run has begun.
        self.step = 0
        self.steps: int | None = None
        self.pace = Pace()
        self.holding = False
        self.reason = ""
        self.started, self.held_seconds, self._held_since = 0.0, 0.0, 0.0
        self.ended_at: float | None = None
        self.warm: tuple[float, float] | None = None
        self.batches_done = 0
        self.validating = False
        self._validation_cut = False

    @property
    def progress(self) -> Progress:
        """Where the run is now."""
        end = self.ended_at if self.ended_at is not None else time.perf_counter()
        held = self.held_seconds + (end - self._held_since if self.holding else 0.0)
        seconds = end - self.started - held if self.started else 0.0
        done = self.batches_done
        return Progress(self.begun, self.epochs, self.step, self.steps, seconds, self.warm, done, self.first_epoch, self.validating)

    @property
    def moment(self) -> Moment:
        """The place in the training, as a state knows it. After an epoch's last batch it is still in it: the validation is missing."""
        return Moment(self.epoch, self.step)

    def learn(self, steps: int | None, *, is_repeatable: bool) -> None:
        """What is known of the data: how many batches an epoch has, and whether their order can be had again."""
        self.steps, self.is_repeatable = steps, is_repeatable
        if self.resumed is not None and not is_repeatable:
            place = f"batch {self.resumed.moment.step} of " if self.resumed.moment.step else ""
            self.warnings.append(
                f"The run goes on with its weights of {place}epoch {self.resumed.moment.epoch + 1}, from that epoch's beginning. "
                "The order of such data is not known, so that it comes out a little different from a run that was never cut."
            )

    # What Keras's fit comes by, in this order.

    def begin(self, model: keras.Model, steps: int | None) -> None:
        """The fit is about to start; an epoch has that many steps, where that is known."""
        self.steps = self.steps or steps
        self.snapshots.notes.begin()
        if self.resumed is not None:
            self._go_on(model, self.resumed)
        self.snapshots.begin(Moment(self.first_epoch), self.resumed)
        self.announce(now=True)

    def _go_on(self, model: keras.Model, state: State) -> None:
        """Put the state of the run that was cut back."""
        before = float(model.optimizer.learning_rate) if has_plain_rate(model.optimizer) else None
        put_back(model, state)
        self.warnings += self.snapshots.notes.put_back(state.callbacks)
        kept = learning_rate_in(model, state)
        if before is not None and kept is not None and not any(np.isclose(before, rate) for rate in (kept, self.rate_at_first) if rate):
            self.warnings.append(f"The run goes on with the learning rate that it had, {kept:g}, and not with {before:g}.")

    def begin_epoch(self, epoch: int, model: keras.Model) -> None:
        """An epoch starts, counted from 0; or goes on where it was cut."""
        # A model's own `fit` may call Keras's several times, and each counts from the first epoch on.
        self.epoch = max(epoch, self.epoch + 1) if self.begun else epoch
        self.begun, self.step, self.validating = self.begun + 1, 0, False
        self.epochs = max(self.epochs, self.begun)
        if self.resumed is not None:
            self.step = self.resumed.moment.step if self.is_repeatable else 0
            if self.step:
                # Somebody's callbacks have just begun this epoch a second time: a learning rate may have been lowered twice.
                put_back(model, self.resumed)
                self.snapshots.notes.put_back(self.resumed.callbacks)
                if not put_metrics_back(model, self.resumed):
                    self.warnings.append(f"The metrics are others than before: those of epoch {epoch + 1} count its last batches only.")
            self.resumed = None

    def allow(self, wanted: int) -> int:
        """How many of so many batches may be done now; 0 means stop. Holds while the run is paused."""
        changed = self.gate.carry_out()
        if not self.gate.is_open and not self.gate.stop_asked:
            changed = self._hold() or changed
        if changed or self.gate.stop_asked:
            # Nobody could tell a cut run what was changed by hand.
            self.snapshots.look(self.moment, now=True)
        return self.gate.allowance(min(wanted, self.pace.count))

    def allow_tests(self) -> bool:
        """Whether a validation goes on. Holds while the run is paused; what is wished for waits for the next training batch."""
        if not self.gate.is_open and not self.gate.stop_asked:
            self._wait_at_gate()
        self.validating = True
        self.announce()
        self._validation_cut = self._validation_cut or self.gate.stop_asked
        return not self._validation_cut

    def _hold(self) -> bool:
        self.snapshots.look(self.moment, now=True)
        return self._wait_at_gate(self.gate.carry_out)

    def _wait_at_gate(self, work: Callable[[], bool] = lambda: False) -> bool:
        """Hold until the gate opens, or Stop; True when the work that is done meanwhile changed anything."""
        self._held_since = began = time.perf_counter()
        self.holding = True
        self.announce(now=True)
        changed = False
        while not self.gate.is_open and not self.gate.stop_asked:
            self.gate.wait(0.05)
            if work():
                changed = True
                self.announce(now=True)
        self.holding = False
        self.held_seconds += time.perf_counter() - began
        self.announce(now=True)
        return changed

    def reach(self, batch: int) -> None:
        """All batches of the epoch before this one, counted from 0, are done, also those that nobody told of."""
        before, self.step = self.step, max(self.step, batch if self.steps is None else min(batch, self.steps - 1))
        self.batches_done += self.step - before

    def end_batches(self, names: list[str], numbers: np.ndarray, seconds: float, bad: tuple[int, ...] = ()) -> None:
        """Some batches are done, in so many seconds.

        Args:
            numbers: a row for each.
            bad: which of them held a value that is no number, counted from 0.

        Raises:
            TrainingError: When the loss or a weight is no number any more.
        """
        first, count = self.step, len(numbers)
        if not self.batches_done:
            take_hand_over(self.snapshots.model)
        self.step += count
        self.batches_done += count
        self.pace.learn(count, seconds)
        self.record.batches.extend(self._positions(first, count), names, numbers)
        losses = numbers[:, names.index("loss")] if "loss" in names else np.zeros(count)
        lost = np.flatnonzero(~np.isfinite(losses)).tolist()
        # relu turns what is no number into 0: the loss may look well, and the weights be lost all the same.
        if bad and bad[0] <= min(lost, default=bad[0]) and (lost or not self.snapshots.are_weights_finite()):
            raise self.snapshots.explain_data(self._spoken_batch(first + bad[0]))
        if lost:
            raise self._runaway("The loss", self._spoken_batch(first + lost[0]))
        if self.warm is None:
            self.warm = (self.progress.seconds, self.progress.fraction)
        if not self.snapshots.look(self.moment, now=self.gate.stop_asked):
            raise self._runaway("A weight", f"epoch {self.epoch + 1}")
        if self.journal is not None:
            self.journal.look()
        self.announce()

    def _spoken_batch(self, step: int) -> str:
        return f"batch {step + 1} of epoch {self.epoch + 1}"

    def _positions(self, first: int, count: int) -> np.ndarray:
        """How many epochs are behind the model after each batch; while nobody knows an epoch's length, a fraction that grows."""
        steps = np.arange(first + 1, first + count + 1)
        return self.epoch + (np.minimum(1.0, steps / self.steps) if self.steps else steps / (steps + 1))

    def end_epoch(self, logs: Mapping[str, Any], *, broken_off: bool = False) -> bool:
        """An epoch is done, or was broken off by Stop. True means stop.

        Args:
            broken_off: whether somebody's callback ended it before its last batch.
        """
        self.validating = False
        if self.step == 0:
            self.reason = "" if self.gate.stop_asked else "The data ran out."
            return True
        ran_out = not self.gate.stop_asked and not broken_off  # The data may have less than steps_per_epoch says.
        if ran_out:
            self.steps = self.steps or self.step  # A generator's length is known after its first epoch.
        if self._validation_cut:
            logs = {name: value for name, value in logs.items() if not name.startswith("val_")}
        self.record.add_epoch(self.epoch + 1.0 if ran_out else float(self._positions(self.step - 1, 1)[0]), logs)
        numbers = numbers_of(logs)
        whole = (ran_out or self.step >= (self.steps or self.step)) and not self._validation_cut
        after = Moment(self.epoch + 1)
        best = self.record.best()
        if best is not None and best.position == after.epoch:
            self.snapshots.keep_best(after)
        if whole:
            self.reason = "" if self.gate.stop_asked else self.goal.look(numbers)
        self.gate.end_epoch()
        last = bool(self.reason) or self.begun >= self.epochs
        # A weight may be lost while the loss still looks well: relu turns what is no number into 0.
        if whole and not self.snapshots.look_well(after, now=last or self.gate.stop_asked):
            raise self._runaway("A weight", f"epoch {self.epoch + 1}")
        self.announce(now=last)
        return bool(self.reason) or self.gate.stop_asked

    def take(self, history: Mapping[str, Sequence[Any]]) -> None:
        """What a model's own `fit` gave back. Where it called no callbacks, that is all there is to show."""
        if self.begun:
            return
        count = max(map(len, history.values()), default=0)
        for epoch in range(count):
            logs = {name: values[epoch] for name, values in history.items() if epoch < len(values)}
            self.record.add_epoch(self.first_epoch + epoch + 1.0, logs)
        self.begun = self.epochs = count
        self.warnings.append(OWN_HISTORY if count else NO_HISTORY)

    def _runaway(self, what: str, where: str) -> TrainingError:
        return self.snapshots.explain(what, where, seen_before=self.is_repeatable)
