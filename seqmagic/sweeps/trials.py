"""The trials of a sweep: the drawn values, their runs, and the results."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from seqmagic.history import is_missing
from seqmagic.language.searched import Drawn
from seqmagic.ledger.run_state import RunState
from seqmagic.translation import gettext, gettext_noop


class TrialState(StrEnum):
    """The state of a trial, or of one of its runs; with the values of `RunState` where they correspond.

    >>> TrialState.DONE == RunState.DONE, TrialState.PRUNED.is_end, TrialState.CUT.is_end
    (True, True, False)
    """

    RUNNING = RunState.RUNNING.value
    DONE = RunState.DONE.value
    STOPPED = RunState.STOPPED.value  # This trial alone: the sweep went on without it.
    FAILED = RunState.FAILED.value
    PRUNED = gettext_noop("pruned")  # Ended early, because most other trials were better at that epoch.
    CUT = gettext_noop("cut")  # Interrupted together with the sweep or its kernel, and to be resumed.

    __repr__ = str.__repr__

    @property
    def is_end(self) -> bool:
        """Whether it is final."""
        return self not in (TrialState.RUNNING, TrialState.CUT)


@dataclass
class Outcome:
    """One run of a trial.

    Attributes:
        repeat: the index of the fold or seed, from 0.
        run: its number in the ledger.
        state: while it runs, and how it ended.
        names, rows: the logs of its epochs: one row per epoch, with the position first.
        where: the worker that trains it, if not this kernel.
        seconds: how long it took. reason: why it ended early, or failed.
    """

    repeat: int
    run: int | None = None
    state: TrialState = TrialState.RUNNING
    names: list[str] = field(default_factory=list)
    rows: np.ndarray = field(default_factory=lambda: np.empty((0, 1)))
    seconds: float = 0.0
    reason: str = ""
    where: str = ""

    def curve(self, metric: str) -> list[tuple[float, float]]:
        """The metric after each whole epoch that has it, with the number of the epoch; it may be NaN."""
        if metric not in self.names:
            return []
        positions, values = self.rows[:, 0], self.rows[:, 1 + self.names.index(metric)]
        known = (positions == np.floor(positions)) & ~is_missing(values)
        return list(zip(positions[known].tolist(), values[known].tolist(), strict=True))

    def result(self, metric: str) -> float | None:
        """The metric in the last whole epoch that has it; None if there is none."""
        curve = self.curve(metric)
        return curve[-1][1] if curve else None


@dataclass
class Trial:
    """One network of a family, and its results.

    Attributes:
        number: from 1, in the order in which they were drawn.
        values: by the name of the searched value.
        text: the network with these values.
        metric: to optimize.
        repeats: how many runs it will have: one, or one for each fold or seed.
        outcomes: of the runs that have started, in order.
        state: while it runs, and how it ended. reason: why it ended early, or failed.
    """

    number: int
    values: dict[str, Drawn]
    text: str
    metric: str
    repeats: int = 1
    outcomes: list[Outcome] = field(default_factory=list)
    state: TrialState = TrialState.RUNNING
    reason: str = ""

    @property
    def has_ended(self) -> bool:
        """Whether its state is final."""
        return self.state.is_end

    @property
    def results(self) -> list[float]:
        """The results of its runs."""
        found = (outcome.result(self.metric) for outcome in self.outcomes)
        return [value for value in found if value is not None]

    @property
    def result(self) -> float | None:
        """The metric in the last epoch of its run, or the mean over its runs."""
        results = self.results
        return float(np.mean(results)) if results else None

    @property
    def spread(self) -> float | None:
        """The sample standard deviation over its runs; None for a single one."""
        results = self.results
        with np.errstate(invalid="ignore"):  # Of an infinite result it is NaN.
            return float(np.std(results, ddof=1)) if len(results) > 1 else None

    @property
    def seconds(self) -> float:
        """The total duration of its runs."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def runs(self) -> list[int]:
        """The numbers of its runs in the ledger."""
        return [outcome.run for outcome in self.outcomes if outcome.run is not None]

    def steps(self) -> Iterator[tuple[int, float]]:
        """Its result step by step: after each epoch, or with several runs the mean after each run."""
        if self.repeats == 1:
            for outcome in self.outcomes[:1]:
                yield from ((int(position), value) for position, value in outcome.curve(self.metric))
        else:
            results = self.results
            yield from ((count, float(np.mean(results[:count]))) for count in range(1, len(results) + 1))

    def band(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The mean curve of its runs and their spread: positions, means and standard deviations, for the epochs that all of them have."""
        curves = [dict(outcome.curve(self.metric)) for outcome in self.outcomes]
        curves = [curve for curve in curves if curve]
        shared = sorted(set.intersection(*map(set, curves))) if curves else []
        values = np.array([[curve[position] for position in shared] for curve in curves]).reshape(len(curves), len(shared))
        spread = values.std(axis=0, ddof=1) if len(curves) > 1 else np.zeros(len(shared))
        return np.array(shared), values.mean(axis=0) if curves else np.empty(0), spread

    def format_result(self) -> str:
        """The result as text, with the spread if there are several runs.

        >>> first, second = (Outcome(repeat, names=["loss"], rows=np.array([[1, loss]])) for repeat, loss in enumerate((0.5, 0.7)))
        >>> Trial(1, {}, "", "loss", 2, [first, second]).format_result()
        '0.6 ± 0.1414'

        Where not all of its runs have a result, it says of how many this is the mean.
        """
        if self.result is None:
            return ""
        shown = "NaN" if math.isnan(self.result) else f"{self.result:.4g}"
        if self.spread is not None and math.isfinite(self.spread):
            shown = f"{shown} ± {self.spread:.4g}"
        count = len(self.results)
        return (
            shown
            if count == self.repeats
            else gettext("{result} ({count} of {repeats} runs)", result=shown, count=count, repeats=self.repeats)
        )
