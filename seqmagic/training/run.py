"""The run: one training, in a thread of its own, that can be paused, stopped and waited for."""

from __future__ import annotations

import contextvars
import math
import threading
import time
from collections.abc import Callable
from typing import Any

import keras

from seqmagic.errors import BusyError, SeqmagicError, TrainingError
from seqmagic.training.control import Control
from seqmagic.training.failure import explain
from seqmagic.training.fitting import as_data, check_data, check_length, check_options, look_ahead, prepare_validation
from seqmagic.training.guard import guard
from seqmagic.training.history import History
from seqmagic.training.inspection import advise
from seqmagic.training.interrupts import on_interrupt
from seqmagic.training.last_good import LastGood
from seqmagic.training.progress import Progress

# More often than this nobody can see, and above 1,000 messages a second a notebook server drops some.
SECONDS_BETWEEN_NOTICES = 0.1
ENDED = ("done", "stopped", "failed")
LAST_RUN = "_seqmagic_last_run"

_active: dict[int, Run] = {}
_active_lock = threading.Lock()


class Run:
    """One training of one model, in the background.

    >>> run = Run(model, x_train, y_train, epochs=10, batch_size=32).start()   # doctest: +SKIP
    >>> run.pause(); run.resume()                                              # doctest: +SKIP
    >>> run.wait().history["loss"]                                             # doctest: +SKIP

    model: a compiled Keras model.
    x, y: the data, a sample a row; anything that `model.fit` takes. Lists of numbers become arrays.
    history: the history of an earlier run of the same model to go on with; the epochs count on.
    data_names: what the data and the labels are called, for messages.
    options: those of `model.fit` (epochs, batch_size, validation_data, ...).

    Raises DataError when the data doesn't fit the model, CompileError when it isn't compiled, ArgumentError at a bad option.
    """

    def __init__(
        self,
        model: keras.Model,
        x: Any,
        y: Any = None,
        *,
        history: History | None = None,
        data_names: tuple[str, str] = ("x", "y"),
        **options: Any,
    ) -> None:
        check_options(options)
        self.model = model
        self.x, self.y = as_data(x), as_data(y)
        check_data(model, self.x, self.y, data_names)
        check_length(self.x, options, data_names[0])
        self.x = look_ahead(model, self.x, data_names[0])
        self.advice = tuple(advise(model, self.x, data_names[0], options))
        self.options = prepare_validation(model, options)
        # A copy: what an earlier run's history says stays what it was.
        self.record = History() if history is None else history.copy()
        self.state = "ready"
        self.error: SeqmagicError | None = None
        self.watchers: list[Callable[[Run], None]] = []
        self.watcher_error: Exception | None = None
        self._first_position = self.record.position
        self._epochs = int(options.get("epochs", 1))
        self._epoch, self._step = 0, 0
        self._steps: int | None = None
        self._started, self._paused_seconds, self._last_notice = 0.0, 0.0, 0.0
        self._ended_at: float | None = None
        self._warm: tuple[float, float] | None = None
        self._stop = threading.Event()
        self._go = threading.Event()
        self._go.set()
        self._guarded = threading.Event()
        self._thread: threading.Thread | None = None
        self._validation_cut = False
        self._good = LastGood(model)
        # An own event: after an interrupted join(), Python 3.11's is_alive() is wrong.
        self._ended = threading.Event()

    # What everybody may ask and press.

    @property
    def history(self) -> dict[str, list[float]]:
        """A list of numbers for the loss and each metric, one an epoch, as Keras's `History.history` has them."""
        return self.record.as_dict()

    @property
    def progress(self) -> Progress:
        """Where the run is now."""
        end = self._ended_at if self._ended_at is not None else time.perf_counter()
        seconds = end - self._started - self._paused_seconds if self._started else 0.0
        return Progress(self._epoch, self._epochs, self._step, self._steps, seconds, self._warm)

    @property
    def first_epoch(self) -> int:
        """How many epochs the model had behind it when this run began."""
        return math.ceil(self._first_position)

    @property
    def ended(self) -> bool:
        """Whether the run is over, in whichever way."""
        return self.state in ENDED

    @property
    def stop_asked(self) -> bool:
        """Whether somebody pressed Stop."""
        return self._stop.is_set()

    @property
    def paused(self) -> bool:
        """Whether the run holds, and nobody has told it to go on."""
        return self.state == "paused" and not self._go.is_set() and not self.stop_asked

    def start(self) -> Run:
        """Begin to train, and return at once. A run can be started once.

        Raises BusyError when the model is in training already.
        """
        if self.state != "ready":
            raise BusyError(f"This run was started before ({self.spoken()}).", expected="a new run: seqmagic.fit(model, x, y)")
        with _active_lock:
            other = _active.get(id(self.model))
            if other is not None:
                raise BusyError(
                    f"{self.model.name!r} is in training already ({other.spoken()}).", expected="that run to end: stop it, or wait"
                )
            _active[id(self.model)] = self
        # On the model itself, so that both go together; past Keras's bookkeeping, which would look into the run.
        self.model.__dict__[LAST_RUN] = self
        self.state = "running"
        self._started = time.perf_counter()
        # A plain thread has no context, and some versions of ipykernel can't send a message without one.
        work = contextvars.copy_context().run
        self._thread = threading.Thread(target=work, args=(self._train,), name=f"seqmagic-{self.model.name}", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:  # The system has no thread left.
            self._finish("failed")
            raise
        self._guarded.wait()
        return self

    def stop(self) -> Run:
        """End the run after the batch that it is in; weights and history stay."""
        self._stop.set()
        self._go.set()
        return self

    def pause(self) -> Run:
        """Hold the run after the batch that it is in."""
        if not self.ended and not self.stop_asked:
            self._go.clear()
        return self

    def resume(self) -> Run:
        """Go on after a pause."""
        self._go.set()
        return self

    def wait(self, timeout: float | None = None) -> Run:
        """Wait until the run has ended, or `timeout` seconds. An interrupt (Ctrl-C, the square button) stops the run.

        Raises TrainingError when the training broke off.
        """
        self._refuse_own_thread("wait")
        deadline = None if timeout is None else time.monotonic() + timeout
        with on_interrupt(self.stop):
            # Short waits: a long one in the main thread would keep Python from seeing the interrupt on some systems.
            while not self._ended.wait(0.05):
                if deadline is not None and time.monotonic() > deadline:
                    return self
        if self.error is not None:
            raise self.error
        return self

    def spoken(self) -> str:
        """The state in a few words, such as 'epoch 3 of 10'."""
        progress = self.progress
        place = f"epoch {max(1, progress.epoch)} of {progress.epochs}"
        return {"ready": "not started", "paused": f"paused in {place}", "running": place}.get(self.state, f"{self.state}, {place}")

    def __repr__(self) -> str:
        numbers = ", ".join(f"{name} {value:.4g}" for name, value in self.record.last().items())
        return f"<Run of {self.model.name!r}: {self.spoken()}{'; ' + numbers if numbers else ''}>"

    # What the training thread does.

    def _train(self) -> None:
        outcome = "failed"
        try:
            with guard(self.model, self._admit):
                self._guarded.set()
                self._fit()
            outcome = "stopped" if self.stop_asked else "done"
        except BaseException as error:  # noqa: BLE001
            # Whatever ends the thread must reach the person who waits, also a SystemExit out of a user's callback.
            self.error = error if isinstance(error, SeqmagicError) else explain(error, self.model)
        finally:
            self._finish(outcome)

    def _finish(self, outcome: str) -> None:
        self._ended_at = time.perf_counter()
        with _active_lock:
            _active.pop(id(self.model), None)
        # A notebook keeps its panels, and they their runs: the data must not stay because of that.
        self.x = self.y = None
        self.options = {name: value for name, value in self.options.items() if not name.endswith(("_data", "_weight"))}
        if outcome == "failed":
            # A half-traced step would refuse every later fit with "Creating variables on a non-first call".
            self.model.train_function = self.model.test_function = None
        self.state = outcome
        self._guarded.set()
        # First those who watch, then those who wait: what a cell shows is up to date when the next one runs.
        self._notify(now=True)
        self._ended.set()

    def _fit(self) -> None:
        options = dict(self.options)
        first = self.first_epoch
        given = options.pop("callbacks", None) or []
        callbacks = [*(given if isinstance(given, (list, tuple)) else [given]), Control(self)]
        options |= {"epochs": first + self._epochs, "initial_epoch": first, "callbacks": callbacks}
        options.setdefault("verbose", 0)
        self.model.fit(self.x, self.y, **options)

    def _admit(self, method: str) -> None:
        """Let a call from elsewhere at the model, once the run has ended."""
        # Only a person's cell may wait. The threads that prepare the data must not: the run waits for them.
        if not self.paused and threading.current_thread() is threading.main_thread():
            self.wait_quietly()
        if not self.ended:
            raise BusyError(f"{self.model.name!r} is {self.spoken()}.", expected=f"the run's end before {method}(): stop it, or wait")

    def wait_quietly(self) -> None:
        """Wait for the end, or for a pause; what became of the training is told elsewhere."""
        self._refuse_own_thread("wait_quietly")
        with on_interrupt(self.stop):
            while not self._ended.wait(0.05) and not self.paused:
                pass

    def _refuse_own_thread(self, method: str) -> None:
        if threading.current_thread() is self._thread:
            raise BusyError(f"A callback can't {method}() for the run that it is part of.", expected="stop() there instead")

    # What the callback tells.

    def begin(self, steps: int | None) -> None:
        """The fit is about to start; an epoch has that many steps, where that is known."""
        self._steps = steps
        self._good.keep("before the first epoch")
        self._notify(now=True)

    def begin_epoch(self) -> None:
        """The next epoch starts."""
        self._epoch += 1
        self._step = 0

    def end_batch(self, step: int, logs: dict[str, float]) -> bool:
        """A batch is done. Holds while paused; True means stop."""
        self._step = step
        self.record.batches.add(self._position(), logs)
        loss = logs.get("loss", 0.0)
        if loss - loss != 0:  # NaN and infinity; no other number, and nothing that a batch would feel.
            raise self._runaway("The loss", f"batch {step} of epoch {self.progress.epoch}")
        if self._warm is None:
            self._warm = (self.progress.seconds, self.progress.fraction)
        self._notify()
        if not self._go.is_set():
            self._hold()
        return self.stop_asked

    def _hold(self) -> None:
        began = time.perf_counter()
        self.state = "paused"
        self._notify(now=True)
        while not self._go.wait(0.05) and not self.stop_asked:
            pass
        self.state = "running"
        self._paused_seconds += time.perf_counter() - began
        self._notify(now=True)

    def _position(self) -> float:
        """How many epochs are behind the model; where nobody knows an epoch's length yet, a fraction that grows with each batch."""
        inside = min(1.0, self._step / self._steps) if self._steps else self._step / (self._step + 1)
        return self._first_position + self._epoch - 1 + inside

    def cut_validation(self) -> bool:
        """Whether the validation that is under way must break off; its numbers are then left out."""
        self._validation_cut = self._validation_cut or self.stop_asked
        return self._validation_cut

    def end_epoch(self, logs: dict[str, float]) -> bool:
        """An epoch is done, or was broken off by Stop. True means stop."""
        if self._steps is None and not self.stop_asked:
            self._steps = self._step  # A generator's length is known after its first epoch.
        if self._validation_cut or self._step < (self._steps or 0):
            logs = {name: value for name, value in logs.items() if not name.startswith("val_")}
        self.record.epochs.add(self._position(), logs)
        # A weight may be lost while the loss still looks well: relu turns what is no number into 0.
        if not self._good.keep(f"the end of epoch {self.progress.epoch}"):
            raise self._runaway("A weight", f"epoch {self.progress.epoch}")
        self._notify(now=self._epoch == self._epochs)
        return self.stop_asked

    def _runaway(self, what: str, where: str) -> TrainingError:
        error = self._good.explain(what, where)
        self._good.restore()
        return error

    def _notify(self, *, now: bool = False) -> None:
        """Tell the watchers, at most ten times a second. What fails in a watcher is kept aside; the training doesn't feel it."""
        moment = time.perf_counter()
        if not now and moment - self._last_notice < SECONDS_BETWEEN_NOTICES:
            return
        self._last_notice = moment
        for watcher in list(self.watchers):
            try:
                watcher(self)
            except Exception as error:  # noqa: BLE001  # A watcher may be anybody's.
                self.watcher_error = error


def active_runs() -> list[Run]:
    """The runs that have not ended."""
    with _active_lock:
        return list(_active.values())


def run_of(model: Any) -> Run | None:
    """The run that trains a model now, or None."""
    with _active_lock:
        return _active.get(id(model))


def last_run_of(model: Any) -> Run | None:
    """The run that trains a model now or trained it last, or None."""
    return getattr(model, "__dict__", {}).get(LAST_RUN)
