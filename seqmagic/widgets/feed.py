"""The feed: what a page is sent of a table, however long that is. Many rows become few, and no spike is lost."""

from __future__ import annotations

from array import array

import numpy as np

from seqmagic.training.history import Table

# A chart is a few hundred pixels wide, and each bucket gives two points: its least and its greatest.
BUCKETS = 500
# Numbers in one message: with its header it then stays below 1 kB.
MOST_NUMBERS = 120


class Feed:
    """Follows a table, and tells what is new in it since the last time.

    Rows are put together in buckets, each as two rows: what was least and greatest in it, in the order in which they came. The
    last bucket may not be full yet; it is then sent again, in its place, with the next news.

    table: grows, and now and then is thinned itself.
    buckets: in how many, at most, all of it is put.
    """

    def __init__(self, table: Table, buckets: int = BUCKETS) -> None:
        self.table, self.buckets = table, buckets
        self.width = 1
        self.expect(len(table))
        self.rewind()

    def expect(self, rows: int) -> None:
        """Prepare for so many rows in the end."""
        self.width = max(self.width, -(-rows // self.buckets))

    @property
    def is_coarse(self) -> bool:
        """Whether fewer rows came than were expected, so that they could all be told more finely."""
        return self.width > max(1, -(-len(self.table) // self.buckets))

    def rewind(self) -> None:
        """Begin anew: the next news are all rows."""
        self._taken, self._given = 0, 0
        self._names: list[str] = []
        self._generation = self.table.generation

    def news(self) -> tuple[list[str], int, array[float]]:
        """The names, the place from which these rows stand in the page, and the rows, flat.

        A column that is new (val_loss comes with the first epoch's end) changes the rows' width: then all come again.
        """
        if self._given > 4 * self.buckets:
            self.width *= 2
            self.rewind()
        if self._generation != self.table.generation:
            self.rewind()
        names, flat = self.table.rows_from(self._taken)
        if names != self._names:
            self.rewind()
            names, flat = self.table.rows_from(0)
        self._names = names
        return names, self._given, self._take(flat, len(names) + 1)

    def _take(self, flat: array[float], columns: int) -> array[float]:
        rows = np.asarray(flat).reshape(-1, columns)
        width = self.width if self._taken == 0 else max(self.width, -(-2 * flat.buffer_info()[1] // MOST_NUMBERS))
        full = len(rows) // width * width
        packed = envelope(rows[:full], width)
        self._taken += full
        self._given += len(packed)
        rest = envelope(rows[full:], max(1, len(rows) - full))
        return floats(np.concatenate([packed, rest]))


def floats(rows: np.ndarray) -> array[float]:
    """Rows as the page takes them: flat, in 32 bits."""
    return array("f", rows.astype("float32").tobytes())


def envelope(rows: np.ndarray, width: int) -> np.ndarray:
    """Rows put together: every `width` of them become two, the extremes of each column.

    >>> envelope(np.array([[0.0, 5], [1, 9], [2, 1], [3, 4]]), 4).tolist()
    [[0.0, 9.0], [3.0, 1.0]]

    rows: positions in the first column, values in the others; their number a multiple of `width`.
    """
    if width <= 2 or not len(rows):
        return rows  # Two rows are their own extremes.
    cube = rows.reshape(-1, width, rows.shape[1])
    values = cube[:, :, 1:]
    least, greatest = np.fmin.reduce(values, axis=1), np.fmax.reduce(values, axis=1)
    known = np.isfinite(values)
    falls = np.where(known, values, np.inf).argmin(axis=1) > np.where(known, values, -np.inf).argmax(axis=1)
    packed = np.empty((len(cube), 2, rows.shape[1]))
    packed[:, 0, 0], packed[:, 1, 0] = cube[:, 0, 0], cube[:, -1, 0]
    packed[:, 0, 1:], packed[:, 1, 1:] = np.where(falls, greatest, least), np.where(falls, least, greatest)
    return packed.reshape(-1, rows.shape[1])


def thin(rows: np.ndarray, buckets: int) -> np.ndarray:
    """At most that many buckets of rows, each as its two extremes; the last bucket may be smaller."""
    width = max(1, -(-len(rows) // buckets))
    full = len(rows) // width * width
    return np.concatenate([envelope(rows[:full], width), envelope(rows[full:], max(1, len(rows) - full))])
