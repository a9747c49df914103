"""Kinds of data, all of the same few rows."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import tensorflow as tf

Log = list[Any]
Data = Callable[[Log], tuple[Any, ...]]

_RANDOM = np.random.default_rng(11)
ROWS, BATCH = 18, 4
X = _RANDOM.normal(size=(ROWS, 4)).astype("float32")
Z = _RANDOM.normal(size=(ROWS, 3)).astype("float32")
CLASSES = _RANDOM.integers(0, 3, ROWS)
NUMBERS = (X @ _RANDOM.normal(size=(4, 1))).astype("float32")
SERIES = _RANDOM.normal(size=(16, 5, 3)).astype("float32")
STEPS = _RANDOM.normal(size=(16, 5, 2)).astype("float32")
TOKENS = _RANDOM.integers(0, 6, (16, 5))
PICTURES = _RANDOM.uniform(size=(10, 6, 6, 2)).astype("float32")
MASKS = _RANDOM.integers(0, 2, (10, 6, 6, 1)).astype("float32")
WEIGHTS = np.linspace(0.1, 2, ROWS).astype("float32")
ONE_HOT = keras.utils.to_categorical(CLASSES, 3)


def given(*parts: Any) -> Data:
    """The same things each time."""
    return lambda log: parts


arrays = given(X, CLASSES)


def dataset(x: Any = X, y: Any = CLASSES, weight: Any = None, batch: int = BATCH) -> tf.data.Dataset:
    parts = tuple(part for part in (x, y, weight) if part is not None)
    return tf.data.Dataset.from_tensor_slices(parts).batch(batch)


def batches(log: Log | None = None, *, endless: bool = False, rows: int = ROWS, parts: tuple[Any, ...] = (X, CLASSES)) -> Iterator[Any]:
    """A generator, which tells each batch that is drawn."""
    while True:
        for start in range(0, rows, BATCH):
            if log is not None:
                log.append(start)
            yield tuple(part[start : min(rows, start + BATCH)] for part in parts)
        if not endless:
            return


class Batches(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types.
    """A PyDataset. kind: what it gives, such as tuple or list."""

    def __init__(self, parts: tuple[Any, ...] = (X, CLASSES), kind: Callable[..., Any] = tuple, **options: Any) -> None:
        super().__init__(**options)
        self.parts, self.kind = parts, kind

    def __len__(self) -> int:
        return math.ceil(len(self.parts[0]) / BATCH)

    def __getitem__(self, index: int) -> Any:
        return self.kind(part[index * BATCH : (index + 1) * BATCH] for part in self.parts)


class Endless(Batches):
    @property
    def num_batches(self) -> None:
        return None

    def __getitem__(self, index: int) -> Any:
        return super().__getitem__(index % 4)


FORMS: dict[str, tuple[Data, dict[str, Any]]] = {
    "arrays": (arrays, {}),
    "float64": (given(X.astype("float64"), CLASSES), {}),
    "float16": (given(X.astype("float16"), CLASSES), {}),
    "whole numbers": (given((X * 4).astype("int32"), CLASSES), {}),
    "uint8": (given((abs(X) * 4).astype("uint8"), CLASSES.astype("uint8")), {}),
    "truth": (given(X > 0, CLASSES), {}),
    "labels as a column": (given(X, CLASSES[:, None]), {}),
    "Fortran order": (given(np.asfortranarray(X), CLASSES), {}),
    "every other row": (given(np.repeat(X, 2, 0)[::2], CLASSES), {}),
    "tensors": (given(tf.constant(X), tf.constant(CLASSES)), {}),
    "a DataFrame and a Series": (given(pd.DataFrame(X), pd.Series(CLASSES)), {}),
    "a DataFrame of whole numbers and truth": (given(pd.DataFrame({"a": X[:, 0] > 0, "b": CLASSES, "c": 1.5, "d": 2}), CLASSES), {}),
    "tf.data": (lambda log: (dataset(),), {}),
    "tf.data, weighted": (lambda log: (dataset(weight=WEIGHTS),), {}),
    "tf.data, endless": (lambda log: (dataset().repeat(),), {"steps_per_epoch": 3}),
    "tf.data, an epoch is a part": (lambda log: (dataset(),), {"steps_per_epoch": 2}),
    "tf.data, dropped remainder": (lambda log: (tf.data.Dataset.from_tensor_slices((X, CLASSES)).batch(BATCH, drop_remainder=True),), {}),
    "tf.data, shuffled with a seed": (
        lambda log: (tf.data.Dataset.from_tensor_slices((X, CLASSES)).shuffle(ROWS, seed=3).batch(BATCH),),
        {},
    ),
    "tf.data, of unknown length": (lambda log: (dataset().filter(lambda x, y: True),), {}),
    "tf.data, of unknown length, in steps": (lambda log: (dataset().filter(lambda x, y: True).repeat(),), {"steps_per_epoch": 5}),
    "a generator for one epoch": (lambda log: (batches(),), {"epochs": 1}),
    "a generator, endless": (lambda log: (batches(endless=True),), {"steps_per_epoch": 4}),
    "a generator that ends too early": (lambda log: (batches(),), {"steps_per_epoch": 3}),
    "a generator, weighted": (lambda log: (batches(endless=True, parts=(X, CLASSES, WEIGHTS)),), {"steps_per_epoch": 5}),
    "a PyDataset": (lambda log: (Batches(),), {"shuffle": False}),
    "a PyDataset of lists": (lambda log: (Batches(kind=list),), {"shuffle": False}),
    "a PyDataset, weighted": (lambda log: (Batches((X, CLASSES, WEIGHTS), list),), {"shuffle": False}),
    "a PyDataset with two workers": (lambda log: (Batches(workers=2),), {"shuffle": False}),
    "a PyDataset, shuffled": (lambda log: (Batches(),), {}),
    "a PyDataset, endless": (lambda log: (Endless(),), {"steps_per_epoch": 3, "shuffle": False}),
    "rows in steps": (arrays, {"steps_per_epoch": 2, "batch_size": 5, "shuffle": False}),
    "rows in steps without a size": (arrays, {"steps_per_epoch": 3, "shuffle": False}),
    "labels missing": (given(X), {}),
    "too few labels": (given(X, CLASSES[:-1]), {}),
    "labels beside a dataset": (lambda log: (dataset(), CLASSES), {}),
    "text": (given(np.array([["a"] * 4] * ROWS), CLASSES), {}),
    "nothing": (given(X[:0], CLASSES[:0]), {}),
    "a wrong width": (given(Z, CLASSES), {}),
    "a list of rows": (given(X.tolist(), CLASSES.tolist()), {}),
    "a function that makes a generator": (given(batches), {}),
}
