"""The plot: points, curves and bars on two axes, as SVG that follows the theme of the page."""

from __future__ import annotations

import math

import numpy as np

from seqmagic.analysis.value_range import wide_range
from seqmagic.widgets.html import Element, Picture, element
from seqmagic.widgets.look.sample_picture import path_of

LEFT, RIGHT, TOP, BOTTOM = 52, 12, 8, 40
MOST_POINTS = 800
WIDE = 400  # Pixels; a wider plot gets smaller in a narrow page than others, so its text has to be larger.
# Marks that can be distinguished without colour, as SVG paths relative to the point.
MARKS = (
    "m-3 0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0",
    "m-3 -3h6v6h-6z",
    "m0 -4l4 7h-8z",
    "m0 4l4 -7h-8z",
    "m0 -4l4 4l-4 4l-4 -4z",
    "m-4 -4l8 8m0 -8l-8 8",
)


class Plot:
    """Two axes, and what is drawn between them.

    Attributes:
        x, y: the range of each, from low to high.
        names: what stands at each.
        width, height: pixels of the page.
        counts: whether the second axis counts something, and has no number between two whole ones.
    """

    def __init__(
        self,
        x: tuple[float, float],
        y: tuple[float, float],
        names: tuple[str, str],
        width: int = 380,
        height: int = 320,
        *,
        counts: bool = False,
    ) -> None:
        self.x, self.y = _range(x), _range(y)
        self.names, self.width, self.height, self.counts = names, width, height, counts
        self.drawn: list[Element] = []

    def across(self, values: np.ndarray | float) -> np.ndarray:
        """Values of the first axis as pixels."""
        low, high = self.x
        return LEFT + (np.asarray(values, dtype=float) - low) / (high - low) * (self.width - LEFT - RIGHT)

    def up(self, values: np.ndarray | float) -> np.ndarray:
        """Values of the second axis as pixels, which count from the top."""
        low, high = self.y
        return self.height - BOTTOM - (np.asarray(values, dtype=float) - low) / (high - low) * (self.height - TOP - BOTTOM)

    def curve(self, x: np.ndarray, y: np.ndarray, class_: str = "") -> Plot:
        """A line through points."""
        self.drawn.append(element("path", d=path_of(self.across(x), self.up(y)), class_=f"curve {class_}".strip()))
        return self

    def points(self, x: np.ndarray, y: np.ndarray, class_: str = "", mark: int = 0) -> Plot:
        """A mark at each place; of very many some that are drawn by chance, always the same."""
        kept = np.isfinite(x) & np.isfinite(y)
        x, y = x[kept], y[kept]
        some = some_of(len(x))
        x, y = x[some], y[some]
        shape = MARKS[mark % len(MARKS)]
        path = "".join(f"M{across:.1f} {up:.1f}{shape}" for across, up in zip(self.across(x), self.up(y), strict=True))
        self.drawn.append(element("path", d=path, class_=f"points {class_}".strip()))
        return self

    def bars(self, edges: np.ndarray, heights: np.ndarray, class_: str = "") -> Plot:
        """A bar between each two edges, from 0 up."""
        left, right, top, base = self.across(edges[:-1]), self.across(edges[1:]), self.up(heights), float(self.up(0))
        path = "".join(f"M{a:.1f} {base:.1f}V{c:.1f}H{b:.1f}V{base:.1f}z" for a, b, c in zip(left, right, top, strict=True))
        self.drawn.append(element("path", d=path, class_=f"bars {class_}".strip()))
        return self

    def figure(self, label: str, behind: Picture | None = None) -> Element:
        """The whole plot.

        Args:
            label: what is on it, for those who can't see it.
            behind: a picture that fills the space between the axes.
        """
        size = {"width": self.width, "height": self.height}
        whole = element("svg", *self._axes(), *self.drawn, viewBox=f"0 0 {self.width} {self.height}", **size, role="img", aria_label=label)
        return element("div", behind, whole, class_="plot wide" if self.width > WIDE else "plot")

    def inside(self) -> tuple[int, int]:
        """The width and height of the space between the axes."""
        return self.width - LEFT - RIGHT, self.height - TOP - BOTTOM

    def _axes(self) -> list[Element]:
        right, base = self.width - RIGHT, self.height - BOTTOM
        drawn = [element("path", d=f"M{LEFT} {TOP}V{base}H{right}", class_="axis")]
        for value, text in ticks(*self.x):
            x = round(float(self.across(value)), 1)
            drawn += [element("path", d=f"M{x} {base}v4", class_="axis"), element("text", text, x=x, y=base + 16, class_="middle")]
        for value, text in ticks(*self.y, least=1.0 if self.counts else 0.0):
            y = round(float(self.up(value)), 1)
            drawn += [element("path", d=f"M{LEFT} {y}h-4", class_="axis"), element("text", text, x=LEFT - 7, y=y + 4, class_="end")]
        middle = (LEFT + right) / 2
        drawn.append(element("text", self.names[0], x=middle, y=self.height - 6, class_="middle name"))
        drawn.append(element("text", self.names[1], x=-(TOP + base) / 2, y=13, class_="middle name upright"))
        return drawn


def some_of(count: int) -> np.ndarray:
    """The places of all, or of very many those of some that are drawn by chance, always the same."""
    return np.arange(count) if count <= MOST_POINTS else np.sort(np.random.RandomState(0).choice(count, MOST_POINTS, replace=False))


def ticks(low: float, high: float, most: int = 6, least: float = 0.0) -> list[tuple[float, str]]:
    """Round numbers within a range, with their words.

    >>> ticks(0, 1, 4)
    [(0.0, '0'), (0.5, '0.5'), (1.0, '1')]

    Args:
        least: between two of them.
    """
    raw = max((high - low) / most, least)
    power = 10 ** math.floor(math.log10(raw))
    step = next(step * power for step in (1, 2, 5, 10) if step * power >= raw * (1 - 1e-9))
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [(number * step, f"{number * step:.6g}") for number in range(first, last + 1)]


def _range(ends: tuple[float, float]) -> tuple[float, float]:
    low, high = (float(end) if np.isfinite(end) else 0.0 for end in ends)
    return wide_range(low, max(low, high))
