"""The account of a run: what everybody may ask of it, from any thread and at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seqmagic.training.course import Course
from seqmagic.training.gate import Gate
from seqmagic.training.history import History
from seqmagic.training.progress import Progress
from seqmagic.training.worker import Worker

ENDED = ("done", "stopped", "failed")


class Account:
    """What a run tells of itself."""

    name: str
    state: str
    _model: Callable[[], Any]
    _course: Course
    _gate: Gate
    _worker: Worker
    _starts_anew: bool

    @property
    def model(self) -> Any:
        """The model; None when the run has ended and nobody else has the model any more."""
        return self._model()

    @property
    def record(self) -> History:
        """What every batch and every epoch gave."""
        return self._course.record

    @property
    def history(self) -> dict[str, list[Any]]:
        """A list of numbers for the loss and each metric, one an epoch, as Keras's `History.history` has them.

        A metric that gives several numbers has an array for each epoch. One that only some epochs have, such as the validation's with
        `validation_freq=2` or in a stopped epoch, has a shorter list: `record.epochs.curve(name)` tells its positions.
        """
        return self.record.as_dict()

    @property
    def continuation(self) -> History | None:
        """The history that a next run goes on from: None after the first weights were put back."""
        return None if self._starts_anew else self.record

    @property
    def progress(self) -> Progress:
        """Where the run is now."""
        return self._course.progress

    @property
    def first_epoch(self) -> int:
        """How many epochs the model had behind it when this run began."""
        return self._course.first_epoch

    @property
    def reason(self) -> str:
        """Why it ended before its last epoch, in a sentence, or nothing."""
        return self._course.reason

    @property
    def warnings(self) -> list[str]:
        """What could not be kept or done, a sentence each."""
        return [*self._course.warnings, *self._gate.failures, *(self._worker.journal.warnings if self._worker.journal is not None else ())]

    @property
    def ended(self) -> bool:
        """Whether the run is over, in whichever way."""
        return self.state in ENDED

    @property
    def stop_asked(self) -> bool:
        """Whether somebody pressed Stop."""
        return self._gate.stop_asked

    @property
    def paused(self) -> bool:
        """Whether the run holds, and nobody has told it to go on."""
        return self.state == "paused" and not self._gate.is_open and not self.stop_asked

    def spoken(self) -> str:
        """The state in a few words, such as 'epoch 3 of 10'."""
        place = f"epoch {self.progress.place}"
        return {"ready": "not started", "paused": f"paused in {place}", "running": place}.get(self.state, f"{self.state}, {place}")

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.record.last().items())
        return f"<Run of {self.name!r}: {self.spoken()}{'; ' + numbers if numbers else ''}>"
