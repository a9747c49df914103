"""A walk through a model: calls its layers one by one, so that their outputs can be inspected, and leaves the model unchanged."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any

import keras

from seqmagic.keras_internals.layers import is_of_keras

Way = tuple[Any, ...]  # A layer or operation, preceded by the models that contain it.


def is_walkable(model: Any) -> bool:
    """Whether a model's graph is known, and its output depends on nothing but its layers.

    Risk: low. Without the attribute a model is treated as a subclassed one, and that is reported.
    """
    if not isinstance(model, keras.Model) or not is_of_keras(type(model).call):
        return False
    return isinstance(model, keras.Sequential) or _graph_of(model) is not None


def list_ways(model: keras.Model, above: Way = ()) -> list[Way]:
    """Every call of a layer or operation, in the order in which `walk` makes them; a nested model is replaced by its calls.

    Risk: medium. The public `operations` lists each layer once, even if it is called twice.

    >>> a = keras.Input((4,))
    >>> inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, name="twice")])
    >>> [way[-1].name for way in list_ways(keras.Model(a, inner(inner(a))))]
    ['twice', 'twice']
    """
    calls: list[tuple[Any, Any, Any]] = [(layer, (model,), {}) for layer in model.layers]
    if _graph_of(model) is not None:
        calls = [(node.operation, node.arguments.args, node.arguments.kwargs) for node in _nodes(model)]
    found: list[Way] = []
    for operation, args, kwargs in calls:
        way = (*above, operation)
        found += list_ways(operation, way) if _can_enter(operation, args, kwargs) else [way]
    return found


def list_calls(model: keras.Model) -> list[tuple[Any, list[Any], list[Any]]]:
    """Every call of a layer or operation in a graph, with its symbolic inputs and outputs; empty without a graph.

    Risk: medium. The public `input` of a layer is that of its first call, which may be in another model.

    >>> a, twice = keras.Input((4,)), keras.layers.Dense(4)
    >>> [(len(inputs), outputs[0].shape) for _, inputs, outputs in list_calls(keras.Model(a, twice(twice(a))))]
    [(1, (None, 4)), (1, (None, 4))]
    """
    nodes = _nodes(model) if _graph_of(model) is not None else ()
    return [(node.operation, list(node.input_tensors), list(node.outputs)) for node in nodes]


def walk(model: keras.Model, x: Any, *, training: bool = False, above: Way = ()) -> Generator[tuple[Way, Any], None, Any]:
    """Call the layers of a model one by one; yields the path to each with its outputs, and returns the model's outputs.

    Risk: medium. The only public way to the output of a layer is a second model for each, which takes a second to trace.

    State that a layer would update (of a recurrent layer, moving means, the seed of dropout) is not changed.

    Args:
        x: a batch of the model's input; tensors or arrays, in a list or dict if there are several.
        training: passed to the layers.
    """
    graph = _graph_of(model)
    if graph is None:
        for layer in model.layers:
            x = yield from _call(layer, (x,), {}, training=training, above=above)
        return x
    values = {id(tensor): value for tensor, value in zip(graph.inputs, as_its_inputs(model, x), strict=True)}
    for node in _nodes(model):
        args, kwargs = node.arguments.fill_in(values)
        outputs = yield from _call(node.operation, args, kwargs, training=training, above=above)
        values |= {id(tensor): value for tensor, value in zip(node.outputs, keras.tree.flatten(outputs), strict=True)}
    packed = keras.tree.pack_sequence_as(graph._outputs_struct, [values[id(tensor)] for tensor in graph.outputs])
    return packed[0] if isinstance(packed, (list, tuple)) and len(packed) == 1 else packed


def as_its_inputs(model: keras.Model, x: Any) -> list[Any]:
    """A batch as the model's input tensors, in the order, with the ranks and the dtypes of its inputs.

    Risk: medium. The public call of a model does this internally, and does not return the result.
    """
    graph = _graph_of(model)
    return [keras.ops.convert_to_tensor(x)] if graph is None else graph._standardize_inputs(x)


def in_its_structure(model: keras.Model, inputs: list[Any]) -> Any:
    """The result of `as_its_inputs`, in the structure that the model takes.

    Risk: medium. The public `inputs` of a model is a flat list.
    """
    graph = _graph_of(model)
    return inputs[0] if graph is None else keras.tree.pack_sequence_as(graph._inputs_struct, inputs)


def before_softmax(outputs: Any) -> Any:
    """The logits of a softmax or sigmoid at the end of a model; the outputs themselves without one.

    Risk: low. Without the attribute, gradients are those of the probability, which are small if the model is confident.
    """
    return getattr(outputs, "_keras_logits", outputs)


def unchanged(values: Iterable[tuple[keras.Variable, Any]] = ()) -> Any:
    """A scope in which variables can be read, and assignments have no lasting effect: moving means, seeds, states, metrics.

    Risk: low. The class is public but undocumented.

    >>> variable = keras.Variable(1.0)
    >>> with unchanged([(variable, 2.0)]):
    ...     _ = variable.assign(variable + 1)
    ...     print(float(variable))
    3.0
    >>> float(variable)
    1.0

    Args:
        values: pairs of a variable and the tensor to read instead of its value.
    """
    return keras.StatelessScope(list(values), collect_losses=True)


def _call(operation: Any, args: Any, kwargs: Any, *, training: bool, above: Way) -> Generator[tuple[Way, Any], None, Any]:
    way = (*above, operation)
    if _can_enter(operation, args, kwargs):
        return (yield from walk(operation, args[0], training=training, above=way))
    if "training" in getattr(operation, "_call_context_args", {}):
        kwargs = {**kwargs, "training": training}
    # Not around the whole walk: other code may use the thread between two layers.
    with unchanged():
        outputs = operation(*args, **kwargs)
    yield way, outputs
    return outputs


def _can_enter(operation: Any, args: Any, kwargs: Any) -> bool:
    """Whether a call is one of a nested model, with only its standard arguments."""
    return is_walkable(operation) and len(args) == 1 and not set(kwargs) - {"training", "mask"}


def _nodes(model: Any) -> Iterator[Any]:
    """The calls in a graph, in topological order."""
    by_depth = _graph_of(model)._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        yield from (node for node in by_depth[depth] if node.operation and not node.is_input)


def _graph_of(model: Any) -> Any:
    """The object with a model's graph; None for a Sequential that was never built, and for a subclassed model."""
    if isinstance(model, keras.Sequential):
        return getattr(model, "_functional", None)
    return model if hasattr(model, "_nodes_by_depth") else None
