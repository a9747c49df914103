"""A trial run: one run of a trial, from its text to its result."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqmagic.errors import SeqmagicError
from seqmagic.history import History, numbers_of
from seqmagic.keras_internals.own_random import own_random_numbers
from seqmagic.language import Literal, Program, parse, print_program
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import fit_line
from seqmagic.ledger.run_state import RunState
from seqmagic.ledger.sweep_facts import as_part_of_sweep
from seqmagic.machines.errors import MachineError
from seqmagic.options.fit_values import flat_callbacks
from seqmagic.recipes.recipe import Recipe, make_recipe
from seqmagic.sweeps.past import ENDED_TRIAL, REASONS
from seqmagic.sweeps.task import Task
from seqmagic.sweeps.trials import Outcome, TrialState
from seqmagic.training.elsewhere import Elsewhere
from seqmagic.training.resume import find_start_point
from seqmagic.training.run import Run
from seqmagic.training.start_point import StartPoint


class Pruning(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no type hints.
    """Ends a training that is not worth continuing, after an epoch; also in another process, which gets a copy.

    Attributes:
        metric: of the trial.
        report: called with an epoch's value and number; returns True to stop.
        last: the number of the last epoch, which is never pruned.
        is_pruned: whether the training was pruned.
    """

    def __init__(self, metric: str, report: Callable[[float, int], bool]) -> None:
        super().__init__()
        self.metric, self.report, self.last, self.is_pruned = metric, report, 0, False

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Report the epoch, and stop if it is pruned."""
        value = numbers_of(logs or {}).get(self.metric)
        if value is not None and self.look(value, epoch + 1):
            self.model.stop_training = True

    def look(self, value: float, epoch: int) -> bool:
        """Report an epoch, counted from 1; True if the trial should end."""
        self.is_pruned = self.report(value, epoch) and epoch < self.last
        return self.is_pruned

    def go_on(self, record: History) -> None:
        """Report the epochs of an interrupted run that is resumed."""
        for position, value in zip(*record.epochs.curve(self.metric), strict=True):
            if position == int(position) and np.isfinite(value):
                self.report(value, int(position))


