"""The shared loop: a model's steps, each computed by several processes at once, one part of the batch in each.

Keras's `fit` still runs in the kernel, with the callbacks and the monitoring; only the steps run elsewhere. Each request says how many
steps to take, so all workers take the same number, and whatever stops or pauses training does so for all of them. The kernel's model gets
the weights when something reads them: at the end of each epoch, before a snapshot, and before anything is changed.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqmagic.errors import TrainingError
from seqmagic.steps.graph_loop import EpochRows, Loop, Numbers, make_variables
from seqmagic.steps.messages import Assign, Give, Measure, Ready, Steps, WorkerSetup
from seqmagic.steps.replica import MODEL, state_variables, write_rows
from seqmagic.steps.rows import Rows
from seqmagic.steps.workers import LocalWorkers, UnwantedError, WorkerError, WorkerLostError, Workers
from seqmagic.translation import gettext

MOST_LOSSES = 3  # Worker losses in a row, with no step in between; after more, restarting is not going to help.
PAYS_FROM = 0.05  # Seconds per step in one process; below this, communication between the workers costs more than it saves.


StartWorkers = Callable[[int, Path, Callable[[], bool]], Workers]
"""Starts so many workers, with the files of a folder, while a function returns True."""


class SharedRows(EpochRows):
    """Rows that are held by the workers; here only their number matters."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.epoch = 0

    @property
    def most_steps(self) -> int:
        """How many steps can run in one call."""
        return self.rows.steps

    def turn_to(self, epoch: int) -> None:
        """Note the current epoch; the workers draw its order."""
        self.epoch = epoch


@dataclass
class Mark:
    """The last point at which the kernel knows the whole state, from which new workers can be started.

    Attributes:
        steps: the kind, the epoch and the step.
        values: of all variables. counts: the metrics' state.
    """

    steps: Steps
    values: list[np.ndarray] = field(default_factory=list)
    counts: list[np.ndarray] = field(default_factory=list)


