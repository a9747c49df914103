"""The messages between a kernel and its worker processes. This module does not import Keras: a worker reads its setup before loading it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker process must know first.

    Attributes:
        folder: contains the model, and the rows as .npy files.
        rank: the index of the worker. addresses: host and port of all workers.
        compiled: the model's compile config, as Keras serializes it.
        batches: the batch size for "train" and, if there is validation, "test".
        seed: for the order of each epoch; None keeps the rows in their order.
        threads: how many threads the worker may use.
    """

    folder: str
    rank: int
    addresses: tuple[str, ...]
    compiled: Mapping[str, Any]
    batches: Mapping[str, int]
    seed: int | None
    threads: int


@dataclass(frozen=True)
class Steps:
    """Run some steps, starting at a step of an epoch; the kind is "train" or "test"."""

    kind: str
    epoch: int
    first: int
    count: int


@dataclass(frozen=True)
class Give:
    """Ask for the values of all variables of the model and its optimizer."""


@dataclass(frozen=True)
class Assign:
    """Set variables by their indices, and the metrics' state if it is given."""

    values: Mapping[int, np.ndarray]
    counts: list[np.ndarray] | None = None


@dataclass(frozen=True)
class Measure:
    """Run some steps in one process, on a model used by no other, and return the seconds per step."""


@dataclass(frozen=True)
class Told:
    """The results of some steps.

    Attributes:
        shapes: of the values that a step logs, by name.
        table: one row per step.
        counts: the metrics' state, summed over all workers.
    """

    shapes: Mapping[str, tuple[int, ...]]
    table: np.ndarray
    counts: list[np.ndarray]


@dataclass(frozen=True)
class Ready:
    """A worker has loaded the model; with the shapes of its variables and of its metrics' state."""

    variables: list[tuple[int, ...]]
    counts: list[tuple[int, ...]]


@dataclass(frozen=True)
class Failed:
    """A worker failed; with the reason."""

    kind: str
    text: str


@dataclass(frozen=True)
class Lost:
    """A worker on another machine has ended; with how, and its own error, as in a `WorkerLostError`."""

    how: str
    text: str
