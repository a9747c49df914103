"""The trial: one run of a try, from its text to its numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqmagic.errors import SeqmagicError
from seqmagic.keras_internals.own_random import own_random_numbers
from seqmagic.language import Literal, Program, parse, print_program
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import fit_line
from seqmagic.ledger.run_state import RunState
from seqmagic.ledger.sweep_facts import as_part_of_sweep
from seqmagic.options.fit_values import flat_callbacks
from seqmagic.recipes.recipe import Recipe, make_recipe
from seqmagic.sweeps.past import REASONS
from seqmagic.sweeps.task import Task
from seqmagic.sweeps.tries import Outcome, TryState
from seqmagic.training.resume import find_start_point
from seqmagic.training.run import Run
from seqmagic.training.start_point import StartPoint


class Pruning(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Ends the training after an epoch that is not worth going on with.

    Attributes:
        report: is given an epoch's number and its logs; True means stop.
    """

    def __init__(self, report: Callable[[int, Mapping[str, Any]], bool]) -> None:
        super().__init__()
        self.report = report

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Report the epoch, and stop where it is pruned."""
        if self.report(epoch + 1, logs or {}):
            self.model.stop_training = True


class Trial:
    """One run of a try.

    Attributes:
        task: of the sweep.
        name: the model's.
        program: the text, with the seed of this run.
        repeat: which of the try's folds or seeds it is; beyond the last fold, all rows are trained on.
        facts: what the ledger is to say of it.
        report: reports an epoch to Optuna; None where nothing is pruned.
        watch: called when there is something new to see.
        outcome: what comes of it, brought up to date with each epoch.
        run, model: once it has begun.
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
    ) -> None:
        self.task, self.name, self.repeat, self.facts = task, name, repeat, facts
        self.program = with_seed(program, repeat) if task.settings.seeds > 1 else program
        self.report, self.watch = report, watch
        self.outcome = Outcome(repeat)
        self.run: Run | None = None
        self.model: Any = None  # A run lets go of its model at its end.
        self.is_pruned = self.stops_alone = False
        self._ended = threading.Event()

    def start(self, cut_run: int | None = None) -> None:
        """Build the network and begin to train it.

        Args:
            cut_run: the number of the run that this one goes on with, where that is still there.

        Raises:
            SeqmagicError: Where it can't be built, or the data don't fit.
        """
        # What a text's seed leaves behind decides the order of the epochs, too; and the ledger makes the layers again to describe them.
        with own_random_numbers():
            recipe, run, start_point = self._prepare(cut_run)
            self.run, self.model = run, recipe.model
            if start_point is not None:
                self._report_past(start_point)
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
        described: dict[str, Any] = {"data_names": fit.names, "fit_line": line or fit_line(options, fit.names, has_labels=y is not None)}
        if self.report is not None:
            options["callbacks"] = [*flat_callbacks(options.get("callbacks")), Pruning(self._report)]
        start_point = _start_point_of(recipe.model, cut_run)
        if start_point is not None:
            try:
                return recipe, Run(recipe.model, x, y, start_point=start_point, **described, **options), start_point
            except SeqmagicError:
                pass  # It can't be gone on with: so it begins anew.
        return recipe, Run(recipe.model, x, y, **described, **options), None

    def _report(self, epoch: int, logs: Mapping[str, Any]) -> bool:
        value = logs.get(self.task.metric)
        if value is None or self.report is None:
            return False
        self.is_pruned = self.report(float(value), epoch) and epoch < self._last_epoch
        return self.is_pruned

    @property
    def _last_epoch(self) -> int:
        return self.run.first_epoch + self.run.progress.epochs if self.run is not None else 0

    def _report_past(self, start_point: StartPoint) -> None:
        positions, values = start_point.record.epochs.curve(self.task.metric)
        for position, value in zip(positions, values, strict=True):
            if self.report is not None and position == int(position) and np.isfinite(value):
                self.report(value, int(position))

    def _look(self, run: Run) -> None:
        self.outcome.names, self.outcome.rows = run.record.epochs.rows_from()
        self.outcome.run, self.outcome.seconds = run.number, run.progress.seconds
        self.watch()
        if run.ended:
            self._ended.set()

    def wait(self) -> Outcome:
        """Wait for the end, and see what came of it."""
        run = self.run
        assert run is not None  # noqa: S101  # It was started.
        self._ended.wait()
        try:
            run.wait()
        except SeqmagicError as error:
            self.outcome.reason = error.problem
        self._look(run)
        self.outcome.state = self._state_after(run)
        self.outcome.reason = REASONS.get(self.outcome.state, self.outcome.reason or run.reason)
        ledger = current_ledger()
        if self.outcome.state in REASONS and ledger is not None and run.number is not None:
            ledger.end(run.number, RunState.STOPPED, reason=self.outcome.reason)
        return self.outcome

    def _state_after(self, run: Run) -> TryState:
        """What the end of a run makes of its try."""
        if run.state == RunState.DONE:
            return TryState.PRUNED if self.is_pruned else TryState.DONE
        if run.state == RunState.FAILED:
            return TryState.FAILED
        return TryState.STOPPED if self.stops_alone else TryState.CUT


def with_seed(program: Program, more: int) -> Program:
    """The same text with a seed that is so much higher."""
    if program.seed is None:
        return program
    changed = replace(program, seed=Literal(int(program.seed.value or 0) + more, program.seed.span))
    return parse(print_program(changed))


def _start_point_of(model: keras.Model, number: int | None) -> StartPoint | None:
    """Where to go on with a run, as far as its state is still there."""
    if number is None:
        return None
    try:
        return find_start_point(model, number)
    except SeqmagicError:
        return None
