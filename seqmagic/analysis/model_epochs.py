"""A model at earlier epochs of its last run, as far as their weights were kept: its output for the same samples."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.forward_pass import ForwardPass, choose_head
from seqmagic.analysis.model_copy import ModelCopy
from seqmagic.analysis.predictions import Predictions, check_names, check_truth
from seqmagic.analysis.samples import Samples
from seqmagic.analysis.task import heads_of
from seqmagic.data.held_out import take_rows
from seqmagic.describe.source import name_of_model
from seqmagic.errors import DataError
from seqmagic.measure import format_position
from seqmagic.training.current_runs import last_run_of
from seqmagic.training.run import Run
from seqmagic.translation import gettext, gettext_noop

MOST_BYTES = 32_000_000  # Limit for the outputs kept of epochs that were looked at.
MOST_LIVE = 300  # Samples used while following a training.
TRIED = 8  # Rows on which a copy is compared with the model.
GONE = gettext_noop("The weights of this epoch no longer exist, because the model was trained again. Run the cell again.")


@dataclass(frozen=True)
class Stop:
    """A state of the model that can be looked at.

    Attributes:
        epoch: the number of finished epochs; None for the current weights.
    """

    epoch: float | None = None

    def __str__(self) -> str:
        if self.epoch is None:
            return gettext("now")
        return gettext("before the first epoch") if self.epoch == 0 else gettext("after epoch {epoch}", epoch=format_position(self.epoch))


class ModelEpochs:
    """A model's outputs for the same samples after each epoch whose weights were kept.

    Attributes:
        now: its predictions with the current weights; they are shown again without another forward pass.
        is_known: whether `now` has outputs. During training it has none.
    """

    def __init__(self, now: Predictions, *, is_known: bool = True) -> None:
        self.now, self.is_known = now, is_known
        self._copy: ModelCopy | None = None
        self._given: dict[float, Predictions] = {}
        self._put: float | None = None  # The epoch of the copy's weights.
        kept = self.kept if is_known else {}
        newest = next(reversed(list(kept)), None)
        self._newest = newest if newest is not None and _are_equal(kept[newest], now.model.get_weights()) else None

    @classmethod
    def in_training(cls, passed: ForwardPass) -> ModelEpochs:
        """For a model in training, which can't be run from here: only live predictions are available."""
        head = choose_head(heads_of(passed.model), passed.output, name_of_model(passed.model))
        nothing = np.empty((0, 1), dtype="float32")
        return cls(Predictions(passed.model, passed.samples, nothing, head, tuple(map(str, passed.class_names))), is_known=False)

    @property
    def run(self) -> Run | None:
        """The model's last run."""
        return last_run_of(self.now.model)

    @property
    def kept(self) -> Any:
        """The weights of its epochs, as long as they are kept."""
        run = self.run
        return run.kept_weights if run is not None else {}

    @property
    def reason(self) -> str:
        """Why there are no earlier epochs to look at, as a sentence; otherwise empty."""
        run = self.run
        return "" if run is None or len(run.kept_weights) > 1 else run.kept_weights.reason

    def stops(self) -> list[Stop]:
        """The states in order; "now" is the last, unless its weights are those of the last epoch."""
        if not self.is_known:
            return []
        epochs = [Stop(epoch) for epoch in self.kept]
        return epochs if self._newest is not None or len(epochs) < 2 else [*epochs, Stop()]

    def nearest(self, epoch: float) -> Stop:
        """The state nearest to an epoch."""
        return min(self.stops(), key=lambda stop: abs((np.inf if stop.epoch is None else stop.epoch) - epoch), default=Stop())

    def steps(self, stop: Stop) -> Iterator[Predictions | None]:
        """Run the samples through the weights of a state, slice by slice; the predictions are yielded last.

        Raises:
            DataError: If the weights are gone, or the layers can't be recreated.
        """
        epoch = stop.epoch
        if epoch is None or epoch == self._newest:
            yield self.now
            return
        if epoch not in self._given:
            passed = ForwardPass(self.model_at(epoch), self.now.samples, self.now.head.name or None)
            for _ in passed.steps():
                yield None
            self._remember(epoch, replace(self.now, model=passed.model, outputs=passed.predictions().outputs, notes=()))
        else:
            self.model_at(epoch)  # The model's weights must match the predictions that are shown.
        yield self._given[epoch]

    @contextmanager
    def at(self, stop: Stop) -> Iterator[Predictions]:
        """The predictions at a state, in one go; within the context the copy has that state's weights, and afterwards its earlier ones."""
        put = self._put
        *_, last = self.steps(stop)
        assert last is not None  # noqa: S101  # The last item is always the predictions.
        yield last
        if put is not None and put != self._put:
            self.model_at(put)

    def model_at(self, epoch: float) -> keras.Model:
        """The copy of the model with the weights of an epoch. There is only one copy: the next call changes it.

        Raises:
            DataError: As above.
        """
        weights = self.kept.get(epoch)
        if weights is None:
            raise DataError(gettext(GONE))
        return self._with_weights(weights, epoch)

    @cached_property
    def few(self) -> Samples:
        """At most MOST_LIVE samples, evenly spaced: few enough to be run repeatedly."""
        samples = self.now.samples
        if len(samples) <= MOST_LIVE:
            return samples
        rows = np.arange(MOST_LIVE) * len(samples) // MOST_LIVE
        parts = tuple(replace(part, rows=part.rows[rows]) for part in samples.parts)
        y = None if samples.y is None else take_rows(samples.y, rows)
        return replace(samples, x=take_rows(samples.x, rows), y=y, parts=parts)

    def live(self, weights: list[np.ndarray]) -> Predictions:
        """Predictions for the few samples with the current weights, during training.

        Raises:
            DataError: If the layers can't be recreated.
        """
        passed = ForwardPass(self._with_weights(weights, None), self.few, self.now.head.name or None)
        for _ in passed.steps():
            pass
        predictions = replace(self.now, model=passed.model, samples=self.few, outputs=passed.predictions().outputs, notes=())
        check_names(predictions)
        check_truth(predictions)
        return predictions

    def _with_weights(self, weights: list[np.ndarray], epoch: float | None) -> keras.Model:
        if self._copy is None:
            self._copy = ModelCopy(self.now.model, take_rows(self.now.samples.x, np.arange(min(TRIED, len(self.now.samples)))))
        if epoch is None or epoch != self._put:
            self._copy.put(weights)
            self._put = epoch
        return self._copy.model

    def _remember(self, epoch: float, predictions: Predictions) -> None:
        self._given[epoch] = predictions
        while len(self._given) > 1 and len(self._given) * predictions.outputs.nbytes > MOST_BYTES:
            del self._given[next(iter(self._given))]


def _are_equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return len(one) == len(other) and all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
