"""The charts of a sweep: curves, the best result so far, the importance of each value, and each trial's values next to its result."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from seqmagic.errors import printable
from seqmagic.language.searched import CHOICE, Drawn, Searched
from seqmagic.measure import is_better
from seqmagic.sweeps.sweep import Sweep
from seqmagic.sweeps.trials import Trial, TrialState
from seqmagic.translation import gettext
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import dress

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY = (LOOK["colors"][name] for name in ("training", "validation", "earlier"))
LONGEST_LABEL = 18
HEIGHT, ROW = 2.8, 0.38  # Inches: of a chart, and of what each value needs in those that have a row for each.
FEWEST = 2  # Trials to compare: of a single one neither the best nor its values tell anything.
FEWEST_BARS = 4  # A chart with fewer has room for as many, so that its bars are not thicker.
LONGEST_OPTIONS = 30  # Characters: of a choice with more only the first and the last option have room on its axis.


@dataclass(frozen=True)
class SweepChart:
    """One of the charts.

    Attributes:
        title: what it shows.
        draw: draws it on axes, under a title.
        height: how high it is, in inches.
    """

    title: str
    draw: Callable[[Axes, str], None]
    height: float = HEIGHT


def charts_of(sweep: Sweep) -> list[SweepChart]:
    """The charts that have something to show."""
    trials = [one for one in sweep.trials if any(True for outcome in one.outcomes if outcome.curve(sweep.metric))]
    if not trials:
        return []
    searched, done, metric = sweep.task.family.searched, done_of(sweep), sweep.metric
    repeats = trials[0].repeats
    title = metric if repeats == 1 else gettext("{metric}: mean of {repeats} runs, and their spread", metric=metric, repeats=repeats)
    charts = [SweepChart(title, partial(_draw_curves, sweep, trials))]
    if not searched:
        title = gettext("{metric} of each run: {result}", metric=metric, result=trials[0].format_result())
        return [*charts, SweepChart(title, partial(_draw_results, trials[0]))]
    if len(done) >= FEWEST:
        height = max(HEIGHT, 0.4 + ROW * (len(searched) + 1))
        charts.append(SweepChart(gettext("best {metric} so far", metric=metric), partial(_draw_best_so_far, sweep)))
        importance = sweep.importance
        if importance:
            charts.append(SweepChart(gettext("how much each value matters"), partial(_draw_importance, importance), height))
        title = gettext("the values of each trial, and its result")
        charts.append(SweepChart(title, partial(_draw_values, sweep, searched, done), height))
    return charts


def describe_missing_charts(sweep: Sweep) -> str:
    """Say when the charts that compare trials will be there; empty if they are, or if there is nothing to compare."""
    if not sweep.task.family.searched or len(done_of(sweep)) >= FEWEST or sweep.ended:
        return ""
    return gettext("The charts that compare the trials appear when two trials have ended.")


def done_of(sweep: Sweep) -> list[Trial]:
    """The finished trials with a number as result, the best first."""
    return [one for one in sweep.ranking if one.state == TrialState.DONE and one.result is not None and math.isfinite(one.result)]


def _draw_curves(sweep: Sweep, trials: Sequence[Trial], axes: Axes, title: str) -> None:
    """The curve of every trial; of several runs the mean, with a band of one standard deviation."""
    best = sweep.best
    for one in sorted(trials, key=lambda one: one is best):
        positions, means, spread = one.band()
        look = {"color": ORANGE, "linewidth": 2.2} if one is best else {"color": BLUE, "linewidth": 1, "alpha": 0.55}
        mark = "o" if len(positions) == 1 else ""
        axes.plot(
            positions, means, marker=mark, label=gettext("trial {number}, the best", number=one.number) if one is best else None, **look
        )
        if one.repeats > 1:
            axes.fill_between(positions, means - spread, means + spread, color=look["color"], alpha=0.18, linewidth=0)
            if len(trials) == 1:
                for outcome in one.outcomes:
                    curve = np.array(outcome.curve(sweep.metric)).reshape(-1, 2)
                    axes.plot(curve[:, 0], curve[:, 1], color=GREY, linewidth=0.8, alpha=0.7)
    dress(axes, title)
    if len(trials) > 1 and any(one is best for one in trials):  # The best may have ended since the trials were read.
        axes.legend(fontsize=8, frameon=False)


def _draw_results(one: Trial, axes: Axes, title: str) -> None:
    """The result of each run of a single network."""
    known = [(outcome.repeat + 1, result) for outcome in one.outcomes if (result := outcome.result(one.metric)) is not None]
    axes.plot([number for number, _ in known], [result for _, result in known], "o", color=BLUE)
    if one.result is not None and one.spread is not None:
        axes.axhline(one.result, color=ORANGE, linewidth=1.5)
        axes.axhspan(one.result - one.spread, one.result + one.spread, color=ORANGE, alpha=0.15)
    dress(axes, title)
    axes.set_xlabel(gettext("run"), fontsize=9)
    axes.set_xlim(0.5, one.repeats + 0.5)


def best_so_far(sweep: Sweep) -> list[tuple[int, float]]:
    """The trials that were better than all earlier ones, each with its result."""
    found: list[tuple[int, float]] = []
    for one in sweep.trials:
        result = one.result if one.state == TrialState.DONE else None
        if result is not None and math.isfinite(result) and (not found or is_better(result, found[-1][1], sweep.task.judged)):
            found.append((one.number, result))
    return found


def _draw_best_so_far(sweep: Sweep, axes: Axes, title: str) -> None:
    done = [(one.number, one.result) for one in sweep.trials if one.state == TrialState.DONE and one.result is not None]
    other = [
        (one.number, one.result) for one in sweep.trials if one.state in (TrialState.PRUNED, TrialState.STOPPED) and one.result is not None
    ]
    for points, mark, color in ((done, "o", BLUE), (other, "x", GREY)):
        if points:
            axes.plot(*zip(*points, strict=True), mark, color=color, markersize=5, label=gettext("ended early") if mark == "x" else None)
    numbers, values = zip(*best_so_far(sweep), strict=True)
    axes.step([*numbers, len(sweep.trials)], [*values, values[-1]], where="post", color=ORANGE, linewidth=1.8)
    dress(axes, title)
    axes.set_xlabel(gettext("trial"), fontsize=9)
    axes.set_xlim(0.5, len(sweep.trials) + 0.5)
    if other:
        axes.legend(fontsize=8, frameon=False)


def _draw_importance(importance: dict[str, float], axes: Axes, title: str) -> None:
    from matplotlib.ticker import PercentFormatter

    names = list(importance)
    axes.barh(range(len(names)), [importance[name] for name in names], color=BLUE, height=0.6)
    dress(axes, title)
    axes.set_yticks(range(len(names)), [_short(name) for name in names], parse_math=False)
    axes.set_xlabel(gettext("share"), fontsize=9)
    axes.set_xlim(0, 1)
    axes.set_ylim(max(len(names), FEWEST_BARS) - 0.4, -0.6)  # From the top down.
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(visible=False)


def _draw_values(sweep: Sweep, searched: Sequence[Searched], done: Sequence[Trial], axes: Axes, title: str) -> None:
    """One line per trial, from one drawn value to the next and down to its result; the largest numbers are on the right."""
    results = [float(one.result or 0.0) for one in done]
    low, high = min(results), max(results)
    for rank, one in reversed(list(enumerate(done))):
        places = [place_of(value, one.values.get(value.name)) for value in searched]
        places.append(0.5 if high == low else (results[rank] - low) / (high - low))
        look = {"color": ORANGE, "linewidth": 2.2} if rank == 0 else {"color": BLUE, "linewidth": 0.9, "alpha": 0.5}
        axes.plot(places, range(len(places)), marker="o", markersize=3, **look)
    ends = {0.0: f"{low:.4g}", 1.0: f"{high:.4g}"} if low < high else {0.5: f"{low:.4g}"}
    for height, marks in enumerate((*map(marks_of, searched), ends)):
        axes.axhline(height, color=GREY, linewidth=0.6, alpha=0.6, zorder=0)
        for place, text in marks.items():
            side = "left" if place == 0 else "right" if place == 1 else "center"
            where: dict[str, Any] = {"xytext": (0, -4), "textcoords": "offset points", "ha": side, "va": "top"}
            paper = {"facecolor": "white", "alpha": 0.75, "pad": 0.5, "linewidth": 0}  # Lines pass behind it.
            axes.annotate(_short(text), (place, height), fontsize=7, parse_math=False, bbox=paper, **where)
    names = [*(one.name for one in searched), sweep.metric]
    dress(axes, title)
    axes.set_yticks(range(len(names)), [_short(name) for name in names], parse_math=False)
    axes.set_ylim(len(names) - 0.4, -0.3)  # From the top down.
    axes.set_xlim(-0.03, 1.03)
    axes.set_xlabel("")
    axes.set_xticks([])
    axes.grid(visible=False)
    axes.spines[["left", "bottom"]].set_visible(False)
    axes.tick_params(length=0)


def marks_of(one: Searched) -> dict[float, str]:
    """What is written at which places of a value's axis.

    >>> from seqmagic.errors import Span
    >>> marks_of(Searched("adam", "log", Span(1, 1, 2), (), 1e-4, 1e-2))
    {0.0: '0.0001', 1.0: '0.01'}
    """
    if one.kind != CHOICE:
        return {0.0: f"{one.low:g}", 1.0: f"{one.high:g}"}
    has_room = sum(map(len, one.texts)) <= LONGEST_OPTIONS
    return {place_of(one, text): text for text in (one.texts if has_room else (one.texts[0], one.texts[-1]))}


def place_of(one: Searched, drawn: Drawn | None) -> float:
    """The position of a value on its axis, from 0 to 1; NaN for a value that the trial doesn't have.

    >>> from seqmagic.errors import Span
    >>> place_of(Searched("adam", "log", Span(1, 1, 2), (), 1e-4, 1e-2), 1e-3)
    0.5
    """
    if drawn is None:
        return math.nan
    if one.kind == CHOICE:
        return one.texts.index(str(drawn)) / (len(one.texts) - 1)
    low, high, value = float(one.low), float(one.high), float(drawn)
    if one.kind == "log":
        low, high, value = math.log(low), math.log(high), math.log(value)
    return round((value - low) / (high - low), 12)


def _short(text: str) -> str:
    shown = printable(text)
    return shown if len(shown) <= LONGEST_LABEL else f"{shown[: LONGEST_LABEL - 1]}…"
