"""The hidden space tab: what a layer gives for many samples, on two axes, each sample marked by its class."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.hidden_space import HiddenSpace, find_hidden_space
from seqmagic.analysis.layer_outputs import LayerPlace, places_of
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.unit_health import gives_output
from seqmagic.keras_internals.walk import is_walkable
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.layer_tab import LayerTab
from seqmagic.widgets.look.plot import MARKS, Plot
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import Shown
from seqmagic.widgets.text_table import align

CLASS_COLOURS = 6  # The number of colours in look.json; beyond it, marks and colours are combined differently.
MOST_GROUPS = 30  # The number of distinct pairs of mark and colour.
FEWEST = 3  # Samples.


class HiddenSpaceTab(LayerTab):
    """The outputs of a layer in two dimensions."""

    name = "hidden"
    title = gettext_noop("Hidden space")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether there are layers before the output, and samples to compare."""
        predictions = state.predictions
        return is_walkable(predictions.model) and len(places_of(predictions.model)) > 1 and len(predictions) >= FEWEST

    def first_choice(self) -> LayerPlace:
        """The last layer before the output that has weights: in it lies all that the output is made of."""
        places = self.places
        model = self.predictions.model
        before = [place for place in places if getattr(place.layer, "weights", ()) and not gives_output(model, place, places)]
        return before[-1] if before else places[0]

    def space(self) -> HiddenSpace | str:
        """What the layer gives in two dimensions, worked out once; or why not."""
        place, model = self.place(), self.model
        found: HiddenSpace | str = self.once(place.number, lambda: find_hidden_space(model, self.predictions.samples.x, place))
        return found

    def sentence(self) -> str:
        """What is drawn."""
        space, place = self.space(), self.place()
        if isinstance(space, str):
            return f"{place.label} ({place.kind}): {space}"
        return gettext(
            "The output of {label} ({kind}), along its first two principal components: {sentence}",
            label=place.label,
            kind=place.kind,
            sentence=space.sentence,
        )

    def body(self, *, live: bool) -> list[Shown]:
        """The samples on two axes."""
        shown: list[Shown] = [element("div", self.layer_list(), class_="bar")] if live else []
        space = self.space()
        if isinstance(space, str):
            return shown
        x, y = space.points.T
        names = tuple(
            gettext("component {number} ({share:.0%})", number=number, share=share)
            for number, share in zip((1, 2), space.shares, strict=True)
        )
        plot = Plot(_ends(x), _ends(y), (names[0], names[1]), 520, 420)
        groups = groups_of(self.predictions, space.rows)
        for place, (_, chosen) in enumerate(groups):
            colour, mark = _look_of(place)
            plot.points(x[chosen], y[chosen], f"class-{colour}" if len(groups) > 1 else "", mark)
        at = np.flatnonzero(space.rows == self.state.sample)
        if len(at):
            plot.points(x[at], y[at], "chosen", 4)
        entries = [_entry(place, name, int(chosen.sum())) for place, (name, chosen) in enumerate(groups)] if len(groups) > 1 else []
        return [*shown, element("figure", plot.figure(self.sentence()), element("figcaption", element("ul", *entries, class_="legend")))]

    def lines(self) -> list[str]:
        """Where each class lies, and how far it is spread."""
        space = self.space()
        if isinstance(space, str):
            return []
        rows = [("", gettext("samples"), gettext("component 1"), gettext("component 2"), gettext("spread"))]
        for name, chosen in groups_of(self.predictions, space.rows):
            middle, spread = space.points[chosen].mean(axis=0), np.sqrt(space.points[chosen].var(axis=0).sum())
            rows.append((name, f"{int(chosen.sum()):,}", f"{middle[0]:.3g}", f"{middle[1]:.3g}", f"{spread:.3g}"))
        return align(rows, right=range(1, 5))


def groups_of(predictions: Predictions, rows: np.ndarray) -> list[tuple[str, np.ndarray]]:
    """The samples of each class, as the labels say or else the model, or of each quarter of the amounts, with their names.

    Args:
        rows: the positions of the samples.
    """
    truth = predictions.truth
    if predictions.chooses:
        numbers = (predictions.predicted if truth is None else truth)[rows]
        word = gettext("predicted ") if truth is None else ""
        found = [(f"{word}{predictions.class_name(int(number))}", numbers == number) for number in np.unique(numbers)]
        return found if len(found) <= MOST_GROUPS else [(gettext("all"), np.ones(len(rows), dtype=bool))]
    amounts = predictions.rows[:, 0] if truth is None or truth.ndim < 2 else truth[:, 0]
    amounts = amounts[rows].astype("float64")
    edges = np.quantile(amounts, [0.25, 0.5, 0.75]) if np.isfinite(amounts).all() else np.zeros(0)
    if len(np.unique(edges)) < 3:
        return [(gettext("all"), np.ones(len(rows), dtype=bool))]
    quarter = np.searchsorted(edges, amounts)
    names = (
        gettext("up to {edges:.4g}", edges=edges[0]),
        gettext("up to {edges:.4g}", edges=edges[1]),
        gettext("up to {edges:.4g}", edges=edges[2]),
        gettext("above {edges:.4g}", edges=edges[2]),
    )
    return [(name, quarter == number) for number, name in enumerate(names)]


def _look_of(place: int) -> tuple[int, int]:
    """The colour and the mark of a group: another pair for each of thirty."""
    return place % CLASS_COLOURS, (place + place // CLASS_COLOURS) % len(MARKS)


def _ends(values: np.ndarray) -> tuple[float, float]:
    room = 0.03 * (float(values.max()) - float(values.min()))
    return float(values.min()) - room, float(values.max()) + room


def _entry(place: int, name: str, count: int) -> Element:
    colour, number = _look_of(place)
    mark = element("path", d=f"M6 6{MARKS[number]}", class_=f"points class-{colour}")
    sign = element("svg", mark, viewBox="0 0 12 12", width=12, height=12, aria_hidden="true")
    return element("li", sign, gettext(" is {name} ({count:,})", name=name, count=count))
