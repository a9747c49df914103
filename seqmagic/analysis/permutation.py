"""Permutation importance: how much worse a model answers when one column's numbers are dealt out anew among the samples."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.analysis.layer_outputs import as_tensors, filled
from seqmagic.data.held_out import count_rows, is_table, take_rows
from seqmagic.errors import printable

REPEATS = 5
MOST_COLUMNS = 100
MOST_ROWS = 500
SEED = 0  # The same columns matter whenever one looks.
ROWS_AT_ONCE = 100

Score = Callable[[np.ndarray], float]


@dataclass(frozen=True)
class ColumnImportance:
    """How much one column matters.

    Attributes:
        name: the column.
        drops: by how much the score fell, once for each time that the column was dealt out.
    """

    name: str
    drops: np.ndarray

    @property
    def mean(self) -> float:
        """By how much the score fell."""
        return float(self.drops.mean())

    @property
    def std(self) -> float:
        """By how much that varied."""
        return float(self.drops.std())


@dataclass(frozen=True)
class DataColumn:
    """A column that can be dealt out: of a table one column, of a series one channel, of pictures and texts a whole input.

    Attributes:
        name: what it is called.
        deal: gives the data with this column's rows in another order.
    """

    name: str
    deal: Callable[[np.ndarray], Any]


def columns_of(x: Any) -> list[DataColumn]:
    """The columns of some data.

    >>> [column.name for column in columns_of({"age": np.zeros(3), "size": np.zeros((3, 2))})]
    ['age', 'size column 1', 'size column 2']

    Args:
        x: arrays or tables, in a list or dictionary where there are several.
    """
    if isinstance(x, dict):
        parts = [(str(key), part, lambda new, key=key: {**x, key: new}) for key, part in x.items()]
    elif isinstance(x, (list, tuple)):
        parts = [(f"input {place + 1}", part, lambda new, place=place: [*x[:place], new, *x[place + 1 :]]) for place, part in enumerate(x)]
    else:
        parts = [("", x, lambda new: new)]
    return [column for name, part, put in parts for column in _columns_of_part(name, part, put, alone=len(parts) == 1)]


def find_importances(
    predict: Callable[[Any], np.ndarray], columns: list[DataColumn], whole: np.ndarray, score: Score, seed: int = SEED
) -> Generator[ColumnImportance, None, None]:
    """The importance of each column, one after the other.

    The drawing is that of `sklearn.inspection.permutation_importance`, after L. Breiman, "Random forests" (2001), section 10.

    Args:
        predict: the model's outputs for data.
        whole: those for the data as they are.
        score: how good outputs are; more is better.
        seed: what each column is dealt out from.
    """
    base = score(whole)
    for column in columns:
        generator, order = np.random.RandomState(seed), np.arange(len(whole))
        drops = []
        for _ in range(REPEATS):
            generator.shuffle(order)
            drops.append(base - score(predict(column.deal(order))))
        yield ColumnImportance(column.name, np.array(drops))


def predict_rows(model: keras.Model, x: Any) -> np.ndarray:
    """The (first) outputs of a model for some rows, without a training's or a prediction's graph."""
    rows, size = np.arange(count_rows(x)), ROWS_AT_ONCE
    parts = []
    for first in range(0, len(rows), size):
        part = take_rows(x, rows[first : first + size])
        outputs = keras.tree.flatten(model(as_tensors(filled(model, part)), training=False))[0]
        parts.append(np.asarray(outputs)[: count_rows(part)])
    return np.concatenate(parts)


def accuracy(classes: np.ndarray) -> Score:
    """The share of right answers.

    Args:
        classes: the number of each row's class.
    """

    def score(outputs: np.ndarray) -> float:
        flat = outputs.reshape(len(outputs), -1)
        answers = flat.argmax(axis=1) if flat.shape[1] > 1 else (flat[:, 0] > 0.5).astype(int)  # noqa: PLR2004
        return float((answers == classes).mean())

    return score


def r_squared(amounts: np.ndarray) -> Score:
    """The share of the variance that is told by the answers (R²), the mean of several columns: `sklearn.metrics.r2_score`."""
    true = amounts.reshape(len(amounts), -1).astype("float64")
    spread = ((true - true.mean(axis=0)) ** 2).sum(axis=0)

    def score(outputs: np.ndarray) -> float:
        wrong = ((true - outputs.reshape(true.shape)) ** 2).sum(axis=0)
        return float(np.mean(np.where(spread > 0, 1 - wrong / np.where(spread > 0, spread, 1), np.where(wrong > 0, 0.0, 1.0))))

    return score


def _columns_of_part(name: str, part: Any, put: Callable[[Any], Any], *, alone: bool) -> list[DataColumn]:
    if is_table(part) and getattr(part, "ndim", 2) == 2:
        return [DataColumn(printable(str(label)), _deal_table(part, place, put)) for place, label in enumerate(part.columns)]
    if part.ndim in (2, 3) and part.dtype.kind in "fiub":
        word = "column" if part.ndim == 2 else "channel"
        names = [f"{name} {word} {place + 1}".strip() for place in range(part.shape[-1])]
        return [DataColumn(printable(told), _deal_array(part, place, put)) for place, told in enumerate(names)]
    if alone and part.ndim > 1:
        return []
    return [DataColumn(printable(name or "input"), lambda order: put(take_rows(part, order)))]


def _deal_table(table: Any, place: int, put: Callable[[Any], Any]) -> Callable[[np.ndarray], Any]:
    def deal(order: np.ndarray) -> Any:
        new = table.copy()
        new.isetitem(place, table.iloc[order, place].to_numpy())
        return put(new)

    return deal


def _deal_array(array: np.ndarray, place: int, put: Callable[[Any], Any]) -> Callable[[np.ndarray], Any]:
    def deal(order: np.ndarray) -> Any:
        new = array.copy()
        new[..., place] = array[order][..., place]
        return put(new)

    return deal
