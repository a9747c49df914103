"""The last good weights of a run: what is left when the numbers run away."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from seqmagic.errors import TrainingError

LARGEST = 200_000_000  # Bytes; weights beyond that are not copied, for each copy would be felt.
QUICK = {"SGD": 0.1}  # From which learning rate on an optimizer is suspected; others from 0.01.


class LastGood:
    """Keeps a copy of a model's weights as of the last moment when all of them were numbers.

    model: the one in training.
    """

    def __init__(self, model: keras.Model) -> None:
        self.model = model
        self.weights: list[np.ndarray] | None = None
        self.moment = "before the first epoch"

    def keep(self, moment: str) -> bool:
        """Take a copy, unless some weight is no number any more; False means that one is."""
        weights = self.model.get_weights()
        if not all(np.isfinite(weight).all() for weight in weights if weight.dtype.kind == "f"):
            return False
        self.moment = moment
        self.weights = weights if sum(weight.nbytes for weight in weights) <= LARGEST else None
        return True

    def restore(self) -> None:
        """Put the copy back, and make the optimizer forget what it can't use."""
        if self.weights is not None:
            self.model.set_weights(self.weights)
        for variable in self.model.optimizer.variables:
            value = np.asarray(variable)
            if value.dtype.kind == "f" and not np.isfinite(value).all():
                variable.assign(np.zeros_like(value))

    def explain(self, what: str, where: str) -> TrainingError:
        """The error for numbers that ran away, with the likely reason.

        what: "The loss" or "A weight".
        where: the moment when it was seen.
        """
        kept = f"; the weights from {self.moment} are back" if self.weights is not None else ""
        rate = self._rate()
        if rate is not None and rate >= QUICK.get(type(self.model.optimizer).__name__, 0.01):
            expected = f"a smaller learning rate; it is {rate:g}"
        else:
            expected = "numbers; look for a log of 0 or a division by 0 in a loss or layer of your own, or for huge values in the data"
        return TrainingError(f"{what} is no number any more in {where}{kept}.", expected=expected)

    def _rate(self) -> float | None:
        rate: Any = self.model.optimizer.learning_rate
        try:
            return float(rate)
        except (TypeError, ValueError):
            return None
