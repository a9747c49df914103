"""The sweep: draws networks of a family, trains them in the background, and ranks them."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from seqmagic.errors import Interrupted, SeqmagicError
from seqmagic.errors.boundary import NUMBER, raises_ours, translate
from seqmagic.ledger.run_state import RunState
from seqmagic.steps.sharing import check_place
from seqmagic.sweeps import registry
from seqmagic.sweeps.study import better
from seqmagic.sweeps.task import Task
from seqmagic.sweeps.trial_run import TrialRun
from seqmagic.sweeps.trials import Trial
from seqmagic.sweeps.worker import Machines, Worker
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.interrupts import on_interrupt
from seqmagic.training.watchers import Watchers
from seqmagic.translation import gettext


class Sweep:
    """A search that tries networks in the background. Made by `seqmagic.sweep` and by `%sweep`.

    >>> sweep = seqmagic.sweep(text, x, y, validation_split=0.2, trials=20)   # doctest: +SKIP
    >>> sweep.wait().best.text                                               # doctest: +SKIP
    >>> sweep.more(10).wait().best_model                                     # doctest: +SKIP

    Attributes:
        name: the name of the models.
        task: the networks to search, the data and the settings.
        reason: why it ended early. error: that ended it.
        variable: the notebook's variable to which the best model is assigned at the end; empty if the sweep was started from Python.
        watchers: functions that are called with the sweep when something changes.
        when_done: functions that are called with the sweep each time it ends, before `wait` returns.
    """

    def __init__(self, task: Task, name: str, *, line: str = "", resume: str | None = None, machines: Machines | None = None) -> None:
        if machines is not None and task.sample is not None:
            check_place(int(task.sample.options.get("workers") or 1))
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

    # State and results.

    @property
    def metric(self) -> str:
        """The metric by which trials are ranked."""
        return self.task.metric

    @property
    def id(self) -> str:
        """The sweep's id in the ledger entries of its runs."""
        return self.worker.id

    @property
    def max_trials(self) -> int:
        """The number of trials to make."""
        return self.worker.max_trials

    @property
    def trials(self) -> list[Trial]:
        """The trials that have started, in order."""
        return list(self.worker.trials)

    @property
    def state(self) -> RunState:
        """Where it is: 'ready', 'running' or 'paused'; or how it ended: 'done', 'stopped' or 'failed'."""
        return RunState.PAUSED if self._state == RunState.RUNNING and not self.worker.open.is_set() else self._state

    @property
    def ranking(self) -> list[Trial]:
        """The trials that have a result, the best first; finished ones come before the others."""
        return better(self.task.judged, self.trials)

    @property
    def best(self) -> Trial | None:
        """The best of the finished trials; None if there is none."""
        return self.worker.best

    @property
    def best_model(self) -> Any:
        """The model of the best trial, as its training left it; with folds, of the same network trained on all rows.

        Raises:
            DataError: While there is none, or where its weights are not there any more.
        """
        return self.worker.best_model()

    @property
    def run(self) -> Any:
        """The current run; if there are several, the one of the earliest trial; or None."""
        return next((trial_run.run for trial_run in self._trial_runs()), None)

    def _trial_runs(self) -> list[TrialRun]:
        """The trial runs in progress."""
        return [trial_run for _, trial_run in sorted(self.worker.runs_under_way.items()) if trial_run.run is not None]

    @property
    def where(self) -> str:
        """A sentence on the workers, if the trials don't train in this kernel."""
        return self.worker.machines.describe() if self.worker.machines is not None else ""

    @property
    def importance(self) -> dict[str, float]:
        """How much each searched value matters for the result, from 0 to 1, by Optuna's PED-ANOVA; empty while that isn't known."""
        return self.worker.study.importance(self.trials)

    @property
    def ended(self) -> bool:
        """Whether it has ended for now: `more` continues it."""
        return self.state.is_end

    @property
    def paused(self) -> bool:
        """Whether it is paused."""
        return self.state == RunState.PAUSED

    @property
    def seconds(self) -> float:
        """The time it has been running."""
        return self._took + (time.perf_counter() - self._began if self._began else 0.0)

    # Actions.

    @raises_ours()
    def start(self) -> Sweep:
        """Start or continue in the background, and return at once."""
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
        """Pause after the current batch."""
        if self._state == RunState.RUNNING:
            self.worker.open.clear()
            for trial_run in self._trial_runs():
                trial_run.run.pause()  # type: ignore[union-attr]
            self._notify(now=True)
        return self

    def resume(self) -> Sweep:
        """Continue after a pause."""
        self.worker.open.set()
        for trial_run in self._trial_runs():
            trial_run.run.resume()  # type: ignore[union-attr]
        self._notify(now=True)
        return self

    def stop(self) -> Sweep:
        """End after the current batch. The interrupted trial is resumed with the sweep: by `more`, or by `resume=True`."""
        self.worker.stops = True
        self.worker.open.set()
        for trial_run in self._trial_runs():
            trial_run.run.stop()  # type: ignore[union-attr]
        return self

    def stop_trial(self, number: int | None = None) -> Sweep:
        """End a trial that is in progress, and continue with the next.

        Args:
            number: the number of the trial; None for the earliest one in progress.
        """
        under_way = dict(sorted(self.worker.runs_under_way.items()))
        trial_run = next(iter(under_way.values()), None) if number is None else under_way.get(number)
        if trial_run is not None and trial_run.run is not None and not trial_run.run.ended:
            trial_run.stops_alone = True
            trial_run.run.stop()
        return self

    @raises_ours(trials=NUMBER)
    def more(self, trials: int = 10) -> Sweep:
        """Try more networks, even after the sweep has ended.

        Args:
            trials: how many; 0 only finishes a sweep that was stopped.
        """
        if self.task.family.searched:
            self.worker.max_trials += int(trials)
        return self.start()

    @raises_ours(timeout=NUMBER)
    def wait(self, timeout: float | None = None) -> Sweep:
        """Wait until the sweep has ended. An interrupt stops it.

        Args:
            timeout: the maximum time to wait in seconds; None waits without a limit.

        Raises:
            SeqmagicError: The error that ended it.
            Interrupted: If it is interrupted again after some seconds.
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
        """Wait until it ends or is paused, without showing the result. False if the wait was interrupted.

        Args:
            meanwhile: a function that is called many times a second.
        """
        with on_interrupt(self.stop) as presses:
            while not self._ended.wait(0.05) and not self.paused and not presses.insists:
                meanwhile()
        return not presses.count

    # The sweep's own thread.

    def _work(self) -> None:
        state = RunState.FAILED
        try:
            self.reason = self.worker.run_all()
            if not self.worker.stops:
                self.worker.train_whole()
            state = RunState.STOPPED if self.worker.stops else RunState.DONE
        except BaseException as error:  # noqa: BLE001  # Whatever ends the thread must be reported to the user who waits.
            self.error = translate(error if isinstance(error, Exception) else RuntimeError(repr(error)), gettext("The sweep"))
        finally:
            self._took, self._began = self.seconds, 0.0
            self._state = state
            registry.leave(self)
            for callback in self.when_done:
                try:
                    callback(self)
                except Exception as error:  # noqa: BLE001  # The other callbacks must still be called.
                    self.reason = translate(error, gettext("The end of the sweep")).problem
            self._notify(now=True)
            self._ended.set()

    def _notify(self, *, now: bool = False) -> None:
        self.watchers.notify(self, now=now)

    def format_state(self) -> str:
        """Return its state in a few words."""
        done = sum(one.has_ended for one in self.trials)
        counted = (
            gettext("{done} of {trials} trials", done=done, trials=self.max_trials)
            if self.max_trials > 1
            else gettext("{tries} runs", tries=sum(len(one.results) for one in self.trials))
        )
        best = self.best
        return f"{gettext(self.state)}, {counted}" + (
            gettext("; best {metric} {result} (trial {number})", metric=self.metric, result=best.format_result(), number=best.number)
            if best is not None
            else ""
        )

    def __repr__(self) -> str:
        return f"<Sweep of {self.name!r}: {self.format_state()}>"
