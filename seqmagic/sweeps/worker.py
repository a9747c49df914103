"""The worker of a sweep: what its thread does, one trial after the other; with machines, one thread per trial."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Collection
from dataclasses import asdict
from typing import Any, Protocol

from seqmagic.errors import DataError, SeqmagicError
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.run_state import RunState
from seqmagic.machines.errors import MachineError
from seqmagic.recipes.reload import model_of
from seqmagic.sweeps.past import facts_of, numbers_left, read_trials, settle
from seqmagic.sweeps.study import Draw, Study, better
from seqmagic.sweeps.task import Task
from seqmagic.sweeps.trial_run import TrialRun
from seqmagic.sweeps.trials import Trial, TrialState
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.elsewhere import Elsewhere
from seqmagic.translation import gettext, gettext_noop


class Machines(Elsewhere, Protocol):
    """The machines on which several trials train at the same time."""

    @property
    def slots(self) -> int:
        """How many trials train at the same time."""

    def describe(self) -> str:
        """A sentence on the machines."""


ALL_TRIED = gettext_noop("All possible networks have been tried.")
NOTHING_NEW = gettext_noop("Nearly all possible networks have been tried, so no new ones were found.")
AHEAD = 1  # Trials that wait for a worker, ready to train, so that no worker has to wait for the kernel.


class Worker:
    """Makes the trials of a sweep, and keeps their outcomes.

    Attributes:
        task: of the sweep. name: of the models. line: the line that started it.
        id: common to its runs in the ledger.
        max_trials: the number of trials to make.
        trials: those that have started, in order.
        machines: where the trials train, if not in this kernel.
        runs_under_way: the runs in progress, by the numbers of their trials.
        stops: whether it should end. open: set unless it is paused.
        notify: called when something changes.
    """

    def __init__(
        self, task: Task, name: str, line: str, sweep: str, notify: Callable[..., None], *, resumes: bool, machines: Machines | None = None
    ) -> None:
        self.task, self.name, self.line, self.id, self.notify = task, name, line, sweep, notify
        self.machines = machines
        self.study = Study(task.family, task.judged, task.settings.seed, prunes=task.settings.prune and task.settings.repeats == 1)
        self.max_trials = task.settings.trials if task.family.searched else 1
        ledger = current_ledger()
        self.trials: list[Trial] = read_trials(ledger, sweep, task.family, task.metric) if resumes and ledger is not None else []
        self.runs_under_way: dict[int, TrialRun] = {}
        self.stops = False
        self.open = threading.Event()
        self.open.set()
        self._building = threading.Lock()  # Only one network is built at a time.
        self._best_model: Any = None
        self._best_number: int | None = None

    @property
    def best(self) -> Trial | None:
        """The best of the finished trials; None if there is none."""
        ranking = better(self.task.judged, self.trials)
        return ranking[0] if ranking and ranking[0].state == TrialState.DONE else None

    def best_model(self) -> Any:
        """The model of the best trial, as its training left it; with folds, of the same network trained on all rows.

        Raises:
            DataError: While there is none, or where its weights are not there any more.
        """
        best = self.best
        if best is None:
            raise DataError(gettext("No trial has finished yet."), expected=gettext("a finished trial"))
        if self._best_number != best.number:
            self._best_model, self._best_number = self._load(best), best.number
        return self._best_model

    def run_all(self) -> str:
        """Make the remaining trials; returns why it ended before the last one, as a sentence."""
        lanes = Lanes(max(1, self.machines.slots) if self.machines is not None else 1, self)
        lanes.work()
        return lanes.reason

    def begin_next(self, taken: Collection[int], lag: int) -> tuple[Trial, Draw] | str | None:
        """Draw the next trial; None if there is none now, and a sentence if there will be no more.

        A draw uses only results of trials that are at least `lag` before it, so it does not depend on how long each trial takes.

        Args:
            taken: the numbers of the trials in progress. lag: how far results must lie back.
        """
        left = [number for number in numbers_left(self.trials, self.max_trials) if number not in taken]
        if not left:
            return None
        number = left[0]
        if any(other <= number - lag for other in taken):
            return None
        earlier = [one for one in self.trials if one.number < number]
        known = next((one for one in self.trials if one.number == number), None)
        before = [one for one in earlier if one.number <= number - lag]
        if known is not None:
            return known, self.study.draw_again(known, before)
        draw = self.study.draw(number, before, {one.text for one in earlier})
        if draw is None:
            return gettext(ALL_TRIED if self.has_tried_all else NOTHING_NEW) if self.task.family.searched else ""
        one = Trial(number, draw.values, draw.member.text, self.task.metric, self.task.settings.repeats)
        self.trials.append(one)
        return one, draw

    @property
    def has_tried_all(self) -> bool:
        """Whether every possible network has had a trial."""
        return len({one.text for one in self.trials}) >= math.prod(one.count for one in self.task.family.searched)

    def hold(self) -> None:
        """Wait while the sweep is paused."""
        while not self.open.is_set() and not self.stops:
            self.open.wait()

    def run_trial(self, one: Trial, draw: Draw) -> None:
        """Train one network, once for each fold or seed."""
        one.state = TrialState.RUNNING
        trial_run: TrialRun | None = None
        for repeat in range(one.repeats):
            known = next((outcome for outcome in one.outcomes if outcome.repeat == repeat), None)
            if known is not None and known.state == TrialState.DONE:
                continue
            self.hold()
            if self.stops:
                one.state = TrialState.CUT
                return
            try:
                trial_run = self._train(one, repeat, draw, known.run if known is not None else None)
            except MachineError:
                raise  # The network is not at fault.
            except SeqmagicError as error:
                one.state, one.reason = TrialState.FAILED, error.problem
                return
            if trial_run.outcome.state == TrialState.CUT and trial_run.run is not None and trial_run.run.state == RunState.STOPPED:
                self.stops = True  # Interrupting the run with the notebook's stop button ends the whole sweep.
            if trial_run.outcome.state != TrialState.DONE:
                break
        settle(one)
        if one.state == TrialState.DONE and trial_run is not None:
            self._keep_best(one, trial_run.model)
        self.notify(now=True)

    def _train(self, one: Trial, repeat: int, draw: Draw, cut_run: int | None = None) -> TrialRun:
        facts = facts_of(self.id, one, repeat, settings=self._settings(), family=self.task.family.text, line=self.line)
        report = draw.report if self.study.prunes else None
        trial_run = TrialRun(self.task, self.name, draw.member, repeat, facts, report=report, watch=self.notify, machines=self.machines)
        one.outcomes = [*(outcome for outcome in one.outcomes if outcome.repeat != repeat), trial_run.outcome]
        self.runs_under_way[one.number] = trial_run
        try:
            with self._building:
                trial_run.start(cut_run)
            if not self.open.is_set() and trial_run.run is not None:
                trial_run.run.pause()
            if self.stops and trial_run.run is not None:
                trial_run.run.stop()
            trial_run.wait()
            if trial_run.lost_machines is not None:
                one.state = TrialState.CUT
                raise trial_run.lost_machines
        finally:
            del self.runs_under_way[one.number]
        return trial_run

    def _settings(self) -> dict[str, Any]:
        return {**asdict(self.task.settings), "trials": self.max_trials}

    def _keep_best(self, one: Trial, model: Any) -> None:
        """Keep the model of the best trial; other models are freed, and their weights stay in the ledger."""
        if self.best is one and self.task.settings.repeats == 1:
            self._best_model, self._best_number = model, one.number

    def train_whole(self) -> None:
        """After the folds, train the best network again on all rows."""
        best = self.best
        if best is None or self.task.folds is None or self._best_number == best.number:
            return
        draw = Draw(best.values, self.task.family.member(best.values), None)
        facts = facts_of(self.id, best, best.repeats, settings=self._settings())
        trial_run = TrialRun(self.task, self.name, draw.member, best.repeats, facts, watch=self.notify, machines=self.machines)
        self.runs_under_way[best.number] = trial_run
        trial_run.start()
        trial_run.wait()
        del self.runs_under_way[best.number]
        if trial_run.run is not None and trial_run.run.state == RunState.DONE:
            self._best_model, self._best_number = trial_run.model, best.number

    def _load(self, best: Trial) -> Any:
        """The model of a trial from the ledger, with its trained weights."""
        ledger = current_ledger()
        number = best.runs[0] if best.runs else None
        entry = ledger.entry(number) if ledger is not None and number is not None else None
        checkpoint = ledger.load_checkpoint(number, "last") if ledger is not None and number is not None else None
        if entry is None or checkpoint is None:
            raise DataError(
                gettext("The weights of trial {number} no longer exist.", number=best.number),
                expected=gettext("its text, to train it again"),
            )
        return model_of(entry, checkpoint, self.task.family.names_for(self.task.family.member(best.values)), self.name)


class Lanes:
    """The threads that make the trials. The first is the sweep's own thread, so with one lane no other thread is involved.

    Attributes:
        count: how many. lag: how far back results must lie to be used for a draw.
        reason: why they ended before the last trial.
    """

    def __init__(self, slots: int, worker: Worker) -> None:
        self.worker, self.reason = worker, ""
        # A trial may have to wait for earlier ones. With a lag of twice the number of slots, the others can go on meanwhile.
        self.count, self.lag = (1, 1) if slots == 1 else (slots + AHEAD, 2 * slots)
        self._taken: set[int] = set()
        self._error: BaseException | None = None
        self._news = threading.Condition()
        self._is_over = False

    def work(self) -> None:
        """Make all remaining trials."""
        threads = [threading.Thread(target=as_from_here(self._make), daemon=True) for _ in range(self.count - 1)]
        for thread in threads:
            thread.start()
        self._make()
        for thread in threads:
            thread.join()
        if self._error is not None:
            raise self._error

    def _make(self) -> None:
        """The work of each thread."""
        try:
            while (begun := self._next()) is not None:
                try:
                    self.worker.run_trial(*begun)
                finally:
                    with self._news:
                        self._taken.discard(begun[0].number)
                        self._news.notify_all()
        except BaseException as error:  # noqa: BLE001  # The sweep's own thread raises it.
            with self._news:
                self._error, self._is_over = self._error or error, True
                self._news.notify_all()

    def _next(self) -> tuple[Trial, Draw] | None:
        """The next trial, as soon as there is one; None at the end."""
        while True:
            self.worker.hold()
            with self._news:
                if self.worker.stops or self._is_over:
                    return None
                begun = self.worker.begin_next(self._taken, self.lag)
                if isinstance(begun, tuple):
                    self._taken.add(begun[0].number)
                    return begun
                if begun is not None:
                    self.reason, self._is_over = begun, True
                elif not self._taken:
                    return None
                self._news.wait(0.5)
