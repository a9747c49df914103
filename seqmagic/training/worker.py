"""The worker: what a run's own thread does, from the first batch to the last word in the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import keras

from seqmagic.training.control import Control
from seqmagic.training.course import Course
from seqmagic.training.describing import describe_run
from seqmagic.training.feeding import Feeding
from seqmagic.training.goal import Goal
from seqmagic.training.journal import Journal
from seqmagic.training.keeper import Keeper
from seqmagic.training.keeping import current_ledger
from seqmagic.training.origin import text_of
from seqmagic.training.resuming import SAME, Cut
from seqmagic.training.state import Moment


@dataclass
class Worker:
    """Trains one model once, and writes down what comes of it.

    x, y, options: what `fit` is given.
    seed: what the order of each epoch is drawn from.
    names: what the data and the labels are called.
    fit_line: the words that the run was started with.
    """

    x: Any
    y: Any
    options: dict[str, Any]
    seed: int
    names: tuple[str, str]
    fit_line: str
    course: Course
    keeper: Keeper
    goal: Goal
    journal: Journal | None = field(default=None, init=False)

    def fit(self, model: keras.Model) -> None:
        """Run Keras's own `fit`, with the course's callback behind the user's own."""
        options = dict(self.options)
        first, given = self.course.first_epoch, options.pop("callbacks", None) or []
        own = list(given) if isinstance(given, (list, tuple)) else [given]
        self._open_journal(model)
        feeding = Feeding(model, self.x, self.y, options, self.seed)
        control = Control(self.course, counts_batches=feeding.loop is None)
        arguments = feeding.options | {"epochs": first + self.course.epochs, "initial_epoch": first, "callbacks": [*own, control]}
        arguments.setdefault("verbose", 0)
        self.course.learn(feeding.steps, is_repeatable=feeding.is_repeatable)
        with feeding.through(self.course, own):
            if feeding.reported:
                self.goal.check(feeding.reported)
            model.fit(feeding.x, feeding.y, **arguments)
        if not self.course.gate.stop_asked:
            # Somebody's callback may have put other weights in at the end.
            self.keeper.look(Moment(self.course.epoch + 1), now=True)

    def close(self, outcome: str, reason: str) -> None:
        """Write the end down, and let go of the data: a notebook keeps its panels, and they their runs."""
        if self.journal is not None:
            self.journal.end(outcome, reason)
        self.x = self.y = None
        self.options = {name: value for name, value in self.options.items() if not name.endswith(("_data", "_weight"))}
        self.keeper.release_model()

    def _open_journal(self, model: keras.Model) -> None:
        """Enter the run into the ledger, where there is one."""
        ledger = current_ledger()
        if ledger is None:
            return
        entry = describe_run(
            model,
            self.x,
            self.y,
            options=self.options,
            seed=self.seed,
            data_names=self.names,
            cell=text_of(model),
            fit=self.fit_line,
        )
        self.journal = self.course.journal = Journal(ledger, entry, self.course.record, self._facts)
        self.keeper.write = self.journal.keep

    def _facts(self) -> dict[str, Any]:
        """What a run that goes on has to know, beside the state of the model."""
        course = self.course
        return {
            "seed": self.seed,
            "first_epoch": course.began_at,
            "epochs": course.planned,
            "steps": course.steps,
            "goal": self.goal.facts(),
            "options": self._options_of_order(),
        }

    def _options_of_order(self) -> dict[str, Any]:
        return {name: self.options[name] for name in SAME if name in self.options}

    def as_cut(self) -> Cut | None:
        """The training as one that can be gone on with, or None when its state is not there."""
        state, course = self.keeper.last, self.course
        if state is None:
            return None
        history = course.record.copy()
        history.cut(state.moment.epoch, state.moment.step / course.steps if course.steps else 0.0)
        return Cut(
            state,
            history,
            seed=self.seed,
            first_epoch=course.began_at,
            epochs=course.planned,
            goal=self.goal.facts(),
            fit=self.fit_line,
            options=self._options_of_order(),
            first=self.keeper.first,
            best=self.keeper.best,
        )
