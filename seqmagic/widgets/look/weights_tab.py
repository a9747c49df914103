"""The weights tab: the filters of a convolution as pictures, and how the numbers of any weight are spread."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.layer_outputs import LayerPlace
from seqmagic.analysis.layer_weights import WeightHistogram, filters_of, histograms_of, why_no_weights
from seqmagic.keras_internals.walk import is_walkable
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.layer_tab import LayerTab, titled
from seqmagic.widgets.look.map_picture import draw_signed
from seqmagic.widgets.look.plot import Plot
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import Shown

MOST_FILTERS, STILL_FILTERS = 64, 16
CHANNELS = 6  # Of a filter that are shown.
FILTER_SIDE = 40
MOST_HISTOGRAMS = 8
MOST_WEIGHTS = 60  # Weights listed in plain text.


class WeightsTab(LayerTab):
    """What the layers hold."""

    name = "weights"
    title = gettext_noop("Weights")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether the model is made of layers, and some of them have weights."""
        return is_walkable(state.predictions.model) and bool(state.predictions.model.weights)

    @property
    def places(self) -> list[LayerPlace]:
        """The layers that have weights, each once."""
        first = {id(place.layer): place for place in reversed(super().places) if getattr(place.layer, "weights", ())}
        return sorted(first.values(), key=lambda place: place.number)

    def first_choice(self) -> LayerPlace:
        """The first layer with filters, or else the first."""
        return next((place for place in self.places if filters_of(place.layer) is not None), self.places[0])

    def sentence(self) -> str:
        """Which weights the layer has."""
        place = self.place()
        words = " ".join(histogram.sentence for histogram in histograms_of(place.layer)[:MOST_HISTOGRAMS])
        return f"{place.label} ({place.kind}): {words or why_no_weights(place.layer)}"

    def body(self, *, live: bool) -> list[Shown]:
        """The filters, where there are some, and the histograms."""
        layer = self.place().layer
        filters, found = filters_of(layer), histograms_of(layer)[:MOST_HISTOGRAMS]
        shown: list[Shown] = [element("div", self.layer_list(), class_="bar")] if live else []
        shown += [_draw_filters(filters, MOST_FILTERS if live else STILL_FILTERS)] if filters is not None else []
        return [*shown, element("div", *(_draw_histogram(histogram) for histogram in found), class_="plots")]

    def lines(self) -> list[str]:
        """The numbers of each weight."""
        lines = [f"{place.label}: {histogram.sentence}" for place in self.places for histogram in histograms_of(place.layer)]
        return (
            lines
            if len(lines) <= MOST_WEIGHTS
            else [*lines[:MOST_WEIGHTS], gettext("and {count} more weights", count=len(lines) - MOST_WEIGHTS)]
        )


def _draw_filters(filters: np.ndarray, most: int) -> Element:
    largest = float(np.nanmax(np.abs(filters))) if filters.size else 1.0
    channels = filters.shape[-1]
    drawn = []
    for number, one in enumerate(filters[:most]):
        names = [
            (channel, gettext("filter {number}, channel {channel}", number=number, channel=channel))
            for channel in range(channels)[:CHANNELS]
        ]
        drawn.append(
            element("span", *(draw_signed(one[..., channel], largest, name, FILTER_SIDE) for channel, name in names), class_="filter")
        )
    caption = (
        gettext("{count} filters", count=len(filters))
        if len(filters) <= most
        else gettext("the first {most} of {count} filters", most=most, count=len(filters))
    )
    if channels > 1:
        caption += (
            gettext(", of each the first {shown} of {channels} channels", shown=CHANNELS, channels=channels)
            if channels > CHANNELS
            else gettext(", {channels} channels each", channels=channels)
        )
    scale = gettext("white is 0, blue goes down to {value:.3g}, orange up to {largest:.3g}.", value=-largest, largest=largest)
    return titled(
        gettext("Filters"), element("div", *drawn, class_="pictures"), more=gettext("{caption}; {scale}", caption=caption, scale=scale)
    )


def _draw_histogram(histogram: WeightHistogram) -> Element:
    if not histogram.counts.sum():
        return titled(histogram.name, element("p", histogram.sentence))
    ends = (float(histogram.edges[0]), float(histogram.edges[-1]))
    names = (gettext("value"), gettext("count"))
    plot = Plot(ends, (0, float(histogram.counts.max())), names, 300, 210, counts=True).bars(histogram.edges, histogram.counts)
    return titled(
        histogram.name, plot.figure(gettext("Histogram: {sentence}", sentence=histogram.sentence)), more="×".join(map(str, histogram.shape))
    )
