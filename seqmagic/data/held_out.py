"""Held-out rows: which rows of data in memory are used for validation, and the split of everything that has one entry per row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from seqmagic.data.classes import numbers_of_classes
from seqmagic.language.fit_words import STRATIFIED

# The seed is fixed, so that two runs are compared on the same rows and a resumed run holds out the same rows again. Of NumPy's generators
# only RandomState guarantees the same stream in every version.
SEED = 0


def count_held_out(rows: int, share: float) -> int:
    """The number of rows in a share: as many as Keras's own `validation_split` takes."""
    return rows - int(rows * (1 - share))


def draw_held_out(rows: int, share: float, classes: np.ndarray | None = None) -> np.ndarray:
    """A boolean mask of the rows to hold out, drawn at random with a fixed seed.

    >>> draw_held_out(10, 0.3).nonzero()[0]
    array([2, 4, 8])
    >>> draw_held_out(10, 0.3, np.array([0, 0, 0, 0, 0, 0, 0, 0, 1, 1])).nonzero()[0]
    array([2, 4, 8])

    Args:
        rows: the number of rows.
        share: the fraction of them to hold out, from 0 to 1.
        classes: the class of each row, for a stratified split: each class gives its share, rounded to whole rows, at least one.
    """
    order = np.random.RandomState(SEED).permutation(rows)
    if classes is not None:
        order = order[np.argsort(classes[order], kind="stable")]
        # Spreading each class evenly from 0 to 1 interleaves the classes in proportion.
        places = np.concatenate([np.arange(count) / count for count in np.unique(classes, return_counts=True)[1]])
        order = order[np.argsort(places, kind="stable")]
    held_out = np.zeros(rows, dtype=bool)
    held_out[order[: count_held_out(rows, share)]] = True
    return held_out


def find_held_out(y: Any, rows: int, options: Mapping[str, Any]) -> np.ndarray | None:
    """A boolean mask of the rows that a training holds out; None if it holds out none.

    Args:
        y: the labels.
        rows: the number of rows.
        options: those of `fit`, and `split`; without `split` the last rows are held out, as in Keras.
    """
    share = options.get("validation_split")
    if not share or not rows or options.get("validation_data") is not None:
        return None
    if options.get("split") is None:
        return np.arange(rows) >= rows - count_held_out(rows, share)
    return draw_held_out(rows, share, numbers_of_classes(y) if options["split"] == STRATIFIED else None)


def labels_measured(y: Any, rows: int, options: Mapping[str, Any]) -> Any:
    """The labels that a training is measured on: those of the validation, or all without one; None if they are not in memory.

    Args:
        rows: of the data.
        options: of `fit`.
    """
    validation = options.get("validation_data")
    if validation is not None:
        return validation[1] if isinstance(validation, (list, tuple)) and len(validation) > 1 else None
    held_out = find_held_out(y, rows, options)
    return y if held_out is None else take_rows(y, held_out) if can_be_divided(y) else None


def divide(x: Any, y: Any, options: Mapping[str, Any], held_out: np.ndarray) -> tuple[Any, Any, dict[str, Any]]:
    """Data and options of a training with the held-out rows moved to `validation_data`, together with their weights.

    Args:
        x, y: arrays, tables or tensors, or several of them in a list, tuple or dict.
    """
    weights = options.get("sample_weight")
    parts = [part for part in (x, y, weights) if part is not None]
    kept = {name: value for name, value in options.items() if name not in ("validation_split", "split")}
    kept["validation_data"] = tuple(take_rows(part, held_out) for part in parts) if y is not None else (take_rows(x, held_out),)
    if weights is not None:
        kept["sample_weight"] = take_rows(weights, ~held_out)
    return take_rows(x, ~held_out), None if y is None else take_rows(y, ~held_out), kept


def take_rows(part: Any, which: np.ndarray) -> Any:
    """Select rows of an array or table; of several arrays, the same rows of each.

    Args:
        which: a boolean mask, or the indices of the rows.
    """
    positions = np.flatnonzero(which) if which.dtype == bool else which
    if part is None:  # Of several outputs, some may have no weights.
        return None
    if is_table(part):
        return part.iloc[positions]
    if isinstance(part, np.ndarray):
        return part[which]
    if keras.ops.is_tensor(part):
        return tf.gather(part, positions)
    return keras.tree.map_structure(lambda inner: take_rows(inner, which), part)


def is_table(part: Any) -> bool:
    """Whether the data is a DataFrame or a Series."""
    return hasattr(part, "iloc") and hasattr(part, "to_numpy")


def can_be_divided(part: Any) -> bool:
    """Whether each part of the data is in memory and can be indexed by row."""
    leaves = (leaf for leaf in leaves_of(part) if leaf is not None)
    return all(is_table(leaf) or isinstance(leaf, np.ndarray) or keras.ops.is_tensor(leaf) for leaf in leaves)


def leaves_of(part: Any) -> list[Any]:
    """The arrays and tables in a nested structure; a table is one leaf, not one per column."""
    return [part] if is_table(part) else list(keras.tree.flatten(part))


def count_rows(x: Any) -> int:
    """The number of rows of data in memory; 0 if it has none."""
    shapes = [getattr(leaf, "shape", None) for leaf in leaves_of(x)]
    return int(shapes[0][0]) if shapes and shapes[0] is not None and len(shapes[0]) and shapes[0][0] else 0
