"""The network drawing: its segments as HTML elements. Words are HTML, everything else is SVG: a page that drops SVG keeps the words.

The description of a block appears below the drawing on hover or focus, by a style sheet without a script.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from seqmagic.network.plan import Plan
from seqmagic.translation import gettext
from seqmagic.widgets.drawing.block import LayerBlock, blocks_of, shown
from seqmagic.widgets.drawing.glyph import HEIGHT, MIDDLE, OUTLINE, glyph
from seqmagic.widgets.drawing.segments import RepeatedSegment, Segment, cut, fold
from seqmagic.widgets.html import Element, element

CELL = 110  # Pixels, as in drawing.css: one column,
LANE = 100  # and one lane.
CENTRE = 30  # Where the middle of a block stands in its cell; to its right is the joint.
GUTTER = 12  # Left of the words: there lines change their lanes.
OUT = 8  # So far from the edge of its cell the way of an output ends.
LONG = 48  # More blocks than that are seen a part at a time.


def draw(plan: Plan) -> Element | None:
    """A plan as a drawing; None where the plan doesn't know what flows."""
    blocks = blocks_of(plan)
    return None if not blocks else draw_blocks(blocks)


def draw_blocks(blocks: Sequence[LayerBlock], broken: Element | None = None) -> Element:
    """Blocks in the order of their graph as a drawing.

    Args:
        broken: what stands at its end, where a network breaks off.
    """
    repeats = list(fold(cut(blocks)))
    count = sum(len(segment.places) for repeat in repeats for segment in repeat.segments)
    last = repeats[-1].segments[-1] if broken is None else None
    parts = [part for repeat in repeats for part in _repeat(repeat, last)]
    flow = element("div", *parts, broken, class_="flow long" if count > LONG else "flow")
    hint = gettext("Point at a layer, or go to it with Tab, for its sums.")
    if broken is None:
        hint += gettext(" Sizes are to scale: each doubling adds as much.")
    return element("div", flow, class_="drawing", role="group", aria_label=gettext("Drawing of the network"), data_hint=hint)


def draw_break(plan: Plan, word: str, settings: str, needed: str) -> Element | None:
    """A network up to where it breaks off, and there the layer that can't take what arrives; None where nothing flows yet.

    Args:
        word, settings: those of the layer, as they are written.
        needed: what it could take.
    """
    blocks = blocks_of(plan)
    if not blocks or blocks[-1].shape is None:
        return None
    arrives = shown(blocks[-1].shape)
    label = gettext("{filter} can't take {arrives}", filter=" ".join(filter(None, (word, settings))), arrives=arrives) + (
        gettext("; it needs {needed}", needed=needed) if needed else ""
    )
    gap = element("path", d=f"M0 {MIDDLE}h16m6 -9l12 18m0 -18l-12 18m20 -26h14v34h-14z")
    cross = element("svg", gap, viewBox=f"-1 0 60 {HEIGHT}", width=60, height=HEIGHT, **OUTLINE)
    words = element("span", element("b", word), " ", element("span", settings), class_="words")
    need = element(
        "span",
        gettext("gets {arrives}", arrives=arrives),
        *([element("br"), gettext("needs {needed}", needed=needed)] if needed else []),
        class_="needs",
    )
    end = element("div", cross, words, " ", need, class_="cell block broken", tabindex="0", role="img", aria_label=label)
    return draw_blocks(blocks, element("div", end, class_="segment"))


def _repeat(repeat: RepeatedSegment, last: Segment | None) -> Iterable[Element]:
    inside = [_segment(segment, ends=segment is last) for segment in repeat.segments]
    if repeat.times == 1:
        return inside
    return [element("div", *inside, element("b", gettext("{count} times", count=repeat.times), class_="times"), class_="repeat")]


def _segment(segment: Segment, *, ends: bool) -> Element:
    """A piece with its ways behind its blocks."""
    pictures = {(column, lane): glyph(block.shape) for block, column, lane in segment.places}
    halves = {place: width / 2 for place, (_, width) in pictures.items()}
    blocks = {(column, lane): block for block, column, lane in segment.places}
    columns = [
        element("div", *(_cell(blocks.get((column, lane)), pictures.get((column, lane))) for lane in range(segment.lanes)), class_="column")
        for column in range(segment.columns)
    ]
    size = {"width": CELL * segment.columns, "height": LANE * segment.lanes}
    ways = element("path", d=_ways(segment, halves, ends=ends))
    wires = element("svg", ways, viewBox=f"0 0 {size['width']} {size['height']}", **size, **OUTLINE, class_="ways")
    return element("div", wires, element("div", *columns, class_="columns"), class_="segment")


def _cell(block: LayerBlock | None, picture: tuple[Element, float] | None) -> Element:
    if block is None or picture is None:
        return element("div", class_="cell")
    words = [element("b", block.word), " ", element("span", block.settings) if block.settings else None]
    parts = [picture[0], element("span", *words, class_="words"), " ", element("span", shown(block.shape), class_="shape")]
    attributes = {"tabindex": "0", "role": "img", "aria_label": block.sentence}
    return element("div", *parts, class_=f"cell block {block.family}", **attributes)


def _ways(segment: Segment, halves: dict[tuple[int, int], float], *, ends: bool) -> str:
    """The lines between the blocks, with a head where they arrive."""
    drawn = []
    for path in segment.paths:
        for (column, lane), (next_column, next_lane) in pairwise(path):
            begin = CELL * column + CENTRE + halves.get((column, lane), 0) if column >= 0 else 0
            end = CELL * next_column + CENTRE - halves.get((next_column, next_lane), 0)
            drawn.append(_line(begin, LANE * lane + MIDDLE, end, LANE * next_lane + MIDDLE, CELL * next_column))
            if (next_column, next_lane) in halves:
                drawn.append(f"M{end - 6:.1f} {LANE * next_lane + MIDDLE - 3.5}l5 3.5l-5 3.5")
    if not ends:
        drawn.append(_way_out(*segment.places[-1][1:], halves, CELL * segment.columns))
        return "".join(drawn)
    used = {path[0] for path in segment.paths}
    for _, column, lane in segment.places:  # Outputs: what is given leads out of the drawing.
        if (column, lane) not in used:
            end = CELL * (column + 1) - OUT
            drawn.append(f"{_way_out(column, lane, halves, end)}M{end - 6} {LANE * lane + MIDDLE - 3.5}l5 3.5l-5 3.5")
    return "".join(drawn)


def _way_out(column: int, lane: int, halves: dict[tuple[int, int], float], end: int) -> str:
    """A line from a block to the right."""
    return f"M{CELL * column + CENTRE + halves[column, lane]:.1f} {LANE * lane + MIDDLE}H{end}"


def _line(x: float, y: float, to_x: float, to_y: float, edge: float) -> str:
    """A line that changes its lane just behind the edge of a cell, before the words begin."""
    if y == to_y:
        return f"M{x:.1f} {y}H{to_x:.1f}"
    half, done = edge + GUTTER / 2, edge + GUTTER
    return f"M{x:.1f} {y}H{edge}C{half} {y} {half} {to_y} {done} {to_y}H{to_x:.1f}"
