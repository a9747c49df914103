"""The picture: a training's curves as an image and its numbers as text, for a saved notebook that no kernel runs."""

from __future__ import annotations

import threading
from io import BytesIO
from typing import TYPE_CHECKING, Any

from seqmagic.training.history import History, Table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Matplotlib is not made for threads: a cell may draw a panel's picture while a run's thread draws another's.
DRAWING = threading.Lock()
TRAINING, VALIDATION, GREY = "#0072B2", "#D55E00", "#808080"


def draw_png(history: History) -> bytes:
    """The curves as PNG, one chart for the loss and one for each metric.

    Matplotlib's own figure and canvas are used, never pyplot: pyplot keeps state that belongs to the notebook's user.
    """
    groups = chart_groups(history)
    columns = min(3, len(groups))
    rows = -(-len(groups) // columns)
    with DRAWING:
        return _draw_figure(history, groups, columns, rows)


def _draw_figure(history: History, groups: list[str], columns: int, rows: int) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.4 * columns, 2.7 * rows), dpi=80, layout="constrained", facecolor="white")
    for index, group in enumerate(groups):
        _draw_chart(figure.add_subplot(rows, columns, index + 1), history, group)
    buffer = BytesIO()
    FigureCanvasAgg(figure).print_png(buffer)
    return buffer.getvalue()


def chart_groups(history: History) -> list[str]:
    """The charts in order: the loss first, validation together with its training."""
    names = [name.removeprefix("val_") for name in (*history.batches.newest(), *history.epochs.newest())]
    return sorted(dict.fromkeys(names), key=lambda name: name != "loss")


def _draw_chart(axes: Axes, history: History, group: str) -> None:
    _draw_line(axes, history.batches, group, color=TRAINING, alpha=0.45, linewidth=0.8)
    mark = len(history.epochs) <= 40
    _draw_line(axes, history.epochs, group, color=TRAINING, marker="o" if mark else "", markersize=4, label="training")
    validation = {"color": VALIDATION, "linestyle": "--", "marker": "s" if mark else "", "markersize": 4, "label": "validation"}
    _draw_line(axes, history.epochs, f"val_{group}", **validation)
    dress(axes, group)
    if f"val_{group}" in history.epochs.newest():
        axes.legend(fontsize=8, frameon=False)


def dress(axes: Axes, title: str) -> None:
    """Give a chart over epochs the look that all of them have."""
    axes.set_title(title, loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("epoch", fontsize=9)
    axes.set_xlim(left=0)
    axes.tick_params(labelsize=8, color=GREY)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _draw_line(axes: Axes, table: Table, name: str, **look: Any) -> None:
    positions, values = table.curve(name)
    if values:
        axes.plot(positions, values, **look)
