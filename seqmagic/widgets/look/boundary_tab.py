"""The boundary tab: what a model with two inputs says at each place of their plane, with the samples on it."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image, ImageColor

from seqmagic.analysis.boundary import Boundary, boundary_of, has_plane
from seqmagic.analysis.predictions import Predictions
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, Picture, element
from seqmagic.widgets.look.plot import MARKS, MOST_POINTS, Plot, some_of
from seqmagic.widgets.look.prediction_words import format_share
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, Shown
from seqmagic.widgets.page import LOOK

CLASS_COLOURS = 6  # The number of colours in look.json; with more classes they repeat, like the marks.
FAINTEST, STRONGEST = 40, 150  # Of 255: the opacity of a colour where the model is unsure, and where it is confident.
IN_WORDS = 11  # Grid points per side, in plain text.
SIGNS = "0123456789abcdefghijklmnopqrstuvwxyz"


class BoundaryTab(LookTab):
    """The plane of two inputs, coloured by what the model says there."""

    name = "boundary"
    title = gettext_noop("Boundary")

    def __init__(self, state: LookState) -> None:
        super().__init__(state)
        self._known: tuple[Predictions, Boundary] | None = None

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether there are two inputs."""
        return has_plane(state.predictions)

    def boundary(self) -> Boundary:
        """What the model gives on the plane, worked out once."""
        if self._known is None or self._known[0] is not self.predictions:
            self._known = (self.predictions, boundary_of(self.predictions, self.state.plane_steps))
        return self._known[1]

    def sentence(self) -> str:
        """What is drawn, and how much of the plane each class has."""
        boundary = self.boundary()
        if not self.predictions.chooses:
            low, high = float(boundary.chosen.min()), float(boundary.chosen.max())
            return gettext(
                "The prediction for each value of the two inputs, from {low:.4g} (faint) to {high:.4g} (strong).",
                low=low,
                high=high,
            )
        numbers, counts = np.unique(boundary.chosen, return_counts=True)
        shares = [
            gettext("{name} on {share}", name=self.predictions.class_name(int(number)), share=format_share(count / counts.sum()))
            for number, count in zip(numbers, counts, strict=True)
        ]
        sure = gettext(" The stronger the colour, the more certain the prediction.") if boundary.confidence is not None else ""
        few = (
            gettext(" {most_points:,} of {count:,} samples are drawn.", most_points=MOST_POINTS, count=len(self.predictions))
            if len(self.predictions) > MOST_POINTS
            else ""
        )
        return gettext(
            "The prediction for each value of the two inputs: {shares} of the area.{sure}{few}",
            shares=", ".join(shares),
            sure=sure,
            few=few,
        )

    def body(self, *, live: bool) -> list[Shown]:
        """The plane with the samples, each marked by its true class."""
        boundary, some = self.boundary(), some_of(len(self.predictions))
        rows = np.asarray(self.predictions.samples.x, dtype=float)[some]
        part = self.predictions.samples.parts[0]
        names = part.columns or (gettext("column 0"), gettext("column 1"))
        ends = [(float(values[0]), float(values[-1])) for values in (boundary.across, boundary.up)]
        plot = Plot(ends[0], ends[1], (names[0], names[1]), 480, 420)
        groups = self._groups()
        for number, chosen in groups:
            here = rows[chosen[some]]
            plot.points(here[:, 0], here[:, 1], f"class-{number % CLASS_COLOURS}" if number >= 0 else "", max(number, 0))
        width, height = plot.inside()
        behind = Picture(draw_plane(boundary, classes=self.predictions.chooses), "", width, height, class_="plane")
        legend = (
            element("ul", *(self._entry(number, int(chosen.sum())) for number, chosen in groups), class_="legend")
            if groups[0][0] >= 0
            else None
        )
        figure = plot.figure(gettext("{sentence} {count:,} samples are drawn on it.", sentence=self.sentence(), count=len(rows)), behind)
        return [element("figure", figure, element("figcaption", legend))]

    def lines(self) -> list[str]:
        """The plane as letters or numbers, a row of them a line, the highest second input first."""
        boundary = self.boundary()
        places = np.linspace(0, len(boundary.up) - 1, IN_WORDS).round().astype(int)
        few = boundary.chosen[np.ix_(places[::-1], places)]
        if not self.predictions.chooses:
            return [" ".join(f"{value:>9.3g}" for value in row) for row in few]
        found = [int(number) for number in np.unique(boundary.chosen)]
        signs = [SIGNS[number % len(SIGNS)] for number in found]
        legend = ", ".join(
            gettext("{sign} is {name}", sign=sign, name=self.predictions.class_name(number))
            for sign, number in zip(signs, found, strict=True)
        )
        return [*(" ".join(SIGNS[int(number) % len(SIGNS)] for number in row) for row in few), legend]

    def _groups(self) -> list[tuple[int, np.ndarray]]:
        """The samples of each true class; all of them, as of class -1, where there is none."""
        truth = self.predictions.truth
        if truth is None or not self.predictions.chooses:
            return [(-1, np.ones(len(self.predictions), dtype=bool))]
        return [(int(number), truth == number) for number in np.unique(truth)]

    def _entry(self, number: int, count: int) -> Element:
        mark = element("path", d=f"M6 6{MARKS[number % len(MARKS)]}", class_=f"points class-{number % CLASS_COLOURS}")
        sign = element("svg", mark, viewBox="0 0 12 12", width=12, height=12, aria_hidden="true")
        return element("li", sign, gettext(" is {name} ({count:,})", name=self.predictions.class_name(number), count=count))


def draw_plane(boundary: Boundary, *, classes: bool) -> bytes:
    """The plane as PNG, through which the page is seen: a colour for each class, stronger where it is surer, or one for amounts."""
    values, confidence = boundary.chosen, boundary.confidence
    shown = np.zeros((*values.shape, 4), dtype="uint8")
    if classes:
        colours = np.array([ImageColor.getrgb(LOOK["colors"][f"class-{number}"]) for number in range(CLASS_COLOURS)], dtype="uint8")
        shown[..., :3] = colours[values.astype(int) % CLASS_COLOURS]
        low = 1 / max(2, int(values.max()) + 1)
        strength = np.ones(values.shape) if confidence is None else np.clip((confidence - low) / (1 - low), 0, 1)
    else:
        shown[..., :3] = ImageColor.getrgb(LOOK["colors"]["class-0"])
        low, high = float(np.nanmin(values)), float(np.nanmax(values))
        strength = (values - low) / ((high - low) or 1.0)
    shown[..., 3] = FAINTEST + np.nan_to_num(strength) * (STRONGEST - FAINTEST)
    if classes:
        shown[boundary.edges] = (*ImageColor.getrgb(LOOK["colors"]["earlier"]), 255)
    buffer = BytesIO()
    Image.fromarray(shown[::-1]).save(buffer, "png", optimize=True)
    return buffer.getvalue()
