"""The sweep picture: its charts as one image or as several, and the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from seqmagic.sweeps.sweep import Sweep
from seqmagic.translation import gettext
from seqmagic.widgets.fonts import drawable_language
from seqmagic.widgets.html import Picture
from seqmagic.widgets.picture import ARTIST
from seqmagic.widgets.sweep_charts import SweepChart, best_so_far, charts_of
from seqmagic.widgets.sweep_table import SweepTable, format_drawn
from seqmagic.widgets.text_table import plain_text

WIDTH = 4.2  # Of a chart, in inches.
SHARP, PLAIN = 130, 95  # Dots per inch: those in the panel are also shown larger.


def draw_sweep(sweep: Sweep) -> bytes | None:
    """The charts as one PNG; None if there is nothing to draw."""
    return ARTIST.submit(_draw_together, sweep).result()


@drawable_language()
def _draw_together(sweep: Sweep) -> bytes | None:
    charts = charts_of(sweep)
    return _draw(charts, PLAIN) if charts else None


@drawable_language()
def draw_apart(sweep: Sweep) -> list[Picture]:
    """Each chart for itself, so that a page arranges them. In the current thread, which must be the drawing thread."""
    return [Picture(_draw([chart], SHARP), chart.title, class_="chart") for chart in charts_of(sweep)]


@drawable_language()  # Called by others in it already; a test looks for it here.
def _draw(charts: Sequence[SweepChart], dots: int) -> bytes:
    from seqmagic.widgets.figure import CurveFigure, to_png

    columns = min(2, len(charts))
    heights = [max(one.height for one in charts[start : start + columns]) for start in range(0, len(charts), columns)]
    figure = CurveFigure(figsize=(WIDTH * columns, sum(heights)), dpi=dots, layout="constrained", facecolor="white")
    grid = figure.add_gridspec(len(heights), columns, height_ratios=heights)
    for index, chart in enumerate(charts):
        chart.draw(figure.add_subplot(grid[divmod(index, columns)]), chart.title)
    return to_png(figure)


def describe_sweep(sweep: Sweep) -> str:
    """The sweep in words: its state, the trials with their drawn values, the best results, importance, and the best text."""
    lines = [f"{sweep.name}: {sweep.format_state()}", *filter(None, [sweep.where, sweep.reason]), "", repr(SweepTable(sweep))]
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
