"""Run curves: the metrics of several runs by epoch in common charts, as a picture and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger
from seqmagic.measure import format_position
from seqmagic.translation import gettext
from seqmagic.widgets.downsample import thin
from seqmagic.widgets.fonts import drawable_language
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import ARTIST, MARKED, MOST_POINTS, dress
from seqmagic.widgets.run_words import join_phrases
from seqmagic.widgets.status import ordered
from seqmagic.widgets.text_table import align, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqmagic.widgets.figure import CurveFigure

# Those of Okabe and Ito's colors that have enough contrast on white, and black. The cycles have 5, 4 and 7 members, so that 140 runs look
# different, and 28 of them even without the colors.
COLORS = [*(LOOK["colors"][name] for name in ("training", "validation", "good", "other", "black"))]
LINES = ("-", "--", ":", "-.")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
NEAR = 0.08  # In widths of a chart: the numbers of curves that end closer than this are stacked in one column.
MARKS = 8  # Markers on a curve that has too many epochs for one marker each.
FEW = 2  # Runs for which a legend is enough; with more, each curve also has its run's number at its end.
MOST_CHARTS = 12  # Charts drawn, one for each metric; the text below them has all metrics.
MOST_NUMBER = 1e300  # Larger values are drawn here: the scale of an axis needs some room below the largest float.


@dataclass(frozen=True)
class RunCurves:
    """The curves of one run.

    Attributes:
        label: the run's name in the legend. number: the text at the end of each curve.
        names: the metrics. rows: one row for each epoch, with the position first.
        since: the epoch at which the run continued another one that is also shown; earlier epochs are drawn only for that run.
    """

    label: str
    names: Sequence[str]
    rows: np.ndarray
    number: str = ""
    since: float = 0.0


@drawable_language()
def curves_of(ledger: Ledger, entries: Sequence[RunEntry]) -> list[RunCurves]:
    """Read the curves of some runs; one that continues another of these runs starts where the two diverge."""
    tables = {entry.id: ledger.rows(entry.id, "epochs") for entry in entries}
    curves = []
    for entry in entries:
        told = gettext("continues run {continues}", continues=entry.continues) if entry.continues else ""
        label = join_phrases([gettext("run {id}", id=entry.id), told])
        before = tables.get(entry.continues or 0)
        since = 0.0 if before is None else _count_common(before, tables[entry.id])
        curves.append(RunCurves(label, *tables[entry.id], str(entry.id), since))
    return curves


def _count_common(before: tuple[list[str], np.ndarray], after: tuple[list[str], np.ndarray]) -> float:
    """Find the last epoch up to which two runs have the same rows."""
    names = [name for name in before[0] if name in after[0]]
    one, other = (rows[:, [0, *(1 + columns.index(name) for name in names)]] for columns, rows in (before, after))
    length = min(len(one), len(other))
    same = ((one[:length] == other[:length]) | (np.isnan(one[:length]) & np.isnan(other[:length]))).all(axis=1)
    count = length if same.all() else int(np.argmin(same))
    return float(other[count - 1, 0]) if count and names else 0.0


def draw_runs(runs: Sequence[RunCurves]) -> bytes | None:
    """Draw the curves as a PNG, with one chart for each of the first metrics; None if no run has any."""
    from seqmagic.widgets.figure import to_png

    figure = plot_runs(runs)
    return ARTIST.submit(to_png, figure).result() if figure is not None else None


def plot_runs(runs: Sequence[RunCurves]) -> CurveFigure | None:
    """Draw the curves as a matplotlib figure, with one chart for each of the first metrics; None if no run has any."""
    names = names_of(runs)[:MOST_CHARTS]
    return ARTIST.submit(_draw, runs, names).result() if names else None


def names_of(runs: Sequence[RunCurves]) -> list[str]:
    """The metrics that at least one of the runs has, in reading order."""
    return [name for name, _ in ordered({name: 0.0 for run in runs if len(run.rows) for name in run.names})]


@drawable_language()
def _draw(runs: Sequence[RunCurves], names: Sequence[str]) -> CurveFigure:
    from seqmagic.widgets.figure import CurveFigure
    from seqmagic.widgets.fonts import use_fallback_fonts

    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    fit = max(1, int(4.4 * columns * 11 // max(len(run.label) + 6 for run in runs)))  # Labels that fit in one line of the legend.
    lines = -(-len(runs) // fit)
    figure = CurveFigure(figsize=(4.4 * columns, 2.5 * rows + 0.1 + 0.2 * lines), dpi=80, layout="constrained", facecolor="white")
    shared: dict[str, Axes] = {}
    for index, name in enumerate(names):
        group = name.removeprefix("val_")
        # A metric and its validation metric share a y-axis, so that they can be compared.
        axes = figure.add_subplot(rows, columns, index + 1, sharey=shared.get(group))
        shared[group] = axes
        _draw_chart(axes, runs, name)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=min(fit, len(labels)), fontsize=9, frameon=False, handlelength=3.5)
    if len(runs) > FEW:
        use_fallback_fonts(figure)
        figure.draw_without_rendering()  # Layout sets the scales, which the ends of the curves depend on.
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
        # Empty curves are drawn, too, so that the legend names every run.
        axes.plot(positions, values, label=run.label, **look)
    dress(axes, name)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def _look_of(index: int) -> dict[str, str]:
    """The color, line style and marker of a run; each one alone is enough to tell the first four runs apart."""
    return {cycle: looks[index % len(looks)] for cycle, looks in (("color", COLORS), ("linestyle", LINES), ("marker", MARKERS))}


def _number_ends(axes: Axes, runs: Sequence[RunCurves], name: str) -> None:
    """Write each run's number next to the end of its curve, without overlaps."""
    curves = [(index, run, _curve(run, name)) for index, run in enumerate(runs)]
    there = [(index, run, curve) for index, run, curve in curves if len(curve[1])]
    ends = [axes.transAxes.inverted().transform(axes.transData.transform((at[-1], value[-1]))) for _, _, (at, value) in there]
    columns: dict[int, list[int]] = {}  # The curves by the column that their number stands in.
    for place, end in enumerate(ends):
        columns.setdefault(round(end[0] / NEAR), []).append(place)
    for column in columns.values():
        right = max(float(ends[place][0]) for place in column)
        for place, height in zip(column, spread([float(ends[place][1]) for place in column]), strict=True):
            index, run, _ = there[place]
            color = _look_of(index)["color"]
            place_of: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "axes fraction", "va": "center"}
            paper = {"facecolor": "white", "alpha": 0.7, "pad": 0.5, "linewidth": 0}  # Another curve may continue behind the number.
            thread = {"arrowstyle": "-", "color": color, "linewidth": 0.5, "alpha": 0.7, "shrinkA": 0, "shrinkB": 0}
            axes.annotate(
                run.number, tuple(ends[place]), (right + 0.03, height), **place_of, color=color, fontsize=8, bbox=paper, arrowprops=thread
            )


