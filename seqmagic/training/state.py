"""The state of a model in training: every number that the next step depends on."""

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
LARGEST_PART = 0.1  # Of the memory that is free: a copy beyond that could cost the training its room.


@dataclass(frozen=True)
class Moment:
    """A moment of a training: so many whole epochs, and so many batches of the next one."""

    epoch: int = 0
    step: int = 0


@dataclass(frozen=True)
class State:
    """A copy of a model's numbers: weights and random states, what its optimizer remembers, what its metrics have counted.

    Each is a list of arrays in Keras's own order. With them goes what callbacks have noted, and what an early stop has seen.
    """

    moment: Moment
    model: list[np.ndarray]
    optimizer: list[np.ndarray]
    metrics: list[np.ndarray]
    callbacks: CallbackMemory = field(default_factory=CallbackMemory)
    early_stop: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_finite(self) -> bool:
        """Whether all weights are numbers."""
        return all(map(is_finite, self.model))


def is_finite(array: np.ndarray) -> bool:
    """Whether all in an array are numbers, none of them NaN or infinity."""
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def capture(
    model: keras.Model, moment: Moment, callbacks: CallbackMemory | None = None, early_stop: Mapping[str, Any] | None = None
) -> State:
    """Copy the state of a model.

    Args:
        callbacks: what they have noted.
        early_stop: what that has seen.
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
    """Give a model the weights, random states and optimizer of another moment. The metrics belong to an epoch: `put_metrics_back`."""
    _assign(model_variables(model), state.model)
    if state.optimizer:
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        _assign(_optimizer_variables(model), state.optimizer)
    else:
        forget(model)


def put_metrics_back(model: keras.Model, state: State) -> bool:
    """Let the metrics go on in the middle of the state's epoch; False where they are others now, such as those of another compile line."""
    variables = metric_variables(model)
    if [tuple(variable.shape) for variable in variables] != [array.shape for array in state.metrics]:
        return False
    _assign(variables, state.metrics)
    return True


def restore(model: keras.Model, state: State) -> None:
    """Give a model the weights of a state, to begin from there: the optimizer forgets what belongs to other weights."""
    put_back(model, State(state.moment, state.model, [], state.metrics))
    forget(model)


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


def has_weights(model: keras.Model, state: State) -> bool:
    """Whether a model's variables are those of a state, bit for bit. Where they are not, that shows in the first ones."""
    return fits(model, state) and all(
        np.array_equal(_copy(variable), array, equal_nan=array.dtype.kind == "f")
        for variable, array in zip(model_variables(model), state.model, strict=True)
    )


def checksum_of(model: keras.Model) -> int:
    """A number that shows whether a model's weights were changed since; what predicting alone changes doesn't count."""
    found = 0
    for weight in model.weights:
        found = crc32(np.ascontiguousarray(weight.numpy()).view(np.uint8).data, found)
    return found


def fits(model: keras.Model, state: State) -> bool:
    """Whether a state belongs to a model like this one."""
    return [tuple(variable.shape) for variable in model_variables(model)] == [array.shape for array in state.model]


def fits_optimizer(model: keras.Model, state: State) -> bool:
    """Whether what an optimizer remembers belongs to one like this model's; one that has no variables yet may become so."""
    shapes = [tuple(variable.shape) for variable in _optimizer_variables(model)]
    return not shapes or not state.optimizer or shapes == [array.shape for array in state.optimizer]


def learning_rate_in(model: keras.Model, state: State) -> float | None:
    """The learning rate of a state of this model; None where no number in it is that."""
    rate = rate_variable(model.optimizer)
    pairs = zip(_optimizer_variables(model), state.optimizer, strict=False)
    return next((float(array) for variable, array in pairs if variable is rate), None)


def is_small(model: keras.Model) -> bool:
    """Whether there is room for some copies of a model's state."""
    return 3 * sum(int(np.prod(variable.shape)) * 4 for variable in model.variables) <= LARGEST_PART * available_bytes()


def take_weights(model: keras.Model) -> list[np.ndarray]:
    """Copy the weights of a model, in the order of its `get_weights()`."""
    return [_copy(variable) for variable in model.weights]


def size_of_weights(model: keras.Model) -> int:
    """How many bytes such a copy has."""
    return sum(math.prod(variable.shape) * tf.as_dtype(variable.dtype).size for variable in model.weights)


def model_variables(model: keras.Model) -> list[Any]:
    """The variables of a model, and those that its layers carry from batch to batch without listing them, as stateful RNNs do."""
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
    """The variables of all metrics, the running loss among them."""
    return [variable for metric in model.metrics for variable in metric.variables]


def _optimizer_variables(model: keras.Model) -> list[Any]:
    return list(model.optimizer.variables) if model.optimizer is not None and model.optimizer.built else []


def _copy(variable: Any) -> np.ndarray:
    return np.array(variable.numpy())  # What TensorFlow gives may be the variable's own memory.


def _assign(variables: list[Any], values: list[np.ndarray]) -> None:
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)
