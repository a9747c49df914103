"""A tab about a layer: which one is chosen, and that the model is still the one that was looked at."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any

import numpy as np

from seqmagic.analysis.forward_pass import weights_mark
from seqmagic.analysis.layer_outputs import LayerPlace, places_of
from seqmagic.analysis.predictions import Predictions
from seqmagic.data.held_out import take_rows
from seqmagic.errors import BusyError
from seqmagic.training.registry import run_of
from seqmagic.translation import gettext, gettext_noop
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab, press_button, press_select

SECONDS = 10.0  # After this time a tab uses only the samples or columns processed so far.
CHANGED = gettext_noop("The model was trained after this look was made. Run the cell again.")


class ModelTab(LookTab):
    """A tab that asks the model itself, and not only what it gave."""

    def __init__(self, state: LookState) -> None:
        super().__init__(state)
        self._known: tuple[Predictions | None, dict[object, Any]] = (None, {})
        self._remember_weights()

    def _remember_weights(self) -> tuple[float, ...]:
        """A mark of the weights that the model had when what is looked at came up; one for all such tabs, for a model may be large."""
        known, mark = self.state.chosen.get("weights", (None, ()))
        if known is not self.predictions:
            mark = weights_mark(self.predictions.model)
            self.state.chosen["weights"] = (self.predictions, mark)
        return tuple(mark)

    def once(self, what: object, work: Callable[[], Any]) -> Any:
        """What was worked out before for what is looked at now, or else is worked out.

        Args:
            what: which of a tab's results it is.
        """
        if self._known[0] is not self.predictions:
            self._known = (self.predictions, {})
        known = self._known[1]
        if what not in known:
            known[what] = work()
        return known[what]

    @property
    def model(self) -> Any:
        """The model, as it was when the look began.

        Raises:
            BusyError: While it is in training, and where it was since then.
        """
        model = self.predictions.model
        if run_of(model) is not None:
            raise BusyError(gettext("The model is training."), expected=gettext("to look after it has ended"))
        if not np.array_equal(weights_mark(model), self._remember_weights(), equal_nan=True):
            raise BusyError(gettext(CHANGED))
        return model

    def sample(self) -> Any:
        """The data of the sample that is chosen."""
        return take_rows(self.predictions.samples.x, np.array([self.state.sample]))

    def press(self, what: str, value: str) -> None:
        """Choose the next sample, or the one before."""
        if what == "step" and value in ("-1", "1"):
            order = self.state.order
            at = int(np.flatnonzero(order == self.state.sample)[0])
            self.state.sample = int(order[(at + int(value)) % len(order)])
        else:
            super().press(what, value)


class LayerTab(ModelTab):
    """A tab about one layer, which can be chosen; all tabs turn to the same."""

    @property
    def places(self) -> list[LayerPlace]:
        """The layers that can be chosen."""
        found: list[LayerPlace] = self.once("places", lambda: places_of(self.predictions.model))
        return found

    @abstractmethod
    def first_choice(self) -> LayerPlace:
        """The layer that is shown before somebody chooses."""

    def place(self) -> LayerPlace:
        """The layer that is chosen, where this tab has it."""
        chosen = self.state.chosen.get("layer")
        return next((place for place in self.places if place.number == chosen), None) or self.first_choice()

    def press(self, what: str, value: str) -> None:
        """Choose a layer."""
        if what == "layer" and value.isdecimal():
            self.state.chosen["layer"] = int(value)
        else:
            super().press(what, value)

    def layer_list(self) -> Element:
        """The list of layers."""
        options = [(str(place.number), f"{place.label} ({place.kind})") for place in self.places]
        return press_select(gettext("Layer"), "layer", options, str(self.place().number))


def sample_buttons() -> list[Element]:
    """Two buttons that lead to the sample before and to the next."""
    return [
        press_button(label, "step", value, control=f"step{value}")
        for label, value in ((gettext("Previous sample"), "-1"), (gettext("Next sample"), "1"))
    ]


def format_shape(value: np.ndarray) -> str:
    """The axes of what a layer gives for one sample."""
    return "x".join(map(str, value.shape)) or "1"


def titled(title: str, *inside: object, more: str = "") -> Element:
    """Something below its words."""
    words = [element("b", f"{title}:"), f" {more}"] if more.strip() else [element("b", title)]
    return element("figure", element("figcaption", *words), *inside, class_="inside")


def draw_bar(share: float, *, length: int = 160, below: bool = False) -> Element:
    """A bar beside its number.

    Args:
        share: how long it is, from 0 to 1.
        below: whether the number is below 0.
    """
    width = round(length * min(1.0, share), 1) if np.isfinite(share) else 0
    rect = element("rect", width=width, height=12, class_="bar below" if below else "bar")
    return element("svg", rect, viewBox=f"0 0 {length} 12", width=length, height=12, aria_hidden="true")


def bar_row(name: str, value: float, largest: float, *more: Element) -> Element:
    """A row of a table of bars: the name, the number, more cells, the bar."""
    bar = draw_bar(abs(value) / (largest or 1.0), below=value < 0)
    return element("tr", element("th", name, scope="row"), element("td", f"{value:.4g}", class_="number"), *more, element("td", bar))
