"""Views that stay readable in a saved notebook: the live widget, and beside it a picture and text of what it showed last."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import ipywidgets
from IPython.display import display

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def static_bundle(png: bytes | None, text: str) -> dict[str, str]:
    """A picture and its text as an output that needs no page and no kernel."""
    return {"text/plain": text, **({"image/png": b64encode(png).decode()} if png else {})}


class SavedView(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets ships no types.
    """A box of widgets that is saved as widget, picture and text at once.

    JupyterLab, Notebook, nbconvert and GitHub show the richest form that they can: without a kernel, that is the picture.
    """

    _handle: Any = None

    def saved_png(self) -> bytes | None:
        """The picture of what is shown now, or None while there is nothing to see."""
        raise NotImplementedError

    def saved_text(self) -> str:
        """The same in words."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {**static_bundle(self.saved_png(), self.saved_text()), WIDGET_VIEW: view}

    def _ipython_display_(self) -> None:
        # An output with an id can be brought up to date later, when the training has ended.
        self._handle = display(self._repr_mimebundle_(), raw=True, display_id=True)

    def refresh_saved(self) -> None:
        """Bring the picture and the text in the notebook up to date; the live view stays as it is."""
        if self._handle is not None:
            self._handle.update(self._repr_mimebundle_(), raw=True)
