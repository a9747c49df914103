"""The trainer: the work of a run's thread, from its turn to the last write to the ledger."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import ref

import keras

from seqmagic.classroom.hints import add_hints
from seqmagic.errors import BusyError, SeqmagicError
from seqmagic.keras_internals.compiled import forget_step_functions, number_equal_losses
from seqmagic.keras_internals.precision import set_policy
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.entry import LAST_EPOCH, SECONDS_BEFORE
from seqmagic.ledger.run_state import RunState
from seqmagic.network.graph_names import allow_any_names
from seqmagic.network.metric_direction import judged_by
from seqmagic.options.fit_values import flat_callbacks
from seqmagic.steps.graph_loop import forget_loop, is_own
from seqmagic.steps.workers import UnwantedError
from seqmagic.training import registry
from seqmagic.training.callback import SessionCallback
from seqmagic.training.callback_memory import Notes, keep_logs
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.controls import Controls
from seqmagic.training.copies import Copies
from seqmagic.training.description import Description, describe
from seqmagic.training.elsewhere import Elsewhere, Mirror, portable
from seqmagic.training.fit_errors import explain
from seqmagic.training.journal import Journal
from seqmagic.training.model_lock import guard
from seqmagic.training.own_fit import call_own_fit
from seqmagic.training.pipeline import Pipeline
from seqmagic.training.placement import Placement, job_of
from seqmagic.training.progress import BatchCount
from seqmagic.training.registry import ActiveRun, Turn, run_of
from seqmagic.training.request import Request
from seqmagic.training.resume import with_past
from seqmagic.training.resumption import Resumption
from seqmagic.training.session import Session
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.start_point import StartPoint, StoredRun
from seqmagic.training.state import Moment, State, checksum_of
from seqmagic.translation import gettext


class Trainer:
    """Trains one model once, in a thread, and records the results.

    Attributes:
        model: returns it; None if the training has ended and nothing else refers to the model.
        request: what to train on, and how.
        start_point: of the run.
        controls: receive Pause, Step and Stop.
        placement: where it trains.
        session: with the progress. snapshots: the copies of the model. copies: finds them, also after the training.
        description: of the run. journal: writes it to the ledger.
        error: that ended it.
        thread: that trains. ended: set at the end, for those who wait.
    """

    def __init__(
        self, model: keras.Model, request: Request, start_point: StartPoint, controls: Controls, place: Elsewhere | None = None
    ) -> None:
        if place is not None and request.workers > 1:
            place.check_sharing(request.workers)
        self.model: Callable[[], Any] = lambda: model
        self.request, self.start_point, self.controls, self.placement = request, start_point, controls, Placement(place)
        state, learning_rate = start_point.state, start_point.config.learning_rate
        kept = start_point.kept.going_on(request.kept_megabytes, until=start_point.record.position)
        self.snapshots = Snapshots(model, request.early_stop, start_point.first, start_point.best, kept, scale=request.scale)
        count = BatchCount(start_point.first_epoch if state is None else state.moment.epoch, request.epochs)
        resumption = None if state is None else Resumption(state, learning_rate)
        self.session = Session(start_point.record, count, self.snapshots, controls, request.early_stop, resumption)
        self.copies = Copies(start_point.record, self.snapshots)
        self.journal: Journal | None = None
        self.description = Description()
        self.error: SeqmagicError | None = None
        self.thread: threading.Thread | None = None
        # Not is_alive(), which is wrong in Python 3.11 after an interrupted join().
        self.ended = threading.Event()

    def start(self, run: ActiveRun, model: keras.Model, *, queued: bool) -> None:
        """Start to train in a thread, or queue behind earlier runs.

        Args:
            run: whose watchers are notified.

        Raises:
            BusyError: If another run trains the model, and this one may not be queued.
        """
        self.session.announce = partial(self._announce, run)
        turn = Turn(as_from_here(partial(self._take_turn, run)), partial(self.finish, run))
        if queued and run_of(model) is not None:
            self._describe(model)  # Now, because the previous run may end at any moment.
        if not registry.enter(run, model, turn, queued=queued):
            return
        self._begin(run, model)
        guarded, work = threading.Event(), as_from_here(train_in_line)
        self.thread = threading.Thread(target=work, args=(turn, model, guarded), name=f"seqmagic-{run.name}", daemon=True)
        try:
            self._describe(model)
            self.thread.start()
        except BaseException:  # For example, no thread could be started.
            self.finish(run, RunState.FAILED, model)
            raise
        guarded.wait()
        registry.notify_subscribers()

    def _begin(self, run: ActiveRun, model: keras.Model) -> None:
        registry.begin(run, model)
        run.earlier = registry.earlier_histories(run.name, run.went_on_from)
        run.state = RunState.RUNNING
        self.session.clock.start()

    def _take_turn(self, run: ActiveRun, model: keras.Model) -> RunState:
        """Train; returns the outcome."""
        try:
            if self.thread is None:  # It was queued, and runs in the thread of the run before.
                self.thread = threading.current_thread()
                self._begin(run, model)
                registry.notify_subscribers()
            if not self.controls.stop_asked:
                self._fit(model)
        except UnwantedError:  # Stop was pressed before it had started.
            return RunState.STOPPED
        except BaseException as error:  # noqa: BLE001
            # Whatever ends the thread must be reported to the user who waits, even a SystemExit from a callback.
            self.error = error if isinstance(error, SeqmagicError) else explain(error, model)
            add_hints(self.error)
            return RunState.FAILED
        return RunState.STOPPED if self.controls.stop_asked else RunState.DONE

    def finish(self, run: ActiveRun, outcome: RunState, model: keras.Model) -> Turn | None:
        """End; returns the turn of the next queued run, if any."""
        self.session.clock.stop()
        try:
            self.controls.close()
            self._close_journal(outcome)
        except Exception as error:  # noqa: BLE001  # Those who wait must not wait forever.
            self.error, outcome = self.error or explain(error, model), RunState.FAILED
        left = self._hand_over(is_done=outcome == RunState.DONE)
        following = registry.leave(run, model, left, has_trained=self.session.count.batches > 0)
        self.model = ref(model)
        if outcome == RunState.FAILED:
            forget_step_functions(model)
            forget_loop(model)
        run.state = outcome
        # Watchers first: the displays are then up to date when a waiting cell runs.
        run.watchers.notify(run, now=True)
        self.ended.set()
        return following

    def _announce(self, run: ActiveRun, *, now: bool = False) -> None:
        if not run.ended:
            run.state = RunState.PAUSED if self.session.clock.holding else RunState.RUNNING
        run.watchers.notify(run, now=now)

    def _describe(self, model: keras.Model) -> None:
        epochs = self.session.count.first_epoch + self.request.epochs - self.start_point.first_epoch
        since = self.session.record.loss_since
        self.description = describe(model, self.request, epochs, loss_since=since, settings=self.placement.settings)

    def _fit(self, model: keras.Model) -> None:
        """Run Keras's `fit`, or the model's own, with the session's callback after the user's."""
        allow_any_names(model)
        if self.request.policy and set_policy(model, self.request.policy):
            forget_loop(model)
        self.start_point = with_past(self.start_point, model)
        self.snapshots.first = self.start_point.first
        x, y, options = self.request.divided()
        first, own = self.session.count.first_epoch, flat_callbacks(options.pop("callbacks", None))
        self.snapshots.notes = Notes(own)
        if self.start_point.state is not None:
            keep_logs(own, first)
        self._open_journal()
        if self.placement.place is not None and self.request.workers == 1:
            self._fit_elsewhere(self.placement.place, model)
            return
        number_equal_losses(model, self.session.warn_of_numbered)
        shared = self.placement.share(model, self.request.workers)
        pipeline = Pipeline(model, x, y, options, self.request.seed, own, shared)
        callback = SessionCallback(self.session, counts_batches=pipeline.loop is None)
        callbacks = [*pipeline.callbacks, *own, callback]
        arguments = pipeline.options | {"epochs": first + self.request.epochs, "initial_epoch": first, "callbacks": callbacks}
        arguments.setdefault("verbose", 0)
        self.session.learn(pipeline.steps, is_repeatable=pipeline.is_repeatable)
        self.request.early_stop.validates = pipeline.validates
        self.request.early_stop.judged = judged_by(model, self.request.early_stop.monitor)
        with pipeline.through(self.session):
            if pipeline.reported:
                self.request.early_stop.check(pipeline.reported)
            if is_own(model, "fit"):
                self.session.take(call_own_fit(model, pipeline.x, pipeline.y, arguments))
            else:
                model.fit(pipeline.x, pipeline.y, **arguments)
                self.session.look_for_validation(options)
        after = Moment(self.session.count.epoch + 1)
        # A callback may have set other weights at the end, for example the best ones.
        if not self.session.controls.stop_asked and (own or not self.snapshots.is_at(after)):
            self.snapshots.look(after, now=True)

    def _fit_elsewhere(self, place: Elsewhere, model: keras.Model) -> None:
        """Train in another process."""
        shape = getattr(self.request.x, "shape", None)
        if not model.built and shape is not None:
            model.build((None, *shape[1:]))  # So that its first weights are the same as if it trained here.
        self.session.snapshots.begin(self.session.count.moment, self.start_point.state)
        told, earlier = self.description.told, job_of(self.start_point)
        self.placement.train(Mirror(model, self.request, self.start_point, self.session, told, earlier), place)

    def left_at(self, state: State) -> StartPoint:
        """A start point from which another process could resume if this one died now; called in the training thread.

        Args:
            state: the last checkpoint.
        """
        left = replace(self.start_point, record=self.session.record.copy(), state=state, first=None, best=self.snapshots.best)
        return portable(replace(left, steps=self.session.count.steps, config=self.description.config))

    def _close_journal(self, outcome: str) -> None:
        """Write the outcome, and release the data."""
        if self.journal is not None:
            reason = self.error.problem if self.error is not None else self.session.reason
            self.journal.end(outcome, reason, self.session.progress.seconds)
        self.request.let_go()

    def _open_journal(self) -> None:
        """Add the run to the ledger, if there is one."""
        ledger, entry = current_ledger(), self.description.entry
        if ledger is None or entry is None:
            return
        now = time.time()  # It may have been queued.
        continues = self.start_point.number_in(ledger.path)
        before = ledger.entry(continues) if continues is not None else None
        facts = {**entry.facts, LAST_EPOCH: self.session.count.first_epoch + self.request.epochs}
        facts |= {} if before is None else {SECONDS_BEFORE: before.seconds_in_all}
        entry = replace(entry, started=now, touched=now, continues=continues, facts=facts)
        self.journal = self.session.journal = Journal(ledger, entry, self.session.record, self._facts)
        self.snapshots.write = self.journal.keep

    @property
    def number(self) -> int | None:
        """The run's number in the current ledger."""
        return self.journal.run if self.journal is not None and self.journal.ledger is current_ledger() else None

    @property
    def warnings(self) -> list[str]:
        """What could not be stored or done, one sentence each."""
        return [*self.session.warnings, *self.controls.failures, *(self.journal.warnings if self.journal is not None else ())]

    @property
    def is_own_thread(self) -> bool:
        """Whether the current thread is the training thread."""
        return threading.current_thread() is self.thread

    def refuse_own_thread(self, method: str) -> None:
        """Refuse to wait for a run within its own thread.

        Raises:
            BusyError: In the training thread.
        """
        if self.is_own_thread:
            raise BusyError(
                gettext("A callback can't call {method}() on its own run.", method=method),
                expected=gettext("stop() instead"),
            )

    def _facts(self) -> dict[str, Any]:
        """What resuming needs, in addition to the state of the model."""
        return {
            "seed": self.request.seed,
            "first_epoch": self.start_point.first_epoch,
            "epochs": self.description.config.epochs,
            "steps": self.session.count.steps,
            "options": self.request.kept,
        }

    def _hand_over(self, *, is_done: bool) -> StartPoint:
        """What the next run of the model can continue from, including the copies of the model's states.

        Args:
            is_done: whether the run has finished, so that there is nothing to resume.
        """
        snapshots, journal = self.snapshots, self.journal
        left = StartPoint(
            self.session.record,
            self.start_point.first_epoch,
            state=None if is_done else snapshots.last,
            first=snapshots.first,
            best=snapshots.best,
            kept=snapshots.kept,
            stored=None if journal is None or journal.run is None else StoredRun(str(journal.ledger.path), journal.run),
            weights=checksum_of(snapshots.model) if snapshots.is_small and self.session.count.batches else None,
            steps=self.session.count.steps,
            config=self.description.config,
        )
        snapshots.release()
        self.start_point = self.start_point.without_weights()
        return left


def train_in_line(turn: Turn, model: keras.Model, guarded: threading.Event) -> None:
    """Train, and then the queued runs: in one thread and under one lock, so that no other thread gets the model in between.

    Args:
        guarded: set once other threads are locked out.
    """
    following: Turn | None = turn
    while following is not None:
        with guard(model):
            guarded.set()
            while following is not None:
                outcome = following.train(model)
                if not registry.is_awaited(model):
                    break
                following = following.finish(outcome, model)
        if following is not None:
            following = following.finish(outcome, model)
