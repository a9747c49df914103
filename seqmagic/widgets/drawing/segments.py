"""Segments: a graph cut wherever all that flows goes through one layer, and each piece laid out in columns and lanes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from seqmagic.widgets.drawing.block import LayerBlock

MOST_IN_A_PERIOD = 24  # Segments that are compared as one group that may repeat.
FEW = 24  # So many segments are seen at once: there a pair is no repeat yet.


@dataclass(frozen=True)
class Segment:
    """A piece of a graph that begins after one layer and ends with the next that everything goes through.

    Attributes:
        places: each block with its column and lane, in the order of the graph.
        paths: the ways of what flows, as points (column, lane); a first column of -1 is where the piece begins.
    """

    places: tuple[tuple[LayerBlock, int, int], ...]
    paths: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def columns(self) -> int:
        """How many there are."""
        return 1 + max(column for _, column, _ in self.places)

    @property
    def lanes(self) -> int:
        """How many there are, with those in which only something passes."""
        return 1 + max(lane for path in (*self.paths, tuple((c, n) for _, c, n in self.places)) for _, lane in path)


@dataclass(frozen=True)
class RepeatedSegment:
    """Segments that follow each other so many times, alike in all that is shown of them."""

    segments: tuple[Segment, ...]
    times: int = 1


def cut(blocks: Sequence[LayerBlock]) -> list[Segment]:
    """The segments of a graph in their order."""
    order = list(TopologicalSorter({place: block.takes for place, block in enumerate(blocks)}).static_order())
    order = _inputs_late(order, blocks)
    last_use = {source: step for step, place in enumerate(order) for source in blocks[place].takes}
    segments: list[Segment] = []
    piece: list[int] = []
    needed = -1  # The last step that takes something from before the block at hand.
    for step, place in enumerate(order):
        piece.append(place)
        if needed <= step or step == len(order) - 1:
            segments.append(_lay_out(piece, blocks))
            piece = []
        needed = max(needed, last_use.get(place, -1))
    return segments


def _inputs_late(order: list[int], blocks: Sequence[LayerBlock]) -> list[int]:
    """The same order with each input just before what needs it first: nothing is carried along for no reason."""
    late: list[int] = []
    for place in order:
        late += [source for source in blocks[place].takes if not blocks[source].takes and source not in late]
        if blocks[place].takes:
            late.append(place)
    return late + [place for place in order if place not in late]


def _lay_out(piece: Sequence[int], blocks: Sequence[LayerBlock]) -> Segment:
    """Columns by how many layers lie before a block, lanes so that ways go straight where they can."""
    column = _columns(piece, blocks)
    lane: dict[tuple[int, int], int] = {}  # Of what stands or passes, by its column and what it is: a block, or what a way begins with.
    last = piece[-1]
    for number in range(1 + max(column.values())):
        taken: set[int] = set()
        here = sorted((place for place in piece if column[place] == number), key=lambda place: place != last)
        for place in here:
            wanted = 0 if place == last else min((_lane_before(lane, number, source) for source in blocks[place].takes), default=0)
            lane[number, place] = _free_lane(taken, wanted)
        for source in _passing(piece, blocks, column, number):
            lane[number, source] = _free_lane(taken, _lane_before(lane, number, source))
    paths = tuple(_path(source, place, column, lane) for place in piece for source in dict.fromkeys(blocks[place].takes))
    return Segment(tuple((blocks[place], column[place], lane[column[place], place]) for place in piece), paths)


def _columns(piece: Sequence[int], blocks: Sequence[LayerBlock]) -> dict[int, int]:
    column: dict[int, int] = {}
    for place in piece:
        column[place] = 1 + max((column.get(source, -1) for source in blocks[place].takes), default=-1)
    for place in reversed(piece):
        users = [column[user] for user in piece if place in blocks[user].takes]
        if not blocks[place].takes and users:
            column[place] = max(0, min(users) - 1)
    return column


def _passing(piece: Sequence[int], blocks: Sequence[LayerBlock], column: dict[int, int], number: int) -> list[int]:
    """What passes a column on its way from a block, or from before the piece, to a later one."""
    pairs = ((source, place) for place in piece for source in blocks[place].takes)
    return list(dict.fromkeys(source for source, place in pairs if column.get(source, -1) < number < column[place]))


def _lane_before(lane: dict[tuple[int, int], int], number: int, source: int) -> int:
    return lane.get((number - 1, source), 0)


def _free_lane(taken: set[int], wanted: int) -> int:
    """The nearest lane to a wanted one that nothing has yet in this column."""
    found = next(lane for step in range(len(taken) + 1) for lane in (wanted + step, wanted - step) if lane >= 0 and lane not in taken)
    taken.add(found)
    return found


def _path(source: int, place: int, column: dict[int, int], lane: dict[tuple[int, int], int]) -> tuple[tuple[int, int], ...]:
    start = column.get(source, -1)
    steps = range(start, column[place] + 1)
    return tuple((number, 0 if number < 0 else lane[number, place if number == column[place] else source]) for number in steps)


def fold(segments: Sequence[Segment]) -> Iterator[RepeatedSegment]:
    """The segments with what repeats itself folded, the longest stretch first.

    Args:
        segments: as `cut` gives them. Alike are those whose layers are written alike, and take and give the same.
    """
    marks = [_mark(segment) for segment in segments]
    least = 3 if len(segments) <= FEW else 2
    at = 0
    while at < len(segments):
        period, times = _longest_repeat(marks, at, least)
        yield RepeatedSegment(tuple(segments[at : at + period]), times)
        at += period * times


def _mark(segment: Segment) -> tuple[object, ...]:
    return (tuple((block.sentence, block.shape, column, lane) for block, column, lane in segment.places), segment.paths)


def _longest_repeat(marks: Sequence[object], at: int, least: int) -> tuple[int, int]:
    """How many segments from here on repeat themselves, and how often: one, once, where none do."""
    best = (1, 1)
    for period in range(1, min(MOST_IN_A_PERIOD, (len(marks) - at) // 2) + 1):
        times = 1
        while marks[at : at + period] == marks[at + times * period : at + (times + 1) * period]:
            times += 1
        if times >= least and period * (times - 1) > best[0] * (best[1] - 1):
            best = (period, times)
    return best
