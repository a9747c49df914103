"""Run curves: the epochs of several runs over each other, as a picture and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger
from seqmagic.translation import gettext
from seqmagic.widgets.downsample import thin
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import ARTIST, MARKED, MOST_POINTS, dress
from seqmagic.widgets.run_words import describe_continued, join_phrases
from seqmagic.widgets.status import ordered
from seqmagic.widgets.text_table import align, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqmagic.widgets.figure import CurveFigure

# Okabe and Ito's colours that stand out from white, and black. Cycles of 5, 4 and 7: in 140 runs no two look alike, and without the colours
# none of 28.
COLORS = [*(LOOK["colors"][name] for name in ("training", "validation", "good", "other", "black"))]
LINES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
NEAR = 0.08  # Of a chart's width: numbers of curves that end no further apart stand below each other.
MARKS = 8  # On a curve of so many epochs that not each has room for one.
FEW = 2  # Runs for which a legend is clear enough; of more, each curve has its number at its end.
MOST_CHARTS = 12  # Of metrics; the text below has all.
MOST_NUMBER = 1e300  # What is beyond is drawn there: a chart's axis needs some room.


@dataclass(frozen=True)
class RunCurves:
    """The curves of one run.

    Attributes:
        label: what the legend calls it. number: what stands at the end of a curve.
        names: the metrics. rows: a row an epoch, position first.
        since: where it went on from another run that is shown as well, in epochs; what is before is drawn with that one.
    """

    label: str
    names: Sequence[str]
    rows: np.ndarray
    number: str = ""
    since: float = 0.0


def curves_of(ledger: Ledger, entries: Sequence[RunEntry]) -> list[RunCurves]:
    """The curves of some runs, each from where it left the run that it continues, if that is among them."""
    tables = {entry.id: ledger.rows(entry.id, "epochs") for entry in entries}
    curves = []
    for entry in entries:
        label = join_phrases([gettext("run {id}", id=entry.id), describe_continued(entry)])
        before = tables.get(entry.continues or 0)
        since = 0.0 if before is None else _count_common(before, tables[entry.id])
        curves.append(RunCurves(label, *tables[entry.id], str(entry.id), since))
    return curves


def _count_common(before: tuple[list[str], np.ndarray], after: tuple[list[str], np.ndarray]) -> float:
    """Up to which epoch two runs have the same rows."""
    names = [name for name in before[0] if name in after[0]]
    one, other = (rows[:, [0, *(1 + columns.index(name) for name in names)]] for columns, rows in (before, after))
    length = min(len(one), len(other))
    same = ((one[:length] == other[:length]) | (np.isnan(one[:length]) & np.isnan(other[:length]))).all(axis=1)
    count = length if same.all() else int(np.argmin(same))
    return float(other[count - 1, 0]) if count and names else 0.0


def draw_runs(runs: Sequence[RunCurves]) -> bytes | None:
    """The curves as PNG, a chart for each of the first metrics; None where no run has any."""
    from seqmagic.widgets.figure import to_png

    figure = plot_runs(runs)
    return ARTIST.submit(to_png, figure).result() if figure is not None else None


def plot_runs(runs: Sequence[RunCurves]) -> CurveFigure | None:
    """The same as a figure."""
    names = names_of(runs)[:MOST_CHARTS]
    return ARTIST.submit(_draw, runs, names).result() if names else None


def names_of(runs: Sequence[RunCurves]) -> list[str]:
    """The metrics that any of the runs has, in reading order."""
    return [name for name, _ in ordered({name: 0.0 for run in runs if len(run.rows) for name in run.names})]


def _draw(runs: Sequence[RunCurves], names: Sequence[str]) -> CurveFigure:
    from seqmagic.widgets.figure import CurveFigure
    from seqmagic.widgets.fonts import use_fallback_fonts

    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    fit = max(1, int(4.4 * columns * 11 // max(len(run.label) + 6 for run in runs)))  # Labels that have room beside each other.
    lines = -(-len(runs) // fit)
    figure = CurveFigure(figsize=(4.4 * columns, 2.5 * rows + 0.1 + 0.2 * lines), dpi=80, layout="constrained", facecolor="white")
    shared: dict[str, Axes] = {}
    for index, name in enumerate(names):
        group = name.removeprefix("val_")
        # A metric and its validation have one scale, so that they can be held against each other.
        axes = figure.add_subplot(rows, columns, index + 1, sharey=shared.get(group))
        shared[group] = axes
        _draw_chart(axes, runs, name)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=min(fit, len(labels)), fontsize=9, frameon=False, handlelength=3.5)
    if len(runs) > FEW:
        use_fallback_fonts(figure)
        figure.draw_without_rendering()  # Only now the scales are known, and with them where the curves end.
        for axes, name in zip(figure.axes, names, strict=True):
            _number_ends(axes, runs, name)
    return figure


def _draw_chart(axes: Axes, runs: Sequence[RunCurves], name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for index, run in enumerate(runs):
        points = np.column_stack(_curve(run, name))
        positions, values = thin(np.clip(points, -MOST_NUMBER, MOST_NUMBER), MOST_POINTS // 2).T
        every = 1 if len(positions) <= MARKED else (index * len(positions) // MARKS // len(runs), len(positions) // MARKS)
        look: dict[str, Any] = {**_look_of(index), "markersize": 4, "markevery": every}
        # An empty curve, too: the legend names every run.
        axes.plot(positions, values, label=run.label, **look)
    dress(axes, name)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def _look_of(index: int) -> dict[str, str]:
    """Colour, line and marker of a run: each alone tells the first four apart."""
    return {cycle: looks[index % len(looks)] for cycle, looks in (("color", COLORS), ("linestyle", LINES), ("marker", MARKERS))}


def _number_ends(axes: Axes, runs: Sequence[RunCurves], name: str) -> None:
    """Write each run's number beside the end of its curve, and so that no two lie over each other."""
    curves = [(index, run, _curve(run, name)) for index, run in enumerate(runs)]
    there = [(index, run, curve) for index, run, curve in curves if len(curve[1])]
    ends = [axes.transAxes.inverted().transform(axes.transData.transform((at[-1], value[-1]))) for _, _, (at, value) in there]
    columns: dict[int, list[int]] = {}  # Those that end about below each other.
    for place, end in enumerate(ends):
        columns.setdefault(round(end[0] / NEAR), []).append(place)
    for column in columns.values():
        right = max(float(ends[place][0]) for place in column)
        for place, height in zip(column, spread([float(ends[place][1]) for place in column]), strict=True):
            index, run, _ = there[place]
            color = _look_of(index)["color"]
            place_of: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "axes fraction", "va": "center"}
            paper = {"facecolor": "white", "alpha": 0.7, "pad": 0.5, "linewidth": 0}  # Another curve may go on below it.
            thread = {"arrowstyle": "-", "color": color, "linewidth": 0.5, "alpha": 0.7, "shrinkA": 0, "shrinkB": 0}
            axes.annotate(
                run.number, tuple(ends[place]), (right + 0.03, height), **place_of, color=color, fontsize=8, bbox=paper, arrowprops=thread
            )


