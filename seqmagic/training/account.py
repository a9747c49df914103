"""The account of a run: what everybody may ask of it and wait for, from any thread and at any time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, Self

from seqmagic.errors import BusyError, Interrupted, SeqmagicError
from seqmagic.errors.boundary import NUMBER, raises_ours
from seqmagic.history import History
from seqmagic.training.controls import Gate
from seqmagic.training.interrupts import on_interrupt
from seqmagic.training.progress import Progress
from seqmagic.training.registry import line_of, run_of
from seqmagic.training.session import Session
from seqmagic.training.trainer import Worker
from seqmagic.training.watchers import Watchers

ENDED = ("done", "stopped", "failed")


class Account:
    """What a run tells of itself, and how to wait for it."""

    name: str
    state: str
    _model: Callable[[], Any]
    _session: Session
    _gate: Gate
    _worker: Worker
    _starts_anew: bool
    watchers: Watchers
    error: SeqmagicError | None
    _thread: threading.Thread | None
    _ended: threading.Event

    @property
    def model(self) -> Any:
        """The model; None when the run has ended and nobody else has the model any more."""
        return self._model()

    @property
    def record(self) -> History:
        """What every batch and every epoch gave."""
        return self._session.record

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
        return self._session.progress

    @property
    def first_epoch(self) -> int:
        """How many epochs the model had behind it when this run began."""
        return self._session.first_epoch

    @property
    def reason(self) -> str:
        """Why it ended before its last epoch, in a sentence, or nothing."""
        return self._session.reason

    @property
    def warnings(self) -> list[str]:
        """What could not be kept or done, a sentence each."""
        return [*self._session.warnings, *self._gate.failures, *(self._worker.journal.warnings if self._worker.journal is not None else ())]

    @property
    def watcher_error(self) -> BaseException | None:
        """What failed last in one of those who watch it."""
        return self.watchers.error

    @property
    def number(self) -> int | None:
        """Its number in the ledger, once it is there."""
        return self._worker.number

    @property
    def fit_line(self) -> str:
        """The fit line that it was begun with; empty where it was begun from Python."""
        return self._worker.task.fit_line

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
        """Whether the run holds, or the one that it waits for does, and nobody has told it to go on."""
        first = run_of(self.model) if self.state == "waiting" else None
        if first is not None and first is not self:
            return first.paused
        return self.state == "paused" and not self._gate.is_open and not self.stop_asked

    @raises_ours(timeout=NUMBER)
    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the run has ended, or `timeout` seconds. An interrupt (Ctrl-C, the square button) stops the run.

        Raises:
            TrainingError: When the training broke off.
            Interrupted: When somebody still interrupts it after some seconds.
        """
        self._refuse_own_thread("wait")
        deadline = None if timeout is None else time.monotonic() + timeout
        with on_interrupt(self._stop_all) as presses:
            # Short waits: a long one in the main thread would keep Python from seeing the interrupt on some systems.
            while not self._ended.wait(0.05):
                if deadline is not None and time.monotonic() > deadline:
                    return self
                if presses.insists:
                    raise Interrupted(f"The training of {self.name} has not stopped yet.")
        if self.error is not None:
            raise self.error
        return self

    def wait_quietly(self, meanwhile: Callable[[], object] = lambda: None) -> bool:
        """Wait for the end, or for a pause; what became of the training is told elsewhere. False means that somebody interrupted it.

        Args:
            meanwhile: called many times a second.
        """
        self._refuse_own_thread("wait_quietly")
        with on_interrupt(self._stop_all) as presses:
            while not self._ended.wait(0.05) and not self.paused and not presses.insists:
                meanwhile()
        return not presses.count

    def _stop_all(self) -> None:
        """Somebody is impatient: those that wait for their turn must not begin."""
        self._gate.stop()
        for run in line_of(self.model):
            run.stop()

    def _refuse_own_thread(self, method: str) -> None:
        if threading.current_thread() is self._thread:
            raise BusyError(f"A callback can't {method}() for the run that it is part of.", expected="stop() there instead")

    def spoken(self) -> str:
        """The state in a few words, such as 'epoch 3 of 10'."""
        place = f"epoch {self.progress.place}"
        return {"ready": "not started", "waiting": "waiting for its turn", "paused": f"paused in {place}", "running": place}.get(
            self.state, f"{self.state}, {place}"
        )

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.record.last().items())
        return f"<Run of {self.name!r}: {self.spoken()}{'; ' + numbers if numbers else ''}>"
