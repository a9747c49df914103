"""Segments: a graph cut at layers that all paths go through, and each piece laid out in columns and lanes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter

from seqmagic.widgets.drawing.block import LayerBlock

MOST_IN_A_PERIOD = 24  # Segments in a group that may repeat.
FEW = 24  # Up to this many segments are all visible, so a group that occurs only twice is not folded.


@dataclass(frozen=True)
class Segment:
    """A piece of a graph between two layers that all paths go through.

    Attributes:
        places: each block with its column and lane, in graph order.
        paths: as points (column, lane); a first column of -1 is the beginning of the piece.
    """

    places: tuple[tuple[LayerBlock, int, int], ...]
    paths: tuple[tuple[tuple[int, int], ...], ...]

    @property
    def columns(self) -> int:
        """The number of columns."""
        return 1 + max(column for _, column, _ in self.places)

    @property
    def lanes(self) -> int:
        """The number of lanes, including those with only a passing line."""
        return 1 + max(lane for path in (*self.paths, tuple((c, n) for _, c, n in self.places)) for _, lane in path)


@dataclass(frozen=True)
class RepeatedSegment:
    """Repeated segments that look the same."""

    segments: tuple[Segment, ...]
    times: int = 1


def cut(blocks: Sequence[LayerBlock]) -> list[Segment]:
    """The segments of a graph, in order."""
    order = list(TopologicalSorter({place: block.takes for place, block in enumerate(blocks)}).static_order())
    order = _inputs_late(order, blocks)
    last_use = {source: step for step, place in enumerate(order) for source in blocks[place].takes}
    segments: list[Segment] = []
    piece: list[int] = []
    needed = -1  # The last step that uses something from before the current block.
    for step, place in enumerate(order):
        piece.append(place)
        if needed <= step or step == len(order) - 1:
            segments.append(_lay_out(piece, blocks))
            piece = []
        needed = max(needed, last_use.get(place, -1))
    return segments


def _inputs_late(order: list[int], blocks: Sequence[LayerBlock]) -> list[int]:
    """The same order with each input just before its first use, to avoid long lines."""
    late: list[int] = []
    for place in order:
        late += [source for source in blocks[place].takes if not blocks[source].takes and source not in late]
        if blocks[place].takes:
            late.append(place)
    return late + [place for place in order if place not in late]


def _lay_out(piece: Sequence[int], blocks: Sequence[LayerBlock]) -> Segment:
    """Columns by the number of layers before a block, lanes so that lines are straight if possible."""
    column = _columns(piece, blocks)
    lane: dict[tuple[int, int], int] = {}  # By column and block: for a block, or a line that passes, identified by its source.
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
    """The lines that pass a column, from a block or from before the piece to a later block."""
    pairs = ((source, place) for place in piece for source in blocks[place].takes)
    return list(dict.fromkeys(source for source, place in pairs if column.get(source, -1) < number < column[place]))


def _lane_before(lane: dict[tuple[int, int], int], number: int, source: int) -> int:
    return lane.get((number - 1, source), 0)


def _free_lane(taken: set[int], wanted: int) -> int:
    """The free lane of a column that is nearest to a wanted one."""
    found = next(lane for step in range(len(taken) + 1) for lane in (wanted + step, wanted - step) if lane >= 0 and lane not in taken)
    taken.add(found)
    return found


def _path(source: int, place: int, column: dict[int, int], lane: dict[tuple[int, int], int]) -> tuple[tuple[int, int], ...]:
    start = column.get(source, -1)
    steps = range(start, column[place] + 1)
    return tuple((number, 0 if number < 0 else lane[number, place if number == column[place] else source]) for number in steps)


def fold(segments: Sequence[Segment]) -> Iterator[RepeatedSegment]:
    """The segments with repetitions folded, the longest first.

    Args:
        segments: from `cut`. They are equal if their layers have equal texts and connections.
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
    """The length of the repeated group from here on, and the number of repetitions: 1 and 1 if nothing is repeated."""
    best = (1, 1)
    for period in range(1, min(MOST_IN_A_PERIOD, (len(marks) - at) // 2) + 1):
        times = 1
        while marks[at : at + period] == marks[at + times * period : at + (times + 1) * period]:
            times += 1
        if times >= least and period * (times - 1) > best[0] * (best[1] - 1):
            best = (period, times)
    return best
