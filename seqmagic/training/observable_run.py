"""The observable run: what can be read of a run at any time, by panels, by the ledger's lists and from Python."""

from __future__ import annotations

from typing import Any

from seqmagic.errors import SeqmagicError
from seqmagic.history import History
from seqmagic.ledger.run_state import RunState
from seqmagic.training import registry
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.learning_rate import LearningRate, can_set_rate
from seqmagic.training.progress import Progress
from seqmagic.training.trainer import Trainer
from seqmagic.training.watchers import Watchers


class ObservableRun:
    """A run as it can be read; nothing here changes it.

    Attributes:
        name: of the model. data_names: of the data and the labels.
        request: what it trains on, and how. seed, advice, largest_class: from there. plan: with what is said of its place.
        state: READY until it starts.
        watchers: called whenever something has changed.
        went_on_from: the history that it continues. earlier: those of earlier runs under its name.
    """

    def __init__(self, name: str, trainer: Trainer, plan: tuple[str, ...], history: History | None) -> None:
        request = trainer.request
        self.name, self.data_names, self.request = name, request.names, request
        self.advice, self.seed, self.largest_class, self.plan = request.advice, request.seed, request.largest_class, plan
        self.state, self.watchers = RunState.READY, Watchers()
        self.went_on_from, self.earlier = history, registry.earlier_histories(name, history)
        self._trainer, self._controls, self._rate = trainer, trainer.controls, LearningRate()

    @property
    def model(self) -> Any:
        """The model; None if the run has ended and nothing else refers to the model."""
        return self._trainer.model()

    @property
    def record(self) -> History:
        """The logs of every batch and every epoch."""
        return self._trainer.session.record

    @property
    def history(self) -> dict[str, list[Any]]:
        """A list of numbers for the loss and each metric, one an epoch, as Keras's `History.history` has them.

        A metric that gives several numbers has an array for each epoch. One that only some epochs have, such as the validation's with
        `validation_freq=2` or in a stopped epoch, has a shorter list: `record.epochs.curve(name)` has its positions.
        """
        return self.record.as_dict()

    @property
    def kept_weights(self) -> KeptWeights:
        """The weights of some epochs: `run.kept_weights[10]` is for `model.set_weights`. The next run of the model takes them along."""
        return self._trainer.copies.kept(self.model)

    @property
    def progress(self) -> Progress:
        """The current position of the run."""
        return self._trainer.session.progress

    @property
    def first_epoch(self) -> int:
        """The number of epochs before this run began."""
        return self._trainer.session.count.first_epoch

    @property
    def reason(self) -> str:
        """Why it ended before its last epoch, as a sentence, or ""."""
        return self._trainer.session.reason

    @property
    def error(self) -> SeqmagicError | None:
        """The error that ended it, or None."""
        return self._trainer.error

    @property
    def warnings(self) -> list[str]:
        """What could not be stored or done, one sentence each."""
        return self._trainer.warnings

    @property
    def number(self) -> int | None:
        """Its number in the ledger, if it has one."""
        return self._trainer.number

    @property
    def where(self) -> str:
        """The worker that trains it, or the workers, if not this kernel; empty while it waits for one."""
        return self._trainer.placement.where

    @property
    def waits_at(self) -> str:
        """The scheduler where it waits for a worker; empty if it doesn't."""
        return self._trainer.placement.waits_at

    @property
    def goes_on_at(self) -> str:
        """The scheduler where it trains on when this kernel ends; empty if it doesn't."""
        return self._trainer.placement.goes_on_at

    def report(self) -> dict[str, Any]:
        """Its progress, sent by a worker to the kernel that requested it."""
        session = self._trainer.session
        return {**session.report(), "is_repeatable": session.is_repeatable}

    @property
    def can_set_rate(self) -> bool:
        """Whether the model exists, and its learning rate is not set by a schedule."""
        return can_set_rate(self.model)

    @property
    def rates_set(self) -> int:
        """Changes whenever the learning rate is set, and when it is applied."""
        return self._rate.changes

    def can_restore(self, which: str) -> bool:
        """Whether there are weights to restore: a run keeps them until the next run of its model starts.

        Args:
            which: "first" or "best".
        """
        return self._trainer.copies.state(which, self.model) is not None

    @property
    def fit_line(self) -> str:
        """The fit line that it was started with; empty if it was started from Python."""
        return self.request.fit_line

    @property
    def ended(self) -> bool:
        """Whether the run has ended, with any outcome."""
        return self.state.is_end

    @property
    def stop_asked(self) -> bool:
        """Whether Stop was pressed."""
        return self._controls.stop_asked

    def format_state(self) -> str:
        """Return the state in a few words, such as 'epoch 3 of 10'."""
        return self.progress.format_state(self.state)

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.record.last().items())
        return f"<Run of {self.name!r}: {self.format_state()}{'; ' + numbers if numbers else ''}>"
