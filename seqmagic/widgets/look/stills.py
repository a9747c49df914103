"""The stills of a look: its tabs as they stay in a saved notebook, as HTML and as text."""

from __future__ import annotations

from collections.abc import Iterable

from seqmagic.errors.boundary import translate
from seqmagic.translation import gettext
from seqmagic.widgets.html import Element, element
from seqmagic.widgets.look.tab import LookTab


class Stills:
    """The tabs that were drawn for a saved notebook, in their order."""

    def __init__(self) -> None:
        self._drawn: dict[str, tuple[Element, list[str]]] = {}

    def missing(self, tabs: Iterable[LookTab]) -> LookTab | None:
        """The first tab that is still to be drawn; None when all are there."""
        return next((tab for tab in tabs if tab.name not in self._drawn), None)

    def draw(self, tab: LookTab) -> None:
        """Draw a tab; one that fails says so in its place."""
        try:
            sentence = tab.sentence()
            inside = [element("p", sentence, class_="sentence"), *tab.body(live=False)]
            lines = [sentence, *tab.lines()]
        except Exception as error:  # noqa: BLE001  # The other tabs are still shown.
            message = str(translate(error, gettext("The tab {title}", title=gettext(tab.title))))
            inside, lines = [element("p", message)], [message]
        self._drawn[tab.name] = (element("section", element("h4", gettext(tab.title)), *inside), ["", gettext(tab.title), *lines])

    def sections(self) -> list[Element]:
        """All that were drawn, below each other."""
        return [section for section, _ in self._drawn.values()]

    def lines(self) -> list[str]:
        """The same in words."""
        return [line for _, lines in self._drawn.values() for line in lines]
