"""The folds of a cross-validation: which rows each fold holds out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from seqmagic.data.arrays import as_data
from seqmagic.data.classes import numbers_of_classes
from seqmagic.data.held_out import can_be_divided, count_rows, divide
from seqmagic.errors import DataError
from seqmagic.translation import gettext

OWN_VALIDATION = ("validation_data", "validation_split", "split")


def make_folds(rows: int, count: int, classes: np.ndarray | None = None, seed: int = 0) -> list[np.ndarray]:
    """A boolean mask for each fold of the rows it holds out; each row is held out once.

    >>> [fold.nonzero()[0].tolist() for fold in make_folds(5, 2)]
    [[1, 2, 4], [0, 3]]

    Args:
        rows: the number of rows. count: the number of folds.
        classes: the class of each row, for stratified folds: each fold gets its share of each class, rounded to whole rows.
        seed: for drawing the rows.
    """
    # Of NumPy's generators, only RandomState guarantees the same stream in every version.
    order = np.random.RandomState(seed).permutation(rows)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
    folds = np.zeros((count, rows), dtype=bool)
    for index in range(count):
        folds[index, order[index::count]] = True
    return list(folds)


class Folds:
    """The data of a cross-validation.

    Attributes:
        x, y: all rows.
        count: the number of folds.
    """

    def __init__(self, x: Any, y: Any, count: int, options: Mapping[str, Any], seed: int = 0) -> None:
        self.x, self.y, self.count = as_data(x), as_data(y), count
        given = [name for name in OWN_VALIDATION if options.get(name) is not None]
        if given:
            raise DataError(
                gettext("Each fold is validated on its own rows, but {given} names others.", given=given[0]),
                expected=gettext("only one of the two"),
            )
        if not can_be_divided(self.x) or not (self.y is None or can_be_divided(self.y)):
            raise DataError(gettext("Only data in memory can be split into folds."), expected=gettext("arrays or tables"))
        rows = count_rows(self.x)
        if not 2 <= count <= rows:
            raise DataError(
                gettext("{rows} rows can't be split into {count} folds.", rows=rows, count=count),
                expected=gettext("a number from 2 to {rows}", rows=rows),
            )
        classes = numbers_of_classes(self.y) if self.y is not None else None
        if classes is not None and (len(np.unique(classes)) == rows or len(classes) != rows):
            classes = None
        self._folds = make_folds(rows, count, classes, seed)

    def take(self, index: int, options: Mapping[str, Any]) -> tuple[Any, Any, dict[str, Any]]:
        """Data and options of the training that uses one fold for validation."""
        weights = as_data(options.get("sample_weight"))
        options = options if weights is None else {**options, "sample_weight": weights}
        return divide(self.x, self.y, options, self._folds[index])
