"""The activations tab: what each layer makes of a sample, along the network, and the feature maps of the one that is chosen."""

from __future__ import annotations

from typing import Any

import numpy as np

from seqmagic.analysis.layer_outputs import LayerOutput, LayerOutputs, LayerPlace, places_of
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.layer_tab import LayerTab, bar_row, format_shape, sample_buttons, titled
from seqmagic.widgets.look.map_picture import THUMBNAIL, draw_map, draw_thumbnail, limits_of, maps_in
from seqmagic.widgets.look.prediction_words import describe_prediction
from seqmagic.widgets.look.sample_picture import draw_sample
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import Shown, press_button
from seqmagic.widgets.text_table import align

SEEN = 10  # Layers along the network that are visible at once, and computed for that.
MOST_MAPS, STILL_MAPS = 64, 16
FEW_UNITS = 16  # Up to this many units are listed with their numbers.
WIDE = 240  # Pixels of the page, for a single picture.
MOST_LAYERS = 40  # Layers listed in plain text.
HEADS = (
    *(gettext_noop("layer"), gettext_noop("kind"), gettext_noop("output")),
    *(gettext_noop("from"), gettext_noop("to"), gettext_noop("mean"), gettext_noop("zero")),
)


class ActivationsTab(LayerTab):
    """What the layers give for the sample that is chosen; a layer is computed when it comes into sight."""

    name = "activations"
    title = gettext_noop("Activations")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether it is known what flows where in the model."""
        return bool(places_of(state.predictions.model))

    def first_choice(self) -> LayerPlace:
        """The first layer that sees pictures or series as such, or else the first that has weights."""
        places = self.places
        convolutions = (place for place in places if "Conv" in place.kind)
        return next(convolutions, None) or next((place for place in places if getattr(place.layer, "weights", ())), places[0])

    def outputs(self) -> LayerOutputs:
        """What the layers give for the sample."""
        model = self.model
        found: LayerOutputs = self.once(self.state.sample, lambda: LayerOutputs(model, self.sample()))
        return found

    def sentence(self) -> str:
        """Which sample, and what the chosen layer makes of it."""
        place = self.place()
        prediction = describe_prediction(self.predictions, self.state.sample)
        return gettext(
            "What each layer outputs for sample {sample} ({prediction}). {label}: {describe}",
            sample=self.state.sample,
            prediction=prediction,
            label=place.label,
            describe=_describe(self._given(place)),
        )

    def body(self, *, live: bool) -> list[Shown]:
        """The way through the network, and below it the layer that is chosen."""
        place = self.place()
        parts = [
            draw_sample(part, self.state.sample, gettext("sample {sample}", sample=self.state.sample), THUMBNAIL)
            for part in self.predictions.samples.parts
        ]
        start = element(
            "div", element("span", element("span", *parts, class_="shown pictures"), element("b", gettext("input"))), class_="stop"
        )
        stops = [self._stop(other, live=live) for other in self._in_sight(place)]
        way = element("div", start, *stops, class_="way", role="group", aria_label=gettext("Output of each layer, in order"))
        bar = element("div", self.layer_list(), *sample_buttons(), class_="bar")
        return [*([bar] if live else []), way, self._detail(place, live=live)]

    def lines(self) -> list[str]:
        """What each layer gives, in numbers."""
        rows: list[tuple[str, ...]] = [tuple(map(gettext, HEADS))]
        for place in self.places[:MOST_LAYERS]:
            given = self._given(place)
            numbers = (given.reason, "", "", "", "") if given.value is None else _numbers(given.value[0])
            rows.append((place.label, place.kind, *numbers))
        more = len(self.places) - MOST_LAYERS
        return [*align(rows), *([gettext("and {more} more layers", more=more)] if more > 0 else [])]

    def _given(self, place: LayerPlace) -> LayerOutput:
        return self.outputs().at(place.number)

    def _in_sight(self, place: LayerPlace) -> list[LayerPlace]:
        """The layers around the one that is chosen."""
        places = self.places
        first = max(0, min(places.index(place) - SEEN // 2, len(places) - SEEN))
        return places[first : first + SEEN]

    def _stop(self, place: LayerPlace, *, live: bool) -> Element:
        """A layer on the way."""
        given = self._given(place)
        picture: Shown = element("span", gettext("none"), class_="words")
        if given.value is not None and given.value[0].size:
            picture = draw_thumbnail(given.value[0], channels_first=is_channels_first(place.layer))
        caption = given.reason if given.value is None else format_shape(given.value[0]).replace("x", "×")
        inside = [element("span", picture, class_="shown"), element("span", element("b", place.label)), element("span", caption)]
        is_chosen = place.number == self.place().number
        if not live:
            return element("div", element("span", *inside), class_="stop chosen" if is_chosen else "stop")
        control = f"layer-{place.number}"
        return press_button(element("span", *inside), "layer", place.number, control=control, pressed=is_chosen)

    def _detail(self, place: LayerPlace, *, live: bool) -> Element:
        given = self._given(place)
        title = f"{place.label} ({place.kind})"
        if given.value is None or not given.value[0].size:
            return titled(title, element("p", given.reason or gettext("It outputs nothing.")))
        value = given.value[0].astype("float64")
        if value.ndim == 1 and len(value) <= FEW_UNITS:
            return titled(title, _unit_table(value), more=given.reason)
        maps = maps_in(value, channels_first=is_channels_first(place.layer))
        limits, most = limits_of(value), MOST_MAPS if live else STILL_MAPS
        if len(maps) == 1:
            words = gettext("one row per unit, one column per step") if value.ndim == 2 else gettext("units from left to right, row by row")
            return titled(
                title,
                draw_map(maps[0], limits, f"{title}: {words}", WIDE),
                more=gettext("{words}; {scale} {reason}", words=words, scale=_scale(limits), reason=given.reason),
            )
        drawn = [
            draw_map(one, limits, gettext("map {number}: mean {one:.3g}", number=number, one=one.mean()))
            for number, one in enumerate(maps[:most])
        ]
        caption = (
            gettext("{count} feature maps", count=len(maps))
            if len(maps) <= most
            else gettext("the first {most} of {count} feature maps", most=most, count=len(maps))
        )
        return titled(
            title,
            element("div", *drawn, class_="pictures"),
            more=gettext("{words}; {scale} {reason}", words=caption, scale=_scale(limits), reason=given.reason),
        )


def is_channels_first(layer: Any) -> bool:
    """Whether a layer gives its channels before rows and columns."""
    return getattr(layer, "data_format", None) == "channels_first"


def _scale(limits: tuple[float, float]) -> str:
    return gettext("black is {low:.3g}, white is {high:.3g}.", low=limits[0], high=limits[1])


def _numbers(value: np.ndarray) -> tuple[str, ...]:
    """The shape, the lowest, the highest, the mean and the share of zeros."""
    if not value.size:
        return format_shape(value), "", "", "", ""
    numbers = value.astype("float64")
    return (
        format_shape(value),
        *(f"{float(ask(numbers)):.3g}" for ask in (np.min, np.max, np.mean)),
        f"{float((numbers == 0).mean()):.0%}",
    )


def _describe(given: LayerOutput) -> str:
    if given.value is None:
        return given.reason
    shape, low, high, mean, zero = _numbers(given.value[0])
    return (
        gettext(
            "{shape} values from {low} to {high}, mean {mean}, {zero} of them 0.",
            shape=shape.replace("x", "×"),
            low=low,
            high=high,
            mean=mean,
            zero=zero,
        )
        if low
        else gettext("nothing.")
    )


def _unit_table(value: np.ndarray) -> Element:
    """A few units, with their numbers and bars."""
    largest = float(np.nanmax(np.abs(value))) if np.isfinite(value).any() else 1.0
    rows = [bar_row(gettext("unit {number}", number=number), float(one), largest) for number, one in enumerate(value)]
    return element("table", element("tbody", *rows), class_="bars")
