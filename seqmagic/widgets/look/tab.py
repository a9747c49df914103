"""A tab of the look view: one thing to see, as HTML that is alive or still, and in words."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from seqmagic.analysis.predictions import Predictions
from seqmagic.widgets.html import Element, Picture, element
from seqmagic.widgets.look.state import LookState

Shown = Element | Picture


class LookTab(ABC):
    """One thing to see of a model.

    What is drawn is HTML from `widgets/html.py`. A control in it says with `data-press` what it does: a button, a select or an input with
    `data_press="cell"` and `data_value="3,5"` calls `press("cell", "3,5")` (a select and an input send their own value), and then all is
    drawn anew; "sample" is known to all. `data_control` names a control, so that the keyboard stays with it. Controls are for `live` alone.

    Attributes:
        name: what the tab is known by. title: what stands on it.
        state: what all tabs share.
    """

    name: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, state: LookState) -> None:
        self.state = state

    @property
    def predictions(self) -> Predictions:
        """What is looked at now."""
        return self.state.predictions

    @classmethod
    @abstractmethod
    def fits(cls, state: LookState) -> bool:
        """Whether there is something to see: a tab that does not fit the data is not there. Cheap: it computes next to nothing."""

    @abstractmethod
    def sentence(self) -> str:
        """What the tab shows, in a sentence or two with its numbers."""

    @abstractmethod
    def body(self, *, live: bool) -> list[Shown]:
        """What is seen below the sentence.

        Args:
            live: whether there is a kernel that answers; without one, no control is drawn, and less of what is large.
        """

    @abstractmethod
    def lines(self) -> list[str]:
        """The same as lines of plain text, without the sentence."""

    def press(self, what: str, value: str) -> None:
        """Do what a control says, by changing the state. It comes from a page: anything may be in it.

        Args:
            what: the control's `data-press`.
            value: its `data-value`, or what was chosen.
        """
        if what == "sample" and value.isdecimal() and int(value) < len(self.predictions):
            self.state.sample = int(value)


def press_button(
    shown: object, what: str, value: object, *, control: str, label: str | None = None, pressed: bool | None = None, hint: str | None = None
) -> Element:
    """A button that calls a tab's `press`.

    Args:
        shown: what stands on it.
        control: a name that no other control of the tab has.
        label: what a screen reader says, where that is more than what is seen.
        pressed: for one that can be on or off, which of them it is.
        hint: what is shown when it is pointed at.
    """
    on = None if pressed is None else str(pressed).lower()
    attributes = {"data_press": what, "data_value": value, "data_control": control, "aria_pressed": on, "aria_label": label, "title": hint}
    return element("button", shown, type="button", **attributes)


def press_select(label: str, what: str, options: list[tuple[str, str]], chosen: str) -> Element:
    """A list to choose from, which calls a tab's `press` with the value of what is chosen.

    Args:
        options: the value and the words of each.
    """
    drawn = [element("option", words, value=value, selected="" if value == chosen else None) for value, words in options]
    return element("label", f"{label} ", element("select", *drawn, data_press=what, data_control=what))
