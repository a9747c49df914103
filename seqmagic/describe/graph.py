"""The graph of a model: which layers each layer takes its input from, and whether the model is a single chain."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import keras

from seqmagic.keras_internals.layers import call_of, operation_of
from seqmagic.network.endpoints import describes_itself
from seqmagic.network.shape_math import Shape


@dataclass(frozen=True)
class LayerCall:
    """One call of a layer, or of an operation such as `a + b`.

    Attributes:
        sources: the layers of its inputs, in order; empty for an input.
        places: the indices of those among the model's calls.
        befores, after: the input and output shapes, without the batch axis; None for the output if there are several.
        outputs: the shape and the dtype of each output.
    """

    operation: Any
    sources: tuple[Any, ...]
    befores: tuple[Shape, ...]
    after: Shape | None
    outputs: tuple[tuple[Shape, str], ...]
    places: tuple[int, ...] = ()


def layer_calls(model: keras.Model) -> list[LayerCall]:
    """Every call of a layer in a graph model, in Keras's order; empty for a subclassed model, or one that is not built.

    >>> a = keras.Input((4,))
    >>> [call.after for call in layer_calls(keras.Model(a, keras.layers.Dense(2)(a)))]
    [(4,), (2,)]
    """
    if not describes_itself(model) or not model.built:
        return []
    found: dict[tuple[int, int], LayerCall] = {}
    sources: dict[tuple[int, int], list[tuple[int, int]]] = {}
    waiting = list(model.outputs)
    while waiting:
        # A layer may be part of several models: only tracing back from this model's outputs stays within it.
        tensor = waiting.pop()
        operation, _, node = call_of(tensor)
        key = _key_of(tensor)
        if key not in found:
            found[key] = _layer_call(operation, node)
            sources[key] = [_key_of(tensor) for tensor in node.input_tensors]
            waiting += node.input_tensors
    order = {id(operation): place for place, operation in enumerate(getattr(model, "operations", model.layers))}
    keys = sorted(found, key=lambda key: (order.get(key[0], len(order)), key[1]))
    place_of = {key: place for place, key in enumerate(keys)}
    return [replace(found[key], places=tuple(place_of[source] for source in sources[key])) for key in keys]


def _key_of(tensor: Any) -> tuple[int, int]:
    """The layer and the index of the call that produced a tensor."""
    operation, number, _ = call_of(tensor)
    return id(operation), number


def _layer_call(operation: Any, node: Any) -> LayerCall:
    sources = tuple(map(operation_of, node.input_tensors))
    befores = tuple(tuple(tensor.shape[1:]) for tensor in node.input_tensors)
    outputs = tuple((tuple(tensor.shape[1:]), str(tensor.dtype)) for tensor in node.output_tensors)
    return LayerCall(operation, sources, befores, outputs[0][0] if len(outputs) == 1 else None, outputs)


def layers_in_line(model: keras.Model) -> list[Any] | None:
    """The layers of a chain in order, without its input; None for a model that branches or joins, and for a subclassed one.

    >>> a = keras.Input((4,))
    >>> [layer.name for layer in layers_in_line(keras.Model(a, keras.layers.Dense(2, name="last")(a)))]
    ['last']
    """
    if isinstance(model, keras.Sequential):
        return list(model.layers)
    calls = layer_calls(model)
    if len(calls) < 2 or len(model.inputs) != 1 or len(model.outputs) != 1 or not isinstance(calls[0].operation, keras.layers.InputLayer):
        return None
    whole = [call.operation for call in calls]
    in_line = all(call.sources == (before,) for call, before in zip(calls[1:], whole, strict=False))
    plain = all(isinstance(operation, keras.Layer) for operation in whole) and len({id(operation) for operation in whole}) == len(whole)
    return whole[1:] if in_line and plain else None