class TrialRun:
    """One training of a trial: one of its folds or seeds, where it has several.

    Attributes:
        task: of the sweep.
        name: of the model.
        program: the text, with the seed of this run.
        repeat: the index of the fold or seed; beyond the last fold, the run trains on all rows.
        facts: for the ledger.
        pruning: reports each epoch to Optuna; None if nothing is pruned.
        machines: where it trains, if not in this kernel.
        watch: called when something changes.
        outcome: updated after each epoch.
        run, model: set once it has started.
    """

    def __init__(
        self,
        task: Task,
        name: str,
        program: Program,
        repeat: int,
        facts: Mapping[str, Any],
        *,
        report: Callable[[float, int], bool] | None = None,
        watch: Callable[[], None] = lambda: None,
        machines: Elsewhere | None = None,
    ) -> None:
        self.task, self.name, self.repeat, self.facts = task, name, repeat, facts
        self.program = with_seed(program, repeat) if task.settings.seeds > 1 else program
        self.pruning = Pruning(task.metric, report) if report is not None else None
        self.watch, self.machines = watch, machines
        self.outcome = Outcome(repeat)
        self.run: Run | None = None
        self.model: Any = None  # A run releases its model when it ends.
        self.stops_alone = False
        self._seconds_before = 0.0  # Of the interrupted run that it resumes.
        self._ended = threading.Event()

    def start(self, cut_run: int | None = None) -> None:
        """Build the network and start to train it.

        Args:
            cut_run: the number of the interrupted run to resume, if its state still exists.

        Raises:
            SeqmagicError: If it can't be built, or the data doesn't fit.
        """
        # The state after setting the text's seed determines the order of the epochs too; and the ledger creates the layers again to
        # describe them.
        with own_random_numbers():
            recipe, run, start_point = self._prepare(cut_run)
            self.run, self.model = run, recipe.model
            if self.pruning is not None:
                self.pruning.last = run.first_epoch + run.progress.epochs
                if start_point is not None:
                    self.pruning.go_on(start_point.record)
            run.watchers.append(self._look)
            with as_part_of_sweep(recipe.model, self.facts):
                run.start()

    def _prepare(self, cut_run: int | None) -> tuple[Recipe, Run, StartPoint | None]:
        """The model of the text, and its run."""
        recipe = make_recipe(parse(self.program.text), self.task.family.names_for(self.program), self.name)
        fit = self.task.fit_of(recipe.program, recipe.fit)
        x, y, options = fit.x, fit.y, dict(fit.options)
        if self.task.folds is not None and self.repeat < self.task.settings.folds:
            x, y, options = self.task.folds.take(self.repeat, options)
        line = recipe.program.fit.text.strip() if recipe.program.fit is not None and self.task.data is None else ""
        described: dict[str, Any] = {
            "on": self.machines,
            "data_names": fit.names,
            "fit_line": line or fit_line(options, fit.names, has_labels=y is not None),
        }
        if self.pruning is not None:
            options["callbacks"] = [*flat_callbacks(options.get("callbacks")), self.pruning]
        start_point = _start_point_of(recipe.model, cut_run)
        if start_point is not None:
            try:
                run = Run(recipe.model, x, y, start_point=start_point, **described, **options)
            except SeqmagicError:
                pass  # The interrupted run can't be resumed, so the training starts over.
            else:
                ledger = current_ledger()
                before = ledger.entry(cut_run) if ledger is not None and cut_run is not None else None
                self._seconds_before = before.seconds_in_all if before is not None else 0.0
                return recipe, run, start_point
        return recipe, Run(recipe.model, x, y, **described, **options), None

    def _look(self, run: Run) -> None:
        self.outcome.names, self.outcome.rows = run.record.epochs.rows_from()
        self.outcome.run, self.outcome.where = run.number, run.where
        self.outcome.seconds = self._seconds_before + run.progress.seconds
        self.watch()
        if run.ended:
            self._ended.set()

    def wait(self) -> Outcome:
        """Wait for the end, and return the outcome."""
        run = self.run
        assert run is not None  # noqa: S101  # Set by `start`.
        self._ended.wait()
        try:
            run.wait()
        except SeqmagicError as error:
            self.outcome.reason = error.problem
        self._look(run)
        self.outcome.state = self._state_after(run)
        known = REASONS.get(self.outcome.state, self.outcome.reason or run.reason)
        self.outcome.reason = run.reason if run.state == RunState.STOPPED and run.reason else known
        ledger = current_ledger()
        if (self.outcome.state in REASONS or self.lost_machines) and ledger is not None and run.number is not None:
            ledger.end(run.number, RunState.STOPPED, None, reason=self.outcome.reason, **{ENDED_TRIAL: self.outcome.state.value})
        return self.outcome

    def _state_after(self, run: Run) -> TrialState:
        """The state of the trial after its run has ended."""
        if run.state == RunState.DONE:
            return TrialState.PRUNED if self._was_pruned(run) else TrialState.DONE
        if run.state == RunState.FAILED:
            return TrialState.CUT if self.lost_machines else TrialState.FAILED
        # Time that was over ends a run as Stop does, and gives a reason.
        return TrialState.STOPPED if self.stops_alone or run.reason else TrialState.CUT

    @property
    def lost_machines(self) -> MachineError | None:
        """The error, if it was not caused by the network: then the run resumes once there are workers again."""
        error = self.run.error if self.run is not None else None
        return error if isinstance(error, MachineError) else None

    def _was_pruned(self, run: Run) -> bool:
        """Whether the run was pruned. On a worker a copy of the callback decided, so the decision is repeated here."""
        pruning = self.pruning
        if pruning is None or self.machines is None:
            return pruning is not None and pruning.is_pruned
        if run.record.position >= pruning.last:
            return False
        pruning.go_on(run.record)
        result = self.outcome.curve(self.task.metric)
        return bool(result) and pruning.look(result[-1][1], int(result[-1][0]))


def with_seed(program: Program, more: int) -> Program:
    """The same text with its seed increased."""
    if program.seed is None:
        return program
    changed = replace(program, seed=Literal(int(program.seed.value or 0) + more, program.seed.span))
    return parse(print_program(changed))


def _start_point_of(model: keras.Model, number: int | None) -> StartPoint | None:
    """The start point for resuming a run, if its state still exists."""
    if number is None:
        return None
    try:
        return find_start_point(model, number)
    except SeqmagicError:
        return None
