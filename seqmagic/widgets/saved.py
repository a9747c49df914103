"""Views that stay readable in a saved notebook: the live widget, followed by its last state as an image and as text."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import ipywidgets
import traitlets
from IPython.display import display

from seqmagic.widgets.html import style_sheet

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def static_bundle(png: bytes | None, text: str) -> dict[str, str]:
    """An image and its text as an output that needs no page and no kernel."""
    return {"text/plain": text, **({"image/png": b64encode(png).decode()} if png else {})}


def picture_words(bundles: Iterable[dict[str, str]]) -> dict[str, Any]:
    """The metadata of an image before its text: the alt text for exports."""
    from seqmagic.widgets.figure import alt_text

    texts = [bundle["text/plain"] for bundle in bundles if bundle.get("text/plain")]
    return {"image/png": {"alt": alt_text(texts[-1])}} if texts else {}


def show_still(png: bytes | None, text: str) -> tuple[Any, ...]:
    """Display an image, and its text below it: both are visible without a kernel. Returns their display handles."""
    return _show(_still_bundles(png, text))


def _show(bundles: Sequence[dict[str, str]]) -> tuple[Any, ...]:
    words = picture_words(bundles)
    return tuple(display(bundle, raw=True, display_id=True, metadata=words if "image/png" in bundle else {}) for bundle in bundles)


def _still_bundles(png: bytes | None, text: str) -> tuple[dict[str, str], dict[str, str]]:
    return static_bundle(png, ""), static_bundle(None, text)


class SavedView(ipywidgets.VBox):  # type: ignore[misc]  # ipywidgets has no type hints.
    """A box of widgets that is saved as widget, image and text.

    They are separate outputs. From a single output with all three forms, JupyterLab would try the widget first in each trusted notebook,
    and show "model not found" without a kernel, although there is an image. A style sheet in an output before them makes Jupyter show
    either the widget, or image and text. GitHub and nbconvert ignore the widget.
    """

    saved_class = "seqmagic-saved"  # The style sheet selects by this class; with -whole as well, the saved form is visible from the start.
    # Pages other than Jupyter's wouldn't hide image and text: there, one output contains everything.
    alone = traitlets.Bool(default_value=False)

    def __init__(self, *args: Any, **traits: Any) -> None:
        self._shown: list[tuple[Any, ...]] = []
        super().__init__(*args, **traits)

    def close(self) -> None:
        """Take the view away with all its parts: a widget that is never closed stays in the kernel's memory."""
        for part in _parts_of(self):
            part.close()
        super().close()

    def __del__(self) -> None:
        """Close the view; one whose `__init__` failed was never opened, and has nothing to close."""
        if self.comm is not None:
            self.close()

    def saved_png(self) -> bytes | None:
        """The image of the current state, or None if there is nothing to see."""
        raise NotImplementedError

    def saved_text(self) -> str:
        """The same as text."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, Any]:
        return self._view() | static_bundle(self.saved_png(), self.saved_text())

    def _view(self) -> dict[str, Any]:
        return {"text/plain": "", WIDGET_VIEW: {"version_major": 2, "version_minor": 0, "model_id": self.model_id}}

    def _ipython_display_(self) -> None:
        display({"text/html": str(style_sheet("saved", "stills", class_=self.saved_class))}, raw=True)
        # Outputs with an id can be updated later, when the training has ended.
        live = display(self._view(), raw=True, display_id=True)
        self._shown.append((live, *_show(self.still_bundles(picture=False))))

    def refresh_saved(self, *, picture: bool = True) -> None:
        """Update the image and the text in the notebook; the live view is not changed.

        Args:
            picture: whether to draw the image, which takes a moment; otherwise there is none until the next update.
        """
        if not self._shown:
            return
        bundles = self.still_bundles(picture=picture)
        for live, *stills in self._shown:
            if self.alone:
                together = {kind: data for bundle in bundles for kind, data in bundle.items() if data}
                live.update(self._view() | together, raw=True, metadata=picture_words(bundles))
            shown = _still_bundles(None, "") if self.alone else bundles
            for handle, bundle in zip(stills, shown, strict=True):
                handle.update(bundle, raw=True, metadata=picture_words(shown) if "image/png" in bundle else {})

    def still_bundles(self, *, picture: bool = True) -> tuple[dict[str, str], dict[str, str]]:
        """The two outputs that replace the view if there is no kernel.

        Args:
            picture: whether to draw the image.
        """
        return _still_bundles(self.saved_png() if picture else None, self.saved_text())

    @traitlets.observe("alone")
    def _arrange(self, change: Any) -> None:
        self.refresh_saved()


def _parts_of(widget: ipywidgets.Widget) -> Iterator[ipywidgets.Widget]:
    """The widgets that a widget is made of; a view among them closes its own parts."""
    for part in (*getattr(widget, "children", ()), *(getattr(widget, name) for name in ("layout", "style") if hasattr(widget, name))):
        if not isinstance(part, SavedView):
            yield from _parts_of(part)
        yield part
