"""Permutation importance: how much worse a model's predictions get when one column is shuffled among the samples."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from seqmagic.analysis.forward_pass import output_of
from seqmagic.analysis.forward_slices import forward
from seqmagic.analysis.layer_outputs import spread_rows
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.residuals import residuals_of
from seqmagic.analysis.samples import Form, SamplePart
from seqmagic.data.held_out import take_rows
from seqmagic.translation import gettext, gettext_noop

REPEATS = 5
MOST_COLUMNS = 100
MOST_ROWS = 512
NO_COLUMNS = gettext_noop("There are no columns to shuffle. For images and texts, use the gradients.")
SEED = 0  # Fixed, so that repeated looks give the same importances.


@dataclass(frozen=True)
class ColumnImportance:
    """The importance of one column.

    Attributes:
        name: of the column.
        drops: by how much the score fell, for each repetition.
    """

    name: str
    drops: np.ndarray

    @property
    def mean(self) -> float:
        """The mean drop of the score."""
        return float(self.drops.mean())

    @property
    def std(self) -> float:
        """The standard deviation of the drops."""
        return float(self.drops.std())


@dataclass(frozen=True)
class DataColumn:
    """A column that can be shuffled: a column of a table, a channel of a series, or else a whole input.

    Attributes:
        name: of the column.
        deal: returns the data with this column's rows in another order.
    """

    name: str
    deal: Callable[[np.ndarray], Any]


def columns_of(x: Any, parts: tuple[SamplePart, ...]) -> list[DataColumn]:
    """The columns of some data; empty if the only input is images or text.

    Args:
        x: an array, or several in a list or dict.
        parts: each of them separately, from `samples.gather`.
    """
    keys = list(x) if isinstance(x, dict) else list(range(len(parts)))
    columns: list[DataColumn] = []
    for key, part in zip(keys, parts, strict=True):
        array = x[key] if isinstance(x, (dict, list, tuple)) else x
        columns += _columns_of_part(part, np.asarray(array), partial(_put, x, key), alone=len(parts) == 1)
    return columns


def _put(x: Any, key: Any, new: np.ndarray) -> Any:
    """The data with one of its arrays replaced."""
    if isinstance(x, dict):
        return {**x, key: new}
    return type(x)([*x[:key], new, *x[key + 1 :]]) if isinstance(x, (list, tuple)) else new


def _columns_of_part(part: SamplePart, array: np.ndarray, put: Callable[[np.ndarray], Any], *, alone: bool) -> list[DataColumn]:
    if part.form in (Form.ROW, Form.SERIES) and array.ndim > 1:
        word = gettext("column {place}") if part.form == Form.ROW else gettext("channel {place}")
        named = part.columns or [f"{part.name} {word.format(place=place)}".strip() for place in range(array.shape[-1])]
        return [DataColumn(name, _dealer(array, place, put)) for place, name in enumerate(named)]
    return [] if alone and array.ndim > 1 else [DataColumn(part.name or gettext("the input"), lambda order: put(array[order]))]


def _dealer(array: np.ndarray, place: int, put: Callable[[np.ndarray], Any]) -> Callable[[np.ndarray], Any]:
    def deal(order: np.ndarray) -> Any:
        new = array.copy()
        new[..., place] = array[order][..., place]
        return put(new)

    return deal


def find_importances(
    score: Callable[[Any], float], columns: list[DataColumn], x: Any, rows: int, *, seed: int = SEED
) -> Iterator[ColumnImportance]:
    """Yield the importance of each column.

    Shuffles like `sklearn.inspection.permutation_importance`; the method is L. Breiman's, "Random forests" (2001), section 10.

    Args:
        score: how good the predictions for some data are; more is better.
        x: the unchanged data.
        rows: the number of rows.
        seed: for shuffling each column.
    """
    base = score(x)
    for column in columns:
        generator, order, dealt = np.random.RandomState(seed), np.arange(rows), np.arange(rows)
        drops = []
        for _ in range(REPEATS):
            generator.shuffle(order)
            dealt = dealt[order]
            drops.append(base - score(column.deal(dealt)))
        yield ColumnImportance(column.name, np.array(drops))


def rank_columns(predictions: Predictions, seconds: float = np.inf) -> list[ColumnImportance] | str:
    """The columns by importance, the highest first; or why they can't be ranked, as a sentence.

    Args:
        predictions: for all samples; at most 512 are used, evenly spaced.
        seconds: after which no new column is started.
    """
    now = score_of(predictions)
    if predictions.truth is None:
        return gettext("Finding out which columns matter needs labels.")
    if not predictions.is_whole.any():
        return gettext("The model outputs NaN or infinity for every sample, so the columns can't be compared.")
    if now is None:
        return gettext("Which columns matter can't be found out for an output of this shape.")
    if not np.isfinite(now):
        return gettext("All labels are the same, so the columns can't be compared.")
    rows, samples = spread_rows(len(predictions), MOST_ROWS), predictions.samples
    x = take_rows(samples.x, rows)
    few = replace(samples, x=x, y=None if samples.y is None else take_rows(samples.y, rows))
    columns = columns_of(x, samples.parts)
    if not columns:
        return gettext(NO_COLUMNS)
    if len(columns) > MOST_COLUMNS:
        return gettext(
            "There are {count:,} columns to shuffle one at a time, and the limit is {most_columns}.",
            count=len(columns),
            most_columns=MOST_COLUMNS,
        )

    def score(changed: Any) -> float:
        value = score_of(replace(predictions, samples=few, outputs=_outputs(predictions, changed)))
        return np.nan if value is None else value

    begun, found = time.monotonic(), []
    for importance in find_importances(score, columns, x, len(rows)):
        found.append(importance)
        if time.monotonic() > begun + seconds:
            break
    return sorted(found, key=lambda importance: -importance.mean)


def _outputs(predictions: Predictions, x: Any) -> np.ndarray:
    parts = [output_of(predictions.head, part) for part in forward(predictions.model, x)]
    return np.concatenate(parts)


def score_of(predictions: Predictions) -> float | None:
    """The accuracy, or R² for regression: its mean over the columns whose labels differ; None without labels."""
    if predictions.wrong is not None:
        return float(1 - predictions.wrong.mean())
    found = residuals_of(predictions)
    scores = [residuals.r2 for residuals in found if not np.isnan(residuals.r2)]
    return None if not found else float(np.mean(scores)) if scores else np.nan


def score_name(predictions: Predictions) -> str:
    """The name of the score, in words."""
    return "R²" if predictions.wrong is None else gettext("accuracy")
