"""The history of a training: what every batch and every epoch gave. It knows no screen."""

from __future__ import annotations

import copy
import math
import threading
from array import array
from collections.abc import Mapping
from typing import Any

import numpy as np


class Table:
    """Rows of numbers under names: the first column is the position in epochs, the others are what Keras reports.

    Rows are only ever added, so a reader that remembers how many it has seen asks for the rest.
    """

    def __init__(self) -> None:
        self.positions = array("d")
        self.columns: dict[str, array[float]] = {}
        self._lock = threading.Lock()

    def add(self, position: float, values: Mapping[str, Any]) -> None:
        """Append a row; a column that is new or missing is filled with NaN, so that all stay equally long.

        A metric that gives several numbers, such as one for each class, counts with their mean.
        """
        # Keras gives plain numbers nearly always; this runs after every batch, and NumPy's mean of one number is not free.
        numbers = {name: value if isinstance(value, float) else float(np.mean(value)) for name, value in values.items()}
        with self._lock:
            for name in numbers:
                if name not in self.columns:
                    self.columns[name] = array("d", [math.nan] * len(self.positions))
            for name, column in self.columns.items():
                column.append(numbers.get(name, math.nan))
            self.positions.append(position)

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        # A lock can't be copied, and a row must not come in between.
        other = Table()
        with self._lock:
            other.positions = self.positions[:]
            other.columns = {name: column[:] for name, column in self.columns.items()}
        return other

    def rows_from(self, start: int) -> tuple[list[str], array[float]]:
        """The names, and the rows from `start` on, flat: position, then each column, row after row."""
        with self._lock:
            names = list(self.columns)
            flat = array("d")
            for index in range(start, len(self.positions)):
                flat.append(self.positions[index])
                flat.extend(self.columns[name][index] for name in names)
            return names, flat

    def curve(self, name: str) -> tuple[list[float], list[float]]:
        """One column with its positions; empty where there is no such column."""
        with self._lock:
            return (list(self.positions), list(self.columns[name])) if name in self.columns else ([], [])

    def newest(self) -> dict[str, float]:
        """The last row."""
        with self._lock:
            return {name: column[-1] for name, column in self.columns.items() if column}

    def as_dict(self) -> dict[str, list[float]]:
        """Every column as a list."""
        with self._lock:
            return {name: list(column) for name, column in self.columns.items()}

    def __len__(self) -> int:
        return len(self.positions)


class History:
    """What a model went through, over one run or several.

    batches: a row a batch, the running mean of the epoch so far.
    epochs: a row an epoch, with the validation's numbers. A stopped run's last row stands at a fraction of an epoch.
    """

    def __init__(self) -> None:
        self.batches = Table()
        self.epochs = Table()

    def copy(self) -> History:
        """The same rows, to go on with."""
        return copy.deepcopy(self)

    @property
    def position(self) -> float:
        """How many epochs are behind the model; a fraction after a Stop in mid-epoch."""
        return self.epochs.positions[-1] if len(self.epochs) else 0.0

    def as_dict(self) -> dict[str, list[float]]:
        """The epochs in the form of Keras's own `History.history`."""
        return self.epochs.as_dict()

    def last(self) -> dict[str, float]:
        """The newest number of each kind: of the current epoch where one is under way, else of the last."""
        newest = self.epochs.newest()
        if len(self.batches) and self.batches.positions[-1] > self.position:
            newest |= self.batches.newest()
        # NaN also stands for what a row doesn't have, such as a metric of an earlier run; of the loss it is news.
        return {name: value for name, value in newest.items() if name == "loss" or not math.isnan(value)}
