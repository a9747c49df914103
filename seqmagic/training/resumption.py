"""The resumption of a run that was cut: its state is restored, and what can't be restored is reported."""

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
    """What a run goes on from.

    Attributes:
        state: the last one that was kept.
        learning_rate: the one that the run began with before it was cut, where it was a number.
    """

    state: State
    learning_rate: float | None = None

    def put_back(self, model: keras.Model, notes: Notes) -> list[str]:
        """Give the model its state, and callbacks what they had noted. Returns what the user should know of it, in sentences."""
        before = float(model.optimizer.learning_rate) if has_plain_rate(model.optimizer) else None
        put_back(model, self.state)
        lost = notes.put_back(self.state.callbacks)
        kept = learning_rate_in(model, self.state)
        if before is not None and kept is not None and not any(np.isclose(before, rate) for rate in (kept, self.learning_rate) if rate):
            lost.append(
                gettext("The run goes on with the learning rate that it had, {kept:g}, and not with {before:g}.", kept=kept, before=before)
            )
        return lost

    def enter_epoch(self, model: keras.Model, notes: Notes) -> list[str]:
        """The same in the middle of an epoch, which somebody's callbacks have just begun a second time.

        A learning rate may have been lowered twice.
        """
        put_back(model, self.state)
        notes.put_back(self.state.callbacks)
        if put_metrics_back(model, self.state):
            return []
        return [
            gettext(
                "The metrics are others than before: those of epoch {epoch} count its last batches only.", epoch=self.state.moment.epoch + 1
            )
        ]

    def format_other_order(self) -> str:
        """What the user should know where the order of the data can't be restored."""
        moment = self.state.moment
        place = gettext("batch {step} of ", step=moment.step) if moment.step else ""
        return gettext(
            "The run goes on with its weights of {place}epoch {epoch}, from that epoch's beginning. The order of such data "
            "is not known, so that it comes out a little different from a run that was never cut.",
            place=place,
            epoch=moment.epoch + 1,
        )
