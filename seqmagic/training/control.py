"""The one callback between Keras's loop and a run: it records, and reads the run's flags after each batch."""

from __future__ import annotations

from typing import Any, Protocol

import keras


class Training(Protocol):
    """What the callback tells, and asks: a run, seen from Keras's loop. True from a method means stop."""

    def begin(self, steps: int | None) -> None:
        """The fit is about to start."""

    def begin_epoch(self) -> None:
        """The next epoch starts."""

    def end_batch(self, step: int, logs: dict[str, Any]) -> bool:
        """A batch is done."""

    def cut_validation(self) -> bool:
        """A batch of the validation is done."""

    def end_epoch(self, logs: dict[str, Any]) -> bool:
        """An epoch is done."""


class Control(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Carries a run's Pause and Stop into `fit`, and each batch's numbers out of it."""

    def __init__(self, run: Training) -> None:
        super().__init__()
        self.run = run

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Learn how long an epoch is, where the data says so."""
        self.run.begin(self.params.get("steps"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note which epoch it is."""
        self.run.begin_epoch()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the batch; hold here while paused; end the fit when told to."""
        if self.run.end_batch(batch + 1, logs or {}):
            # fit() sets stop_training back when it starts, so that only a flag of our own survives an early Stop.
            self.model.stop_training = True

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Break the validation off too, so that Stop doesn't wait for it."""
        if self.run.cut_validation():
            self.model.stop_evaluating = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch with its validation."""
        if self.run.end_epoch(logs or {}):
            self.model.stop_training = True
