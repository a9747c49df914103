"""The trainer: what a run's own thread does, from its turn to the last word in the ledger."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any
from weakref import ref

import keras

from seqmagic.classroom.hints import add_hints
from seqmagic.describe.source import cell_text_of
from seqmagic.errors import BusyError, SeqmagicError
from seqmagic.keras_internals.compiled import forget_step_functions
from seqmagic.keras_internals.precision import set_policy
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import describe_run, optimizer_facts
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.run_state import RunState
from seqmagic.network.graph_names import allow_any_names
from seqmagic.options.compile_line import loss_of
from seqmagic.options.fit_values import flat_callbacks
from seqmagic.steps.graph_loop import forget_loop, is_own
from seqmagic.steps.shared_loop import SharedLoop
from seqmagic.steps.sharing import check_place
from seqmagic.steps.workers import UnwantedError
from seqmagic.training import registry
from seqmagic.training.callback import SessionCallback
from seqmagic.training.callback_memory import Notes, keep_logs
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.continuity import data_facts, read_options
from seqmagic.training.controls import Controls
from seqmagic.training.elsewhere import Elsewhere, Mirror, portable
from seqmagic.training.fit_errors import explain
from seqmagic.training.journal import Journal
from seqmagic.training.kept_weights import KeptWeights
from seqmagic.training.model_lock import guard
from seqmagic.training.own_fit import call_own_fit
from seqmagic.training.pipeline import Pipeline
from seqmagic.training.progress import BatchCount
from seqmagic.training.registry import ActiveRun, Turn, run_of
from seqmagic.training.request import Request
from seqmagic.training.resume import with_past
from seqmagic.training.resumption import Resumption
from seqmagic.training.session import Session
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.start_point import FitConfig, StartPoint
from seqmagic.training.state import Moment, State, checksum_of
from seqmagic.translation import gettext


class Trainer:
    """Trains one model once, in a thread, and writes down what comes of it.

    Attributes:
        model: gives it; None when the training has ended and nobody else has the model any more.
        request: what is to be trained on, and how.
        start_point: where it begins.
        controls: where Pause, Step and Stop arrive.
        place: where it trains, where that is not here. job: by what it is known there. mirror: what that is told to.
        session: where it is. snapshots: the copies of the model.
        error: what it broke off with.
        thread: where it trains. ended: whether it is over, for those who wait.
    """

    def __init__(
        self, model: keras.Model, request: Request, start_point: StartPoint, controls: Controls, place: Elsewhere | None = None
    ) -> None:
        if place is not None:
            check_place(request.workers)
        self.model: Callable[[], Any] = lambda: model
        self.request, self.start_point, self.controls, self.place = request, start_point, controls, place
        state, learning_rate = start_point.state, start_point.config.learning_rate
        kept = start_point.kept.going_on(request.kept_megabytes, until=start_point.record.position)
        self.snapshots = Snapshots(model, request.early_stop, start_point.first, start_point.best, kept, scale=request.scale)
        count = BatchCount(start_point.first_epoch if state is None else state.moment.epoch, request.epochs)
        resumption = None if state is None else Resumption(state, learning_rate)
        self.session = Session(start_point.record, count, self.snapshots, controls, request.early_stop, resumption)
        self.mirror: Mirror | None = None
        self.job = uuid.uuid4().hex[:12]
        self.journal: Journal | None = None
        self.entry: RunEntry | None = None
        self.config = FitConfig()
        self.error: SeqmagicError | None = None
        self.thread: threading.Thread | None = None
        # An own event: after an interrupted join(), Python 3.11's is_alive() is wrong.
        self.ended = threading.Event()

    def start(self, run: ActiveRun, model: keras.Model, *, queued: bool) -> None:
        """Begin to train in a thread, or wait in line for the runs before this one.

        Args:
            run: whose watchers are notified of all that happens.

        Raises:
            BusyError: When another run trains the model, and this one must not wait.
        """
        self.session.announce = partial(self._announce, run)
        turn = Turn(as_from_here(partial(self._take_turn, run)), partial(self.finish, run))
        if queued and run_of(model) is not None:
            self._describe(model)  # The one before may end at any moment.
        if not registry.enter(run, model, turn, queued=queued):
            return
        self._begin(run, model)
        guarded, work = threading.Event(), as_from_here(train_in_line)
        self.thread = threading.Thread(target=work, args=(turn, model, guarded), name=f"seqmagic-{run.name}", daemon=True)
        try:
            self._describe(model)
            self.thread.start()
        except BaseException:  # Such as a system that has no thread left.
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
        """Train; gives how it ended."""
        try:
            if self.thread is None:  # It has waited for its turn.
                self.thread = threading.current_thread()
                self._begin(run, model)
                registry.notify_subscribers()
            if not self.controls.stop_asked:
                self._fit(model)
        except UnwantedError:  # Stop was pressed before it had begun.
            return RunState.STOPPED
        except BaseException as error:  # noqa: BLE001
            # Whatever ends the thread must reach the person who waits, also a SystemExit out of a user's callback.
            self.error = error if isinstance(error, SeqmagicError) else explain(error, model)
            add_hints(self.error)
            return RunState.FAILED
        return RunState.STOPPED if self.controls.stop_asked else RunState.DONE

    def finish(self, run: ActiveRun, outcome: RunState, model: keras.Model) -> Turn | None:
        """End; gives the turn of the run that waited for this one, if one did."""
        self.session.clock.stop()
        try:
            self.controls.close()
            self._close_journal(outcome)
        except Exception as error:  # noqa: BLE001  # Whoever waits must not wait for ever.
            self.error, outcome = self.error or explain(error, model), RunState.FAILED
        left = self._hand_over(is_done=outcome == RunState.DONE)
        following = registry.leave(run, model, left, has_trained=self.session.count.batches > 0)
        self.model = ref(model)
        if outcome == RunState.FAILED:
            forget_step_functions(model)
            forget_loop(model)
        run.state = outcome
        # First those who watch, then those who wait: what a cell shows is up to date when the next one runs.
        run.watchers.notify(run, now=True)
        self.ended.set()
        return following

    def _announce(self, run: ActiveRun, *, now: bool = False) -> None:
        if not run.ended:
            run.state = RunState.PAUSED if self.session.clock.holding else RunState.RUNNING
        run.watchers.notify(run, now=now)

    def _describe(self, model: keras.Model) -> None:
        """Put together what a run that goes on needs, and the ledger, where there is one.

        To be called before the run's own thread begins: to describe a model makes its layers again, and Keras draws their seeds from the
        one generator that Python has. Drawn while a cell makes a network, they would change its weights, whatever its seed.
        """
        self.config = FitConfig(
            seed=self.request.seed,
            epochs=self.session.count.first_epoch + self.request.epochs - self.start_point.first_epoch,
            fit_line=self.request.fit_line,
            options=read_options(self.request.kept),
            optimizer=optimizer_facts(model),
            loss=loss_of(model),
        )
        if current_ledger() is None:
            self.config = replace(self.config, data=data_facts(self.request.x, self.request.y, self.request.options))
            return
        entry = describe_run(
            model,
            self.request.x,
            self.request.y,
            options=self.request.options | self.request.of_run,
            seed=self.request.seed,
            data_names=self.request.names,
            cell=cell_text_of(model),
            fit=self.request.fit_line,
        )
        self.entry = replace(entry, loss_since=self.session.record.loss_since)
        if self.place is not None:
            self.entry.settings["on"] = {"address": self.place.address, "job": self.job}
        self.config = replace(self.config, data=entry.data, compile_line=entry.compile)

    def _fit(self, model: keras.Model) -> None:
        """Run Keras's own `fit`, or the model's, with the session's callback behind the user's own."""
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
        if self.place is not None:
            self._fit_elsewhere(self.place, model)
            return
        shared = SharedLoop(model, self.request.workers) if self.request.workers > 1 else None
        pipeline = Pipeline(model, x, y, options, self.request.seed, own, shared)
        callback = SessionCallback(self.session, counts_batches=pipeline.loop is None)
        callbacks = [*pipeline.callbacks, *own, callback]
        arguments = pipeline.options | {"epochs": first + self.request.epochs, "initial_epoch": first, "callbacks": callbacks}
        arguments.setdefault("verbose", 0)
        self.session.learn(pipeline.steps, is_repeatable=pipeline.is_repeatable)
        self.request.early_stop.validates = pipeline.validates
        with pipeline.through(self.session):
            if pipeline.reported:
                self.request.early_stop.check(pipeline.reported)
            if is_own(model, "fit"):
                self.session.take(call_own_fit(model, pipeline.x, pipeline.y, arguments))
            else:
                model.fit(pipeline.x, pipeline.y, **arguments)
        after = Moment(self.session.count.epoch + 1)
        # Somebody's callback may have put other weights in at the end.
        if not self.session.controls.stop_asked and (own or not self.snapshots.is_at(after)):
            self.snapshots.look(after, now=True)

    def _fit_elsewhere(self, place: Elsewhere, model: keras.Model) -> None:
        """Let another process train."""
        ledger, number = current_ledger(), self.start_point.number
        before = ledger.entry(number) if ledger is not None and number is not None and self.start_point.state is not None else None
        earlier = before.settings.get("on", {}).get("job", "") if before is not None else ""
        shape = getattr(self.request.x, "shape", None)
        if not model.built and shape is not None:
            model.build((None, *shape[1:]))  # Its first weights are those that it would have here.
        self.session.snapshots.begin(self.session.count.moment, self.start_point.state)
        told = {"network": self.entry.network, "compile": self.entry.compile} if self.entry is not None else {}
        self.mirror = Mirror(model, self.request, self.start_point, self.session, {**told, "optimizer": self.config.optimizer}, earlier)
        place.train(self.mirror, self.job)

    def left_at(self, state: State) -> StartPoint:
        """What another process could go on from, if this one died now; asked for in the thread that trains.

        Args:
            state: the last that was kept.
        """
        left = replace(self.start_point, record=self.session.record.copy(), state=state, first=None, best=self.snapshots.best)
        return portable(replace(left, steps=self.session.count.steps, config=self.config))

    def _close_journal(self, outcome: str) -> None:
        """Write the end down, and let go of the data."""
        if self.journal is not None:
            reason = self.error.problem if self.error is not None else self.session.reason
            self.journal.end(outcome, reason, self.session.progress.seconds)
        self.request.let_go()

    def _open_journal(self) -> None:
        """Enter the run into the ledger, where there is one."""
        ledger = current_ledger()
        if ledger is None or self.entry is None:
            return
        now = time.time()  # It may have waited for its turn.
        self.entry = replace(self.entry, started=now, touched=now, continues=self.start_point.number)
        self.journal = self.session.journal = Journal(ledger, self.entry, self.session.record, self._facts)
        self.snapshots.write = self.journal.keep

    @property
    def number(self) -> int | None:
        """The run's number in the ledger that is in use."""
        return self.journal.run if self.journal is not None and self.journal.ledger is current_ledger() else None

    @property
    def warnings(self) -> list[str]:
        """What could not be kept or done, a sentence each."""
        return [*self.session.warnings, *self.controls.failures, *(self.journal.warnings if self.journal is not None else ())]

    def kept_state(self, which: str) -> State | None:
        """The "first" or the "best" state of the model, as long as no other run has come after this one."""
        copies = self._copies()
        return None if copies is None else copies.first if which == "first" else copies.best if which == "best" else None

    @property
    def kept(self) -> KeptWeights:
        """The weights of some epochs, as long as no other run has come after this one."""
        copies = self._copies()
        return KeptWeights(0) if copies is None else copies.kept

    def _copies(self) -> StartPoint | Snapshots | None:
        """What has the copies of the model: the run, or what it has handed over."""
        model = self.model()
        active = run_of(model)
        if model is None or (active is not None and active.record is not self.session.record):
            return None
        left = registry.hand_over_of(model)
        return left if left is not None and left.record is self.session.record else self.snapshots

    @property
    def is_own_thread(self) -> bool:
        """Whether the thread that asks is the one that trains."""
        return threading.current_thread() is self.thread

    def refuse_own_thread(self, method: str) -> None:
        """Refuse to wait for what one is part of.

        Raises:
            BusyError: In the thread that trains.
        """
        if self.is_own_thread:
            raise BusyError(
                gettext("A callback can't {method}() for the run that it is part of.", method=method),
                expected=gettext("stop() there instead"),
            )

    def _facts(self) -> dict[str, Any]:
        """What a run that goes on has to know, beside the state of the model."""
        return {
            "seed": self.request.seed,
            "first_epoch": self.start_point.first_epoch,
            "epochs": self.config.epochs,
            "steps": self.session.count.steps,
            "options": self.request.kept,
        }

    def _hand_over(self, *, is_done: bool) -> StartPoint:
        """What the next run of the model can go on from; the copies of the model's states go with it.

        Args:
            is_done: whether the run came to its end, so that there is nothing left of it to go on with.
        """
        snapshots = self.snapshots
        left = StartPoint(
            self.session.record,
            self.start_point.first_epoch,
            state=None if is_done else snapshots.last,
            first=snapshots.first,
            best=snapshots.best,
            kept=snapshots.kept,
            number=self.number,
            weights=checksum_of(snapshots.model) if snapshots.is_small and self.session.count.batches else None,
            steps=self.session.count.steps,
            config=self.config,
        )
        snapshots.release()
        self.start_point = self.start_point.without_weights()
        return left


def train_in_line(turn: Turn, model: keras.Model, guarded: threading.Event) -> None:
    """Train, and then those that wait behind: in one thread and under one guard, so that nobody gets at the model in between.

    Args:
        guarded: set as soon as nobody else gets at the model.
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