def spread(places: Sequence[float], gap: float = 0.085) -> list[float]:
    """Move places between 0 and 0.96 apart to make room for labels, keeping their order.

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
    """The positions and values of one metric of a run, without the epochs that lack it."""
    if name not in run.names:
        return np.empty(0), np.empty(0)
    values = run.rows[:, 1 + list(run.names).index(name)]
    # Including the epoch at which the run continued another one, so that the two curves meet.
    there = np.isfinite(values) & (run.rows[:, 0] >= run.since)
    return run.rows[there, 0], values[there]


def describe_curves(runs: Sequence[RunCurves]) -> str:
    """Describe in words where each curve starts and ends.

    >>> print(describe_curves([RunCurves("run 3", ["loss"], np.array([[1, 0.9], [2, 0.5]]))]))
    loss  run 3: 0.9 → 0.5 in 2 epochs
    """
    lines = []
    for name in names_of(runs):
        for run in runs:
            positions, values = _curve(run, name)
            if len(values):
                which = (
                    gettext("from epoch {first} to {last}", first=format_position(run.since), last=format_position(positions[-1]))
                    if run.since
                    else gettext("in {positions} epochs", positions=format_position(positions[-1]))
                )
                lines.append((name, f"{run.label}: {values[0]:.4g} → {values[-1]:.4g} {which}"))
    return plain_text(align(lines)) if lines else ""
