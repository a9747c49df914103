"""The history of a training: the logs of every batch and every epoch. This module does not use the user interface."""

from __future__ import annotations

import copy
import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqmagic.measure import Best, best_epoch

# Marks a missing value: a NaN with its own bit pattern, to distinguish it from a value that is NaN. The pattern survives copies, the
# ledger's file, and conversion to float32, in which the page looks for it (`MISSING` in table.js).
MISSING = np.uint64(0x7FF8_5E90_0000_0000).view(np.float64)
MOST_BATCHES = 25_000  # Rows; more points than a screen shows, and few enough to send all of them to a page that is reloaded.
FIRST_ROOM = 64  # Initial capacity in rows; it doubles when it is used up.


class Table:
    """Rows of named numbers: the first column is the position in epochs, the others are the values that Keras logs.

    Rows are only appended, so a reader that remembers how many it has seen can ask for the rest.

    Attributes:
        most: the maximum number of rows. Beyond it the table is thinned: of neighbouring rows only the minimum and maximum of each column
        are kept, so that no spike is lost, and the first and the last row. Then `generation` is incremented, and readers must read all rows
        again.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.generation = 0
        self.names: list[str] = []
        # Has spare capacity, so that appending a row rarely copies all of them.
        self._room = np.empty((FIRST_ROOM, 1))
        self._count = 0
        self._lock = threading.Lock()

    def add(self, position: float, values: Mapping[str, float]) -> None:
        """Append a row."""
        self.extend([position], list(values), np.array([list(values.values())]))

    def extend(self, positions: Sequence[float] | np.ndarray, names: Sequence[str], rows: np.ndarray) -> None:
        """Append rows; a column that is new, or missing from `names`, is filled with MISSING, so that all columns have the same length.

        Args:
            rows: an array with one row per position and one column per name.
        """
        with self._lock:
            begin, end = self._count, self._count + len(positions)
            self._make_room(end, [name for name in names if name not in self.names])
            added = self._room[begin:end]
            added[:, 0], added[:, 1:] = positions, MISSING
            added[:, [1 + self.names.index(name) for name in names]] = rows
            self._count = end
            if self.most is not None and end > self.most:
                self._keep(_rows_with_extremes(self._rows, self.most // 2))

    def _make_room(self, rows: int, new: list[str]) -> None:
        if rows > len(self._room):
            self._room = np.concatenate([self._rows, np.empty((rows, self._room.shape[1]))])
        if new:
            self.names += new
            self._room = np.concatenate([self._room, np.full((len(self._room), len(new)), MISSING)], axis=1)

    def cut(self, position: float) -> None:
        """Remove all rows after a position."""
        with self._lock:
            self._keep(np.flatnonzero(self.positions <= position + 1e-9))

    def _keep(self, indices: np.ndarray) -> None:
        self.generation += 1
        self._room, self._count = self._rows[indices], len(indices)

    @property
    def _rows(self) -> np.ndarray:
        return self._room[: self._count]

    @property
    def positions(self) -> np.ndarray:
        """The positions of the rows, in epochs."""
        return self._rows[:, 0]

    @property
    def end(self) -> float:
        """The position of the last row, in epochs; 0 without rows."""
        with self._lock:
            return self._room.item(self._count - 1, 0) if self._count else 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        # A lock can't be copied, and no row may be added during the copy.
        other = Table(self.most)
        with self._lock:
            other.names, other._room, other._count = self.names[:], self._rows.copy(), self._count
        return other

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:  # As in `__deepcopy__`.
            return {"most": self.most, "generation": self.generation, "names": self.names[:], "rows": self._rows.copy()}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.most, self.generation, self.names = kept["most"], kept["generation"], kept["names"]
        self._room, self._count, self._lock = kept["rows"], len(kept["rows"]), threading.Lock()

    def rows_from(self, start: int = 0) -> tuple[list[str], np.ndarray]:
        """The names, and a copy of the rows from `start` on: the position, then each column."""
        with self._lock:
            return self.names[:], self._rows[start:].copy()

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """One column with its positions; empty if there is no such column."""
        with self._lock:
            if name not in self.names:
                return [], []
            return self.positions.tolist(), self._rows[:, 1 + self.names.index(name)].tolist()

    def newest(self) -> dict[str, float]:
        """The last row."""
        with self._lock:
            return dict(zip(self.names, self._room[self._count - 1, 1:].tolist(), strict=True)) if self._count else {}

    def as_dict(self) -> dict[str, list[float]]:
        """Every column as a list of its values without missing ones: one that only some epochs have, such as `val_loss`, is shorter."""
        with self._lock:
            return {name: column[~is_missing(column)].tolist() for name, column in zip(self.names, self._rows.T[1:], strict=True)}

    def __len__(self) -> int:
        return self._count


def is_missing(values: np.ndarray) -> np.ndarray:
    """Which of some numbers are MISSING.

    >>> is_missing(np.array([0.5, math.nan, MISSING])).tolist()
    [False, False, True]
    """
    return np.ascontiguousarray(values, np.float64).view(np.uint64) == np.float64(MISSING).view(np.uint64)


def numbers_of(logs: Mapping[str, Any]) -> dict[str, float]:
    """Keras's logs as plain numbers: a metric with several values, such as one per class, is averaged.

    >>> numbers_of({"loss": 0.5, "f1_score": np.array([0.25, 0.75]), "note": "a callback's text is left out"})
    {'loss': 0.5, 'f1_score': 0.5}
    """
    # Keras's logs are nearly always plain floats; NumPy's mean of a single number would cost time.
    arrays = {name: value if isinstance(value, float) else np.asarray(value) for name, value in logs.items()}
    plain = {name: value for name, value in arrays.items() if isinstance(value, float) or value.dtype.kind in "biuf"}
    return {name: value if isinstance(value, float) else float(np.mean(value)) for name, value in plain.items()}


def arrays_of(logs: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The metrics with several values in Keras's logs, such as one per class.

    >>> arrays_of({"loss": 0.5, "f1_score": np.array([0.25, 0.75])})
    {'f1_score': array([0.25, 0.75])}
    """
    arrays = {name: np.asarray(value) for name, value in logs.items() if not isinstance(value, float)}
    return {name: value for name, value in arrays.items() if value.ndim and value.dtype.kind in "biuf"}


