"""The health tab: dead and saturated units, and how much gradient arrives in which layer."""

from __future__ import annotations

import numpy as np

from seqmagic.analysis.gradient_flow import LayerGradient, follow_gradients
from seqmagic.analysis.layer_outputs import OWN_CODE, LayerPlace
from seqmagic.analysis.unit_health import UnitHealth, check_units
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.keras_internals.walk import is_walkable
from seqmagic.translation import gettext, gettext_noop, ngettext
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.layer_tab import SECONDS, ModelTab, draw_bar
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import Shown
from seqmagic.widgets.status import format_count
from seqmagic.widgets.text_table import align

NO_LABELS = gettext_noop("Gradients need labels, because the loss compares predictions with labels.")
MOST_SENTENCES = 3


class HealthTab(ModelTab):
    """Whether anything in the network stands still."""

    name = "health"
    title = gettext_noop("Health")

    @classmethod
    def fits(cls, state: LookState) -> bool:
        """Whether the model learns anything."""
        return bool(state.predictions.model.trainable_variables)

    def found(self) -> tuple[list[UnitHealth], list[LayerGradient] | str]:
        """The units and the gradients of all layers, worked out once."""
        found: tuple[list[UnitHealth], list[LayerGradient] | str] = self.once("health", self._check)
        return found

    def _check(self) -> tuple[list[UnitHealth], list[LayerGradient] | str]:
        samples, model = self.predictions.samples, self.model
        own = self.state.epochs.now.model if self.state.epochs is not None else model
        if not model.compiled and own.compiled:  # A copy, with the weights of another epoch, is not compiled.
            compiled = compiled_with(own)
            model.compile("sgd", compiled["loss"], compiled.get("loss_weights"))
        gradients = gettext(NO_LABELS) if samples.y is None else follow_gradients(model, samples.x, samples.y, SECONDS)
        return check_units(model, samples.x, SECONDS), gradients

    def sentence(self) -> str:
        """What is ill, or that nothing is; and on what that rests."""
        units, gradients = self.found()
        listed = [] if isinstance(gradients, str) else gradients
        judged: list[UnitHealth | LayerGradient] = [*units, *listed]
        ill = [one for one in judged if one.is_ill]
        told = _first_of_each(ill)
        more = (
            [ngettext("And {count} more layer, below.", "And {count} more layers, below.", len(ill) - len(told))]
            if len(ill) > len(told)
            else []
        )
        arrives = gettext(", and a gradient reaches each of them") if listed else ""
        sentences = [f"{one.place.label}: {one.sentence}" for one in told] + more
        if not sentences and (units or listed):
            sentences = [gettext("All layers can learn: none has many dead or saturated units{arrives}.", arrives=arrives)]
        rests = [gettext("Units are checked with {count}.", count=format_count(units[0].samples, "sample"))] if units else []
        rests += [_origin_of(listed[0])] if listed else [str(gradients)]
        return " ".join([*sentences, *rests, *([] if is_walkable(self.predictions.model) else [gettext(OWN_CODE)])])

    def body(self, *, live: bool) -> list[Shown]:
        """A row a layer."""
        heads = (gettext("Layer"), gettext("Units"), gettext("Gradient"), gettext("of the largest"), gettext("Result"))
        head = element("thead", element("tr", *(element("th", words, scope="col") for words in heads)))
        rows = [self._row(place, units, gradient) for place, units, gradient in self._layers()]
        caption = element("caption", gettext("Layers, in the order in which the data passes through them"))
        return [element("div", element("table", caption, head, element("tbody", *rows), class_="rows"), class_="wide")] if rows else []

    def lines(self) -> list[str]:
        """The same in plain text."""
        rows = [(gettext("layer"), gettext("units"), gettext("gradient"), gettext("of the largest"), gettext("result"))]
        for place, units, gradient in self._layers():
            rows.append((f"{place.label} ({place.kind})", _units(units), *_strength(gradient), _health_of(units, gradient)))
        return align(rows, right=(2, 3)) if len(rows) > 1 else []

    def _layers(self) -> list[tuple[LayerPlace, UnitHealth | None, LayerGradient | None]]:
        units, gradients = self.found()
        by_units = {one.place.number: one for one in units}
        by_gradient = {one.place.number: one for one in gradients} if not isinstance(gradients, str) else {}
        places = {**{number: one.place for number, one in by_gradient.items()}, **{number: one.place for number, one in by_units.items()}}
        return [(places[number], by_units.get(number), by_gradient.get(number)) for number in sorted(places)]

    def _row(self, place: LayerPlace, units: UnitHealth | None, gradient: LayerGradient | None) -> Element:
        strength, share = _strength(gradient)
        bar = draw_bar(gradient.share, length=80) if gradient is not None else None
        return element(
            "tr",
            element("th", element("b", place.label), f" {place.kind}", scope="row"),
            element("td", _units(units)),
            element("td", strength, class_="number"),
            element("td", f"{share} ", bar, class_="number"),
            element("td", _health_of(units, gradient)),
            class_="ill" if any(one is not None and one.is_ill for one in (units, gradient)) else None,
        )


def _first_of_each(ill: list[UnitHealth | LayerGradient]) -> list[UnitHealth | LayerGradient]:
    """The first layer with each fault: the others would say the same with other numbers, and the table has those."""
    first = {(type(one), one.is_large if isinstance(one, LayerGradient) else one.word): one for one in reversed(ill)}
    return sorted(first.values(), key=ill.index)[:MOST_SENTENCES]


def _origin_of(gradient: LayerGradient) -> str:
    """What gradients rest on."""
    samples = format_count(gradient.samples, "sample")
    if gradient.batches == 1:
        return gettext("Gradients are from one batch of {samples}.", samples=samples)
    return gettext("Gradients are from {batches} batches with {samples} in total.", batches=gradient.batches, samples=samples)


def _units(units: UnitHealth | None) -> str:
    return (
        ""
        if units is None
        else gettext("{ill:,} of {count:,} {units}", ill=int(units.ill.sum()), count=len(units.ill), units=gettext(units.word))
    )


def _strength(gradient: LayerGradient | None) -> tuple[str, str]:
    if gradient is None:
        return "", ""
    return (gradient.number, f"{gradient.share:.2g}") if np.isfinite(gradient.strength) else (gettext("no number"), "–")


def _health_of(units: UnitHealth | None, gradient: LayerGradient | None) -> str:
    """What is wrong with a layer, in a few words."""
    faults = [gettext("many {units} units", units=gettext(units.word))] if units is not None and units.is_ill else []
    if gradient is not None and not np.isfinite(gradient.strength):
        faults.append(gettext("the gradient is NaN or infinite"))
    elif gradient is not None and gradient.is_ill:
        faults.append(gettext("the gradient is very large") if gradient.is_large else gettext("the gradient vanishes"))
    return ", ".join(faults) or gettext("fine")
