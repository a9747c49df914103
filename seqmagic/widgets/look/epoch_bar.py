"""The epoch bar of the look view: a slider through the epochs whose weights were kept, above curves that show where one is."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.analysis.model_epochs import ModelEpochs, Stop
from seqmagic.translation import gettext
from seqmagic.widgets.downsample import thin
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.follower import Follower
from seqmagic.widgets.look.page import NO_EPOCHS
from seqmagic.widgets.status import ordered

LOSSES: tuple[str, ...] = ("loss", "val_loss")
WIDTH, HEIGHT = 1000, 56
MOST_POINTS = 400
OUTSIDE = 0.98  # The share of the losses that must fit: a spike must not flatten the rest.
NOW = "now"
BEYOND = 1.05  # As a multiple of the last epoch: the position of the current weights, if they are not those of an epoch.
FEW_NUMBERS = 4  # Metrics shown for an epoch.


class EpochBar:
    """What the page shows of the epochs, and where in them it is.

    Attributes:
        epochs: the model at its epochs.
        at: the moment that is shown.
        live: where a training is that is followed, in words.
    """

    def __init__(self, epochs: ModelEpochs, follower: Follower) -> None:
        self.epochs, self.live = epochs, ""
        self._follower = follower
        self.at = (epochs.stops() or [Stop()])[-1]

    def find(self, value: str) -> Stop | None:
        """The moment that a page asks for; it may ask for anything."""
        return next((stop for stop in self.epochs.stops() if key_of(stop) == value), None)

    def news(self) -> dict[str, Any]:
        """The bar as the page gets it; without moments, there is none."""
        stops = self.epochs.stops()
        follow = {"follow": self._follower.is_on}
        if self.live:
            count, whole = len(self.epochs.few), len(self.epochs.now.samples)
            began = gettext("Training, {state}", state=self.live)
            if not self._follower.is_on:
                began = gettext("No longer following: {state}", state=self.live)
            reason = (
                gettext("{began}; shown with all {whole:,} samples.", began=began, whole=whole)
                if count == whole
                else gettext("{began}; shown with {count:,} of {whole:,} samples.", began=began, count=count, whole=whole)
            )
            return {**NO_EPOCHS, **follow, "reason": reason}
        if len(stops) < 2:
            return {**NO_EPOCHS, **follow, "reason": self.epochs.reason}
        end = self._end(stops)
        moments = [{"key": key_of(stop), "words": self.describe(stop), "x": _place(stop, end)} for stop in stops]
        return {"stops": moments, "curves": str(self._draw_curves(end)), "reason": "", **follow}

    def describe(self, stop: Stop) -> str:
        """A moment with its numbers: "after epoch 3: loss 0.25, accuracy 0.91"."""
        numbers = self._numbers(stop)
        values = ", ".join(f"{name} {value:.4g}" for name, value in ordered(numbers)[:FEW_NUMBERS])
        return gettext("{stop}: {values}", stop=stop, values=values) if values else str(stop)

    def _numbers(self, stop: Stop) -> dict[str, float]:
        run = self.epochs.run
        if run is None or stop.epoch is None:
            return {}
        names, rows = run.record.epochs.rows_from()
        found = np.flatnonzero(rows[:, 0] == stop.epoch) if len(rows) else np.empty(0, dtype=int)
        pairs = zip(names, rows[found[-1], 1:].tolist(), strict=True) if len(found) else ()
        return {name: value for name, value in pairs if np.isfinite(value)}

    def _end(self, stops: list[Stop]) -> float:
        """The epoch at the right end of the curves."""
        run = self.epochs.run
        known = [stop.epoch for stop in stops if stop.epoch is not None]
        end = max(*known, run.record.epochs.end if run is not None else 0.0, 1e-9)
        return end if len(known) == len(stops) else end * BEYOND

    def _draw_curves(self, end: float) -> Element:
        """The loss and that of the validation over the epochs."""
        run = self.epochs.run
        names, rows = run.record.epochs.rows_from() if run is not None else ([], np.empty((0, 1)))
        shown = [name for name in LOSSES if name in names]
        curves = [(name, _curve(rows, names.index(name))) for name in shown]
        values = np.concatenate([curve[:, 1] for _, curve in curves]) if curves else np.empty(0)
        low, high = (values.min(), np.quantile(values, OUTSIDE)) if len(values) else (0.0, 1.0)
        drawn = []
        for number, (_, curve) in enumerate(curves):
            x = WIDTH * curve[:, 0] / end
            y = HEIGHT - 3 - (HEIGHT - 6) * np.clip((curve[:, 1] - low) / max(high - low, 1e-12), 0, 1)
            path = "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in zip(x, y, strict=True))
            drawn.append(element("path", d=path, class_=f"curve c{number}"))
        sizes = {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "preserveAspectRatio": "none"}
        legend = [element("span", name, class_=f"name c{number}") for number, (name, _) in enumerate(curves)]
        svg = element("svg", *drawn, role="img", aria_label=self._describe_curves(curves), **sizes)
        return element("div", svg, element("div", *legend, class_="names", aria_hidden="true"))

    @staticmethod
    def _describe_curves(curves: list[tuple[str, np.ndarray]]) -> str:
        ranges = [
            gettext("{name} from {first:.4g} to {last:.4g}", name=name, first=curve[0, 1], last=curve[-1, 1])
            for name, curve in curves
            if len(curve)
        ]
        return gettext("Curves over the epochs: {ranges}", ranges=", ".join(ranges)) if ranges else gettext("No curves")


def key_of(stop: Stop) -> str:
    """What a page calls a moment."""
    return NOW if stop.epoch is None else f"{stop.epoch:.6g}"


def _place(stop: Stop, end: float) -> float:
    """Where a moment is on the curves, from 0 to 1."""
    return 1.0 if stop.epoch is None else round(float(stop.epoch) / end, 5)


def _curve(rows: np.ndarray, column: int) -> np.ndarray:
    points = rows[:, [0, 1 + column]]
    points = points[np.isfinite(points[:, 1])]
    return thin(points, MOST_POINTS // 2) if len(points) else np.empty((0, 2))
