"""The history of a training: what every batch and every epoch gave. It knows no screen."""

from __future__ import annotations

import copy
import math
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqmagic.measure import Best, best_epoch

# What a row doesn't have: one of the many NaNs that there are, so that a number which came out as NaN is not taken for it. It survives
# copies, the ledger's file, and being made a 32-bit number, in which the page looks for it (`MISSING` in table.js).
MISSING = np.uint64(0x7FF8_5E90_0000_0000).view(np.float64)
MOST_BATCHES = 25_000  # Rows; more than a screen has points, and few enough to be sent at once to a page that was loaded anew.
FIRST_ROOM = 64  # Rows; it doubles when they are used up.


class Table:
    """Rows of numbers under names: the first column is the position in epochs, the others are what Keras reports.

    Rows are only ever added, so a reader that remembers how many it has seen asks for the rest.

    Attributes:
        most: how many rows are kept. When there are more, the table is thinned: of neighbours only those stay that are the lowest or
            highest in some column, so that no spike is lost, and the first and the last row. `generation` then grows: a reader must ask for
            all rows anew.
    """

    def __init__(self, most: int | None = None) -> None:
        self.most = most
        self.generation = 0
        self.names: list[str] = []
        # Has room for more rows than there are, so that most come without a copy of all.
        self._room = np.empty((FIRST_ROOM, 1))
        self._count = 0
        self._lock = threading.Lock()

    def add(self, position: float, values: Mapping[str, float]) -> None:
        """Append a row."""
        self.extend([position], list(values), np.array([list(values.values())]))

    def extend(self, positions: Sequence[float] | np.ndarray, names: Sequence[str], rows: np.ndarray) -> None:
        """Append rows; a column that is new or not among the names is filled with MISSING, so that all stay equally long.

        Args:
            rows: an array of a row for each position and a column for each name.
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
        """Forget all rows behind a position."""
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
        """Where the rows stand, in epochs."""
        return self._rows[:, 0]

    @property
    def end(self) -> float:
        """Where the last row stands, in epochs; 0 while there is none."""
        with self._lock:
            return self._room.item(self._count - 1, 0) if self._count else 0.0

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        # A lock can't be copied, and a row must not come in between.
        other = Table(self.most)
        with self._lock:
            other.names, other._room, other._count = self.names[:], self._rows.copy(), self._count
        return other

    def __getstate__(self) -> dict[str, Any]:
        with self._lock:  # As for a copy.
            return {"most": self.most, "generation": self.generation, "names": self.names[:], "rows": self._rows.copy()}

    def __setstate__(self, kept: dict[str, Any]) -> None:
        self.most, self.generation, self.names = kept["most"], kept["generation"], kept["names"]
        self._room, self._count, self._lock = kept["rows"], len(kept["rows"]), threading.Lock()

    def rows_from(self, start: int = 0) -> tuple[list[str], np.ndarray]:
        """The names, and a copy of the rows from `start` on: the position, then each column."""
        with self._lock:
            return self.names[:], self._rows[start:].copy()

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """One column with its positions; empty where there is no such column."""
        with self._lock:
            if name not in self.names:
                return [], []
            return self.positions.tolist(), self._rows[:, 1 + self.names.index(name)].tolist()

    def newest(self) -> dict[str, float]:
        """The last row."""
        with self._lock:
            return dict(zip(self.names, self._room[self._count - 1, 1:].tolist(), strict=True)) if self._count else {}

    def as_dict(self) -> dict[str, list[float]]:
        """Every column as a list of the numbers that there are: one that only some epochs have, such as `val_loss`, is shorter."""
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
    """What Keras reports, as plain numbers: a metric that gives several, such as one for each class, counts with their mean.

    >>> numbers_of({"loss": 0.5, "f1_score": np.array([0.25, 0.75]), "note": "a callback's text is left out"})
    {'loss': 0.5, 'f1_score': 0.5}
    """
    # Keras gives plain numbers nearly always; NumPy's mean of one number is not free.
    arrays = {name: value if isinstance(value, float) else np.asarray(value) for name, value in logs.items()}
    plain = {name: value for name, value in arrays.items() if isinstance(value, float) or value.dtype.kind in "biuf"}
    return {name: value if isinstance(value, float) else float(np.mean(value)) for name, value in plain.items()}


def arrays_of(logs: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """What Keras reports in several numbers, such as one for each class.

    >>> arrays_of({"loss": 0.5, "f1_score": np.array([0.25, 0.75])})
    {'f1_score': array([0.25, 0.75])}
    """
    arrays = {name: np.asarray(value) for name, value in logs.items() if not isinstance(value, float)}
    return {name: value for name, value in arrays.items() if value.ndim and value.dtype.kind in "biuf"}


def _parts_of(name: str, array: np.ndarray) -> dict[str, float]:
    """Every number of an array under a name of its own.

    >>> _parts_of("f1_score", np.array([0.25, 0.75]))
    {'f1_score[0]': 0.25, 'f1_score[1]': 0.75}
    """
    return {f"{name}[{','.join(map(str, place))}]": float(value) for place, value in np.ndenumerate(array)}


def _joined(parts: Table) -> dict[str, list[np.ndarray]]:
    """The arrays that a table of parts holds, one for each row that has it."""
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
    """The indices of at most about so many rows: the ends, and of each stretch the lowest and highest of each column.

    The stretches are equally long in epochs: what was thinned before is not thinned more than what is new.
    """
    columns = rows.shape[1] - 1
    edges = np.linspace(rows[0, 0], rows[-1, 0], max(2, wanted // (2 * columns)) + 1)
    stretch = np.searchsorted(edges[1:-1], rows[:, 0], side="right")
    starts = np.flatnonzero(np.diff(stretch, prepend=-1))
    # Sorted within each stretch, with NaN behind all numbers, the first is the lowest.
    extremes = [np.lexsort((values, stretch))[starts] for column in rows.T[1:] for values in (column, -column)]
    return np.unique(np.concatenate([[0, len(rows) - 1], *extremes]))


class History:
    """What a model went through, over one run or several.

    Attributes:
        batches: a row a batch, the running mean of the epoch so far; thinned when there are very many.
        epochs: a row an epoch, with the validation's numbers. A stopped run's last row stands at a fraction of an epoch.
        parts: of a metric that gives several numbers, such as one for each class, all of them, a row an epoch; `batches` and `epochs` have
            their mean.
        loss_since: how many epochs the model had behind it when it got the loss that it has now; earlier numbers can't be compared.
    """

    def __init__(self) -> None:
        self.batches = Table(MOST_BATCHES)
        self.epochs = Table()
        self.parts = Table()
        self.loss_since = 0.0

    def copy(self) -> History:
        """The same rows, to go on with."""
        return copy.deepcopy(self)

    @property
    def position(self) -> float:
        """How many epochs are behind the model; a fraction after a Stop in mid-epoch."""
        return self.epochs.end

    @property
    def reached(self) -> float:
        """How many epochs are behind the model, with the part of one that is under way or broke off."""
        return max(self.epochs.end, self.batches.end)

    def add_epoch(self, position: float, logs: Mapping[str, Any]) -> None:
        """Append what Keras reports of an epoch."""
        self.epochs.add(position, numbers_of(logs))
        parts = [_parts_of(name, array) for name, array in arrays_of(logs).items()]
        if parts:
            self.parts.add(position, {name: value for part in parts for name, value in part.items()})

    def as_dict(self) -> dict[str, list[Any]]:
        """The epochs in the form of Keras's own `History.history`: a list of numbers, or of arrays, for each name."""
        whole = self.epochs.as_dict()
        return {**whole, **{name: arrays for name, arrays in _joined(self.parts).items() if name in whole}}

    @property
    def counts(self) -> dict[str, int]:
        """How many numbers a metric gives of which `batches` and `epochs` have the mean, without those of the validation."""
        counted = Counter(part.rpartition("[")[0] for part in self.parts.names if not part.startswith("val_"))
        return {name: count for name, count in counted.items() if count > 1}

    def last(self) -> dict[str, float]:
        """The newest number of each kind: of the current epoch where one is under way, else of the last."""
        newest = self.epochs.newest()
        if self.batches.end > self.position:
            newest |= self.batches.newest()
        # NaN also stands for what a row doesn't have, such as a metric of an earlier run; of the loss it is news.
        return {name: value for name, value in newest.items() if name == "loss" or not math.isnan(value)}

    def best(self) -> Best | None:
        """The best whole epoch: by its val_loss if there is any, else by its loss.

        Epochs that were trained with another loss don't count.
        """
        return best_epoch(*self.epochs.rows_from(), since=self.loss_since)

    def cut(self, epoch: int, part: float = 0.0) -> None:
        """Go back to a moment: so many whole epochs, and a part of the next one."""
        self.epochs.cut(epoch)
        self.parts.cut(epoch)
        self.batches.cut(epoch + part)
