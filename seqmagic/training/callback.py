"""The one callback between Keras's loop and the session of a run."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np

from seqmagic.history import numbers_of
from seqmagic.keras_internals.compiled import end_evaluation
from seqmagic.training.session import Session


class SessionCallback(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Carries a run's Stop into `fit`, and each epoch's numbers out of it.

    Attributes:
        session: of the run.
        counts_batches: whether each batch's numbers come this way, too; otherwise the loop reports them.
    """

    def __init__(self, session: Session, *, counts_batches: bool) -> None:
        super().__init__()
        self.session = session
        self.counts_batches = counts_batches
        self._began = 0.0
        self._broken_off = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Learn how long an epoch is, where the data says so."""
        self.session.begin(self.model, self.params.get("steps"))

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Note which epoch it is."""
        self.session.begin_epoch(epoch, self.model)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Hold here while paused."""
        if self.counts_batches:
            self.session.allow(1)
        self._began = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the batch; end the fit when asked to."""
        numbers = numbers_of(logs or {}) if self.counts_batches else {}
        if numbers:
            self.session.count.reach(batch)  # With `steps_per_execution`, Keras calls once for several.
            self.session.end_batches(list(numbers), np.array([list(numbers.values())]), time.perf_counter() - self._began)
        self._broken_off = bool(self.model.stop_training)
        if self.session.controls.stop_asked:
            # fit() sets stop_training back when it starts, so that only a flag of our own survives an early Stop.
            self.model.stop_training = True

    def on_test_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Hold here, too, while paused; and break the validation off, so that Stop doesn't wait for it."""
        if not self.session.allow_tests():
            end_evaluation(self.model)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch with its validation."""
        if self.session.end_epoch(logs or {}, broken_off=self._broken_off):
            self.model.stop_training = True
