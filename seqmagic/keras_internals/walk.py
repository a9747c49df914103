"""A walk through a model: its layers called one after the other, so that what each gives can be seen, and the model stays as it is."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from typing import Any

import keras

from seqmagic.keras_internals.layers import is_of_keras

Way = tuple[Any, ...]  # A layer or operation, behind the models that it is in.


def is_walkable(model: Any) -> bool:
    """Whether it is known what flows where in a model, and nothing but its layers does something to that.

    Risk: low. Without the attribute a model counts as code of its own, and that is said.
    """
    if not isinstance(model, keras.Model) or not is_of_keras(type(model).call):
        return False
    return isinstance(model, keras.Sequential) or _graph_of(model) is not None


def list_ways(model: keras.Model, above: Way = ()) -> list[Way]:
    """Every call of a layer or operation in the order in which `walk` makes them; those inside of a model inside stand in its place.

    Risk: middle. The public `operations` have each layer once, also where it is called twice.

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


def walk(model: keras.Model, x: Any, *, training: bool = False, above: Way = ()) -> Generator[tuple[Way, Any], None, Any]:
    """Call the layers of a model one by one; gives the way to each with its outputs, and returns those of the model.

    Risk: middle. The one public way to the output of any layer is a second model for each, which takes a second to trace.

    Whatever a layer would remember (the state of a recurrent one, moving means, the seed of dropout) it doesn't.

    Args:
        x: a batch of what the model takes; tensors or arrays, in a list or dictionary where there are several.
        training: as layers take it.
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
    """A batch as the tensors that flow into a model, in the order, the ranks and the types of its inputs.

    Risk: middle. The public call of a model does this on its way, and gives nobody what came of it.
    """
    graph = _graph_of(model)
    return [keras.ops.convert_to_tensor(x)] if graph is None else graph._standardize_inputs(x)


def in_its_structure(model: keras.Model, inputs: list[Any]) -> Any:
    """What `as_its_inputs` gave, put together as the model takes it.

    Risk: middle. A model gives its inputs only in a row.
    """
    graph = _graph_of(model)
    return inputs[0] if graph is None else keras.tree.pack_sequence_as(graph._inputs_struct, inputs)


def before_softmax(outputs: Any) -> Any:
    """The scores that a softmax or sigmoid at the end of a model made its probabilities of; the outputs themselves without one.

    Risk: low. Without the attribute a gradient is that of the probability, which is small where a model is sure.
    """
    return getattr(outputs, "_keras_logits", outputs)


def unchanged(values: Iterable[tuple[keras.Variable, Any]] = ()) -> Any:
    """A scope in which variables are read and stay what they are: moving means, seeds, states, what metrics count.

    Risk: low. The class is public, and only described nowhere.

    >>> variable = keras.Variable(1.0)
    >>> with unchanged([(variable, 2.0)]):
    ...     _ = variable.assign(variable + 1)
    ...     print(float(variable))
    3.0
    >>> float(variable)
    1.0

    Args:
        values: variables, each with the tensor that is read instead of its own value.
    """
    return keras.StatelessScope(list(values), collect_losses=True)


def _call(operation: Any, args: Any, kwargs: Any, *, training: bool, above: Way) -> Generator[tuple[Way, Any], None, Any]:
    way = (*above, operation)
    if _can_enter(operation, args, kwargs):
        return (yield from walk(operation, args[0], training=training, above=way))
    if "training" in getattr(operation, "_call_context_args", {}):
        kwargs = {**kwargs, "training": training}
    # Not around the whole walk: between two layers others may use the thread.
    with unchanged():
        outputs = operation(*args, **kwargs)
    yield way, outputs
    return outputs


def _can_enter(operation: Any, args: Any, kwargs: Any) -> bool:
    """Whether a call is that of a model inside, with nothing but what that takes."""
    return is_walkable(operation) and len(args) == 1 and not set(kwargs) - {"training", "mask"}


def _nodes(model: Any) -> Iterator[Any]:
    """The calls in a graph, in an order in which each finds what it needs."""
    by_depth = _graph_of(model)._nodes_by_depth
    for depth in sorted(by_depth, reverse=True):
        yield from (node for node in by_depth[depth] if node.operation and not node.is_input)


def _graph_of(model: Any) -> Any:
    """What knows the graph of a model; None for a chain that was never built, and for code of one's own."""
    if isinstance(model, keras.Sequential):
        return getattr(model, "_functional", None)
    return model if hasattr(model, "_nodes_by_depth") else None
