"""The state of a model in training: every value that the next step depends on."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from zlib import crc32

import keras
import numpy as np
import tensorflow as tf

from seqmagic.keras_internals.compiled import has_plain_rate, rate_variable
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.network.memory import available_bytes
from seqmagic.training.callback_memory import CallbackMemory

VARIABLES = (keras.Variable, tf.Variable)
LARGEST_PART = 0.1  # Of the available memory: larger copies could leave too little for training.


@dataclass(frozen=True)
class Moment:
    """A moment of a training: a number of whole epochs, and of batches of the next one."""

    epoch: int = 0
    step: int = 0


@dataclass(frozen=True)
class State:
    """A copy of a model's state: weights and seed states, optimizer variables, metric variables.

    Each is a list of arrays in Keras's order. The state of callbacks and of early stopping is included.
    """

    moment: Moment
    model: list[np.ndarray]
    optimizer: list[np.ndarray]
    metrics: list[np.ndarray]
    callbacks: CallbackMemory = field(default_factory=CallbackMemory)
    early_stop: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_finite(self) -> bool:
        """Whether all weights are finite."""
        return all(map(is_finite, self.model))


def is_finite(array: np.ndarray) -> bool:
    """Whether all values in an array are finite."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def capture(
    model: keras.Model, moment: Moment, callbacks: CallbackMemory | None = None, early_stop: Mapping[str, Any] | None = None
) -> State:
    """Copy the state of a model.

    Args:
        callbacks: their state.
        early_stop: its state.
    """
    return State(
        moment,
        [_copy(variable) for variable in model_variables(model)],
        [_copy(variable) for variable in _optimizer_variables(model)],
        [_copy(variable) for variable in metric_variables(model)],
        callbacks or CallbackMemory(),
        early_stop or {},
    )


def put_back(model: keras.Model, state: State) -> None:
    """Restore weights, seed states and optimizer variables. Metrics belong to an epoch: see `put_metrics_back`."""
    _assign(model_variables(model), state.model)
    if state.optimizer:
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        _assign(_optimizer_variables(model), state.optimizer)
    else:
        forget(model)


def put_metrics_back(model: keras.Model, state: State) -> bool:
    """Restore the metrics within the state's epoch; False if the metrics have changed, for example by another compile line."""
    variables = metric_variables(model)
    if [tuple(variable.shape) for variable in variables] != [array.shape for array in state.metrics]:
        return False
    _assign(variables, state.metrics)
    return True


def restore(model: keras.Model, state: State) -> None:
    """Restore the weights of a state, to train from there: the optimizer's state, which belongs to other weights, is reset."""
    put_back(model, State(state.moment, state.model, [], state.metrics))
    forget(model)


def forget(model: keras.Model) -> None:
    """Reset the optimizer's state, but keep its learning rate."""
    optimizer = model.optimizer
    if optimizer.built:
        rate = float(optimizer.learning_rate) if has_plain_rate(optimizer) else None
        fresh = type(optimizer).from_config(optimizer.get_config())
        fresh.build(model.trainable_variables)
        _assign(optimizer.variables, [_copy(variable) for variable in fresh.variables])
        if rate is not None:
            optimizer.learning_rate = rate


def has_weights(model: keras.Model, state: State) -> bool:
    """Whether a model's variables equal those of a state, bit for bit. A difference usually shows in the first ones."""
    return fits(model, state) and all(
        np.array_equal(_copy(variable), array, equal_nan=array.dtype.kind == "f")
        for variable, array in zip(model_variables(model), state.model, strict=True)
    )


def checksum_of(model: keras.Model) -> int:
    """A checksum that detects changes of a model's weights; what changes by predicting alone is not included."""
    found = 0
    for weight in model.weights:
        found = crc32(np.ascontiguousarray(weight.numpy()).view(np.uint8).data, found)
    return found


def fits(model: keras.Model, state: State) -> bool:
    """Whether a state has the shapes of this model."""
    return [tuple(variable.shape) for variable in model_variables(model)] == [array.shape for array in state.model]


def fits_optimizer(model: keras.Model, state: State) -> bool:
    """Whether a state's optimizer variables fit this model's optimizer; one without variables may still create them."""
    shapes = [tuple(variable.shape) for variable in _optimizer_variables(model)]
    return not shapes or not state.optimizer or shapes == [array.shape for array in state.optimizer]


def learning_rate_in(model: keras.Model, state: State) -> float | None:
    """The learning rate in a state of this model; None if it contains none."""
    rate = rate_variable(model.optimizer)
    pairs = zip(_optimizer_variables(model), state.optimizer, strict=False)
    return next((float(array) for variable, array in pairs if variable is rate), None)


def is_small(model: keras.Model) -> bool:
    """Whether there is enough memory for some copies of a model's state."""
    return 3 * sum(int(np.prod(variable.shape)) * 4 for variable in model.variables) <= LARGEST_PART * available_bytes()


def take_weights(model: keras.Model) -> list[np.ndarray]:
    """Copy the weights of a model, in the order of `get_weights()`."""
    return [_copy(variable) for variable in model.weights]


def size_of_weights(model: keras.Model) -> int:
    """The bytes of such a copy."""
    return sum(math.prod(variable.shape) * tf.as_dtype(variable.dtype).size for variable in model.weights)


def model_variables(model: keras.Model) -> list[Any]:
    """The variables of a model, including states that layers such as stateful RNNs carry between batches without listing them."""
    variables = list(model.variables)
    known = {id(variable) for variable in variables}
    carried = []
    for layer in layers_inside(model):
        for value in _flat(list(vars(layer).values())):
            if isinstance(value, VARIABLES) and id(value) not in known:
                known.add(id(value))
                carried.append(value)
    return variables + carried


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    else:
        yield value


def metric_variables(model: keras.Model) -> list[Any]:
    """The variables of all metrics, including the running loss."""
    return [variable for metric in model.metrics for variable in metric.variables]


def _optimizer_variables(model: keras.Model) -> list[Any]:
    return list(model.optimizer.variables) if model.optimizer is not None and model.optimizer.built else []


def _copy(variable: Any) -> np.ndarray:
    return np.array(variable.numpy())  # numpy() may return a view of the variable's own memory.


def _assign(variables: list[Any], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
