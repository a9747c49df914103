"""The sweep picture: curves, the best result so far, parameter importance, and parallel coordinates; and the same in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqmagic.errors import printable
from seqmagic.language.searched import CHOICE, Drawn, Searched
from seqmagic.measure import is_better
from seqmagic.sweeps.sweep import Sweep
from seqmagic.sweeps.trials import Trial, TrialState
from seqmagic.translation import gettext
from seqmagic.widgets.fonts import drawable_language
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import ARTIST, dress
from seqmagic.widgets.sweep_table import SweepTable, format_drawn
from seqmagic.widgets.text_table import plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREY = (LOOK["colors"][name] for name in ("training", "validation", "earlier"))
LONGEST_LABEL = 18


def draw_sweep(sweep: Sweep) -> bytes | None:
    """The charts as PNG; None if there is nothing to draw."""
    return ARTIST.submit(draw_here, sweep).result()


@drawable_language()
def draw_here(sweep: Sweep) -> bytes | None:
    """The same in the current thread, which must be the drawing thread."""
    from seqmagic.widgets.figure import CurveFigure, to_png

    trials = [one for one in sweep.trials if any(True for outcome in one.outcomes if outcome.curve(sweep.metric))]
    if not trials:
        return None
    searched = sweep.task.family.searched
    figure = CurveFigure(figsize=(8.8, 5.6 if searched else 2.9), dpi=90, layout="constrained", facecolor="white")
    rows = 2 if searched else 1
    _draw_curves(figure.add_subplot(rows, 2, 1), sweep, trials)
    if not searched:
        _draw_results(figure.add_subplot(rows, 2, 2), sweep, trials[0])
        return to_png(figure)
    _draw_best_so_far(figure.add_subplot(rows, 2, 2), sweep)
    _draw_importance(figure.add_subplot(rows, 2, 3), sweep.importance)
    _draw_parallel(figure.add_subplot(rows, 2, 4), sweep, searched)
    return to_png(figure)


def _draw_curves(axes: Axes, sweep: Sweep, trials: Sequence[Trial]) -> None:
    """The curve of every trial; of several runs the mean, with a band of one standard deviation."""
    best = sweep.best
    for one in sorted(trials, key=lambda one: one is best):
        positions, means, spread = one.band()
        look = {"color": ORANGE, "linewidth": 2.2} if one is best else {"color": BLUE, "linewidth": 1, "alpha": 0.45}
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
    repeats = trials[0].repeats
    dress(
        axes,
        sweep.metric
        if repeats == 1
        else gettext("{metric}: mean of {repeats} runs, and their spread", metric=sweep.metric, repeats=repeats),
    )
    if best is not None and len(trials) > 1:
        axes.legend(fontsize=8, frameon=False)


def _draw_results(axes: Axes, sweep: Sweep, one: Trial) -> None:
    """The result of each run of a single network."""
    results = one.results
    axes.plot(range(1, len(results) + 1), results, "o", color=BLUE)
    if one.result is not None and one.spread is not None:
        axes.axhline(one.result, color=ORANGE, linewidth=1.5)
        axes.axhspan(one.result - one.spread, one.result + one.spread, color=ORANGE, alpha=0.15)
    dress(axes, gettext("{metric} of each run: {result}", metric=sweep.metric, result=one.format_result()))
    axes.set_xlabel(gettext("run"), fontsize=9)


def best_so_far(sweep: Sweep) -> list[tuple[int, float]]:
    """The trials that were better than all earlier ones, each with its result."""
    found: list[tuple[int, float]] = []
    for one in sweep.trials:
        result = one.result if one.state == TrialState.DONE else None
        if result is not None and math.isfinite(result) and (not found or is_better(result, found[-1][1], sweep.metric)):
            found.append((one.number, result))
    return found


def _draw_best_so_far(axes: Axes, sweep: Sweep) -> None:
    done = [(one.number, one.result) for one in sweep.trials if one.state == TrialState.DONE and one.result is not None]
    other = [
        (one.number, one.result) for one in sweep.trials if one.state in (TrialState.PRUNED, TrialState.STOPPED) and one.result is not None
    ]
    for points, mark, color in ((done, "o", BLUE), (other, "x", GREY)):
        if points:
            axes.plot(*zip(*points, strict=True), mark, color=color, markersize=5, label=gettext("ended early") if mark == "x" else None)
    best = best_so_far(sweep)
    if best:
        numbers, values = zip(*best, strict=True)
        axes.step([*numbers, len(sweep.trials)], [*values, values[-1]], where="post", color=ORANGE, linewidth=1.8)
    dress(axes, gettext("best {metric} so far", metric=sweep.metric))
    axes.set_xlabel(gettext("trial"), fontsize=9)
    if other:
        axes.legend(fontsize=8, frameon=False)


def _draw_importance(axes: Axes, importance: dict[str, float]) -> None:
    names = list(importance)[::-1]
    axes.barh([_short(name) for name in names], [importance[name] for name in names], color=BLUE, height=0.6)
    dress(axes, gettext("importance") if names else gettext("importance: too few trials yet"))
    axes.set_xlabel(gettext("share"), fontsize=9)
    axes.set_xlim(0, 1)
    if not names:
        axes.set_yticks([])


def _draw_parallel(axes: Axes, sweep: Sweep, searched: Sequence[Searched]) -> None:
    """One line per trial through its drawn values to its result; the largest values are at the top."""
    done = [one for one in sweep.ranking if one.state == TrialState.DONE]
    results = [one.result or 0.0 for one in done]
    low, high = (min(results), max(results)) if results else (0.0, 1.0)
    for rank, one in reversed(list(enumerate(done))):
        heights = [place_of(value, one.values.get(value.name)) for value in searched]
        heights.append(0.5 if high == low else ((one.result or 0.0) - low) / (high - low))
        look = {"color": ORANGE, "linewidth": 2.2} if rank == 0 else {"color": BLUE, "linewidth": 0.9, "alpha": 0.4}
        axes.plot(range(len(heights)), heights, marker="o", markersize=3, **look)
    dress(axes, gettext("parallel coordinates"))
    ends = [one.texts if one.kind == CHOICE else (f"{one.low:g}", f"{one.high:g}") for one in searched]
    labels = [
        f"{_short(one.name)}\n{_short(ends_of_axis[0])} … {_short(ends_of_axis[-1])}"
        for one, ends_of_axis in zip(searched, ends, strict=True)
    ]
    axes.set_xticks(range(len(searched) + 1), [*labels, f"{_short(sweep.metric)}\n{low:.3g} … {high:.3g}"], fontsize=7, parse_math=False)
    axes.set_xlabel("")
    axes.set_xlim(-0.2, len(searched) + 0.2)
    axes.set_yticks([])


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


def describe_sweep(sweep: Sweep) -> str:
    """The sweep in words: its state, the trials with their drawn values, the best results, importance, and the best text."""
    lines = [f"{sweep.name}: {sweep.format_state()}", *filter(None, [sweep.where]), sweep.reason, "", repr(SweepTable(sweep))]
    best = sweep.best
    if sweep.task.family.searched:
        way = ", ".join(gettext("trial {number} {value:.4g}", number=number, value=value) for number, value in best_so_far(sweep))
        lines += ["", gettext("Best so far: {way}", way=way)] if way else []
        share = ", ".join(f"{name} {part:.0%}" for name, part in sweep.importance.items())
        lines += [gettext("Importance: {share}", share=share)] if share else []
    if best is not None:
        drawn = ", ".join(f"{name} {format_drawn(value)}" for name, value in best.values.items())
        lines += [
            "",
            gettext("The best, trial {number}{drawn}:", number=best.number, drawn=gettext(" ({drawn})", drawn=drawn) if drawn else ""),
            best.text.rstrip(),
        ]
    return "\n".join(plain_text(line.splitlines()) for line in lines if line is not None)
