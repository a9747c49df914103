"""The progress of a run: where it is, and how long the rest takes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Progress:
    """Where a run is. Epochs count from 1; `steps` is None where the data doesn't say how long an epoch is.

    Attributes:
        warm: how many seconds had gone by, and which part was done, after the first batch. That one takes far longer than all others,
            because TensorFlow prepares the computation, so that the time left is told from the rest.
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
        here = f"{number} of {self.epochs}"
        return f"{self.before + number} ({here})" if self.before else here

    def format_state(self, state: str) -> str:
        """The state of the run in a few words.

        >>> Progress(3, 10, 0, 10, 0.0).format_state("paused")
        'paused in epoch 3 of 10'
        """
        place = f"epoch {self.place}"
        known = {"ready": "not started", "waiting": "waiting for its turn", "paused": f"paused in {place}", "running": place}
        return known.get(state, f"{state}, {place}")

    @property
    def fraction(self) -> float:
        """The part that is done, from 0 to 1."""
        inside = self.step / self.steps if self.steps else 0.0
        return min(1.0, (max(0, self.epoch - 1) + inside) / self.epochs)

    @property
    def seconds_left(self) -> float | None:
        """The time that the rest takes at the speed so far, or None while that can't be told."""
        if self.warm is None or self.fraction <= self.warm[1]:
            return None
        return (self.seconds - self.warm[0]) * (1 - self.fraction) / (self.fraction - self.warm[1])

    @property
    def batches_per_second(self) -> float | None:
        """The speed after the first batches, or None while that can't be told."""
        if self.warm is None or self.seconds <= self.warm[0]:
            return None
        return self.batches / (self.seconds - self.warm[0])
