"""The page of a look: the tabs in the browser. It draws what it is given, and says what somebody pressed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import anywidget
import traitlets

from seqmagic.translation.chosen import current_language
from seqmagic.widgets.page import script

GONE = "gone"  # Pressed by the page when no view has been visible for a while, for example because its output was deleted.
NO_EPOCHS: dict[str, Any] = {"stops": [], "curves": "", "reason": "", "follow": None}


class LookPage(anywidget.AnyWidget):  # type: ignore[misc]  # anywidget's traits are untyped.
    """Shows tabs, of which only those that were opened are sent.

    Attributes:
        press: what to do when somebody opens a tab or presses something in it: the tab, and what with which value, both empty to open it.
            Without a tab it is the bar of the epochs that says something.
    """

    _esm = script("look_view.js")
    # Not stored: the initial state of a page is built when it asks for it, also after a reload.
    whole = traitlets.Dict().tag(sync=True, to_json=lambda value, page: page.shown)
    # Whether the page doesn't use Jupyter's outputs, and so will not hide the saved form next to the view.
    alone = traitlets.Bool(default_value=False)

    def __init__(self, press: Callable[[str, str, str], Future[None] | None] = lambda tab, what, value: None, **traits: Any) -> None:
        self.shown: dict[str, Any] = {"title": "", "status": "", "tabs": [], "open": "", "panels": {}, "epochs": NO_EPOCHS, "at": ""}
        self._press = press
        self._esm = script("look_view.js", current_language())  # Before anywidget turns it into a trait.
        self._lock = threading.RLock()  # Updates and the whole state must reach the page in order.
        super().__init__(**traits)
        self.on_msg(self._answer)

    def show(self, **news: Any) -> None:
        """Send what is new: title, status, tabs, open, epochs, at, panels by the names of their tabs, or the press that is answered.

        Panels that are not named are forgotten.
        """
        with self._lock:
            self.shown = {**self.shown, **news}
            self.send({"kind": "news", **news})

    def _answer(self, page: Any, content: dict[str, Any], buffers: Any) -> None:
        if content.get("kind") == "hello":
            self.alone = bool(content.get("alone"))
            self.show(**self.shown)  # Messages sent before the page's code was loaded are lost.
        elif content.get("kind") == "gone":
            self._press("", GONE, "")
        elif content.get("kind") == "press":
            done = self._press(*(str(content.get(name) or "") for name in ("tab", "what", "value")))
            if done is not None:
                # Until its last press is answered, the page does not let an answer to an earlier one open another tab.
                done.add_done_callback(lambda done: self.show(answered=str(content.get("id") or "")))
