"""The figure: a matplotlib figure that a notebook shows by itself, and its PNG with few colours."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from seqmagic.translation import gettext
from seqmagic.widgets.fonts import use_fallback_fonts

# Lines and letters need no more; a picture is then a quarter as large, and a saved notebook holds many.
COLOURS = 32
LONGEST_ALT = 300  # Characters: the text beside the picture says all.


class CurveFigure(Figure):
    """A figure that doesn't need pyplot to be seen: a notebook asks it for its PNG."""

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        return to_png(self), {"alt": alt_text(self.get_supxlabel())}


def to_png(figure: Figure) -> bytes:
    """A figure as PNG.

    Matplotlib's own canvas is used, never pyplot: pyplot keeps state that belongs to the notebook's user.
    """
    use_fallback_fonts(figure)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return buffer.getvalue()


def alt_text(text: str) -> str:
    r"""What stands for a picture where it can't be seen: the first paragraph of the text beside it, in one line.

    >>> alt_text("digits: Done: 2 of 2 epochs.\nloss 0.5\n\nepoch  loss")
    'Charts of digits: Done: 2 of 2 epochs. loss 0.5'
    """
    words = " ".join(text.partition("\n\n")[0].split())
    return (
        gettext("Charts of {words}", words=words)
        if len(words) <= LONGEST_ALT
        else gettext("Charts of {words}…", words=words[: LONGEST_ALT - 1])
    )
