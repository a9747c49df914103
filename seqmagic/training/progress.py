"""The progress of a run: which epochs and batches are done, and how long the rest takes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import numpy as np

from seqmagic.ledger.run_state import RunState
from seqmagic.training.state import Moment
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Progress:
    """Where a run is. Epochs count from 1; `steps` is None where the data doesn't say how long an epoch is.

    Attributes:
        warm: how many seconds had gone by, and which part was done, after the first batch. That one takes far longer than all others,
            because TensorFlow prepares the computation, so that the time left is estimated from the rest.
        batches: how many are done, in all epochs of the run.
        before: how many epochs the model had behind it when the run began.
        validating: whether the epoch's batches are done and the validation's are not.
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
        """The epoch that is under way; after an earlier run, counted on from there as in its curves.

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
        """The part that is done, from 0 to 1."""
        inside = self.step / self.steps if self.steps else 0.0
        return min(1.0, (max(0, self.epoch - 1) + inside) / self.epochs)

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes at the speed so far, or None while that isn't known."""
        if self.warm is None or self.fraction <= self.warm[1]:
            return None
        return (self.seconds - self.warm[0]) * (1 - self.fraction) / (self.fraction - self.warm[1])

    @property
    def batches_per_second(self) -> float | None:
        """The speed after the first batches, or None while that isn't known."""
        if self.warm is None or self.seconds <= self.warm[0]:
            return None
        return self.batches / (self.seconds - self.warm[0])


@dataclass
class BatchCount:
    """Counts the epochs and batches of a run.

    Attributes:
        first_epoch: how many epochs the model had behind it when the run began.
        epochs: how many to train.
        epoch: the number of the one under way, from 0. begun: how many this run has begun.
        step: how many of its batches are done. steps: how many it has, where that is known.
        batches: how many are done in all.
        validating: whether the epoch's batches are done and the validation's are not.
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
        """The place in the training, as a state knows it. After an epoch's last batch it is still in it: the validation is missing."""
        return Moment(self.epoch, self.step)

    @property
    def behind(self) -> float:
        """How many epochs are behind the model."""
        return float(self._positions(self.step - 1, 1)[0])

    def begin_epoch(self, epoch: int) -> None:
        """An epoch begins; Keras counts from 0."""
        # A model's own `fit` may call Keras's several times, and each counts from the first epoch on.
        self.epoch = max(epoch, self.epoch + 1) if self.begun else epoch
        self.begun, self.step, self.validating = self.begun + 1, 0, False
        self.epochs = max(self.epochs, self.begun)

    def reach(self, batch: int) -> None:
        """All batches of the epoch before this one, counted from 0, are done, also those that were not reported."""
        before, self.step = self.step, max(self.step, batch if self.steps is None else min(batch, self.steps - 1))
        self.batches += self.step - before

    def advance(self, batches: int) -> np.ndarray:
        """So many batches are done; gives how many epochs are behind the model after each of them."""
        first = self.step
        self.step += batches
        self.batches += batches
        return self._positions(first, batches)

    def _positions(self, first: int, count: int) -> np.ndarray:
        """Where batches stand, in epochs; while nobody knows an epoch's length, a fraction that grows."""
        steps = np.arange(first + 1, first + count + 1)
        return self.epoch + (np.minimum(1.0, steps / self.steps) if self.steps else steps / (steps + 1))


class Stopwatch:
    """How long a run has taken, without the time that it held.

    Attributes:
        holding: whether it holds now.
        started, ended: by the clock of the computer; 0 and None before.
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
        """How long it has taken; 0 before it has begun."""
        end = self.ended if self.ended is not None else time.perf_counter()
        held = self._held + (end - self._held_since if self.holding else 0.0)
        return end - self.started - held if self.started else 0.0

    def start(self) -> None:
        """The run begins."""
        self.started = time.perf_counter()

    def set(self, seconds: float, *, holding: bool) -> None:
        """So long it has taken by another clock, that of what trains elsewhere."""
        now = time.perf_counter()
        self.started, self._held, self._held_since, self.holding = now - seconds, 0.0, now, holding

    def stop(self) -> None:
        """The run is over."""
        self.ended = time.perf_counter()

    def hold(self) -> None:
        """The run holds."""
        self._held_since = time.perf_counter()
        self.holding = True

    def go_on(self) -> None:
        """It goes on."""
        self.holding = False
        self._held += time.perf_counter() - self._held_since


def progress_of(count: BatchCount, clock: Stopwatch) -> Progress:
    """Where a run is, by its counts and its time."""
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
