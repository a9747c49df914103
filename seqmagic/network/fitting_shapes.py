"""Shapes with a given number of values that are like another shape."""

from __future__ import annotations

import math
from collections.abc import Iterator

MOST_AXES = 3  # A number with many divisors can be divided among more axes in too many ways.
MOST_SHAPES = 2
FARTHER = 2  # Times the distance of the most similar shape: one beyond that would only distract from it.


def fitting_shapes(values: int, wanted: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The shapes with so many values that are most like the wanted one: with one axis more, or with the fewest and smallest changes.

    >>> fitting_shapes(64, (5, 5)), fitting_shapes(2352, (28, 28)), fitting_shapes(300, (10, 10, 1))
    ([(8, 8)], [(28, 28, 3), (28, 84)], [(10, 10, 3), (10, 30, 1)])
    >>> fitting_shapes(67, (5, 5))  # Only 1x67 and 67x1 have so many.
    []
    """
    if values < 1 or any(axis < 1 for axis in wanted) or not 1 <= len(wanted) <= MOST_AXES:
        return []
    least = min(wanted, default=1)
    found = [shape for shape in _shapes(values, len(wanted)) if least == 1 or min(shape) > 1]
    found.sort(key=lambda shape: _distance(shape, wanted))
    found = [shape for shape in found[:MOST_SHAPES] if _distance(shape, wanted)[1] <= FARTHER * _distance(found[0], wanted)[1]]
    size = math.prod(wanted)
    longer = [(*wanted, values // size)] if len(wanted) == MOST_AXES - 1 and values % size == 0 and values > size else []
    return [*longer, *found][:MOST_SHAPES]


def _shapes(values: int, axes: int) -> Iterator[tuple[int, ...]]:
    if axes == 1:
        yield (values,)
        return
    for first in _divisors(values):
        yield from ((first, *rest) for rest in _shapes(values // first, axes - 1))


def _divisors(number: int) -> list[int]:
    small = [one for one in range(1, math.isqrt(number) + 1) if number % one == 0]
    return [*small, *(number // one for one in reversed(small) if one * one != number)]


def _distance(shape: tuple[int, ...], wanted: tuple[int, ...]) -> tuple[float, ...]:
    """How different two shapes are; of two changes that are as large, that of a later axis is the smaller one."""
    changes = [abs(math.log(have / want)) for have, want in zip(shape, wanted, strict=True)]
    changed = [axis for axis, change in enumerate(changes) if change > 0]
    return len(changed), round(sum(change**2 for change in changes), 9), *(-axis for axis in changed)
