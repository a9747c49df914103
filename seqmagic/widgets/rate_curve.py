"""The curve of the learning-rate finder: a picture with the suggested rate, and the same in words."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.analysis.rate_finder import FIRST, RateCurve
from seqmagic.widgets.page import LOOK
from seqmagic.widgets.picture import ARTIST

TRAINING, VALIDATION, GREY = (LOOK["colors"][name] for name in ("training", "validation", "earlier"))
SHOWN = 0.6  # Of the fall: what is far above says only that the rate is too high, and would flatten the rest.


def draw_rate_curve(curve: RateCurve) -> bytes:
    """The curve as PNG."""
    from seqmagic.widgets.figure import to_png

    return ARTIST.submit(lambda: to_png(_draw(curve))).result()


def describe_rate_curve(curve: RateCurve) -> str:
    """The curve in words, a row for each power of ten, then the suggestion and what to type."""
    lines = [f"{curve.model}: loss at learning rates from {curve.rates[0]:.0e} to {curve.rates[-1]:.0e}, one a batch"]
    smooth = curve.smooth
    for power in range(-6, 2):
        place = int(np.abs(np.log10(curve.rates) - power).argmin())
        if abs(np.log10(curve.rates[place]) - power) < 0.1 and np.isfinite(smooth[place]):
            lines.append(f"{10.0**power:>8g}  {smooth[place]:.4g}")
    lines += [curve.reason]
    lines += [f"Type: {curve.line}   (now {curve.before:g}; the model has its weights of before)"] if curve.line else []
    return "\n".join(lines)


def _draw(curve: RateCurve) -> Any:
    from seqmagic.widgets.figure import CurveFigure

    figure = CurveFigure(figsize=(5.6, 3.2), dpi=100, layout="constrained", facecolor="white")
    axes = figure.add_subplot()
    axes.set_xscale("log")
    axes.plot(curve.rates, curve.losses, color=TRAINING, alpha=0.35, linewidth=0.8)
    axes.plot(curve.rates, curve.smooth, color=TRAINING, linewidth=1.8)
    whole = curve.losses[np.isfinite(curve.losses)]
    if len(whole):
        low, start = float(np.nanmin(curve.smooth)), float(np.median(whole[:FIRST]))
        room = max(start - low, 0.05 * abs(start), 1e-9)
        axes.set_ylim(low - 0.15 * room, start + SHOWN * room)
    if curve.suggestion is not None:
        axes.axvline(curve.suggestion, color=VALIDATION, linewidth=1.5, linestyle="--")
        place: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
        axes.annotate(f"{curve.suggestion:g}", (curve.suggestion, 1), (-4, -11), **place, ha="right", fontsize=9, color=VALIDATION)
    axes.set_title("loss", loc="left", fontsize=10, fontweight="bold")
    axes.set_xlabel("learning rate", fontsize=9)
    axes.tick_params(labelsize=8, color=GREY)
    axes.grid(axis="y", color=GREY, alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    return figure
