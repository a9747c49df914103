"""The callback that connects Keras's loop with the session of a run."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np

from seqmagic.history import numbers_of
from seqmagic.keras_internals.compiled import end_evaluation
from seqmagic.training.session import Session


class SessionCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints.
    """Passes a run's Stop to `fit`, and the logs of each epoch to the session.

    Attributes:
        session: of the run.
        counts_batches: whether the logs of batches are passed this way too; otherwise the loop reports them.
    """

    def __init__(self, session: Session, *, counts_batches: bool) -> None:
        super().__init__()
        self.session = session
        self.counts_batches = counts_batches
        self._began = 0.0
        self._broken_off = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Pass on the number of steps per epoch, if the data has it."""
        self.session.begin(self.model, self.params.get("steps"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Pass on the index of the epoch."""
        self.session.begin_epoch(epoch, self.model)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Block here while paused."""
        if self.counts_batches:
            self.session.allow(1)
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the batch; end `fit` if Stop was pressed."""
        numbers = numbers_of(logs or {}) if self.counts_batches else {}
        if numbers:
            self.session.count.reach(batch)  # With `steps_per_execution`, Keras calls once for several batches.
            self.session.end_batches(list(numbers), np.array([list(numbers.values())]), time.perf_counter() - self._began)
        self._broken_off = bool(self.model.stop_training)
        if self.session.controls.stop_asked:
            # fit() resets stop_training when it starts, so an early Stop needs its own flag.
            self.model.stop_training = True

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Block here too while paused; and end the validation, so that Stop doesn't wait for it."""
        if not self.session.allow_tests():
            end_evaluation(self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch with its validation metrics."""
        if self.session.end_epoch(logs or {}, broken_off=self._broken_off):
            self.model.stop_training = True
