"""The trials of a sweep: what was drawn, the runs that it was trained in, and what came of it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from seqmagic.language.searched import Drawn
from seqmagic.ledger.run_state import RunState
from seqmagic.translation import gettext_noop


class TrialState(StrEnum):
    """Where a trial is, or one of its runs; in the words of `RunState` where a run has it, too.

    >>> TrialState.DONE == RunState.DONE, TrialState.PRUNED.is_end, TrialState.CUT.is_end
    (True, True, False)
    """

    RUNNING = RunState.RUNNING.value
    DONE = RunState.DONE.value
    STOPPED = RunState.STOPPED.value  # By itself: the sweep went on without it.
    FAILED = RunState.FAILED.value
    PRUNED = gettext_noop("pruned")  # Ended early, because others were better by then.
    CUT = gettext_noop("cut")  # Ended with the sweep or its kernel, and to be gone on with.

    __repr__ = str.__repr__

    @property
    def is_end(self) -> bool:
        """Whether nothing more will come of it."""
        return self not in (TrialState.RUNNING, TrialState.CUT)


@dataclass
class Outcome:
    """One run of a trial.

    Attributes:
        repeat: which of its folds or seeds it is, from 0.
        run: its number in the ledger.
        state: where it is, or how it ended.
        names, rows: the numbers of its epochs: a row an epoch, position first.
        where: what trains it, where that is not this kernel.
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
        """The whole epochs that have a metric, each with its number."""
        if metric not in self.names:
            return []
        column = 1 + self.names.index(metric)
        return [(float(row[0]), float(row[column])) for row in self.rows if row[0] == np.floor(row[0]) and not np.isnan(row[column])]

    def result(self, metric: str) -> float | None:
        """The metric's number in the last whole epoch; None where there is none, or that epoch came to none."""
        curve = self.curve(metric)
        return curve[-1][1] if curve else None


@dataclass
class Trial:
    """One network of a family, and what came of it.

    Attributes:
        number: from 1, in the order in which they were drawn.
        values: what was drawn for each searched value.
        text: the network with these values, as it would be typed.
        metric: what it is judged by.
        repeats: how many runs it is to have: one, or one for each fold or seed.
        outcomes: those that have begun, in order.
        state: where it is, or how it ended. reason: why it ended early, or failed.
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
        """Whether nothing more will come of it."""
        return self.state.is_end

    @property
    def results(self) -> list[float]:
        """What each of its runs has come to."""
        found = (outcome.result(self.metric) for outcome in self.outcomes)
        return [value for value in found if value is not None]

    @property
    def result(self) -> float | None:
        """What it has come to: the number of its last epoch, or the mean of those of its runs."""
        results = self.results
        return float(np.mean(results)) if results else None

    @property
    def spread(self) -> float | None:
        """The standard deviation of what its runs came to, as of a sample; None for a single one."""
        results = self.results
        return float(np.std(results, ddof=1)) if len(results) > 1 else None

    @property
    def seconds(self) -> float:
        """How long its runs took together."""
        return sum(outcome.seconds for outcome in self.outcomes)

    @property
    def runs(self) -> list[int]:
        """The numbers of its runs in the ledger."""
        return [outcome.run for outcome in self.outcomes if outcome.run is not None]

    def steps(self) -> Iterator[tuple[int, float]]:
        """What it came to step by step: epoch by epoch, or, of several runs, the mean after each of them."""
        if self.repeats == 1:
            for outcome in self.outcomes[:1]:
                yield from ((int(position), value) for position, value in outcome.curve(self.metric))
        else:
            results = self.results
            yield from ((count, float(np.mean(results[:count]))) for count in range(1, len(results) + 1))

    def band(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The mean curve of its runs and how far they spread: positions, means and standard deviations, of the epochs that all have."""
        curves = [dict(outcome.curve(self.metric)) for outcome in self.outcomes]
        curves = [curve for curve in curves if curve]
        shared = sorted(set.intersection(*map(set, curves))) if curves else []
        values = np.array([[curve[position] for position in shared] for curve in curves]).reshape(len(curves), len(shared))
        spread = values.std(axis=0, ddof=1) if len(curves) > 1 else np.zeros(len(shared))
        return np.array(shared), values.mean(axis=0) if curves else np.empty(0), spread

    def format_result(self) -> str:
        """The result in words, with its spread where there are several runs.

        >>> first, second = (Outcome(repeat, names=["loss"], rows=np.array([[1, loss]])) for repeat, loss in enumerate((0.5, 0.7)))
        >>> Trial(1, {}, "", "loss", 2, [first, second]).format_result()
        '0.6 ± 0.1414'
        """
        if self.result is None:
            return ""
        shown = "NaN" if math.isnan(self.result) else f"{self.result:.4g}"
        return shown if self.spread is None else f"{shown} ± {self.spread:.4g}"
