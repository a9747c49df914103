"""What a kernel and its worker processes say to each other. Nothing here needs Keras: a worker reads its setup before it loads that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class WorkerSetup:
    """What a worker process needs to know before all else.

    Attributes:
        folder: with the model, and the rows as files of NumPy.
        rank: its number. ports: of all workers, on this machine.
        compiled: what the model is compiled with, as Keras writes it down.
        batches: the size of a batch, for "train" and, where there is a validation, "test".
        seed: what the order of each epoch is drawn from; None leaves the rows as they stand.
        threads: how many it may calculate with.
    """

    folder: str
    rank: int
    ports: tuple[int, ...]
    compiled: Mapping[str, Any]
    batches: Mapping[str, int]
    seed: int | None
    threads: int


@dataclass(frozen=True)
class Steps:
    """Take so many steps, from one of an epoch on; the kind is "train" or "test"."""

    kind: str
    epoch: int
    first: int
    count: int


@dataclass(frozen=True)
class Give:
    """Give the values of all variables of the model and its optimizer."""


@dataclass(frozen=True)
class Assign:
    """Give variables other values, by their places; and the metrics what they have counted, or nothing."""

    values: Mapping[int, np.ndarray]
    counts: list[np.ndarray] | None = None


@dataclass(frozen=True)
class Measure:
    """Take some steps in one process, with a model that nobody else has, and say how many seconds one takes."""


@dataclass(frozen=True)
class Told:
    """What steps gave.

    Attributes:
        shapes: of the numbers that a step reports, by their names.
        table: a row for each step.
        counts: what the metrics have counted, of all workers together.
    """

    shapes: Mapping[str, tuple[int, ...]]
    table: np.ndarray
    counts: list[np.ndarray]


@dataclass(frozen=True)
class Ready:
    """A worker has the model; with the shapes of its variables, and of what its metrics count."""

    variables: list[tuple[int, ...]]
    counts: list[tuple[int, ...]]


@dataclass(frozen=True)
class Failed:
    """A worker could not do what it was asked for, and why."""

    kind: str
    text: str
