"""The scene of a look: the predictions for all samples, or for a while those of a training that is followed."""

from __future__ import annotations

from seqmagic.analysis.forward_pass import ForwardPass
from seqmagic.analysis.model_epochs import ModelEpochs
from seqmagic.analysis.predictions import Predictions
from seqmagic.widgets.look.epoch_bar import EpochBar
from seqmagic.widgets.look.follower import Follower
from seqmagic.widgets.look.state import LookState

LIVE_STEPS = 20  # Grid points per side of a plane while a training is followed: a few hundred in total.


class Scene:
    """What a look shows now, and what it shows again when a training that is followed has ended.

    Attributes:
        follower: of the trainings.
        state: what the tabs share; None until there are predictions.
        bar: the slider through the epochs; None until there are predictions.
    """

    def __init__(self, follower: Follower) -> None:
        self.follower = follower
        self.state: LookState | None = None
        self.bar: EpochBar | None = None
        self._resting: LookState | None = None  # Shown again when a training that is followed has ended.
        self._opens = ""  # The tab that was open while only a training could be shown.

    @property
    def is_of_training(self) -> bool:
        """Whether it shows a training, and the model only afterwards."""
        return self._resting is not None or self.is_only_training

    @property
    def is_only_training(self) -> bool:
        """Whether there is nothing else to show until the training has ended."""
        return self.bar is not None and not self.bar.epochs.is_known

    def show(self, predictions: Predictions) -> None:
        """Turn to other predictions, of the same samples or of others; what was chosen stays, where the samples do."""
        if self.state is None or self.state.predictions.samples is not predictions.samples:
            self.state = LookState(predictions, open=self._opens)
        epochs = ModelEpochs(predictions)
        self.state.predictions, self.state.epochs = predictions, epochs
        self.bar = EpochBar(epochs, self.follower)

    def epochs_of(self, passed: ForwardPass) -> ModelEpochs:
        """The model at its epochs, also while there are no predictions for all samples."""
        return self.bar.epochs if self.bar is not None else ModelEpochs.in_training(passed)

    def show_live(self, epochs: ModelEpochs, predictions: Predictions, words: str) -> None:
        """Turn to predictions of a training that is followed.

        Args:
            words: where the training is.
        """
        self.bar = self.bar or EpochBar(epochs, self.follower)
        if self.state is None:
            self.state = LookState(predictions, plane_steps=LIVE_STEPS, epochs=epochs)
        elif self._resting is None and epochs.is_known:
            self._resting = self.state
            self.state = LookState(predictions, open=self.state.open, chosen=dict(self.state.chosen), plane_steps=LIVE_STEPS)
            if predictions.samples is self._resting.predictions.samples:
                self.state.order, self.state.sample = self._resting.order, self._resting.sample
        self.state.predictions, self.bar.live = predictions, words

    def rest(self) -> bool:
        """Turn back to what was shown before a training was followed; False if there is nothing."""
        if self._resting is None or self.bar is None:
            return False
        self.state, self._resting, self.bar.live = self._resting, None, ""
        return True

    def end_training(self) -> None:
        """A training that was followed has ended: what was chosen before or during it stays."""
        if self.is_only_training:
            self._opens, self.state = self.state.open if self.state is not None else "", None
        self.state, self._resting = self._resting or self.state, None

    def clear(self) -> None:
        """Show nothing, and hold no data."""
        self.state = self._resting = self.bar = None