class SharedLoop(Loop):
    """The training and the test step of one compiled model, run by worker processes.

    Attributes:
        model: the one in the kernel.
        count: the number of workers.
        places: the machines that they run on; empty for this one, and before they have started.
    """

    def __init__(self, model: keras.Model, count: int, start: StartWorkers | None = None) -> None:
        super().__init__(model)
        self.model, self.count = model, count
        self.places: tuple[str, ...] = ()
        self._start_workers = start or (lambda count, folder, is_wanted: LocalWorkers(count, folder))
        self._tell: Callable[[str], object] = lambda _: None
        self._is_wanted: Callable[[], bool] = lambda: True
        self._announce: Callable[[], object] = lambda: None
        self._feeds: dict[str, SharedRows] = {}
        self._folder: Path | None = None
        self._workers: Workers | None = None
        self._at = Steps("train", 0, 0, 0)
        self._mark = Mark(self._at)
        self._known: list[np.ndarray] = []  # The current state of the workers' metrics.
        self._is_behind = False  # Whether the workers have trained since the kernel's model last received their weights.
        self._losses = 0

    def join(self, tell: Callable[[str], object], is_wanted: Callable[[], bool], announce: Callable[[], object]) -> None:
        """Called when training begins; the workers are started only while `is_wanted` returns True."""
        self._tell, self._is_wanted, self._announce = tell, is_wanted, announce

    def feed(self, kind: str, rows: Rows) -> EpochRows:
        """Take the rows for training or validation."""
        self._feeds[kind] = SharedRows(rows)
        return self._feeds[kind]

    def prepare(self, model: keras.Model, feed: EpochRows) -> None:
        """Create the variables of the optimizer and the metrics."""
        if not model.built:
            model.build((None, *feed.rows.x.shape[1:]))
        make_variables(model, feed)
        self._names = {kind: list(model.get_metrics_result()) for kind in self._names}

    def trace(self, feed: EpochRows) -> None:
        """Start the workers; each loads the model and traces its steps."""
        self._folder = Path(tempfile.mkdtemp(prefix="seqmagic-workers-"))
        self.model.save(self._folder / MODEL)
        for kind, rows in self._feeds.items():
            write_rows(self._folder, kind, rows.rows)
        self._mark.values, self._mark.counts = _copies(state_variables(self.model)), _copies(self._counts())
        self._start_surely()
        milliseconds = 1000 * max(self._said_by_all(Measure(), self._is_wanted))
        if milliseconds < 1000 * PAYS_FROM:
            said = gettext(
                "A step takes {milliseconds} ms in one process, so with workers={workers} this training takes "
                "longer, not less. Several workers are worth it from about 50 ms per step.",
                milliseconds=f"{milliseconds:.2g}",
                workers=self.count,
            )
            self._tell(said)

    def _start(self) -> None:
        """Start the processes and give them the state of the mark."""
        assert self._folder is not None  # noqa: S101  # Created by `trace`.
        batches, seed = {kind: feed.rows.batch for kind, feed in self._feeds.items()}, self._feeds["train"].rows.seed
        compiled, threads = self.model.get_compile_config(), max(1, (os.cpu_count() or 1) // self.count)
        self.places = ()
        self._announce()
        workers = self._workers = self._start_workers(self.count, self._folder, self._is_wanted)
        self.places, folder = workers.places, str(self._folder)
        self._announce()
        setups = [WorkerSetup(folder, rank, workers.addresses, compiled, batches, seed, threads) for rank in range(self.count)]
        ready: Ready = self._asked(setups, self._is_wanted)[0]
        mark = self._mark
        here = [value.shape for value in mark.values], [value.shape for value in mark.counts]
        if here != (ready.variables, ready.counts):
            problem = gettext("The workers could not build the same model from its config.")
            raise TrainingError(problem, expected=gettext("a run without workers=, which needs no copy of the model"))
        self._said_by_all(Assign(dict(enumerate(mark.values)), mark.counts))
        self._known = mark.counts

    def _start_surely(self) -> None:
        """Start the workers, again if one is lost: another process may have taken a port in the meantime."""
        while True:
            try:
                self._start()
            except WorkerLostError as error:
                self._end_workers()
                self._note_loss(str(error.args[0]))
            else:
                return

    def _said_by_all(self, order: Any, is_wanted: Callable[[], bool] = lambda: True) -> list[Any]:
        assert self._workers is not None  # noqa: S101  # They run as long as the loop is used.
        return self._asked([order] * self.count, is_wanted)

    def _asked(self, orders: list[Any], is_wanted: Callable[[], bool]) -> list[Any]:
        assert self._workers is not None  # noqa: S101  # As above.
        try:
            return self._workers.ask(orders, is_wanted)
        except (WorkerError, UnwantedError):
            self._end_workers()  # The others still wait for the one that failed.
            raise

    def _counts(self) -> list[Any]:
        return [variable for metric in self.model.metrics for variable in metric.variables]

    def run_rows(self, kind: str, feed: EpochRows, first: int, count: int) -> Numbers:
        """Run some steps over rows in memory, starting at a step of the epoch."""
        assert isinstance(feed, SharedRows)  # noqa: S101  # Made by `feed` above.
        steps = Steps(kind, feed.epoch, first, count)
        self._hand_over(steps)
        told = self._lasting(steps)
        self._losses = 0
        self._is_behind = self._is_behind or kind == "train"
        self._known, self._at = told.counts, replace(steps, first=first + count, count=0)
        _assign(self._counts(), told.counts)
        if kind == "train" and (self.is_followed or first + count == feed.rows.steps):
            self.refresh()
        self._names[kind], self._shapes[kind] = list(told.shapes), dict(told.shapes)
        return self._numbers(kind, told.table)

    def _lasting(self, steps: Steps) -> Any:
        """Run steps, restarting the workers if one is lost."""
        while True:
            try:
                return self._said_by_all(steps)[0]
            except WorkerLostError as error:
                self._begin_anew(str(error.args[0]), steps)

    def _begin_anew(self, what: str, steps: Steps) -> None:
        """Start new workers and replay the steps since the mark, on the same rows in the same order."""
        mark = self._mark.steps
        while True:
            self._note_loss(what)
            try:
                self._end_workers()
                self._start()
                if steps.first > mark.first:
                    self._said_by_all(Steps(steps.kind, steps.epoch, mark.first, steps.first - mark.first))
            except WorkerLostError as error:
                what = str(error.args[0])
                continue
            place = gettext("batch {step} of epoch {epoch}", step=mark.first, epoch=mark.epoch + 1)
            said = gettext("{what}: the training continued with new workers from {place}.", what=what, place=place)
            self._tell(said)
            return

    def _note_loss(self, what: str) -> None:
        self._losses += 1
        if self._losses > MOST_LOSSES:
            problem = gettext("{what}, and so did its replacements.", what=what)
            expected = gettext("memory for all of them, or fewer workers; %fit NAME --resume continues from here")
            raise TrainingError(problem, expected=expected)

    def _hand_over(self, steps: Steps) -> None:
        """Send the workers the variables that were changed in the kernel since their last step."""
        values: dict[int, np.ndarray] = {}
        if not self._is_behind:
            now = state_variables(self.model)
            changed = [place for place, value in enumerate(self._mark.values) if not _are_same(value, now[place])]
            values = {place: _copy(now[place]) for place in changed}
        counts = _copies(self._counts())
        counted = any(not np.array_equal(one, other, equal_nan=True) for one, other in zip(counts, self._known, strict=True))
        for place, value in values.items():
            self._mark.values[place] = value
        if not self._is_behind:
            self._mark.steps, self._mark.counts = steps, counts
        self._known = counts
        if values or counted:
            order = Assign(values, counts if counted else None)
            try:
                self._said_by_all(order)
            except WorkerLostError as error:
                self._begin_anew(str(error.args[0]), steps)

    def refresh(self) -> None:
        """Copy the workers' weights into the kernel's model."""
        while self._is_behind and self._workers is not None:
            try:
                values = self._said_by_all(Give())[0]
            except WorkerLostError as error:
                self._begin_anew(str(error.args[0]), self._at)
            else:
                _assign(state_variables(self.model), values)
                self._mark.values, self._is_behind = values, False

    def close(self) -> None:
        """End the workers, after copying their weights into the kernel's model."""
        try:
            self.refresh()
        except Exception as error:  # noqa: BLE001  # Cleaning up must not hide an error of the run itself.
            self._tell(gettext("What the workers learned since the last checkpoint is lost: {error}.", error=type(error).__name__))
        self._end_workers()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    def _end_workers(self) -> None:
        if self._workers is not None:
            self._workers.close()
            self._workers = None


def _assign(variables: list[Any], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)


def _copy(variable: Any) -> np.ndarray:
    return np.array(variable.numpy())  # numpy() may return a view of the variable's own memory.


def _copies(variables: list[Any]) -> list[np.ndarray]:
    return [_copy(variable) for variable in variables]


def _are_same(value: np.ndarray, variable: Any) -> bool:
    return np.array_equal(value, variable.numpy(), equal_nan=value.dtype.kind == "f")