def spread(places: Sequence[float], gap: float = 0.085) -> list[float]:
    """Places between 0 and 0.96 moved apart, so that labels have room, in the order that they were in.

    >>> [round(place, 2) for place in spread([0.5, 0.5, 0.9], gap=0.1)]
    [0.5, 0.6, 0.9]
    """
    gap = min(gap, 0.96 / max(1, len(places)))
    order = sorted(range(len(places)), key=places.__getitem__)
    found = list(places)
    lowest = 0.0
    for rank, index in enumerate(order):
        highest = 0.96 - gap * (len(order) - 1 - rank)
        found[index] = min(max(places[index], lowest), highest)
        lowest = found[index] + gap
    return found


def _curve(run: RunCurves, name: str) -> tuple[np.ndarray, np.ndarray]:
    """One metric of a run with its positions, without the epochs that don't have it."""
    if name not in run.names:
        return np.empty(0), np.empty(0)
    values = run.rows[:, 1 + list(run.names).index(name)]
    there = np.isfinite(values) & (run.rows[:, 0] >= run.since)  # With the epoch from which it went on, where the other curve is.
    return run.rows[there, 0], values[there]


def describe_curves(runs: Sequence[RunCurves]) -> str:
    """The same in words: where each curve began and where it ended.

    >>> print(describe_curves([RunCurves("run 3", ["loss"], np.array([[1, 0.9], [2, 0.5]]))]))
    loss  run 3: 0.9 → 0.5 in 2 epochs
    """
    lines = []
    for name in names_of(runs):
        for run in runs:
            positions, values = _curve(run, name)
            if len(values):
                which = (
                    gettext("from epoch {first:.3g} to {last:.3g}", first=run.since, last=positions[-1])
                    if run.since
                    else gettext("in {positions:.3g} epochs", positions=positions[-1])
                )
                lines.append((name, f"{run.label}: {values[0]:.4g} → {values[-1]:.4g} {which}"))
    return plain_text(align(lines)) if lines else ""
