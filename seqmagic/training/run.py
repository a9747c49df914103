"""The run: one training of one model, in its own thread, which can be paused, stepped, stopped and continued."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Self

import keras

from seqmagic.describe.source import name_of_model
from seqmagic.errors import ArgumentError, BusyError, DataError, Interrupted
from seqmagic.errors.boundary import NUMBER, TEXT, raises_ours
from seqmagic.history import History
from seqmagic.ledger.run_state import RunState
from seqmagic.training import registry
from seqmagic.training.controls import Controls
from seqmagic.training.elsewhere import Elsewhere
from seqmagic.training.interrupts import on_interrupt, wait_for
from seqmagic.training.learning_rate import check_rate
from seqmagic.training.observable_run import ObservableRun
from seqmagic.training.request import ARGUMENTS, check_request
from seqmagic.training.resume import start_of
from seqmagic.training.start_point import StartPoint
from seqmagic.training.state import restore
from seqmagic.training.trainer import Trainer
from seqmagic.translation import gettext


class Run(ObservableRun):
    """One training of one model, in the background.

    >>> run = Run(model, x_train, y_train, epochs=10, batch_size=32).start()   # doctest: +SKIP
    >>> run.pause(); run.step_batch(); run.resume()                            # doctest: +SKIP
    >>> run.learning_rate = 1e-4                                               # doctest: +SKIP
    >>> run.wait().history["loss"]                                             # doctest: +SKIP
    >>> run.more(epochs=5).wait().restore("best")                              # doctest: +SKIP

    Args:
        model: a compiled Keras model.
        x, y: the data, one sample per row: anything that `model.fit` takes. Lists of numbers are converted to arrays.
        history: the history of an earlier run of the same model to continue from; epochs are numbered from there.
        data_names: the names of the data and the labels, for messages.
        seed: the seed for the order of the rows in each epoch, for data in memory; by default it follows Keras's own seed.
        fit_line: the same as written in a cell, to find the data by name after a restart.
        start_point: where to continue an interrupted run, from `find_start_point`.
        on: where to train instead of in this kernel, from `seqmagic.machines.cluster.find`.
        options: options of `model.fit` (epochs, batch_size, validation_data, ...); class_weight="balanced"; split="shuffled" or
            "stratified", to choose the rows of `validation_split` at random instead of taking the last ones; until="val_accuracy > 0.98",
            to end the run after the first epoch for which this holds; patience=3, to end it after this many epochs without a better
            val_loss (or loss), or another metric set with monitor="val_auc"; keep_weights=100, the memory in MB for `kept_weights`.

    Raises:
        DataError, CompileError, ArgumentError: If the data, the model and the options don't fit together.
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
        start_point: StartPoint | None = None,
        on: Elsewhere | None = None,
        **options: Any,
    ) -> None:
        asked: dict[str, Any] = {"names": data_names, "seed": seed, "fit_line": fit_line, "start_point": start_point}
        request = check_request(model, (x, y), options, is_here=on is None, **asked)
        start_point = start_point or start_of(model, history, request.initial_epoch)
        plan = (*request.plan, *filter(None, [on.caution if on is not None else ""]))
        super().__init__(name_of_model(model), Trainer(model, request, start_point, Controls(), on), plan, history)
        self._starts_anew = False

    @property
    def continuation(self) -> History | None:
        """The history for the next run to continue, which is that of the model's last run.

        None after the first weights were restored, or the model was rebuilt.
        """
        model = self.model
        last = registry.last_run_of(model) if model is not None and self.ended else self
        if isinstance(last, Run) and last is not self:
            return last.continuation
        return None if last is None or self._starts_anew else self.record

    def write_states(self, write: Callable[[str, StartPoint], object]) -> None:
        """Write its checkpoints somewhere other than the ledger.

        Args:
            write: called in the training thread with "last" or "best", and with a start point for another process.
        """
        self._trainer.snapshots.write = lambda kind, state: write(kind, self._trainer.left_at(state))

    @property
    def learning_rate(self) -> float | None:
        """The optimizer's learning rate, the newest that was set; None where a schedule sets it, or the model is gone."""
        return self._rate.of(self.model)

    @learning_rate.setter
    @raises_ours()
    def learning_rate(self, rate: float) -> None:
        checked = check_rate(rate, model := self._own_model())
        self._rate.wish(checked)
        self.between_batches(lambda: self._rate.fulfil(model, checked))
        self.watchers.notify(self, now=True)

    @raises_ours()
    def start(self, *, queued: bool = False) -> Run:
        """Start training, and return at once. A run can only be started once.

        Args:
            queued: if the model is already training, start when that training has ended. Stop ends only the run on which it is called.

        Raises:
            BusyError: If the model is already training, and the run may not wait.
        """
        if self.state != RunState.READY:
            raise BusyError(
                gettext("This run has already been started ({state}).", state=self.format_state()),
                expected=gettext("a new run: run.more(epochs=5)"),
            )
        model = self._living_model()
        with on_interrupt(self.stop):
            self._trainer.start(self, model, queued=queued)
            for other in registry.line_before(self, model):  # The state of the run before this one is also shown for this one.
                other.watchers.append(lambda _: self.watchers.notify(self) if self.state == RunState.WAITING else None)
        return self

    def cancel(self) -> Run:
        """Cancel a run that is waiting for its turn; a run that has started continues."""
        model = self.model
        if model is not None and registry.give_up(self, model):
            self._controls.stop()
            self._trainer.finish(self, RunState.STOPPED, model)
        return self

    def stop(self) -> Run:
        """End the run after the current batches; weights and history are kept."""
        self._controls.stop()
        return self

    @property
    def paused(self) -> bool:
        """Whether the run, or the one that it is queued after, is paused."""
        first = registry.run_of(self.model) if self.state == RunState.WAITING else None
        if first is not None and first is not self:
            return first.paused
        return self.state == RunState.PAUSED and not self._controls.is_open and not self.stop_asked

    def pause(self) -> Run:
        """Pause the run after the current batches."""
        if not self.ended and not self.stop_asked:
            self._controls.pause()
        return self

    def resume(self) -> Run:
        """Continue after a pause."""
        self._controls.resume()
        return self

    def step_batch(self) -> Run:
        """Train one more batch, then pause. Starts the run if necessary."""
        return self._step(self._controls.step_batch)

    def step_epoch(self) -> Run:
        """Train to the end of the epoch, then pause. Starts the run if necessary."""
        return self._step(self._controls.step_epoch)

    def _step(self, press: Callable[[], None]) -> Run:
        if not self.ended and not self.stop_asked:
            press()
        return self.start() if self.state == RunState.READY else self

    @raises_ours(which=TEXT)
    def restore(self, which: str) -> Run:
        """Restore earlier weights; the optimizer state that belongs to other weights is reset.

        After restoring the first weights, the next run starts a new history. If the run is still training, this happens between two
        batches.

        Args:
            which: "first" or "best".

        Raises:
            ArgumentError: If it is another word.
            DataError: If there are no such weights.
        """
        if which not in ("first", "best"):
            raise ArgumentError(gettext("There are no weights called {which!r}.", which=which), expected=gettext('"first" or "best"'))
        model = self._own_model()
        state = self._trainer.copies.state(which, model)
        if state is None:
            raise DataError(
                gettext("The {which} weights of this run are not available.", which=which),
                expected=gettext("the latest run of the model, after its first epoch"),
            )

        def put_back() -> None:
            restore(model, state)
            self._starts_anew = which == "first" and self._controls.is_over

        self.between_batches(put_back)
        return self

    @raises_ours()
    def more(self, epochs: int | None = None, x: Any = None, y: Any = None, **options: Any) -> Run:
        """Train more: start a new run with the same data and options that continues this run's history.

        Args:
            epochs: how many more; by default as many as before.
            x, y, options: options to change.

        Raises:
            DataError: If the data no longer exists and none is given.
        """
        return self.following(epochs, x, y, **options).start()

    def following(self, epochs: int | None = None, x: Any = None, y: Any = None, **options: Any) -> Run:
        """Return the run that `more` would start, without starting it, so that it can start with a step.

        Args:
            epochs, x, y, options: as for `more`.
        """
        data, options = self.request.again_with(x, y, options if epochs is None else {**options, "epochs": epochs})
        return Run(self._living_model(), *data, history=self.continuation, data_names=self.data_names, **options)

    @raises_ours(timeout=NUMBER)
    def wait(self, timeout: float | None = None) -> Self:
        """Wait until the run has ended. An interrupt (Ctrl-C, or the notebook's stop button) stops the run.

        Args:
            timeout: the maximum time to wait in seconds; None waits without a limit.

        Raises:
            TrainingError: If the training failed.
            Interrupted: If it is interrupted again after some seconds.
        """
        self._trainer.refuse_own_thread("wait")
        if wait_for(self._trainer.ended, self._stop_all, seconds=timeout).insists and not self._trainer.ended.is_set():
            raise Interrupted(gettext("The training of {name} has not stopped yet.", name=self.name))
        if self._trainer.ended.is_set() and self.error is not None:
            raise self.error
        return self

    def wait_quietly(self, meanwhile: Callable[[], object] = lambda: None) -> bool:
        """Wait for the end, or for a pause. Returns False if the wait was interrupted.

        Args:
            meanwhile: a function that is called many times a second.
        """
        self._trainer.refuse_own_thread("wait_quietly")
        return not wait_for(self._trainer.ended, self._stop_all, is_enough=lambda: self.paused, meanwhile=meanwhile).count

    def _stop_all(self) -> None:
        """The user is impatient: queued runs must not start."""
        for run in (self, *registry.line_of(self.model)):
            run.stop()

    def _living_model(self) -> Any:
        if (model := self.model) is None:
            raise DataError(
                gettext("The model {name!r} of this run no longer exists.", name=self.name), expected=gettext("a run of the current model")
            )
        return model

    def _own_model(self) -> Any:
        """The model, unless changes to it would be undone."""
        model = self._living_model()
        borrower = registry.borrower_of(model)
        if borrower is not None and borrower is not self:
            raise BusyError(
                gettext("{name!r} is {state}.", name=self.name, state=borrower.format_state()),
                expected=gettext("it to end; then everything is put back"),
            )
        return model

    def between_batches(self, work: Callable[[], object]) -> None:
        """Call a function that uses the model: at once, or between two batches if the model is training or paused.

        Args:
            work: a function without arguments.
        """
        if self.state == RunState.READY or self._trainer.is_own_thread:
            work()
        else:
            self._controls.wish(work)
