"""The run: one training of one model, in a thread of its own, that can be paused, stepped, stopped and gone on with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any
from weakref import ref

import keras

from seqmagic.describe.source import name_of_model
from seqmagic.errors import ArgumentError, BusyError, DataError, Interrupted, SeqmagicError
from seqmagic.errors.boundary import TEXT, raises_ours
from seqmagic.history import History
from seqmagic.keras_internals.compiled import forget_step_functions, has_plain_rate
from seqmagic.training import registry
from seqmagic.training.account import ENDED, Account
from seqmagic.training.cell_thread import as_from_here
from seqmagic.training.controls import Gate
from seqmagic.training.fit_errors import explain
from seqmagic.training.graph_loop import forget_loop
from seqmagic.training.interrupts import on_interrupt
from seqmagic.training.model_lock import guard
from seqmagic.training.registry import active_runs, last_run_of, run_of
from seqmagic.training.request import ARGUMENTS, read_task
from seqmagic.training.resume import Cut
from seqmagic.training.session import Session
from seqmagic.training.snapshots import Snapshots
from seqmagic.training.start_point import inherit
from seqmagic.training.state import State
from seqmagic.training.trainer import Worker
from seqmagic.training.watchers import Watchers

__all__ = ["ENDED", "Run", "active_runs", "last_run_of", "run_of"]


class Run(Account):
    """One training of one model, in the background.

    >>> run = Run(model, x_train, y_train, epochs=10, batch_size=32).start()   # doctest: +SKIP
    >>> run.pause(); run.step_batch(); run.resume()                            # doctest: +SKIP
    >>> run.learning_rate = 1e-4                                               # doctest: +SKIP
    >>> run.wait().history["loss"]                                             # doctest: +SKIP
    >>> run.more(epochs=5).wait().restore("best")                              # doctest: +SKIP

    Raises DataError when the data doesn't fit the model, CompileError when it isn't compiled, ArgumentError at a bad option.

    Attributes:
        model: a compiled Keras model.
        x, y: the data, a sample a row; anything that `model.fit` takes. Lists of numbers become arrays.
        history: the history of an earlier run of the same model to go on with; the epochs count on.
        data_names: what the data and the labels are called, for messages. until (an option): ends the run when an epoch's numbers say so,
            such as "val_accuracy > 0.98". split (an option): "shuffled" or "stratified", how the rows of `validation_split` are drawn; else
            they are the last ones. patience (an option): ends the run after so many epochs without a better val_loss (or loss). monitor (an
            option): what patience watches instead, such as "val_auc".
        seed: what the order of each epoch is drawn from, for data in memory; by default it follows Keras's own seed.
        fit_line: the same as it was written in a cell, to find the data by their names after a restart.
        cut: the run to go on with, from `find_cut`.
        options: those of `model.fit` (epochs, batch_size, validation_data, ...); also class_weight="balanced".
    """

    @raises_ours(**ARGUMENTS)
    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: Any = None,
        *,
        history: History | None = None,
        data_names: tuple[str, str] = ("x", "y"),
        seed: int | None = None,
        fit_line: str = "",
        cut: Cut | None = None,
        **options: Any,
    ) -> None:
        self.name, self.data_names = name_of_model(model), data_names
        self._model: Callable[[], keras.Model | None] = lambda: model
        task = read_task(model, (x, y), options, names=data_names, seed=seed, fit_line=fit_line, cut=cut)
        self.plan, self.advice, self.seed, self._again = task.plan, task.advice, task.seed, task.again
        self.largest_class = task.largest_class
        self.state = "ready"
        self.error: SeqmagicError | None = None
        self.watchers = Watchers()
        self.went_on_from, self.earlier = history, registry.earlier_histories(self.name, history)
        self._gate = Gate()
        start_point = inherit(model, history, cut, task.initial_epoch)
        self._snapshots = Snapshots(model, start_point.first, start_point.best, scale=task.scale)
        self._session = Session(start_point, task.epochs, self._gate, self._snapshots, task.goal, announce=self._announce)
        self._worker = Worker(task, start_point.number, self._session, self._snapshots)
        self._starts_anew = False
        self._wished_rate: float | None = None
        self.rates_set = 0  # Counts the wish and its fulfilment: who shows the learning rate then asks again.
        self._guarded = threading.Event()
        self._thread: threading.Thread | None = None
        # An own event: after an interrupted join(), Python 3.11's is_alive() is wrong.
        self._ended = threading.Event()

    # What everybody may press.

    @property
    def learning_rate(self) -> float | None:
        """The optimizer's learning rate; None where a schedule sets it, or the model is gone.

        One that was just set is told at once, though it holds from the next batch on.
        """
        if self._wished_rate is not None:
            return self._wished_rate
        model = self.model
        return float(model.optimizer.learning_rate) if model is not None and has_plain_rate(model.optimizer) else None

    @learning_rate.setter
    @raises_ours()
    def learning_rate(self, rate: float) -> None:
        if isinstance(rate, bool) or not (isinstance(rate, (int, float)) and 0 < rate < float("inf")):
            raise ArgumentError(f"The learning rate is {rate!r}.", expected="a number above 0, such as 0.001")
        model = self._living_model()
        if not has_plain_rate(model.optimizer):
            problem = "A schedule or a function sets the learning rate of this model."
            raise ArgumentError(problem, expected="a compile line with a number: adam(0.001)")
        self._wished_rate = float(rate)
        self.rates_set += 1
        self._between_batches(lambda: self._set_rate(model, float(rate)))
        self._notify(now=True)

    @property
    def can_set_rate(self) -> bool:
        """Whether the model is there, and no schedule sets its learning rate."""
        return self.model is not None and has_plain_rate(self.model.optimizer)

    def _set_rate(self, model: keras.Model, rate: float) -> None:
        try:
            model.optimizer.learning_rate = rate
        finally:
            if self._wished_rate == rate:
                self._wished_rate = None
            self.rates_set += 1

    @raises_ours()
    def start(self, *, queued: bool = False) -> Run:
        """Begin to train, and return at once. A run can be started once.

        Args:
            queued: whether to begin when the model's training has ended, if it is in training already. Stop ends only the one of the two
                that it is asked of.

        Raises:
            BusyError: When the model is in training already, and the run may not wait.
        """
        if self.state != "ready":
            raise BusyError(f"This run was started before ({self.spoken()}).", expected="a new run: run.more(epochs=5)")
        model = self._living_model()
        self._train_from_here, self._fit_from_here = as_from_here(self._train), as_from_here(self._fit)
        with on_interrupt(self.stop):
            if queued and run_of(model) is not None:
                self._worker.describe(model)  # The one before may end at any moment.
            if registry.enter(self, model, queued=queued):
                self._start_thread(model)
            for other in registry.line_before(self, model):  # What happens to those is news of this one, too.
                other.watchers.append(lambda _: self._notify() if self.state == "waiting" else None)
        return self

    def _start_thread(self, model: keras.Model) -> None:
        self._take_turn(model)
        thread = threading.Thread(target=self._train_from_here, args=(model,), name=f"seqmagic-{self.name}", daemon=True)
        self._thread = thread
        try:
            self._worker.describe(model)
            thread.start()
        except BaseException:  # Such as a system that has no thread left.
            self._finish("failed", model)
            raise
        self._guarded.wait()
        registry.when_started.tell(now=True)

    def _take_turn(self, model: keras.Model) -> None:
        before = last_run_of(model)
        registry.mark_last(self, model)
        if before is not None:
            # The weights of one run at a time are enough to keep: those of the one before go when this one has learned something.
            self._session.when_trained = before._snapshots.forget_states  # noqa: SLF001
        self.earlier = registry.earlier_histories(self.name, self.went_on_from)
        self.state = "running"
        self._session.started = time.perf_counter()

    def cancel(self) -> Run:
        """Give up a run that waits for its turn; one that has begun goes on."""
        model = self.model
        if model is not None and registry.give_up(self, model):
            self._gate.stop()
            self._finish("stopped", model)
        return self

    def stop(self) -> Run:
        """End the run after the batches that it is in; weights and history stay."""
        self._gate.stop()
        return self

    def pause(self) -> Run:
        """Hold the run after the batches that it is in."""
        if not self.ended and not self.stop_asked:
            self._gate.pause()
        return self

    def resume(self) -> Run:
        """Go on after a pause."""
        self._gate.resume()
        return self

    def step_batch(self) -> Run:
        """Train one batch more, then hold. A run that was not started is started."""
        return self._step(self._gate.step_batch)

    def step_epoch(self) -> Run:
        """Train to the end of the epoch, then hold. A run that was not started is started."""
        return self._step(self._gate.step_epoch)

    def _step(self, press: Callable[[], None]) -> Run:
        if not self.ended and not self.stop_asked:
            press()
        return self.start() if self.state == "ready" else self

    @raises_ours(which=TEXT)
    def restore(self, which: str) -> Run:
        """Put the "first" or the "best" weights back; the optimizer forgets what belongs to other weights.

        After the first ones, the next run's history begins anew. In a run that goes on, it happens between two batches.

        Raises:
            ArgumentError: At another word.
            DataError: When there are no such weights.
        """
        if which not in ("first", "best"):
            raise ArgumentError(f"There are no weights called {which!r}.", expected='"first" or "best"')
        self._living_model()
        state: State | None = getattr(self._snapshots, which) if self.can_restore(which) else None
        if state is None:
            raise DataError(f"The {which} weights of this run are not there.", expected="the last run of the model, after its first epoch")

        def put_back() -> None:
            self._snapshots.restore(state)
            self._starts_anew = which == "first" and self._gate.is_over

        self._between_batches(put_back)
        return self

    def can_restore(self, which: str) -> bool:
        """Whether the "first" or "best" weights are there. A run keeps them until the next one of its model begins."""
        return self.model is not None and getattr(self._snapshots, which) is not None and run_of(self.model) in (None, self)

    @raises_ours()
    def more(self, epochs: int | None = None, x: Any = None, y: Any = None, **options: Any) -> Run:
        """Train on: a new run, started, with the same data and options, whose history goes on from this one's.

        Args:
            epochs: how many more; as many as before by default.
            x, y, options: what should be different.

        Raises:
            DataError: When the data is gone and none is given.
        """
        model = self._living_model()
        held = self._again.get()
        if held is None and x is None:
            raise DataError("The data of this run is gone.", expected="the data again", instead="run.more(epochs=5, x=x_train, y=y_train)")
        data, labels, before = held or (None, None, {})
        before = dict(before)
        if options.get("validation_data") is not None:
            before.pop("split", None)  # It says how to take a share, and none is taken.
        before["epochs"] = before.get("epochs", 1) - int(before.pop("initial_epoch", None) or 0)  # They are behind it now.
        wanted = {**before, **options, **({} if epochs is None else {"epochs": epochs})}
        pair = (data, labels) if x is None else (x, y)
        return Run(model, *pair, history=self.continuation, data_names=self.data_names, **wanted).start()

    def plot(self) -> Any:
        """The curves as a matplotlib figure; the same as `seqmagic.plot(run)`."""
        # A run knows no screen: whoever draws is found by the package's front door, when somebody asks.
        return import_module("seqmagic").plot(self)

    def _living_model(self) -> Any:
        if self.model is None:
            raise DataError(f"The model {self.name!r} of this run is gone.", expected="a run of the model that is there now")
        return self.model

    def _between_batches(self, work: Callable[[], object]) -> None:
        """Change something about the model: at once, or between two batches while it is in training."""
        if self.state == "ready" or threading.current_thread() is self._thread:
            work()
        else:
            self._gate.wish(work)

    # What the training thread does.

    def _train(self, model: keras.Model) -> None:
        """Train, and then those that wait behind: in one thread and under one guard, so that nobody gets at the model in between."""
        run: Run | None = self
        while run is not None:
            with guard(model, self._admit):
                self._guarded.set()
                while run is not None:
                    outcome = run._fit_from_here(model)  # noqa: SLF001  # One of its own kind.
                    if not registry.is_awaited(model):
                        break
                    run = run._finish(outcome, model)  # noqa: SLF001
            if run is not None:
                run = run._finish(outcome, model)  # noqa: SLF001

    def _fit(self, model: keras.Model) -> str:
        """Train; gives how it ended."""
        try:
            if self._thread is None:  # It has waited for its turn.
                self._thread = threading.current_thread()
                self._take_turn(model)
                registry.when_started.tell(now=True)
                if self.stop_asked:
                    return "stopped"
            self._worker.fit(model)
        except BaseException as error:  # noqa: BLE001
            # Whatever ends the thread must reach the person who waits, also a SystemExit out of a user's callback.
            self.error = error if isinstance(error, SeqmagicError) else explain(error, model)
            return "failed"
        return "stopped" if self.stop_asked else "done"

    def as_cut(self) -> Cut | None:
        """The run as one that can be gone on with, or None when it is done or its state is not there."""
        return None if self.state == "done" else self._worker.as_cut()

    def _finish(self, outcome: str, model: keras.Model) -> Run | None:
        """End; gives the run whose turn it is then, if one waited."""
        self._session.ended_at = time.perf_counter()
        try:
            self._gate.close()
            self._worker.close(outcome, self.error.problem if self.error is not None else self.reason)
        except Exception as error:  # noqa: BLE001  # Whoever waits must not wait for ever.
            self.error, outcome = self.error or explain(error, model), "failed"
        following = registry.leave(self, model, has_trained=self._session.batches_done > 0)
        snapshots = self._snapshots
        self._model = ref(model, lambda _: snapshots.forget_states())
        if outcome == "failed":
            forget_step_functions(model)
            forget_loop(model)
        self.state = outcome
        self._guarded.set()
        # First those who watch, then those who wait: what a cell shows is up to date when the next one runs.
        self._notify(now=True)
        self._ended.set()
        return following

    def _admit(self, method: str) -> None:
        """Let a call from elsewhere at the model, once the run has ended, and those that wait behind it."""
        while (run := run_of(self.model)) is not None and not run.ended:
            # Only a person's cell may wait. The threads that prepare the data must not: the run waits for them.
            if run.paused or threading.current_thread() is not threading.main_thread():
                raise BusyError(f"{run.name!r} is {run.spoken()}.", expected=f"the run's end before {method}(): stop it, or wait")
            if not run.wait_quietly():
                raise Interrupted(f"The training of {run.name} was stopped, and {method}() did nothing.")

    def _announce(self, *, now: bool = False) -> None:
        if not self.ended:
            self.state = "paused" if self._session.holding else "running"
        self._notify(now=now)

    def _notify(self, *, now: bool = False) -> None:
        self.watchers.tell(self, now=now)
