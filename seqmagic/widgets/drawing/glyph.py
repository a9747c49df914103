"""The glyph: a small picture of a tensor, drawn to scale."""

from __future__ import annotations

from math import log2

from seqmagic.network.shape_math import Shape
from seqmagic.widgets.html import Element, element

HEIGHT = 64  # Pixels for a glyph; its connections are at half the height.
MIDDLE = HEIGHT // 2
OUTLINE = {"fill": "none", "stroke": "currentColor", "aria_hidden": "true"}  # The look of a drawing without a style sheet.
UNKNOWN_LENGTH = 16  # Pixels for an axis of unknown length.


def glyph(shape: Shape | None) -> tuple[Element, float]:
    """A picture of a layer's output, and its width.

    Channels are its thickness along the flow, an image's rows and columns its face, the length of a vector its height. The scale is
    logarithmic, so that both 7×7×512 and 224×224×3 are visible.
    """
    thick, tall, deep = _sides(shape)
    top = MIDDLE - (tall - deep) / 2
    front = f"M0 {top:.1f}h{thick:.1f}v{tall:.1f}h{-thick:.1f}z"
    lid = f"M0 {top:.1f}l{deep:.1f} {-deep:.1f}h{thick:.1f}l{-deep:.1f} {deep:.1f}z"
    side = f"M{thick:.1f} {top:.1f}l{deep:.1f} {-deep:.1f}v{tall:.1f}l{-deep:.1f} {deep:.1f}z"
    parts = [element("path", d=front), *([element("path", d=lid), element("path", d=side)] if deep else [])]
    width = thick + deep
    open_ended = shape is None or None in shape
    box = f"-1 0 {width + 2:.1f} {HEIGHT}"
    kind = "open" if open_ended else None
    return element("svg", *parts, viewBox=box, width=f"{width + 2:.1f}", height=HEIGHT, **OUTLINE, class_=kind), width


def _sides(shape: Shape | None) -> tuple[float, float, float]:
    """The thickness along the flow, the height and the depth of a block, in pixels."""
    if shape is None:
        return 16, 24, 0
    dims = [UNKNOWN_LENGTH if dim is None else max(1, dim) for dim in shape]
    if len(dims) < 2:
        return 7, _length(dims[0] if dims else 1), 0
    *before, rows, channels = dims
    thick = min(22.0, 3 + 2.2 * log2(channels))
    if not before:
        return thick, _length(rows), 0
    deep = min(13.0, 0.3 * _length(rows))
    return thick, min(_length(before[-1]), HEIGHT - deep - 2), deep


def _length(count: int) -> float:
    return min(60.0, 5 + 5.2 * log2(count))
