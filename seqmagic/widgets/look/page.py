"""The page of a look: the tabs in the browser. It draws what it is given, and says what somebody pressed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from seqmagic.translation.chosen import current_language
from seqmagic.widgets.page import script

GONE = "gone"  # Is pressed when the page has shown no view for a while, as when its output was deleted.
NO_EPOCHS: dict[str, Any] = {"stops": [], "curves": "", "reason": "", "follow": None}


class LookPage(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's traits are untyped.
    """Shows tabs, of which only those that were opened are sent.

    Attributes:
        press: what to do when somebody opens a tab or presses something in it: the tab, and what with which value, both empty to open it.
            Without a tab it is the bar of the epochs that says something.
    """

    _esm = script("look_view.js")
    # Nothing is kept here: what a page needs to begin with is put together when it asks, also after a reload.
    whole = traitlets.Dict().tag(sync=True, to_json=lambda value, page: page.shown)
    # Whether the page is one that doesn't know Jupyter's outputs, and will not hide what is kept beside the view.
    alone = traitlets.Bool(default_value=False)

    def __init__(self, press: Callable[[str, str, str], None] = lambda tab, what, value: None, **traits: Any) -> None:
        self.shown: dict[str, Any] = {"title": "", "status": "", "tabs": [], "open": "", "panels": {}, "epochs": NO_EPOCHS, "at": ""}
        self._press = press
        self._esm = script("look_view.js", current_language())  # Before anywidget makes a trait of it.
        self._lock = threading.RLock()  # What is new and what all of it is must not overtake each other on their way.
        super().__init__(**traits)
        self.on_msg(self._answer)

    def show(self, **news: Any) -> None:
        """Send what is new: title, status, tabs, open, epochs, at, or panels by the names of their tabs.

        Panels that are not named are forgotten.
        """
        with self._lock:
            self.shown = {**self.shown, **news}
            self.send({"kind": "news", **news})

    def _answer(self, page: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("kind") == "hello":
            self.alone = bool(content.get("alone"))
            self.show(**self.shown)  # What was sent before the page's code was loaded has reached nobody.
        elif content.get("kind") == "gone":
            self._press("", GONE, "")
        elif content.get("kind") == "press":
            self._press(*(str(content.get(name) or "") for name in ("tab", "what", "value")))
