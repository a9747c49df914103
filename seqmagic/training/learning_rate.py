"""The learning rate of a run: read, and set by the user during training."""

from __future__ import annotations

from typing import Any

from seqmagic.classroom.current import current_rules
from seqmagic.errors import ArgumentError
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.translation import gettext


class LearningRate:
    """The learning rate that the user wants. It is applied from the next batch on, and shown at once.

    Attributes:
        wished: a rate that was set and not yet applied.
        changes: counts both, so that displays know when to read the rate again.
    """

    def __init__(self) -> None:
        self.wished: float | None = None
        self.changes = 0

    def of(self, model: Any) -> float | None:
        """The learning rate of a model; None if a schedule sets it, or the model is gone."""
        if self.wished is not None:
            return self.wished
        return float(model.optimizer.learning_rate) if can_set_rate(model) else None

    def wish(self, rate: float) -> None:
        """Set a rate, to be applied by the training thread."""
        self.wished = rate
        self.changes += 1

    def fulfil(self, model: Any, rate: float) -> None:
        """Apply a rate to the optimizer."""
        try:
            model.optimizer.learning_rate = rate
        finally:
            if self.wished == rate:
                self.wished = None
            self.changes += 1


def can_set_rate(model: Any) -> bool:
    """Whether the model exists, and its learning rate is not set by a schedule."""
    return model is not None and has_plain_rate(model.optimizer)


def check_rate(rate: Any, model: Any) -> float:
    """Check a learning rate before it is set for a model.

    Raises:
        ArgumentError: If it is not a positive number, or the model's rate can't be set.
    """
    if isinstance(rate, bool) or not (isinstance(rate, (int, float)) and 0 < rate < float("inf")):
        raise ArgumentError(gettext("The learning rate is {rate!r}.", rate=rate), expected=gettext("a number above 0, such as 0.001"))
    if not can_set_rate(model):
        problem = gettext("The learning rate of this model is set by a schedule or a function.")
        raise ArgumentError(problem, expected=gettext("a compile line with a number: adam(0.001)"))
    if "optimizer" in current_rules().locked:
        problem = gettext("{file} sets the optimizer for this class, including its learning rate.", file=current_rules().name)
        raise ArgumentError(problem, expected=gettext("training with that learning rate"))
    return float(rate)
