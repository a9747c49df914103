"""The worker of a sweep: what its thread does, one try after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from seqmagic.errors import DataError, SeqmagicError
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.run_state import RunState
from seqmagic.recipes.reload import model_of
from seqmagic.sweeps.past import facts_of, numbers_left, read_tries, settle
from seqmagic.sweeps.study import Draw, Study, better
from seqmagic.sweeps.task import Task
from seqmagic.sweeps.trial import Trial
from seqmagic.sweeps.tries import Try, TryState
from seqmagic.translation import gettext, gettext_noop

NOTHING_NEW = gettext_noop("All networks that were drawn had been tried: there are no more, or hardly any.")


class Worker:
    """Makes the tries of a sweep, and knows what came of them.

    Attributes:
        task: of the sweep. name: what the models are called. line: how it was asked for.
        id: what its runs in the ledger have in common.
        trials: how many tries are wanted.
        tries: those that have begun, in order.
        trial: the run that is under way.
        stops: whether it is to end. open: set while it may go on.
        notify: called when there is something new.
    """

    def __init__(self, task: Task, name: str, line: str, sweep: str, notify: Callable[..., None], *, resumes: bool) -> None:
        self.task, self.name, self.line, self.id, self.notify = task, name, line, sweep, notify
        self.study = Study(task.family, task.metric, task.settings.seed, prunes=task.settings.prunes and task.settings.repeats == 1)
        self.trials = task.settings.trials if task.family.searched else 1
        ledger = current_ledger()
        self.tries: list[Try] = read_tries(ledger, sweep, task.family, task.metric) if resumes and ledger is not None else []
        self.trial: Trial | None = None
        self.stops = False
        self.open = threading.Event()
        self.open.set()
        self._best_model: Any = None
        self._best_number: int | None = None

    @property
    def best(self) -> Try | None:
        """The best of the tries that came to their end; None while there is none."""
        ranking = better(self.task.metric, self.tries)
        return ranking[0] if ranking and ranking[0].state == TryState.DONE else None

    def best_model(self) -> Any:
        """The model of the best try, as its training left it; with folds, of the same network trained on all rows.

        Raises:
            DataError: While there is none, or where its weights are not there any more.
        """
        best = self.best
        if best is None:
            raise DataError(gettext("No try has come to its end yet."), expected=gettext("one that has"))
        if self._best_number != best.number:
            self._best_model, self._best_number = self._load(best), best.number
        return self._best_model

    def try_all(self) -> str:
        """Make the tries that are left; gives why it ended before the last, in a sentence."""
        while not self.stops and (left := numbers_left(self.tries, self.trials)):
            self.hold()
            number = left[0]
            before = [one for one in self.tries if one.number < number]
            one = next((one for one in self.tries if one.number == number), None)
            draw = self.study.draw(number, before)
            if draw is None:
                return gettext(NOTHING_NEW) if self.task.family.searched else ""
            if one is None:
                one = Try(number, draw.values, draw.member.text, self.task.metric, self.task.settings.repeats)
                self.tries.append(one)
            self._try(one, draw)
        return ""

    def hold(self) -> None:
        """Wait while the sweep is paused."""
        while not self.open.is_set() and not self.stops:
            self.open.wait()

    def _try(self, one: Try, draw: Draw) -> None:
        """Train one network, as often as there are folds or seeds."""
        one.state = TryState.RUNNING
        for repeat in range(one.repeats):
            known = next((outcome for outcome in one.outcomes if outcome.repeat == repeat), None)
            if known is not None and known.state == TryState.DONE:
                continue
            self.hold()
            if self.stops:
                one.state = TryState.CUT
                return
            try:
                trial = self._train(one, repeat, draw, known.run if known is not None else None)
            except SeqmagicError as error:
                one.state, one.reason = TryState.FAILED, error.problem
                return
            if trial.outcome.state == TryState.CUT and trial.run is not None and trial.run.state == RunState.STOPPED:
                self.stops = True  # Whoever stops the run by the notebook's square button means all of it.
            if trial.outcome.state != TryState.DONE:
                break
        settle(one)
        if one.state == TryState.DONE:
            self._keep_best(one)
        self.notify(now=True)

    def _train(self, one: Try, repeat: int, draw: Draw, cut_run: int | None = None) -> Trial:
        facts = facts_of(self.id, one, repeat, settings=self._settings(), family=self.task.family.text, line=self.line)
        report = draw.report if self.study.prunes else None
        trial = Trial(self.task, self.name, draw.member, repeat, facts, report=report, watch=self.notify)
        one.outcomes = [*(outcome for outcome in one.outcomes if outcome.repeat != repeat), trial.outcome]
        self.trial = trial
        trial.start(cut_run)
        if not self.open.is_set() and trial.run is not None:
            trial.run.pause()
        if self.stops and trial.run is not None:
            trial.run.stop()
        trial.wait()
        return trial

    def _settings(self) -> dict[str, Any]:
        return {**asdict(self.task.settings), "trials": self.trials}

    def _keep_best(self, one: Try) -> None:
        """Keep the model of the best try as it is; the others go, and their weights stay in the ledger."""
        if self.best is one and self.task.settings.repeats == 1 and self.trial is not None:
            self._best_model, self._best_number = self.trial.model, one.number

    def train_whole(self) -> None:
        """After the folds, train the best network once more, on all rows."""
        best = self.best
        if best is None or self.task.folds is None or self._best_number == best.number:
            return
        draw = Draw(best.values, self.task.family.member(best.values), None)
        facts = facts_of(self.id, best, best.repeats, settings=self._settings())
        trial = self.trial = Trial(self.task, self.name, draw.member, best.repeats, facts, watch=self.notify)
        trial.start()
        trial.wait()
        if trial.run is not None and trial.run.state == RunState.DONE:
            self._best_model, self._best_number = trial.model, best.number

    def _load(self, best: Try) -> Any:
        """The model of a try out of the ledger, with the weights that its training left."""
        ledger = current_ledger()
        number = best.runs[0] if best.runs else None
        entry = ledger.entry(number) if ledger is not None and number is not None else None
        checkpoint = ledger.load_checkpoint(number, "last") if ledger is not None and number is not None else None
        if entry is None or checkpoint is None:
            raise DataError(
                gettext("The weights of try {number} are not there any more.", number=best.number),
                expected=gettext("its text, to train it once more"),
            )
        return model_of(entry, checkpoint, self.task.family.names_for(self.task.family.member(best.values)), self.name)
