"""A page is sent few rows of a long table, and every spike."""

from __future__ import annotations

import numpy as np
import pytest

from seqmagic.history import Table
from seqmagic.widgets.downsample import BUCKETS, MOST_NUMBERS, CurveFeed, envelope, thin


class Page:
    """Puts rows where they belong, as table.js does."""

    def __init__(self, feed: CurveFeed) -> None:
        self.feed = feed
        self.rows = np.empty((0, 2))

    def update(self) -> int:
        _, start, rows = self.feed.news()
        assert start <= len(self.rows)
        self.rows = np.concatenate([self.rows[:start, : rows.shape[1]], rows]) if start else rows
        return rows.size


def grow(table: Table, values: np.ndarray) -> None:
    begin = len(table)
    table.extend(np.arange(begin, begin + len(values)) / 100, ["loss"], values[:, None])


def test_a_short_table_arrives_as_it_is_row_by_row() -> None:
    table = Table()
    page = Page(CurveFeed(table))
    for value in (3.0, 1.0, 2.0):
        grow(table, np.array([value]))
        page.update()
    assert page.rows.tolist() == [[0, 3], [pytest.approx(0.01), 1], [pytest.approx(0.02), 2]]


@pytest.mark.parametrize("expected", [0, 60_000], ids=["length not known", "length known"])
def test_every_spike_of_a_long_table_arrives_in_few_rows_and_small_messages(expected: int) -> None:
    random = np.random.default_rng(1)
    values = random.normal(size=60_000)
    spikes = random.integers(0, 60_000, 20)
    values[spikes] = 100 + np.arange(20)
    table = Table()
    feed = CurveFeed(table)
    feed.expect(expected)
    page, sizes = Page(feed), []
    for begin in range(0, 60_000, 37):
        grow(table, values[begin : begin + 37])
        sizes.append(page.update())
    assert set(values[spikes].astype("float32")) <= set(page.rows[:, 1])
    assert len(page.rows) <= 5 * BUCKETS
    assert np.median(sizes) <= 2 * MOST_NUMBERS
    assert page.rows[-1, 0] == pytest.approx(599.99)
    assert (np.diff(page.rows[:, 0]) >= 0).all()


def test_a_column_that_comes_later_sends_everything_again() -> None:
    table = Table()
    page = Page(CurveFeed(table))
    grow(table, np.array([1.0, 2.0]))
    page.update()
    table.add(0.02, {"loss": 3.0, "val_loss": 4.0})
    page.update()
    assert page.rows.shape == (3, 3)
    assert np.isnan(page.rows[0, 2])


def test_a_table_that_was_thinned_is_sent_anew() -> None:
    table = Table(most=200)
    page = Page(CurveFeed(table))
    for _ in range(40):
        grow(table, np.linspace(1, 0, 37))
        page.update()
    assert table.generation > 0
    assert page.rows[:, 1].max() == 1
    assert len(page.rows) <= len(table) * 2


def test_the_greatest_stands_first_where_a_column_falls() -> None:
    rows = np.array([[0, 1.0, 9.0], [1, 5.0, np.nan], [2, 3.0, 2.0]])
    assert envelope(rows, 3).tolist() == [[0, 1, 9], [2, 5, 2]]


@pytest.mark.parametrize("count", [0, 1, 7, 999, 1001])
def test_thinning_leaves_at_most_two_rows_a_bucket(count: int) -> None:
    rows = np.column_stack([np.arange(count), np.arange(count) % 7.0])
    thinned = thin(rows, 100)
    assert len(thinned) <= max(count if count <= 200 else 0, 202)
    assert count == 0 or thinned[-1, 0] == count - 1
