"""The worker: what a run's own thread does, from the first batch to the last word in the ledger."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import Any

import keras

from seqmagic.describe.source import text_of
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import describe_run, optimizer_facts
from seqmagic.ledger.entry import RunEntry
from seqmagic.network.graph_names import allow_any_names
from seqmagic.options.fit_values import flat_callbacks
from seqmagic.training.callback import Control
from seqmagic.training.callback_memory import Notes, keep_logs
from seqmagic.training.continuity import data_facts, read_options
from seqmagic.training.graph_loop import is_own
from seqmagic.training.journal import Journal
from seqmagic.training.own_fit import call_own_fit
from seqmagic.training.pipeline import Feeding
from seqmagic.training.request import Task
from seqmagic.training.resume import Cut, best_of
from seqmagic.training.session import Session
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.state import Moment


@dataclass
class Worker:
    """Trains one model once, and writes down what comes of it.

    Attributes:
        task: what is to be trained on, and how.
        continues: the number in the ledger of the run whose history goes on.
    """

    task: Task
    continues: int | None
    session: Session
    snapshots: Snapshots
    journal: Journal | None = field(default=None, init=False)
    entry: RunEntry | None = field(default=None, init=False)
    _data: dict[str, Any] = field(default_factory=dict, init=False)
    _optimizer: dict[str, Any] = field(default_factory=dict, init=False)

    def describe(self, model: keras.Model) -> None:
        """Put together what a run that goes on is told, and the ledger, where there is one.

        To be called before the run's own thread begins: telling a model makes its layers again, and Keras draws their seeds from the
        one generator that Python has. Drawn while a cell makes a network, they would change its weights, whatever its seed.
        """
        self._optimizer = optimizer_facts(model)
        if current_ledger() is None:
            self._data = data_facts(self.task.x, self.task.y, self.task.options)
            return
        entry = describe_run(
            model,
            self.task.x,
            self.task.y,
            options=self.task.options,
            seed=self.task.seed,
            data_names=self.task.names,
            cell=text_of(model),
            fit=self.task.fit_line,
            continues=self.continues,
        )
        self.entry = replace(entry, loss_since=self.session.record.loss_since)
        self._data = entry.data

    def fit(self, model: keras.Model) -> None:
        """Run Keras's own `fit`, or the model's, with the session's callback behind the user's own."""
        allow_any_names(model)
        x, y, options = self.task.divided()
        first, own = self.session.first_epoch, flat_callbacks(options.pop("callbacks", None))
        self.snapshots.notes = Notes(own)
        if self.session.resumed is not None:
            keep_logs(own, first)
        self._open_journal()
        feeding = Feeding(model, x, y, options, self.task.seed, own)
        control = Control(self.session, counts_batches=feeding.loop is None)
        callbacks = [*feeding.callbacks, *own, control]
        arguments = feeding.options | {"epochs": first + self.session.epochs, "initial_epoch": first, "callbacks": callbacks}
        arguments.setdefault("verbose", 0)
        self.session.learn(feeding.steps, is_repeatable=feeding.is_repeatable)
        self.task.goal.validates = feeding.validates
        with feeding.through(self.session):
            if feeding.reported:
                self.task.goal.check(feeding.reported)
            if is_own(model, "fit"):
                self.session.take(call_own_fit(model, feeding.x, feeding.y, arguments))
            else:
                model.fit(feeding.x, feeding.y, **arguments)
        after = Moment(self.session.epoch + 1)
        # Somebody's callback may have put other weights in at the end.
        if not self.session.gate.stop_asked and (own or not self.snapshots.is_at(after)):
            self.snapshots.look(after, now=True)

    def close(self, outcome: str, reason: str) -> None:
        """Write the end down, and let go of the data and the model."""
        if self.journal is not None:
            self.journal.end(outcome, reason, self.session.progress.seconds)
        self.task.let_go()
        self.snapshots.release_model()

    def _open_journal(self) -> None:
        """Enter the run into the ledger, where there is one."""
        ledger = current_ledger()
        if ledger is None or self.entry is None:
            return
        self.entry = replace(self.entry, started=time.time(), touched=time.time())  # It may have waited for its turn.
        self.journal = self.session.journal = Journal(ledger, self.entry, self.session.record, self._facts)
        self.snapshots.write = self.journal.keep

    @property
    def number(self) -> int | None:
        """The run's number in the ledger that is in use."""
        return self.journal.run if self.journal is not None and self.journal.ledger is current_ledger() else None

    def _facts(self) -> dict[str, Any]:
        """What a run that goes on has to know, beside the state of the model."""
        session = self.session
        return {
            "seed": self.task.seed,
            "first_epoch": session.began_at,
            "epochs": session.planned,
            "steps": session.steps,
            "goal": self.task.goal.facts(),
            "options": self.task.kept,
        }

    def as_cut(self) -> Cut | None:
        """The training as one that can be gone on with, or None when its state is not there."""
        state, session = self.snapshots.last, self.session
        if state is None:
            return None
        history = session.record.copy()
        history.cut(state.moment.epoch, state.moment.step / session.steps if session.steps else 0.0)
        return Cut(
            state,
            history,
            seed=self.task.seed,
            first_epoch=session.began_at,
            epochs=session.planned,
            goal=self.task.goal.seen(history, session.began_at),  # The state may be of an earlier moment than what the goal saw last.
            fit=self.task.fit_line,
            data=self._data,
            options=read_options(self.task.kept),
            optimizer=self._optimizer,
            loss=session.loss,
            compiled=self.entry.compile if self.entry is not None else "",
            first=self.snapshots.first,
            best=best_of(history, self.snapshots.best, state),
            number=self.number,
        )
