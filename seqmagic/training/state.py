"""The state of a model in training: every number that the next step depends on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from seqmagic.model.memory import available_bytes

LARGEST_PART = 0.1  # Of the memory that is free: a copy beyond that could cost the training its room.


@dataclass(frozen=True)
class Moment:
    """A moment of a training: so many whole epochs, and so many batches of the next one."""

    epoch: int = 0
    step: int = 0


@dataclass(frozen=True)
class State:
    """A copy of a model's numbers: weights and random states, what its optimizer remembers, what its metrics have counted.

    Each is a list of arrays in Keras's own order.
    """

    moment: Moment
    model: list[np.ndarray]
    optimizer: list[np.ndarray]
    metrics: list[np.ndarray]

    @property
    def is_finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(map(is_finite, self.model))


def is_finite(array: np.ndarray) -> bool:
    """Whether all in an array are numbers, none of them NaN or infinity."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def capture(model: keras.Model, moment: Moment) -> State:
    """Copy the state of a model."""
    return State(
        moment,
        [_copy(variable) for variable in model.variables],
        [_copy(variable) for variable in _optimizer_variables(model)],
        [_copy(variable) for variable in metric_variables(model)],
    )


def put_back(model: keras.Model, state: State) -> None:
    """Give a model the weights, random states and optimizer of another moment. The metrics belong to an epoch: `put_metrics_back`."""
    _assign(model.variables, state.model)
    if state.optimizer:
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        _assign(_optimizer_variables(model), state.optimizer)
    else:
        forget(model)


def put_metrics_back(model: keras.Model, state: State) -> None:
    """Let the metrics go on in the middle of the state's epoch."""
    _assign(metric_variables(model), state.metrics)


def forget(model: keras.Model) -> None:
    """Let the optimizer forget what it remembers of the steps so far; its learning rate stays."""
    optimizer = model.optimizer
    if optimizer.built:
        rate = float(optimizer.learning_rate) if has_plain_rate(optimizer) else None
        fresh = type(optimizer).from_config(optimizer.get_config())
        fresh.build(model.trainable_variables)
        _assign(optimizer.variables, [_copy(variable) for variable in fresh.variables])
        if rate is not None:
            optimizer.learning_rate = rate


def has_plain_rate(optimizer: Any) -> bool:
    """Whether the learning rate is a number that can be set, and no schedule or function."""
    # Under mixed_float16 Keras puts an optimizer of its own around the one that was asked for.
    return isinstance(getattr(getattr(optimizer, "inner_optimizer", optimizer), "_learning_rate", None), keras.Variable)


def fits(model: keras.Model, state: State) -> bool:
    """Whether a state belongs to a model like this one."""
    return [tuple(variable.shape) for variable in model.variables] == [array.shape for array in state.model]


def is_small(model: keras.Model) -> bool:
    """Whether there is room for some copies of a model's state."""
    return 3 * sum(int(np.prod(variable.shape)) * 4 for variable in model.variables) <= LARGEST_PART * available_bytes()


def metric_variables(model: keras.Model) -> list[Any]:
    """The variables of all metrics, the running loss among them."""
    return [variable for metric in model.metrics for variable in metric.variables]


def _optimizer_variables(model: keras.Model) -> list[Any]:
    return list(model.optimizer.variables) if model.optimizer is not None and model.optimizer.built else []


def _copy(variable: Any) -> np.ndarray:
    return np.array(variable.value.numpy())  # What TensorFlow gives may be the variable's own memory.


def _assign(variables: list[Any], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
