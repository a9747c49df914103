"""Keras's layers: those inside of others, what made a tensor, and what a layer keeps beside its config."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import keras


def is_of_keras(thing: Any) -> bool:
    """Whether a class, a function or an object of a class was written by Keras.

    Risk: low. The modules have had this beginning in all of Keras 3.

    >>> is_of_keras(keras.layers.Dense), is_of_keras(keras.layers.Dense(1)), is_of_keras(keras.activations.relu), is_of_keras(len)
    (True, True, True, False)
    """
    return str(getattr(thing, "__module__", "")).startswith("keras.")


def is_preprocessing(layer: Any) -> bool:
    """Whether a layer belongs to those that prepare data: text, categories, pictures.

    Risk: low. They have no class in common that is public.
    """
    return type(layer).__module__.startswith("keras.src.layers.preprocessing")


def operator_name(operation: Any) -> str:
    """What Keras calls an operator between the outputs of layers, such as Add for their sum; "" for all else.

    Risk: low. The classes of operators are public nowhere.
    """
    return type(operation).__name__ if type(operation).__module__ == "keras.src.ops.numpy" else ""


def layers_inside(layer: Any) -> list[Any]:
    """All layers inside a model or a layer, also those inside of others, without itself.

    Risk: middle. The public `layers` gives those of a model alone: not what a wrapper or a layer of the notebook holds.

    >>> [type(layer).__name__ for layer in layers_inside(keras.Sequential([keras.layers.Bidirectional(keras.layers.GRU(2))]))]
    ['Bidirectional', 'GRU', 'GRUCell', 'GRU', 'GRUCell']
    """
    return list(layer._flatten_layers(include_self=False))


def input_layer_of(model: keras.Model) -> keras.layers.InputLayer | None:
    """The input layer that a chain begins with, which its public `layers` leaves out; None without one.

    Risk: middle. The public `inputs` fails for a model of an input alone, and does not have all settings.
    """
    first = next(iter(model._flatten_layers(include_self=False, recursive=False)), None)
    return first if isinstance(first, keras.layers.InputLayer) else None


def operation_of(tensor: Any) -> Any:
    """The layer or operation that gives a symbolic tensor.

    Risk: middle. A layer's public `output` fails where it is used twice.
    """
    return tensor._keras_history.operation


def call_of(tensor: Any) -> tuple[Any, int, Any]:
    """The one call that gave a symbolic tensor: its operation, which call of that it was, and the call's inputs and outputs.

    Risk: middle. There is no public way from a tensor back to where it comes from.
    """
    history = tensor._keras_history
    return history.operation, history.node_index, history.operation._inbound_nodes[history.node_index]


def lookup_of(layer: Any) -> Any:
    """What looks words up in a layer that turns text into numbers: itself, or a layer that it hides.

    Risk: middle. A TextVectorization does not show whether its words were given or learned.
    """
    return getattr(layer, "_lookup_layer", layer)


def dtype_policy_name(thing: Any, otherwise: Any) -> Any:
    """The name of the policy that a layer was made with.

    Risk: low. The public `dtype_policy` of some objects is made at the first look.
    """
    return getattr(getattr(thing, "__dict__", {}).get("_dtype_policy"), "name", otherwise)


def places_of_settings(thing: Any) -> Iterator[Mapping[str, Any]]:
    """Where an object keeps what it was made with and its config leaves out: what its function is called with, itself, its cell.

    Risk: middle. A setting that is nowhere to be found becomes a gap.
    """
    held = getattr(thing, "__dict__", {})
    yield from (held.get("_fn_kwargs") or {}, held, getattr(held.get("cell"), "__dict__", {}))


def has_drawn_seed(thing: Any) -> bool:
    """Whether the seed of a layer's generator was drawn, though its config holds one.

    Risk: low. A seed more or less is written down.
    """
    return getattr(getattr(thing, "generator", None), "_initial_seed", 0) is None


def make_again(layer: Any) -> Any:
    """Another layer of the same settings, without its weights.

    Risk: low. The config of a layer around a function has that as text, which Keras refuses to read; the layer itself has it.
    """
    if type(layer) is not keras.layers.Lambda:
        return type(layer).from_config(layer.get_config())
    return keras.layers.Lambda(layer.function, layer._output_shape, layer.mask, layer.arguments, name=layer.name, dtype=layer.dtype_policy)


def name_in_graph(layer: Any, name: str) -> None:
    """Let TensorFlow's graph call a layer by another name than its own, which people and Keras go on using.

    Risk: middle. Without it a name such as größe can't be trained.
    """
    # On this one layer, past Keras's bookkeeping: its class stays as it is.
    layer.__dict__["_open_name_scope"] = _NamedScope(layer, name)


class _NamedScope:
    """Opens the name scope of a layer: Keras's path has the layer's own name, and the graph the other one."""

    def __init__(self, layer: Any, name: str) -> None:
        self.layer = layer
        self.name = name

    def __call__(self) -> Any:
        scope = type(self.layer)._open_name_scope(self.layer)
        scope._tf_name_scope = keras.name_scope(self.name)._tf_name_scope
        return scope
