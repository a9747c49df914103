"""The picture: a training's curves as an image and its numbers as text, for a saved notebook without a kernel."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from textwrap import fill
from typing import TYPE_CHECKING, Any
from weakref import ref

import numpy as np

from seqmagic.analysis.curve_notes import notes_of
from seqmagic.errors import printable
from seqmagic.errors.boundary import instance_of, raises_ours
from seqmagic.history import History, Table
from seqmagic.training.run import Run
from seqmagic.translation import gettext
from seqmagic.widgets.chart_range import chart_groups, curves_of, shown_range
from seqmagic.widgets.downsample import thin
from seqmagic.widgets.fonts import drawable_language
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.status import format_status, ordered

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from seqmagic.widgets.figure import CurveFigure

# One thread draws all images: Matplotlib isn't thread-safe, and caches fonts, several megabytes, per thread.
ARTIST = ThreadPoolExecutor(max_workers=1, thread_name_prefix="seqmagic-drawing")
TRAINING, VALIDATION, GREY = (LOOK["colors"][name] for name in ("training", "validation", "earlier"))
MARKED = LOOK["markedEpochs"]  # Longer curves have no marks at the epochs.
_last_drawn: list[tuple[ref[Run | History], list[tuple[int, int]], bytes]] = []  # At most one item; written only by the drawing thread.
MOST_POINTS = 2000
LONGEST_TITLE = 48  # Characters; a chart has no room for more.


@raises_ours(run=instance_of("a run, or its record", Run, History))
def plot(run: Run | History) -> CurveFigure:
    """Return the curves of a training as a matplotlib figure, which you can change and save.

    >>> plot(run).savefig("curves.pdf")                                    # doctest: +SKIP
    >>> figure = plot(run); figure.axes[0].set_yscale("log"); figure       # doctest: +SKIP

    Args:
        run: a run, in progress or ended, or its `record`.

    Returns:
        A figure with one chart per metric. It is not registered with pyplot.
    """
    return ARTIST.submit(_draw_figure, run).result()


def draw_png(run: Run | History) -> bytes:
    """The curves as PNG, small enough for a saved notebook, which has the numbers as text below them."""
    return ARTIST.submit(_draw_or_find, run).result()


def _draw_or_find(run: Run | History) -> bytes:
    """Draw the image, or reuse the last one: all panels of a run want it at the same time."""
    from seqmagic.widgets.figure import to_png

    record = run if isinstance(run, History) else run.record
    moment = [(len(table), table.generation) for table in (record.batches, record.epochs)]
    for drawn, then, png in _last_drawn:
        if drawn() is run and then == moment:
            return png
    png = to_png(_draw_charts(run))
    _last_drawn[:] = [(ref(run), moment, png)]
    return png


def _draw_figure(run: Run | History) -> CurveFigure:
    """The charts, with the last and the best values below."""
    from seqmagic.widgets.fonts import use_fallback_fonts

    figure = _draw_charts(run)
    figure.set_figheight(figure.get_figheight() + 0.5)
    with drawable_language() as is_current:
        below = numbers_below(run) if isinstance(run, History) else _told(run, round(14.5 * figure.get_figwidth()), with_plan=is_current)
    figure.supxlabel(below, fontsize=8.5, x=0.01, ha="left", linespacing=1.5, parse_math=False)
    use_fallback_fonts(figure)  # It may be saved in another format than PNG.
    return figure


def _told(run: Run, width: int, *, with_plan: bool) -> str:
    """What is written below the charts of a run; what it noted while it trained is in the language of that time."""
    noted = (*run.plan, *run.advice, *run.warnings) if with_plan else ()
    notes = [fill(note, width) for note in (*(note.text for note in notes_of(run)), *noted)]
    return "\n".join([f"{run.name}: {format_status(run)}", numbers_below(run.record), *notes])


@drawable_language()
def _draw_charts(run: Run | History) -> CurveFigure:
    from seqmagic.widgets.figure import CurveFigure

    record, earlier = (run, ()) if isinstance(run, History) else (run.record, run.earlier)
    groups = chart_groups(record) or ["loss"]
    columns = min(3, max(1, len(groups)))
    rows = -(-len(groups) // columns)
    figure = CurveFigure(figsize=(max(5.2, 4.4 * columns), 2.7 * rows), dpi=100, layout="constrained", facecolor="white")
    for index, group in enumerate(groups):
        _draw_chart(figure.add_subplot(rows, columns, index + 1), record, earlier, group)
    return figure


def numbers_below(record: History) -> str:
    """The last values, and the best epoch: 'last: loss 0.08, val_loss 0.06; best: val_loss 0.05 in epoch 7'."""
    last = ", ".join(f"{name} {value:.4g}" for name, value in ordered(record.last()))
    best = record.best() if len(record.epochs) > 1 else None
    return gettext("Last: {last}", last=last) + (
        gettext(".  Best: {metric} {value:.4g} in epoch {epoch:g} (ring).", metric=best[0], value=best[2], epoch=best[1])
        if best is not None
        else ""
    )


def _draw_chart(axes: Axes, history: History, earlier: Sequence[History], group: str) -> None:
    for past in earlier:
        _draw_line(axes, past.epochs, group, color=GREY, alpha=0.4, linewidth=1)
    _draw_line(axes, history.batches, group, color=TRAINING, alpha=0.45, linewidth=0.8)
    mark = len(history.epochs) <= MARKED
    _draw_line(axes, history.epochs, group, color=TRAINING, marker="o" if mark else "", markersize=4, label=gettext("training"))
    validation = {
        "color": VALIDATION,
        "linestyle": "--",
        "marker": "s" if mark else "",
        "markersize": 4,
        "label": gettext("validation"),
    }
    _draw_line(axes, history.epochs, f"val_{group}", **validation)
    _leave_spikes_out(axes, history, group)
    _draw_best(axes, history, group)
    count = history.counts.get(group)
    dress(axes, gettext("{group} (mean of {count})", group=group, count=count) if count else group)
    axes.set_xlim(right=1.02 * max(1.0, history.reached))
    if f"val_{group}" in history.epochs.newest():
        axes.legend(fontsize=8, frameon=False)


def dress(axes: Axes, title: str) -> None:
    """Apply the common style of charts over epochs."""
    from matplotlib.ticker import MaxNLocator

    shown = printable(title)
    # No mathtext, because a metric's name may contain dollar signs.
    axes.set_title(
        shown if len(shown) <= LONGEST_TITLE else f"{shown[: LONGEST_TITLE - 1]}…",
        loc="left",
        fontsize=10,
        fontweight="bold",
        parse_math=False,
    )
    axes.set_xlabel(gettext("epoch"), fontsize=9)
    axes.set_xlim(left=0)
    if axes.get_xlim()[1] >= 2:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.tick_params(labelsize=8, color=GREY)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)


def _leave_spikes_out(axes: Axes, history: History, group: str) -> None:
    """Limit a chart to the range without spikes, and mark where spikes are."""
    curves = curves_of(history, group)
    shown = shown_range([values for _, values in curves])
    if shown is None:
        return
    axes.set_ylim(shown)
    for (positions, values), color in zip(curves, (TRAINING, TRAINING, VALIDATION), strict=True):
        for edge, marker, outside in ((0, "v", values < shown[0]), (1, "^", values > shown[1])):
            if outside.any():
                where: dict[str, Any] = {"transform": axes.get_xaxis_transform(), "clip_on": False}
                axes.plot(positions[outside], np.full(outside.sum(), edge), marker, color=color, markersize=5, **where)


def _draw_best(axes: Axes, history: History, group: str) -> None:
    best = history.best() if len(history.epochs) > 1 else None
    if best is None or not np.isfinite(best[2]):
        return
    axes.axvline(best[1], color=GREY, linewidth=0.8, linestyle=":")
    if best[0].removeprefix("val_") == group:
        axes.plot([best[1]], [best[2]], "o", markersize=10, markerfacecolor="none", markeredgecolor="black")
        side = "left" if best[1] < 0.5 * history.position else "right"
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points", "ha": side}
        axes.annotate(gettext("best"), (best[1], 1), (3 if side == "left" else -3, -8), **place, fontsize=8)


def _draw_line(axes: Axes, table: Table, name: str, **look: Any) -> None:
    positions, values = table.curve(name)
    if not values:
        return
    points = thin(np.column_stack([positions, values]), MOST_POINTS // 2)
    axes.plot(points[:, 0], points[:, 1], **look)
