"""Held-out rows: which rows of data in memory are kept aside for the validation, and how all that belongs to a row is divided by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.data.classes import numbers_of_classes
from seqmagic.language.fit_words import STRATIFIED

# The rows are drawn from this seed and no other: two runs are then compared on the same rows, and a run that goes on finds its own again.
# Of all generators of NumPy, only RandomState is promised to stay as it is in every version.
SEED = 0


def count_held_out(rows: int, share: float) -> int:
    """How many rows a share is: as many as Keras's own `validation_split` takes."""
    return rows - int(rows * (1 - share))


def draw_held_out(rows: int, share: float, classes: np.ndarray | None = None) -> np.ndarray:
    """Which rows to keep aside, drawn by chance, and always the same ones: True for those.

    >>> draw_held_out(10, 0.3).nonzero()[0]
    array([2, 4, 8])
    >>> draw_held_out(10, 0.3, np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])).nonzero()[0]
    array([2, 4, 8])

    Args:
        rows: how many there are.
        share: the part of them to keep aside, from 0 to 1.
        classes: the class of each row, of which each then gives its share, as nearly as whole rows allow, and one row or more.
    """
    order = np.random.RandomState(SEED).permutation(rows)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
        # Spread from 0 to 1, the rows of each class stand evenly among those of all.
        places = np.concatenate([np.arange(count) / count for count in np.unique(classes, return_counts=True)[1]])
        order = order[np.argsort(places, kind="stable")]
    held_out = np.zeros(rows, dtype=bool)
    held_out[order[: count_held_out(rows, share)]] = True
    return held_out


def find_held_out(y: Any, rows: int, options: Mapping[str, Any]) -> np.ndarray | None:
    """The rows that a training keeps aside: True for those; None where it keeps none.

    Args:
        y: the labels.
        rows: how many there are.
        options: those of `fit`, and `split`; without that the last rows are meant, as Keras takes them.
    """
    share = options.get("validation_split")
    if not share or not rows or options.get("validation_data") is not None:
        return None
    if options.get("split") is None:
        return np.arange(rows) >= rows - count_held_out(rows, share)
    return draw_held_out(rows, share, numbers_of_classes(y) if options["split"] == STRATIFIED else None)


def divide(x: Any, y: Any, options: Mapping[str, Any], held_out: np.ndarray) -> tuple[Any, Any, dict[str, Any]]:
    """Data and options of a training without the rows that are held out, which are its `validation_data`, with their weights.

    Args:
        x, y: arrays, tables or tensors, or several of them in a list, tuple or dictionary.
    """
    weights = options.get("sample_weight")
    parts = [part for part in (x, y, weights) if part is not None]
    kept = {name: value for name, value in options.items() if name not in ("validation_split", "split")}
    kept["validation_data"] = tuple(take_rows(part, held_out) for part in parts) if y is not None else (take_rows(x, held_out),)
    if weights is not None:
        kept["sample_weight"] = take_rows(weights, ~held_out)
    return take_rows(x, ~held_out), None if y is None else take_rows(y, ~held_out), kept


def take_rows(part: Any, which: np.ndarray) -> Any:
    """Some rows of a part of data; of several arrays those rows of each.

    Args:
        which: True for each row to take, or the positions of the rows.
    """
    positions = np.flatnonzero(which) if which.dtype == bool else which
    if is_table(part):
        return part.iloc[positions]
    if isinstance(part, np.ndarray):
        return part[which]
    if keras.ops.is_tensor(part):
        return tf.gather(part, positions)
    return keras.tree.map_structure(lambda inner: take_rows(inner, which), part)


def is_table(part: Any) -> bool:
    """Whether something is a DataFrame or a Series."""
    return hasattr(part, "iloc") and hasattr(part, "to_numpy")


def can_be_divided(part: Any) -> bool:
    """Whether each part of data is rows in memory."""
    return all(is_table(leaf) or isinstance(leaf, np.ndarray) or keras.ops.is_tensor(leaf) for leaf in leaves_of(part))


def leaves_of(part: Any) -> list[Any]:
    """The arrays and tables that data is made of; of a table its columns are no parts of their own."""
    return [part] if is_table(part) else list(keras.tree.flatten(part))


def count_rows(x: Any) -> int:
    """How many rows data in memory has; 0 for what has none."""
    shapes = [getattr(leaf, "shape", None) for leaf in leaves_of(x)]
    return int(shapes[0][0]) if shapes and shapes[0] is not None and len(shapes[0]) and shapes[0][0] else 0
