"""A case: one model, its data and options, trained both ways and compared."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

import seqmagic
from seqmagic.steps.rows import Rows
from seqmagic.training.reuse import renew
from tests.support.renewed import copy_variables
from tests.support.run_end import end_of

SEED = 5
Log = list[Any]
Train = Callable[["Case", Any, Log], dict[str, list[Any]]]


@dataclass(frozen=True)
class Case:
    """What is trained.

    name: unique; the group stands before the colon.
    model: makes it, compiled. Cases with the same function, one after another, share two models: one that Keras trains, one that we train.
    data: gives what stands before the options of `fit`, anew for each of the two trainings.
    options: gives those of `fit`, likewise.
    shuffled: Keras is given our order of the rows, epoch by epoch.

    `data` and `options` get a list, which callbacks and generators may write into; both lists must be equal in the end.
    """

    name: str
    model: Callable[[], Any]
    data: Callable[[Log], tuple[Any, ...]]
    options: Callable[[Log], dict[str, Any]] = field(default=lambda log: {})
    shuffled: bool = False

    @property
    def group(self) -> str:
        return self.name.partition(":")[0]


@dataclass(frozen=True)
class Trained:
    """What a training left behind."""

    weights: list[np.ndarray]
    optimizer: list[np.ndarray]
    history: dict[str, list[Any]]
    log: Log


@dataclass(frozen=True)
class Outcome:
    """What a comparison gave.

    kind: "bits" (equal to the last bit), "close" (all but the last bits), "refused" (by both), or "differs".
    detail: in which way, or what both said.
    """

    kind: str
    detail: str = ""


def compare(case: Case) -> Outcome:
    """Train a case both ways."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs, ours = _attempt(case, _train_by_keras), _attempt(case, _train_by_seqmagic)
    if isinstance(theirs, Exception) and isinstance(ours, Exception):
        return Outcome("refused", f"{_describe(theirs)} | {_describe(ours)}")
    if isinstance(theirs, Exception) or isinstance(ours, Exception):
        who, error = ("Keras", theirs) if isinstance(theirs, Exception) else ("seqmagic", ours)
        return Outcome("differs", f"refused by {who}: {_describe(error)}")
    found = list(_differences(theirs, ours, exact=True))
    if not found:
        return Outcome("bits")
    coarse = list(_differences(theirs, ours, exact=False))
    return Outcome("differs", "; ".join(coarse)) if coarse else Outcome("close", "; ".join(found))


def _describe(error: Any) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"


def _attempt(case: Case, train: Train) -> Trained | Exception:
    keras.utils.set_random_seed(SEED)
    log: Log = []
    try:
        model = _model_of(case, train)
        keras.utils.set_random_seed(SEED + 1)
        history = train(case, model, log)
    except Exception as error:
        return error
    _last[train] = case.model, model
    optimizer = model.optimizer.variables if model.optimizer is not None else []
    return Trained(_values(model.variables), _values(optimizer), history, log)


# The model of the last case, by who trained it: to trace its steps takes longer than to train it.
_last: dict[Train, tuple[Callable[[], Any], Any]] = {}


def _model_of(case: Case, train: Train) -> Any:
    """A new model, or that of the case before if it is the same one, as it was before it was trained. A failed training leaves none."""
    fresh = case.model()
    made_by, model = _last.pop(train, (None, None))
    if made_by is not case.model:
        return fresh
    if train is _train_by_keras:
        copy_variables(fresh, model)
    else:
        renew(model, fresh)
    return model


def _values(variables: Any) -> list[np.ndarray]:
    return [np.array(variable.value) for variable in variables]


def _train_by_seqmagic(case: Case, model: Any, log: Log) -> dict[str, list[Any]]:
    options = {"epochs": 2, **case.options(log)}
    options.pop("verbose", None)
    return end_of(seqmagic.fit(model, *case.data(log), seed=SEED, **options)).history


def _train_by_keras(case: Case, model: Any, log: Log) -> dict[str, list[Any]]:
    options = {"epochs": 2, "verbose": 0, **case.options(log)}
    data = case.data(log)
    if case.shuffled:
        data = (InOrder(*data, options.pop("sample_weight", None), batch=options.pop("batch_size", 32)),)
        options["shuffle"] = False
    history = model.fit(*data, **options)
    return dict(getattr(history, "history", history) or {})


class InOrder(keras.utils.PyDataset):  # type: ignore[misc]  # Keras ships no types.
    """Rows in the order in which a run goes through them."""

    def __init__(self, x: Any, y: Any, weight: Any, batch: int) -> None:
        super().__init__()
        self.parts = [part for part in (x, y, weight) if part is not None]
        self.batch, self.epoch = batch, -1

    def __len__(self) -> int:
        return math.ceil(len(self.parts[0]) / self.batch)

    def on_epoch_begin(self) -> None:
        self.epoch += 1

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        order = Rows(self.parts[0], None, None, self.batch, SEED).order(max(0, self.epoch))
        rows = order[index * self.batch : (index + 1) * self.batch]
        return tuple(part[rows] for part in self.parts)


def _differences(theirs: Trained, ours: Trained, *, exact: bool) -> Any:
    for what in ("weights", "optimizer"):
        pairs = list(zip(getattr(theirs, what), getattr(ours, what), strict=False))
        if len(getattr(theirs, what)) != len(getattr(ours, what)):
            yield f"{what}: {len(getattr(theirs, what))} and {len(getattr(ours, what))}"
        elif not all(_same(one, other, exact=exact) for one, other in pairs):
            yield f"{what}: off by {max(_distance(one, other) for one, other in pairs):.2g}"
    if list(theirs.history) != list(ours.history):
        yield f"history has {list(theirs.history)} and {list(ours.history)}"
        return
    for name, values in theirs.history.items():
        there = ours.history[name]
        if len(values) != len(there) or not all(_same(one, other, exact=exact) for one, other in zip(values, there, strict=True)):
            yield f"history[{name!r}] is {values} and {there}"
    if theirs.log != ours.log:
        yield f"log: {theirs.log} and {ours.log}"


def _same(one: Any, other: Any, *, exact: bool) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    if one.shape != other.shape:
        return False
    if exact or one.dtype.kind not in "fV":
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    return np.allclose(np.asarray(one, "float64"), np.asarray(other, "float64"), rtol=1e-5, atol=1e-6, equal_nan=True)


def _distance(one: np.ndarray, other: np.ndarray) -> float:
    if one.shape != other.shape:
        return np.inf
    return float(np.max(np.abs(np.asarray(one, "float64") - np.asarray(other, "float64")), initial=0.0))
