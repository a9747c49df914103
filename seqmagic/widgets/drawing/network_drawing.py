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

CELL = 110  # Pixels, as in drawing.css: the width of a column,
LANE = 100  # and the height of a lane.
CENTRE = 30  # Pixels from the left edge of a cell to the middle of its block; lines to the next block start right of it.
GUTTER = 12  # Pixels at the left of a cell, before its words, in which lines change lanes.
OUT = 8  # Pixels between the end of an output's line and the right edge of its cell.
LONG = 48  # More blocks than that are seen a part at a time.


def draw(plan: Plan) -> Element | None:
    """Draw a plan; None if it has no blocks, because its input shape is unknown."""
    blocks = blocks_of(plan)
    return None if not blocks else draw_blocks(blocks)


def draw_blocks(blocks: Sequence[LayerBlock], broken: Element | None = None) -> Element:
    """Draw blocks, which are in the order of the graph.

    Args:
        broken: the element at the end, for a network that breaks off.
    """
    repeats = list(fold(cut(blocks)))
    count = sum(len(segment.places) for repeat in repeats for segment in repeat.segments)
    last = repeats[-1].segments[-1] if broken is None else None
    parts = [part for repeat in repeats for part in _repeat(repeat, last)]
    flow = element("div", *parts, broken, class_="flow long" if count > LONG else "flow")
    hint = gettext("Hover over a layer, or move to it with Tab, to see its calculations.")
    if broken is None:
        hint += gettext(" Sizes are on a logarithmic scale.")
    return element("div", flow, class_="drawing", role="group", aria_label=gettext("Drawing of the network"), data_hint=hint)


def draw_break(plan: Plan, word: str, settings: str, needed: str) -> Element | None:
    """Draw a network up to where it breaks off, with the layer that can't take its input; None if there is no shape before it.

    Args:
        word, settings: of that layer, as written.
        needed: the input that it needs.
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
    """Draw a segment, with the lines behind its blocks."""
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
    """The path data of the lines between the blocks, with an arrowhead at the end of each."""
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
    for _, column, lane in segment.places:  # Lines from the outputs of the network lead out of the drawing.
        if (column, lane) not in used:
            end = CELL * (column + 1) - OUT
            drawn.append(f"{_way_out(column, lane, halves, end)}M{end - 6} {LANE * lane + MIDDLE - 3.5}l5 3.5l-5 3.5")
    return "".join(drawn)


def _way_out(column: int, lane: int, halves: dict[tuple[int, int], float], end: int) -> str:
    """The path data of a line from a block to the right."""
    return f"M{CELL * column + CENTRE + halves[column, lane]:.1f} {LANE * lane + MIDDLE}H{end}"


def _line(x: float, y: float, to_x: float, to_y: float, edge: float) -> str:
    """The path data of a line that changes lanes at the left edge of a cell, before its words."""
    if y == to_y:
        return f"M{x:.1f} {y}H{to_x:.1f}"
    half, done = edge + GUTTER / 2, edge + GUTTER
    return f"M{x:.1f} {y}H{edge}C{half} {y} {half} {to_y} {done} {to_y}H{to_x:.1f}"
