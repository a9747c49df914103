"""The curve of the learning-rate finder: an image with the suggested rate, and the same in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seqmagic.analysis.rate_finder import FIRST, RateCurve
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.fonts import drawable_language
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import ARTIST
from seqmagic.widgets.training_view import rounded

if TYPE_CHECKING:
    from seqmagic.analysis.rate_search import RateSearch

TRAINING, VALIDATION, GREY = (LOOK["colors"][name] for name in ("training", "validation", "earlier"))
STOPPED = gettext_noop("The search was stopped.")
PUT_BACK = gettext_noop("The model's previous weights were put back.")
SHOWN = 0.6  # Of the fall: higher losses only show that the rate is too high, and would flatten the rest.


def draw_rate_curve(curve: RateCurve) -> bytes:
    """The curve as PNG."""
    from seqmagic.widgets.figure import to_png

    return ARTIST.submit(lambda: to_png(_draw(curve))).result()


def describe_rate_curve(curve: RateCurve) -> str:
    """The curve in words, one row per power of ten, then the suggestion and what to type."""
    lines = [
        gettext(
            "{model}: loss at learning rates from {low:.0e} to {high:.0e}, one per batch",
            model=curve.model,
            low=curve.rates[0],
            high=curve.rates[-1],
        )
    ]
    smooth = curve.smooth
    for power in range(-6, 2):
        place = int(np.abs(np.log10(curve.rates) - power).argmin())
        if abs(np.log10(curve.rates[place]) - power) < 0.1 and np.isfinite(smooth[place]):
            lines.append(f"{10.0**power:>8g}  {smooth[place]:.4g}")
    lines += [curve.reason]
    lines += (
        [gettext("Type: {line}   (now {before:g}; the model has its previous weights)", line=curve.line, before=curve.before)]
        if curve.line
        else []
    )
    return "\n".join(lines)


def describe_search(search: RateSearch) -> dict[str, Any]:
    """A search for a panel: its state and messages; when it is done, the curve and the suggested rate."""
    shown: dict[str, Any] = {"state": search.state, "fraction": round(search.fraction, 3)}
    shown["text"] = gettext("{sentence}.", sentence=search.format_state().capitalize())
    curve = search.curve
    if curve is None:
        if search.ended:
            shown["text"] = f"{search.error.problem if search.error is not None else gettext(STOPPED)} {gettext(PUT_BACK)}"
        return shown
    columns = {"rates": curve.rates, "losses": curve.losses, "smooth": curve.smooth}
    shown |= {name: [rounded(float(value)) for value in values] for name, values in columns.items()}
    shown |= {"shown": shown_part(curve), "before": f"{curve.before:g}"}
    suggestion = None if curve.suggestion is None else f"{curve.suggestion:g}"
    return {**shown, "suggestion": suggestion, "text": f"{curve.reason} {gettext(PUT_BACK)}"}


def shown_part(curve: RateCurve) -> tuple[float, float] | None:
    """The range of losses in the chart, from the lowest to slightly above the first ones; None without finite values."""
    whole = curve.losses[np.isfinite(curve.losses)]
    if not len(whole):
        return None
    low, start = float(np.nanmin(curve.smooth)), float(np.median(whole[:FIRST]))
    room = max(start - low, 0.05 * abs(start), 1e-9)
    return low - 0.15 * room, start + SHOWN * room


@drawable_language()
def _draw(curve: RateCurve) -> Any:
    from seqmagic.widgets.figure import CurveFigure

    figure = CurveFigure(figsize=(5.6, 3.2), dpi=100, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.plot(curve.rates, curve.losses, color=TRAINING, alpha=0.35, linewidth=0.8)
    axes.plot(curve.rates, curve.smooth, color=TRAINING, linewidth=1.8)
    shown = shown_part(curve)
    if shown is not None:
        axes.set_ylim(shown)
    if curve.suggestion is not None:
        axes.axvline(curve.suggestion, color=VALIDATION, linewidth=1.5, linestyle="--")
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate(f"{curve.suggestion:g}", (curve.suggestion, 1), (-4, -11), **place, ha="right", fontsize=9, color=VALIDATION)
    axes.set_title("loss", loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel(gettext("learning rate"), fontsize=9)
    axes.tick_params(labelsize=8, color=GREY)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
