"""Run curves: the epochs of several runs over each other, as a picture and as text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np

from seqmagic.widgets.downsample import thin
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import ARTIST, MARKED, MOST_POINTS, dress
from seqmagic.widgets.status import ordered
from seqmagic.widgets.text_table import align, plain_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colour, line and marker: each alone tells the runs apart.
COLORS = [LOOK["colors"][name] for name in ("training", "validation", "good", "other")]
LOOKS = list(zip(COLORS, ("-", "--", ":", "-."), ("o", "s", "^", "D"), strict=True))
MOST_CHARTS = 12  # Of metrics; the text below tells all.
MOST_NUMBER = 1e300  # What is beyond is drawn there: a chart's axis needs some room.


@dataclass(frozen=True)
class RunCurves:
    """The curves of one run.

    Attributes:
        label: what the legend calls it.
        names: the metrics. rows: a row an epoch, position first.
    """

    label: str
    names: Sequence[str]
    rows: np.ndarray


def draw_runs(runs: Sequence[RunCurves]) -> bytes | None:
    """The curves as PNG, a chart for each of the first metrics; None where no run has any. Beyond four runs the looks come again."""
    names = names_of(runs)[:MOST_CHARTS]
    if not names:
        return None
    return ARTIST.submit(_draw, runs, names).result()


def names_of(runs: Sequence[RunCurves]) -> list[str]:
    """The metrics that any of the runs has, in reading order."""
    return [name for name, _ in ordered({name: 0.0 for run in runs if len(run.rows) for name in run.names})]


def _draw(runs: Sequence[RunCurves], names: Sequence[str]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    columns = min(2, len(names))
    rows = -(-len(names) // columns)
    figure = Figure(figsize=(4.4 * columns, 2.5 * rows + 0.3), dpi=80, layout="constrained", facecolor="white")
    shared: dict[str, Axes] = {}
    for index, name in enumerate(names):
        group = name.removeprefix("val_")
        # A metric and its validation have one scale, so that they can be held against each other.
        axes = figure.add_subplot(rows, columns, index + 1, sharey=shared.get(group))
        shared[group] = axes
        _draw_chart(axes, runs, name)
    handles, labels = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper left", ncols=len(labels), fontsize=9, frameon=False)
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()


def _draw_chart(axes: Axes, runs: Sequence[RunCurves], name: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for index, run in enumerate(runs):
        color, line, marker = LOOKS[index % len(LOOKS)]
        points = np.column_stack(_curve(run, name))
        positions, values = thin(np.clip(points, -MOST_NUMBER, MOST_NUMBER), MOST_POINTS // 2).T
        look: dict[str, Any] = {"color": color, "linestyle": line, "marker": marker if len(positions) <= MARKED else "", "markersize": 4}
        # An empty curve, too: the legend names every run.
        axes.plot(positions, values, label=run.label, **look)
    dress(axes, name)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def _curve(run: RunCurves, name: str) -> tuple[np.ndarray, np.ndarray]:
    """One metric of a run with its positions, without the epochs that don't have it."""
    if name not in run.names:
        return np.empty(0), np.empty(0)
    values = run.rows[:, 1 + list(run.names).index(name)]
    there = np.isfinite(values)
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
                lines.append((name, f"{run.label}: {values[0]:.4g} → {values[-1]:.4g} in {positions[-1]:.3g} epochs"))
    return plain_text(align(lines)) if lines else ""
