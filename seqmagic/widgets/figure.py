"""The figure: a matplotlib figure that a notebook displays, as a PNG with few colours."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from seqmagic.translation import gettext
from seqmagic.widgets.fonts import use_fallback_fonts

# Enough for lines and text; the image is a quarter as large, and a saved notebook contains many.
COLOURS = 32
LONGEST_ALT = 300  # Characters: the text next to the image has everything.


class CurveFigure(Figure):
    """A figure that is displayed without pyplot: a notebook asks it for its PNG."""

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return to_png(self), {"alt": alt_text(self.get_supxlabel())}


def to_png(figure: Figure) -> bytes:
    """A figure as PNG.

    It uses matplotlib's canvas directly, because pyplot has global state that belongs to the user.
    """
    use_fallback_fonts(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def alt_text(text: str) -> str:
    r"""The alt text of an image: the first paragraph of the text next to it, on one line.

    >>> alt_text("digits: Done: 2 of 2 epochs.\nloss 0.5\n\nepoch  loss")
    'Charts of digits: Done: 2 of 2 epochs. loss 0.5'
    """
    words = " ".join(text.partition("\n\n")[0].split())
    return (
        gettext("Charts of {words}", words=words)
        if len(words) <= LONGEST_ALT
        else gettext("Charts of {words}…", words=words[: LONGEST_ALT - 1])
    )
