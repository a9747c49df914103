"""Dead units, which output 0 for every sample, and saturated units, whose output hardly changes any more."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.layer_outputs import LayerPlace, outputs_by_batch, places_of, spread_rows, to_numbers
from seqmagic.data.held_out import count_rows
from seqmagic.keras_internals.layers import operation_of
from seqmagic.translation import gettext, gettext_noop, ngettext

MOST_SAMPLES = 256
# Within this distance of a limit, relative to the distance of both limits, the slope of a sigmoid or tanh is below a twentieth of its
# maximum: s(1 - s) = 0.25 / 20 has the solution s = 0.0127. A gradient through such a unit is 20 times weaker, through two of them 400
# times.
NEAR_LIMIT = 0.0127
MOSTLY = 0.9  # A unit counts as saturated if this share of its outputs is: it still learns from the others.
MANY = 0.5  # Of a layer's units. Networks that train well stay below it, even before training; docs/look.md has the figures.
FEWEST_SAMPLES = 32  # With fewer samples, a unit may output 0 by chance.


@dataclass(frozen=True)
class ActivationEnds:
    """Where an activation is flat.

    Attributes:
        cuts_off: whether it is exactly 0 for negative input, like relu.
        limits: its asymptotes, such as -1 and 1 for tanh; None if it is unbounded.
    """

    cuts_off: bool = False
    limits: tuple[float, float] | None = None

    @property
    def nowhere(self) -> bool:
        """Whether it is flat nowhere."""
        return not self.cuts_off and self.limits is None


@dataclass(frozen=True)
class UnitHealth:
    """The dead or saturated units of a layer.

    Attributes:
        place: the layer.
        samples: the number of samples used.
        ill: for each unit (an index of the last axis, such as a channel of an image) whether it is dead, or saturated.
        word: "dead" or "saturated".
    """

    place: LayerPlace
    samples: int
    ill: np.ndarray
    word: str

    @property
    def is_ill(self) -> bool:
        """Whether too many units are dead or saturated."""
        return self.samples >= FEWEST_SAMPLES and self.ill.mean() > MANY

    @property
    def sentence(self) -> str:
        """A sentence on the layer.

        >>> relu = LayerPlace(0, "hidden", None)
        >>> UnitHealth(relu, 256, np.array([True, False, False, False]), "dead").sentence
        '1 of 4 units is dead: it outputs 0 for all 256 samples and learns nothing from them. A few of these do no harm.'
        """
        count, units = int(self.ill.sum()), len(self.ill)
        if not count:
            return gettext("None of the {units:,} units is {word}.", units=units, word=gettext(self.word))
        if self.word == "dead":
            first = ngettext(
                "{count} of {units:,} units is dead: it outputs 0 for all {samples:,} samples and learns nothing from them.",
                "{count:,} of {units:,} units are dead: they output 0 for all {samples:,} samples and learn nothing from them.",
                count,
                units=units,
                samples=self.samples,
            )
            cure = gettext("Try a lower learning rate, leaky_relu, or scaled inputs.")
        else:
            first = ngettext(
                "{count} of {units:,} units is saturated: in at least 9 of 10 cases it is at a limit of its "
                "activation, where there is hardly any gradient.",
                "{count:,} of {units:,} units are saturated: in at least 9 of 10 cases they are at a limit of their "
                "activation, where there is hardly any gradient.",
                count,
                units=units,
            )
            cure = gettext("Try scaled inputs, smaller initial weights, batch normalization, or relu.")
        if self.samples < FEWEST_SAMPLES:
            return gettext("{first} But {samples} samples are too few to be sure.", first=first, samples=self.samples)
        rest = cure if self.is_ill else gettext("A few of these do no harm.")
        return f"{first} {rest}"


def ends_of(layer: Any) -> ActivationEnds:
    """Where the activation of a layer is flat, found by evaluating it.

    >>> ends_of(keras.layers.Dense(1, "relu")), ends_of(keras.layers.Dense(1, "sigmoid")).limits
    (ActivationEnds(cuts_off=True, limits=None), (0.0, 1.0))
    """
    apply = _activation_of(layer)
    if apply is None:
        return ActivationEnds()
    tried = np.array([[-1e4, -100, -10, -1, 1, 100, 1e4]], dtype="float32")
    try:
        lowest, lower, low, zero, _, higher, highest = given = np.asarray(apply(keras.ops.convert_to_tensor(tried)), "float64").reshape(-1)
        alone = [float(np.asarray(apply(keras.ops.convert_to_tensor(tried[:, place : place + 1]))).reshape(())) for place in (2, 4)]
    except Exception:  # noqa: BLE001  # A custom activation may require another kind of input.
        return ActivationEnds()
    if not np.isfinite(given).all() or not np.allclose(alone, given[[2, 4]]):
        return ActivationEnds()  # Like softmax, it depends on all units at once.
    if low == zero == 0 < highest:
        return ActivationEnds(cuts_off=True)
    is_bounded = abs(highest - higher) < 0.02 and abs(lowest - lower) < 0.02 and highest > lowest
    return ActivationEnds(limits=(float(lowest), float(highest)) if is_bounded else None)


def _activation_of(layer: Any) -> Callable[[Any], Any] | None:
    if isinstance(layer, keras.layers.TimeDistributed):
        return _activation_of(layer.layer)
    if isinstance(layer, keras.layers.ReLU):
        return layer
    found = getattr(layer, "activation", None)
    return found if callable(found) else None


def check_units(model: keras.Model, x: Any, seconds: float = np.inf) -> list[UnitHealth]:
    """The health of the units of each layer whose activation can be flat; the output layer is left out, because it should saturate.

    Args:
        x: samples; at most 256 are used, evenly spaced.
        seconds: after which no new batch is started.
    """
    begun = time.monotonic()
    places = places_of(model)
    if not places:
        return []
    tallies = {place.number: _Tally(place, ends_of(place.layer)) for place in places if not gives_output(model, place, places)}
    for number, count, outputs in outputs_by_batch(model, x, spread_rows(count_rows(x), MOST_SAMPLES)):
        tally = tallies.get(number)
        if tally is not None and not tally.ends.nowhere:
            values = to_numbers(outputs).value
            if values is not None and values.ndim > 1:
                tally.add(values[:count])
        if number == places[-1].number and time.monotonic() > begun + seconds:
            break
    return [tally.health() for tally in tallies.values() if tally.samples]


def gives_output(model: keras.Model, place: LayerPlace, places: list[LayerPlace]) -> bool:
    """Whether a layer's output is an output of the model."""
    outputs = getattr(model, "outputs", None)
    return place is places[-1] or bool(outputs and any(operation_of(tensor) is place.layer for tensor in outputs))


@dataclass
class _Tally:
    """Counts, over several batches, how many outputs of each unit of a layer are at a limit."""

    place: LayerPlace
    ends: ActivationEnds
    samples: int = 0
    outputs: int = 0
    at_end: Any = 0

    def add(self, values: np.ndarray) -> None:
        axis = 1 if getattr(self.place.layer, "data_format", None) == "channels_first" else values.ndim - 1
        by_unit = np.moveaxis(values, axis, -1).reshape(-1, values.shape[axis])
        self.samples, self.outputs = self.samples + len(values), self.outputs + len(by_unit)
        if self.ends.limits is None:
            self.at_end = self.at_end + (by_unit == 0).sum(axis=0)
        else:
            low, high = self.ends.limits
            reach = NEAR_LIMIT * (high - low)
            self.at_end = self.at_end + ((by_unit <= low + reach) | (by_unit >= high - reach)).sum(axis=0)

    def health(self) -> UnitHealth:
        if self.ends.limits is None:
            return UnitHealth(self.place, self.samples, self.at_end == self.outputs, gettext_noop("dead"))
        return UnitHealth(self.place, self.samples, self.at_end >= MOSTLY * self.outputs, gettext_noop("saturated"))
