"""The figure: a matplotlib figure that a notebook shows by itself, and its PNG with few colours."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

# Lines and letters need no more; a picture is then a quarter as large, and a saved notebook holds many.
COLOURS = 32


class CurveFigure(Figure):
    """A figure that doesn't need pyplot to be seen: a notebook asks it for its PNG."""

    def _repr_png_(self) -> bytes:
        return to_png(self)


def to_png(figure: Figure) -> bytes:
    """A figure as PNG.

    Matplotlib's own canvas is used, never pyplot: pyplot keeps state that belongs to the notebook's user.
    """
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    picture = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    buffer = BytesIO()
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(buffer, "png", optimize=True)
    return buffer.getvalue()
