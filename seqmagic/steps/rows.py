"""The rows to train on: data in memory, and the order in which each epoch goes through them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import keras
import numpy as np

from seqmagic.network.memory import available_bytes

# Share of the available memory that a copy of the rows may take: training needs the rest.
LARGEST_PART = 0.25


@dataclass(frozen=True)
class Rows:
    """Data, labels and weights, with one row per sample.

    Attributes:
        x, y, weight: arrays of equal length; labels and weights may be missing.
        batch: the batch size.
        seed: for the order of each epoch, together with the epoch's number; None keeps the rows in their order.
    """

    x: np.ndarray
    y: np.ndarray | None
    weight: np.ndarray | None
    batch: int
    seed: int | None = None

    def __len__(self) -> int:
        return len(self.x)

    @property
    def steps(self) -> int:
        """How many batches an epoch has; the last may be smaller."""
        return -(-len(self) // self.batch)

    @property
    def parts(self) -> tuple[np.ndarray | None, ...]:
        """Data, labels and weights, in the order in which Keras's training step takes them."""
        return self.x, self.y, self.weight

    @property
    def row_bytes(self) -> int:
        """Bytes per row, as tensors."""
        return sum(part[:1].size * kept_type(part).itemsize for part in self.parts if part is not None)

    @property
    def can_be_copied(self) -> bool:
        """Whether there is enough memory for a second copy of all rows, as tensors."""
        return len(self) * self.row_bytes <= LARGEST_PART * available_bytes()

    def take(self, which: Any = slice(None)) -> tuple[np.ndarray | None, ...]:
        """The parts of some or all rows, in the dtypes used for training.

        Args:
            which: the indices of the rows, as an array or a slice.
        """
        return tuple(None if part is None else part[which].astype(kept_type(part), copy=False) for part in self.parts)

    def order(self, epoch: int) -> np.ndarray:
        """The order of an epoch: the same each time it is called.

        >>> rows = Rows(np.zeros((5, 2)), None, None, batch=2, seed=7)
        >>> rows.steps, bool((rows.order(3) == rows.order(3)).all()), bool((rows.order(3) == rows.order(4)).all())
        (3, True, False)
        """
        if self.seed is None:
            return np.arange(len(self), dtype="int32")
        return np.random.default_rng((self.seed, epoch)).permutation(len(self)).astype("int32")

    def split(self, share: float) -> tuple[Rows, Rows]:
        """The first rows for training and the last ones, in order, for validation, as with Keras's `validation_split`."""
        cut = int(len(self) * (1 - share))
        return self.part(slice(cut), self.seed), self.part(slice(cut, None))

    def part(self, rows: slice, seed: int | None = None) -> Rows:
        """A slice of the rows; shuffled only if there is a seed."""
        labels, weight = (None if part is None else part[rows] for part in (self.y, self.weight))
        return Rows(self.x[rows], labels, weight, self.batch, seed)


def training_rows(x: Any, y: Any, options: Mapping[str, Any], seed: int) -> tuple[Rows | None, Rows | None]:
    """The training rows of data in memory, and the held-out rows; None for data that only Keras's own loop can feed.

    Args:
        options: those of `fit`: batch_size, shuffle, sample_weight, class_weight, validation_split, validation_batch_size,
            validation_steps.
    """
    if options.get("steps_per_epoch") or options.get("shuffle", True) not in (True, False):
        return None, None
    parts = _as_parts((x, y, options.get("sample_weight")))
    weights_of_classes = options.get("class_weight")
    if parts is None or (weights_of_classes and (parts[2] is not None or parts[1] is None)):
        return None, None  # For class_weight together with sample_weight, Keras explains what is wrong.
    rows = Rows(*parts, int(options.get("batch_size") or 32), seed if options.get("shuffle", True) else None)
    held_out, share = None, options.get("validation_split")
    if share and options.get("validation_data") is None:
        rows, held_out = rows.split(share)
        held_out = _first_batches(held_out, options)
    if weights_of_classes and rows.y is not None:
        # After the split, because class weights don't apply to held-out rows.
        rows = replace(rows, weight=_weights_of(rows.y, weights_of_classes))
    return rows, held_out


def validation_rows(pair: Any, options: Mapping[str, Any]) -> Rows | None:
    """The same for the rows of `validation_data`."""
    if not isinstance(pair, (list, tuple)) or not 1 <= len(pair) <= 3:
        return None
    parts = _as_parts((*pair, None, None)[:3])
    return None if parts is None else _first_batches(Rows(*parts, 0), options)


def _first_batches(rows: Rows, options: Mapping[str, Any]) -> Rows:
    """The rows used for validation: with `validation_steps`, the same first batches each time."""
    steps = options.get("validation_steps")
    # As in Keras: without a batch size, `validation_steps` divides the rows into that many batches.
    size = options.get("validation_batch_size") or options.get("batch_size") or (-(-len(rows) // int(steps)) if steps else 32)
    whole = replace(rows, batch=int(size))
    return whole.part(slice(int(steps) * whole.batch)) if steps else whole


def _as_parts(given: tuple[Any, ...]) -> tuple[np.ndarray, np.ndarray | None, np.ndarray | None] | None:
    """Data, labels and weights as arrays; None if one of them is not an array."""
    data, labels, weight = (_as_rows(part) for part in given)
    lost = any(made is None and part is not None for made, part in zip((data, labels, weight), given, strict=True))
    return None if data is None or lost else (data, labels, weight)


def _as_rows(data: Any) -> np.ndarray | None:
    """Convert data to an array as Keras's own `fit` would, except for the dtype: a Series becomes a column."""
    if hasattr(data, "to_numpy") and hasattr(data, "iloc"):
        values = data.to_numpy()
        values = values[:, None] if values.ndim == 1 else values
    elif isinstance(data, np.ndarray) or (keras.ops.is_tensor(data) and hasattr(data, "numpy") and hasattr(data, "device")):
        values = np.asarray(data)
    else:
        return None
    return values if values.ndim and values.dtype.kind in "biuf" else None


def kept_type(values: np.ndarray) -> np.dtype[Any]:
    """The dtype used for training: floats are converted to Keras's floatx."""
    return np.dtype(keras.config.floatx()) if values.dtype.kind == "f" else values.dtype


def _weights_of(labels: np.ndarray, weights: Mapping[int, float]) -> np.ndarray:
    """The weight of each row's class; a class that is not listed has weight 1."""
    classes = labels.argmax(axis=-1) if labels.ndim > 1 and labels.shape[-1] > 1 else labels.reshape(len(labels))
    known, places = np.unique(np.round(classes).astype("int64"), return_inverse=True)
    return np.array([weights.get(int(number), 1.0) for number in known], keras.config.floatx())[places]
