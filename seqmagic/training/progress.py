"""The progress of a run: finished epochs and batches, and the time left."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from seqmagic.ledger.run_state import RunState
from seqmagic.training.state import Moment
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Progress:
    """The position of a run. Epochs count from 1; `steps` is None if the number of batches is unknown.

    Attributes:
        warm: the seconds and the fraction done after the first batch. The first batch takes far longer than all others, because TensorFlow
        traces the step, so the time left is estimated from the rest.
        batches: the number done, over all epochs of the run.
        before: the number of epochs before the run began.
        validating: whether the validation of the epoch is running.
    """

    epoch: int
    epochs: int
    step: int
    steps: int | None
    seconds: float
    warm: tuple[float, float] | None = None
    batches: int = 0
    before: int = 0
    validating: bool = False

    @property
    def place(self) -> str:
        """The current epoch; after an earlier run, its number continues as in the curves.

        >>> Progress(2, 5, 0, 10, 0.0).place, Progress(2, 5, 0, 10, 0.0, before=3).place
        ('2 of 5', '5 (2 of 5)')
        """
        number = max(1, self.epoch)
        here = gettext("{number} of {epochs}", number=number, epochs=self.epochs)
        return f"{self.before + number} ({here})" if self.before else here

    def format_state(self, state: RunState) -> str:
        """The state of the run in a few words.

        >>> Progress(3, 10, 0, 10, 0.0).format_state(RunState.PAUSED)
        'paused in epoch 3 of 10'
        """
        place = gettext("epoch {place}", place=self.place)
        known = {RunState.READY: gettext("not started"), RunState.WAITING: gettext("waiting for its turn"), RunState.RUNNING: place}
        return known.get(state) or (gettext("paused in {place}", place=place) if state == RunState.PAUSED else f"{gettext(state)}, {place}")

    @property
    def fraction(self) -> float:
        """The fraction that is done, from 0 to 1."""
        inside = self.step / self.steps if self.steps else 0.0
        return min(1.0, (max(0, self.epoch - 1) + inside) / self.epochs)

    @property
    def seconds_left(self) -> float | None:
        """The estimated time left, or None while it isn't known."""
        if self.warm is None or self.fraction <= self.warm[1]:
            return None
        return (self.seconds - self.warm[0]) * (1 - self.fraction) / (self.fraction - self.warm[1])

    @property
    def batches_per_second(self) -> float | None:
        """The speed after the first batch, or None while it isn't known."""
        if self.warm is None or self.seconds <= self.warm[0]:
            return None
        return self.batches / (self.seconds - self.warm[0])


@dataclass
class BatchCount:
    """Counts the epochs and batches of a run.

    Attributes:
        first_epoch: the number of epochs before the run began.
        epochs: to train.
        epoch: the index of the current one, from 0. begun: how many epochs this run has begun.
        step: the number of its finished batches. steps: the number of its batches, if known.
        batches: the number done, over all epochs.
        validating: whether the validation of the epoch is running.
    """

    first_epoch: int
    epochs: int
    epoch: int = field(init=False)
    begun: int = 0
    step: int = 0
    steps: int | None = None
    batches: int = 0
    validating: bool = False

    def __post_init__(self) -> None:
        self.epoch = self.first_epoch

    @property
    def moment(self) -> Moment:
        """The current moment, as stored in a state. After an epoch's last batch it is still within it: its validation is missing."""
        return Moment(self.epoch, self.step)

    @property
    def behind(self) -> float:
        """The number of finished epochs."""
        return float(self._positions(self.step - 1, 1)[0])

    def begin_epoch(self, epoch: int) -> None:
        """Called at the start of an epoch; Keras counts from 0."""
        # An overridden `fit` may call Keras's several times, each of which starts with the first epoch.
        self.epoch = max(epoch, self.epoch + 1) if self.begun else epoch
        self.begun, self.step, self.validating = self.begun + 1, 0, False
        self.epochs = max(self.epochs, self.begun)

    def reach(self, batch: int) -> None:
        """Count all batches of the epoch before this one, by its index, as done, even if they were not reported."""
        before, self.step = self.step, max(self.step, batch if self.steps is None else min(batch, self.steps - 1))
        self.batches += self.step - before

    def advance(self, batches: int) -> np.ndarray:
        """Count batches as done; returns the position in epochs after each of them."""
        first = self.step
        self.step += batches
        self.batches += batches
        return self._positions(first, batches)

    def _positions(self, first: int, count: int) -> np.ndarray:
        """The positions of batches, in epochs; while the number of batches is unknown, an increasing fraction."""
        steps = np.arange(first + 1, first + count + 1)
        return self.epoch + (np.minimum(1.0, steps / self.steps) if self.steps else steps / (steps + 1))


class Stopwatch:
    """The duration of a run, without pauses.

    Attributes:
        holding: whether the run is paused.
        started, ended: from perf_counter; 0 and None before.
        warm: as in `Progress`.
    """

    def __init__(self) -> None:
        self.holding = False
        self.warm: tuple[float, float] | None = None
        self.started = 0.0
        self.ended: float | None = None
        self._held_since, self._held = 0.0, 0.0

    @property
    def seconds(self) -> float:
        """The duration so far; 0 before the start."""
        end = self.ended if self.ended is not None else time.perf_counter()
        held = self._held + (end - self._held_since if self.holding else 0.0)
        return end - self.started - held if self.started else 0.0

    def start(self) -> None:
        """Start."""
        self.started = time.perf_counter()

    def set(self, seconds: float, *, holding: bool) -> None:
        """Set the duration measured by another process."""
        now = time.perf_counter()
        self.started, self._held, self._held_since, self.holding = now - seconds, 0.0, now, holding

    def stop(self) -> None:
        """End."""
        self.ended = time.perf_counter()

    def hold(self) -> None:
        """Pause."""
        self._held_since = time.perf_counter()
        self.holding = True

    def go_on(self) -> None:
        """Continue."""
        self.holding = False
        self._held += time.perf_counter() - self._held_since


def progress_of(count: BatchCount, clock: Stopwatch) -> Progress:
    """The progress of a run."""
    return Progress(
        count.begun,
        count.epochs,
        count.step,
        count.steps,
        clock.seconds,
        clock.warm,
        count.batches,
        count.first_epoch,
        count.validating,
    )
