"""Keras's layers: nested layers, the origin of tensors, and what a layer stores outside its config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras

# Layers whose vocabulary `adapt` learns.
LOOKING_UP = (keras.layers.TextVectorization, keras.layers.StringLookup, keras.layers.IntegerLookup)


def is_of_keras(thing: Any) -> bool:
    """Whether a class, a function or an object is Keras's own.

    Risk: low. The module names have had this prefix in all of Keras 3.

    >>> is_of_keras(keras.layers.Dense), is_of_keras(keras.layers.Dense(1)), is_of_keras(keras.activations.relu), is_of_keras(len)
    (True, True, True, False)
    """
    return str(getattr(thing, "__module__", "")).startswith("keras.")


def is_preprocessing(layer: Any) -> bool:
    """Whether a layer is a preprocessing layer: for text, categories or images.

    Risk: low. They have no public base class.
    """
    return type(layer).__module__.startswith("keras.src.layers.preprocessing")


def operator_name(operation: Any) -> str:
    """Keras's name for an operation on layer outputs, such as Add for their sum; "" for anything else.

    Risk: low. The operation classes are not public.
    """
    return type(operation).__name__ if type(operation).__module__ == "keras.src.ops.numpy" else ""


def layers_inside(layer: Any) -> list[Any]:
    """All layers nested in a model or a layer, at any depth, without itself.

    Risk: medium. The public `layers` lists only those of a model: not those inside a wrapper or a custom layer.

    >>> [type(layer).__name__ for layer in layers_inside(keras.Sequential([keras.layers.Bidirectional(keras.layers.GRU(2))]))]
    ['Bidirectional', 'GRU', 'GRUCell', 'GRU', 'GRUCell']
    """
    return list(layer._flatten_layers(include_self=False))


def input_layer_of(model: keras.Model) -> keras.layers.InputLayer | None:
    """The input layer of a Sequential, which its public `layers` leaves out; None without one.

    Risk: medium. The public `inputs` fails for a model with only an input, and lacks some settings.
    """
    first = next(iter(model._flatten_layers(include_self=False, recursive=False)), None)
    return first if isinstance(first, keras.layers.InputLayer) else None


def operation_of(tensor: Any) -> Any:
    """The layer or operation that outputs a symbolic tensor.

    Risk: medium. A layer's public `output` fails if it is called twice.
    """
    return tensor._keras_history.operation


def call_of(tensor: Any) -> tuple[Any, int, Any]:
    """The call that produced a symbolic tensor: its operation, the index of the call, and its inputs and outputs.

    Risk: medium. There is no public way from a tensor back to its origin.
    """
    history = tensor._keras_history
    return history.operation, history.node_index, history.operation._inbound_nodes[history.node_index]


def lookup_of(layer: Any) -> Any:
    """The lookup layer inside a layer that converts text to numbers, or the layer itself.

    Risk: medium. A TextVectorization does not show whether its vocabulary was given or adapted.
    """
    return getattr(layer, "_lookup_layer", layer)


def dtype_policy_name(thing: Any, otherwise: Any) -> Any:
    """The name of the dtype policy that a layer was created with.

    Risk: low. Some objects create the public `dtype_policy` only when it is read.
    """
    return getattr(getattr(thing, "__dict__", {}).get("_dtype_policy"), "name", otherwise)


def places_of_settings(thing: Any) -> Iterator[Mapping[str, Any]]:
    """Where an object stores arguments that its config leaves out: its function's keyword arguments, itself, and its cell.

    Risk: medium. An argument that isn't found is written as a gap.
    """
    held = getattr(thing, "__dict__", {})
    yield from (held.get("_fn_kwargs") or {}, held, getattr(held.get("cell"), "__dict__", {}))


def has_drawn_seed(thing: Any) -> bool:
    """Whether a layer's seed was drawn at random, although its config contains one.

    Risk: low. At worst a seed is written, or left out, needlessly.
    """
    return getattr(getattr(thing, "generator", None), "_initial_seed", 0) is None


def make_again(layer: Any) -> Any:
    """A new layer with the same config and vocabulary, without the weights.

    Risk: low. The config of a Lambda contains its function as a string, which Keras refuses to load; here the layer's own function is used.
    A vocabulary from `adapt` is not in the config.
    """
    if type(layer) is keras.layers.Lambda:
        return keras.layers.Lambda(
            layer.function, layer._output_shape, layer.mask, layer.arguments, name=layer.name, dtype=layer.dtype_policy
        )
    config = layer.get_config()
    made = type(layer).from_config(config)
    if isinstance(layer, LOOKING_UP) and config.get("vocabulary") is None:
        made.set_vocabulary(layer.get_vocabulary())
    return made


def name_in_graph(layer: Any, name: str) -> None:
    """Let TensorFlow's graph use another name for a layer than its own, which users and Keras continue to see.

    Risk: medium. Without it a layer with a name such as größe can't be trained.
    """
    # Set on this one instance, bypassing Keras's attribute tracking: its class is unchanged.
    layer.__dict__["_open_name_scope"] = _NamedScope(layer, name)


class _NamedScope:
    """Opens a layer's name scope: Keras's path uses the layer's own name, and the graph the other one."""

    def __init__(self, layer: Any, name: str) -> None:
        self.layer = layer
        self.name = name

    def __call__(self) -> Any:
        scope = type(self.layer)._open_name_scope(self.layer)
        scope._tf_name_scope = keras.name_scope(self.name)._tf_name_scope
        return scope
