"""The plot: what stands where, round numbers at its axes, and what is no number left out."""

from __future__ import annotations

import re

import numpy as np
import pytest

from seqmagic.widgets.look.plot import BOTTOM, LEFT, MARKS, MOST_POINTS, RIGHT, TOP, Plot, ticks


def plot() -> Plot:
    return Plot((0, 10), (-1, 1), ("x", "y"), 200, 100)


def test_the_corners_are_the_corners() -> None:
    drawn = plot()
    assert (float(drawn.across(0)), float(drawn.across(10))) == (LEFT, 200 - RIGHT)
    assert (float(drawn.up(-1)), float(drawn.up(1))) == (100 - BOTTOM, TOP)


@pytest.mark.parametrize(("low", "high"), [(0, 1), (-3, 7), (0.001, 0.0023), (1e6, 4e6), (-1e-9, 1e-9), (0, 17)])
def test_ticks_are_a_few_round_numbers_within(low: float, high: float) -> None:
    found = ticks(low, high)
    assert 2 <= len(found) <= 7
    for value, words in found:
        assert low - 1e-9 * (high - low) <= value <= high + 1e-9 * (high - low)
        assert float(words) == pytest.approx(value, rel=1e-5, abs=1e-12)


def test_of_many_points_some_are_drawn_and_none_that_is_no_number() -> None:
    few = str(plot().points(np.array([1.0, np.nan, 3.0]), np.array([0.0, 0.0, np.inf])).figure("three"))
    assert few.count(MARKS[0]) == 1
    many = str(plot().points(np.arange(5000.0) / 500, np.zeros(5000)).figure("many"))
    assert many.count(MARKS[0]) == MOST_POINTS


def test_equal_values_have_room() -> None:
    drawn = Plot((2, 2), (np.nan, np.nan), ("<b>", "y")).points(np.array([2.0]), np.array([0.0])).figure("one & only")
    assert "nan" not in str(drawn)
    assert "&lt;b&gt;" in str(drawn)
    assert re.search(r'aria-label="one &amp; only"', str(drawn))
