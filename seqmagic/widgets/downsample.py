"""Downsampling: reduces a table of any length to few rows for the page, without losing spikes."""

from __future__ import annotations

import numpy as np

from seqmagic.history import Table

# A chart is a few hundred pixels wide, and each bucket gives two points: its minimum and maximum.
BUCKETS = 500
# Numbers per message, which then stays below 1 kB including its header.
MOST_NUMBERS = 80


class CurveFeed:
    """Follows a table, and returns what is new since the last call.

    Rows are grouped into buckets, each sent as two rows: its minimum and maximum. The last bucket may be incomplete; it is then sent again,
    in the same place, with the next update.

    Attributes:
        table: grows, and is thinned from time to time.
        buckets: their maximum number.
    """

    def __init__(self, table: Table, buckets: int = BUCKETS) -> None:
        self.table, self.buckets = table, buckets
        self.width = 1
        self.expect(len(table))
        self.rewind()

    def expect(self, rows: int) -> None:
        """Prepare for an expected number of rows; a very long table keeps fewer."""
        rows = min(rows, self.table.most or rows)
        self.width = max(self.width, -(-rows // self.buckets))

    @property
    def is_coarse(self) -> bool:
        """Whether fewer rows came than expected, so that they could be sent at a higher resolution."""
        return self.width > max(1, -(-len(self.table) // self.buckets))

    def rewind(self) -> None:
        """Start over: the next update contains all rows."""
        self._taken = self._given = self._shown = 0
        self._names: list[str] = []
        self._known = (self.table.generation, -1)
        self._is_anew = True

    def news(self) -> tuple[list[str], int, np.ndarray]:
        """The names, the index of the first row in the page, and the rows.

        A new column (val_loss appears at the end of the first epoch) changes the row width: then all rows are sent again.
        """
        known = (self.table.generation, len(self.table))
        if known == self._known:
            return self._names, self._shown, np.empty((0, len(self._names) + 1))
        if self._given > 4 * self.buckets:
            self.width *= 2
            self.rewind()
        if self._known[0] != known[0]:
            self.rewind()
        names, rows = self.table.rows_from(self._taken)
        if names != self._names:
            self.rewind()
            names, rows = self.table.rows_from()
        self._names, self._known = names, (known[0], self._taken + len(rows))
        return names, self._given, self._take(rows)

    def _take(self, rows: np.ndarray) -> np.ndarray:
        width = self.width if self._is_anew else max(self.width, -(-2 * rows.size // MOST_NUMBERS))
        full = len(rows) // width
        packed = envelope(rows, width)
        self._is_anew = False
        self._shown = self._given + len(packed)
        self._taken += full * width
        self._given += full * min(width, 2)
        return packed


def envelope(rows: np.ndarray, width: int) -> np.ndarray:
    """Downsample rows: every `width` of them become two, with the minimum and maximum of each column; so do the remaining ones at the end.

    If a column falls, its maximum comes first, so that the curve has no zigzag.

    >>> envelope(np.array([[0.0, 5], [1, 9], [2, 1], [3, 4]]), 4).tolist()
    [[0.0, 9.0], [3.0, 1.0]]

    Args:
        rows: positions in the first column, values in the others.
    """
    if width <= 2 or not len(rows):
        return rows  # Two rows are their own minimum and maximum.
    first = np.arange(0, len(rows), width)
    last = np.minimum(first + (width - 1), len(rows) - 1)
    # NaN is ignored. Positions increase, so their minimum and maximum are the first and the last.
    least, greatest = np.fmin.reduceat(rows, first), np.fmax.reduceat(rows, first)
    falls = rows[::width] > rows.take(last, axis=0)
    packed = np.empty((len(first), 2, rows.shape[1]))
    packed[:, 0], packed[:, 1] = np.where(falls, greatest, least), np.where(falls, least, greatest)
    return packed.reshape(-1, rows.shape[1])


def thin(rows: np.ndarray, buckets: int) -> np.ndarray:
    """At most that many buckets of rows, each as its minimum and maximum; the last one may be smaller."""
    return envelope(rows, max(1, -(-len(rows) // buckets)))
