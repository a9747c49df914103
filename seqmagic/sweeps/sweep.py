"""The sweep: the networks of a family, drawn, trained one after the other in the background, and held against each other."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from seqmagic.errors import Interrupted, SeqmagicError
from seqmagic.errors.boundary import NUMBER, raises_ours, translate
from seqmagic.ledger.run_state import RunState
from seqmagic.sweeps import registry
from seqmagic.sweeps.study import better
from seqmagic.sweeps.task import Task
from seqmagic.sweeps.trial import Trial
from seqmagic.sweeps.tries import Try
from seqmagic.sweeps.worker import Machines, Worker
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.interrupts import on_interrupt
from seqmagic.training.watchers import Watchers
from seqmagic.translation import gettext


class Sweep:
    """The tries of one family, in the background. Made by `seqmagic.sweep`, and by `%sweep`.

    >>> sweep = seqmagic.sweep(text, x, y, validation_split=0.2, trials=20)   # doctest: +SKIP
    >>> sweep.wait().best.text                                               # doctest: +SKIP
    >>> sweep.more(10).wait().best_model                                     # doctest: +SKIP

    Attributes:
        name: what the models are called.
        task: the family, the data and the settings.
        reason: why it ended early. error: what broke it off.
        variable: of the notebook, which the best model is bound to at the end; empty where it was begun from Python.
        watchers: called with it when there is something new.
        when_done: called with it at each end, before those who wait.
    """

    def __init__(self, task: Task, name: str, *, line: str = "", resume: str | None = None, machines: Machines | None = None) -> None:
        self.name, self.task = name, task
        self.watchers = Watchers()
        self.worker = Worker(task, name, line, resume or uuid.uuid4().hex[:12], self._notify, resumes=resume is not None, machines=machines)
        self.reason = ""
        self.variable = ""
        self.error: SeqmagicError | None = None
        self.when_done: list[Callable[[Sweep], None]] = []
        self._state = RunState.READY
        self._ended, self._lock = threading.Event(), threading.RLock()
        self._began, self._took = 0.0, 0.0

    # What can be asked.

    @property
    def metric(self) -> str:
        """What a try is judged by."""
        return self.task.metric

    @property
    def id(self) -> str:
        """What its runs in the ledger have in common."""
        return self.worker.id

    @property
    def trials(self) -> int:
        """How many tries are wanted."""
        return self.worker.trials

    @property
    def tries(self) -> list[Try]:
        """The tries that have begun, in order."""
        return list(self.worker.tries)

    @property
    def state(self) -> RunState:
        """Where it is: 'ready', 'running' or 'paused'; or how it ended: 'done', 'stopped' or 'failed'."""
        return RunState.PAUSED if self._state == RunState.RUNNING and not self.worker.open.is_set() else self._state

    @property
    def ranking(self) -> list[Try]:
        """The tries that have a result, the best first; those that came to their end before the others."""
        return better(self.metric, self.tries)

    @property
    def best(self) -> Try | None:
        """The best of the tries that came to their end; None while there is none."""
        return self.worker.best

    @property
    def best_model(self) -> Any:
        """The model of the best try, as its training left it; with folds, of the same network trained on all rows.

        Raises:
            DataError: While there is none, or where its weights are not there any more.
        """
        return self.worker.best_model()

    @property
    def run(self) -> Any:
        """The run that is under way, of several the one of the earliest try; or None."""
        return next((trial.run for trial in self._trials()), None)

    def _trials(self) -> list[Trial]:
        """The runs that are under way."""
        return [trial for _, trial in sorted(self.worker.trials_under_way.items()) if trial.run is not None]

    @property
    def where(self) -> str:
        """What is where, in a sentence, where the tries train elsewhere than in this kernel."""
        return self.worker.machines.describe() if self.worker.machines is not None else ""

    @property
    def importance(self) -> dict[str, float]:
        """How much each searched value matters for the result, from 0 to 1, by Optuna's PED-ANOVA; empty while that isn't known."""
        return self.worker.study.importance(self.tries)

    @property
    def ended(self) -> bool:
        """Whether it is over for now: `more` goes on with it."""
        return self.state.is_end

    @property
    def paused(self) -> bool:
        """Whether it holds."""
        return self.state == RunState.PAUSED

    @property
    def seconds(self) -> float:
        """How long it has been at work."""
        return self._took + (time.perf_counter() - self._began if self._began else 0.0)

    # What can be pressed.

    @raises_ours()
    def start(self) -> Sweep:
        """Begin, or go on, in the background; returns at once."""
        with self._lock:
            if self._state == RunState.RUNNING:
                return self
            self._state, self.reason, self.error, self.worker.stops = RunState.RUNNING, "", None, False
            self.worker.open.set()
            self._ended.clear()
            self._began = time.perf_counter()
            registry.enter(self)
            work = as_from_here(self._work)
            threading.Thread(target=work, name=f"seqmagic-sweep-{self.name}", daemon=True).start()
        return self

    def pause(self) -> Sweep:
        """Hold after the batches that it is in."""
        if self._state == RunState.RUNNING:
            self.worker.open.clear()
            for trial in self._trials():
                trial.run.pause()  # type: ignore[union-attr]
            self._notify(now=True)
        return self

    def resume(self) -> Sweep:
        """Go on after a pause."""
        self.worker.open.set()
        for trial in self._trials():
            trial.run.resume()  # type: ignore[union-attr]
        self._notify(now=True)
        return self

    def stop(self) -> Sweep:
        """End after the batches that it is in. The try that is cut goes on where it was, when the sweep does: `more`, or `resume=True`."""
        self.worker.stops = True
        self.worker.open.set()
        for trial in self._trials():
            trial.run.stop()  # type: ignore[union-attr]
        return self

    def stop_try(self, number: int | None = None) -> Sweep:
        """End a try that is under way, and go on with the next.

        Args:
            number: of the try; the earliest that is under way where it is None.
        """
        under_way = dict(sorted(self.worker.trials_under_way.items()))
        trial = next(iter(under_way.values()), None) if number is None else under_way.get(number)
        if trial is not None and trial.run is not None and not trial.run.ended:
            trial.stops_alone = True
            trial.run.stop()
        return self

    @raises_ours(tries=NUMBER)
    def more(self, tries: int = 10) -> Sweep:
        """Try more networks, also after the end.

        Args:
            tries: how many; with 0, only what is left of a sweep that was stopped.
        """
        if self.task.family.searched:
            self.worker.trials += int(tries)
        return self.start()

    @raises_ours(timeout=NUMBER)
    def wait(self, timeout: float | None = None) -> Sweep:
        """Wait until it has ended. An interrupt stops it.

        Args:
            timeout: the longest wait in seconds; None waits for ever.

        Raises:
            SeqmagicError: What broke it off.
            Interrupted: When somebody still interrupts it after some seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        with on_interrupt(self.stop) as presses:
            while not self._ended.wait(0.05):
                if deadline is not None and time.monotonic() > deadline:
                    return self
                if presses.insists:
                    raise Interrupted(gettext("The sweep of {name} has not stopped yet.", name=self.name))
        if self.error is not None:
            raise self.error
        return self

    def wait_quietly(self, meanwhile: Callable[[], object] = lambda: None) -> bool:
        """Wait for the end, or for a pause; what became of it is shown elsewhere. False means that somebody interrupted it.

        Args:
            meanwhile: called many times a second.
        """
        with on_interrupt(self.stop) as presses:
            while not self._ended.wait(0.05) and not self.paused and not presses.insists:
                meanwhile()
        return not presses.count

    # What its thread does.

    def _work(self) -> None:
        state = RunState.FAILED
        try:
            self.reason = self.worker.try_all()
            if not self.worker.stops:
                self.worker.train_whole()
            state = RunState.STOPPED if self.worker.stops else RunState.DONE
        except BaseException as error:  # noqa: BLE001  # Whatever ends the thread must reach the person who waits.
            self.error = translate(error if isinstance(error, Exception) else RuntimeError(repr(error)), gettext("The sweep"))
        finally:
            self._took, self._began = self.seconds, 0.0
            self._state = state
            registry.leave(self)
            for callback in self.when_done:
                try:
                    callback(self)
                except Exception as error:  # noqa: BLE001  # The others must be called all the same.
                    self.reason = translate(error, gettext("The end of the sweep")).problem
            self._notify(now=True)
            self._ended.set()

    def _notify(self, *, now: bool = False) -> None:
        self.watchers.notify(self, now=now)

    def format_state(self) -> str:
        """Where it is, in a few words."""
        done = sum(one.has_ended for one in self.tries)
        counted = (
            gettext("{done} of {trials} tries", done=done, trials=self.trials)
            if self.trials > 1
            else gettext("{tries} runs", tries=sum(len(one.results) for one in self.tries))
        )
        best = self.best
        return f"{gettext(self.state)}, {counted}" + (
            gettext("; best {metric} {result} (try {number})", metric=self.metric, result=best.format_result(), number=best.number)
            if best is not None
            else ""
        )

    def __repr__(self) -> str:
        return f"<Sweep of {self.name!r}: {self.format_state()}>"
