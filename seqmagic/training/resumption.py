"""Resuming a run: restores its state, and reports what can't be restored."""

from __future__ import annotations

from dataclasses import dataclass

import keras
import numpy as np

from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.training.callback_memory import Notes
from seqmagic.training.state import State, learning_rate_in, put_back, put_metrics_back
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Resumption:
    """The state that a resumed run starts from.

    Attributes:
        state: the last checkpoint.
        learning_rate: the interrupted run's initial learning rate, if it was a number.
    """

    state: State
    learning_rate: float | None = None

    def put_back(self, model: keras.Model, notes: Notes) -> list[str]:
        """Restore the states of the model and of the callbacks. Returns messages for the user."""
        before = float(model.optimizer.learning_rate) if has_plain_rate(model.optimizer) else None
        put_back(model, self.state)
        lost = notes.put_back(self.state.callbacks)
        kept = learning_rate_in(model, self.state)
        if before is not None and kept is not None and not any(np.isclose(before, rate) for rate in (kept, self.learning_rate) if rate):
            lost.append(gettext("The run continues with its own learning rate, {kept:g}, not with {before:g}.", kept=kept, before=before))
        return lost

    def enter_epoch(self, model: keras.Model, notes: Notes) -> list[str]:
        """Restore them again within an epoch, after the user's callbacks have begun it a second time.

        They may have lowered the learning rate twice.
        """
        put_back(model, self.state)
        notes.put_back(self.state.callbacks)
        if put_metrics_back(model, self.state):
            return []
        return [
            gettext("The metrics have changed, so those of epoch {epoch} only cover its last batches.", epoch=self.state.moment.epoch + 1)
        ]

    def format_other_order(self) -> str:
        """The message if the order of the data can't be restored."""
        moment = self.state.moment
        place = gettext("batch {step} of ", step=moment.step) if moment.step else ""
        return gettext(
            "The run continues with its weights from {place}epoch {epoch}, at the start of that epoch. The order of "
            "this data is unknown, so the result differs slightly from a run without an interruption.",
            place=place,
            epoch=moment.epoch + 1,
        )