def _parts_of(name: str, array: np.ndarray) -> dict[str, float]:
    """Every element of an array under its own name.

    >>> _parts_of("f1_score", np.array([0.25, 0.75]))
    {'f1_score[0]': 0.25, 'f1_score[1]': 0.75}
    """
    return {f"{name}[{','.join(map(str, place))}]": float(value) for place, value in np.ndenumerate(array)}


def _joined(parts: Table) -> dict[str, list[np.ndarray]]:
    """The arrays in a table of parts, one for each row that contains them."""
    names, rows = parts.rows_from()
    columns: dict[str, list[tuple[list[int], np.ndarray]]] = {}
    for part, column in zip(names, rows.T[1:], strict=True):
        name, _, place = part.removesuffix("]").rpartition("[")
        columns.setdefault(name, []).append(([int(index) for index in place.split(",")], column))
    whole: dict[str, list[np.ndarray]] = {}
    for name, pieces in columns.items():
        places = np.array([place for place, _ in pieces]).T
        arrays = np.full((len(rows), *(places.max(axis=1) + 1)), MISSING)
        arrays[(slice(None), *places)] = np.array([column for _, column in pieces]).T
        whole[name] = [array for array in arrays if not is_missing(array).any()]
    return whole


def _rows_with_extremes(rows: np.ndarray, wanted: int) -> np.ndarray:
    """The indices of about `wanted` rows at most: the ends, and the minimum and maximum of each column in each interval.

    The intervals are equally long in epochs, so rows that were thinned before are not thinned more than new ones.
    """
    columns = rows.shape[1] - 1
    edges = np.linspace(rows[0, 0], rows[-1, 0], max(2, wanted // (2 * columns)) + 1)
    stretch = np.searchsorted(edges[1:-1], rows[:, 0], side="right")
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    # Sorted within each interval, with NaN last, so the first one is the minimum.
    extremes = [np.lexsort((values, stretch))[starts] for column in rows.T[1:] for values in (column, -column)]
    return np.unique(np.concatenate([[0, len(rows) - 1], *extremes]))


class History:
    """The logs of a model over one run or several.

    Attributes:
        batches: one row per batch, with the running mean of the epoch; thinned if there are very many.
        epochs: one row per epoch, with the validation metrics. After Stop, the last row's position is a fraction of an epoch.
        parts: all values of metrics with several values, such as one per class, one row per epoch; `batches` and `epochs` contain their
        mean.
        loss_since: the position from which the current loss was used; earlier loss values are not comparable.
    """

    def __init__(self) -> None:
        self.batches = Table(MOST_BATCHES)
        self.epochs = Table()
        self.parts = Table()
        self.loss_since = 0.0

    def copy(self) -> History:
        """A copy, to be continued."""
        return copy.deepcopy(self)

    @property
    def position(self) -> float:
        """The number of finished epochs; a fraction after Stop within an epoch."""
        return self.epochs.end

    @property
    def reached(self) -> float:
        """The position including the current or interrupted epoch."""
        return max(self.epochs.end, self.batches.end)

    def add_epoch(self, position: float, logs: Mapping[str, Any]) -> None:
        """Append Keras's logs of an epoch."""
        self.epochs.add(position, numbers_of(logs))
        parts = [_parts_of(name, array) for name, array in arrays_of(logs).items()]
        if parts:
            self.parts.add(position, {name: value for part in parts for name, value in part.items()})

    def as_dict(self) -> dict[str, list[Any]]:
        """The epochs in the form of Keras's `History.history`: for each name a list of numbers, or of arrays."""
        whole = self.epochs.as_dict()
        return {**whole, **{name: arrays for name, arrays in _joined(self.parts).items() if name in whole}}

    @property
    def counts(self) -> dict[str, int]:
        """The number of values of metrics of which `batches` and `epochs` contain the mean, without the val_ ones."""
        counted = Counter(part.rpartition("[")[0] for part in self.parts.names if not part.startswith("val_"))
        return {name: count for name, count in counted.items() if count > 1}

    def last(self) -> dict[str, float]:
        """The latest value of each metric: of the current epoch if there is one, otherwise of the last."""
        newest = self.epochs.newest()
        if self.batches.end > self.position:
            newest |= self.batches.newest()
        # A metric of an earlier run is missing; one that came to NaN must be shown.
        return {name: value for name, value in newest.items() if not (math.isnan(value) and is_missing(np.array(value)))}

    def best(self) -> Best | None:
        """The best whole epoch: by its val_loss if there is any, otherwise by its loss.

        Epochs that were trained with another loss are ignored.
        """
        return best_epoch(*self.epochs.rows_from(), since=self.loss_since)

    def cut(self, epoch: int, part: float = 0.0) -> None:
        """Remove everything after a position: a number of whole epochs, and a fraction of the next one."""
        self.epochs.cut(epoch)
        self.parts.cut(epoch)
        self.batches.cut(epoch + part)
