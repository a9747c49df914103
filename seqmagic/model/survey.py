"""The survey: the plan of a model that is there already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from seqmagic.language import Layer, print_layer
from seqmagic.model.arguments import Names
from seqmagic.model.arithmetic import Shape, shape_arithmetic
from seqmagic.model.description import Describer
from seqmagic.model.isolation import work_apart
from seqmagic.model.plan import Plan, Row, spoken_weight
from seqmagic.model.telling import Telling
from seqmagic.model.wording import input_of


def survey(model: keras.Sequential, names: Names | None = None) -> Plan:
    """The layers of a model with their shapes, parameters and memory, as `make_plan` gives them for a text.

    >>> survey(keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])).parameters()
    7850
    """
    return work_apart(lambda: _survey(model, Describer(names)))


def _survey(model: keras.Sequential, describer: Describer) -> Plan:
    inputs = input_of(model)
    shape = None if inputs is None else tuple(inputs["batch_shape"][1:])
    telling = Telling(ranked=inputs is None, taken=describer.names or ())
    built = _built_shapes(model)
    rows: list[Row] = []
    before = shape
    for layer in model.layers:
        line = _as_written(telling.layer(describer.layer(layer)))
        after = built.get(layer) or _shape_after(layer, before)
        rows.append(_row(layer, line, before, after))
        before = after
    return Plan(tuple(rows), None if inputs is None else {"shape": shape})


def _as_written(line: Layer) -> Layer:
    return replace(line, text=print_layer(replace(line, label=None)))


def _row(layer: Any, line: Layer, before: Shape | None, after: Shape | None) -> Row:
    weights = tuple(spoken_weight(variable) for variable in layer.weights)
    if before is None or after is None:
        return Row(line, type(layer), before, after, weights=weights)
    return Row(line, type(layer), before, after, weights, shape_arithmetic(layer, before, after))


def _built_shapes(model: keras.Sequential) -> dict[Any, Shape]:
    """What each layer gave when the model was put together, followed back from its end; nothing for one that is not built yet."""
    shapes: dict[Any, Shape] = {}
    try:
        tensor = model.outputs[0]
        while True:
            # A layer may be in several models: only this way leads through this one.
            history = tensor._keras_history  # noqa: SLF001  # There is no other way in.
            if isinstance(history.operation, keras.layers.InputLayer):
                return shapes
            shapes.setdefault(history.operation, tuple(tensor.shape[1:]))
            (tensor,) = history.operation._inbound_nodes[history.node_index].input_tensors  # noqa: SLF001
    except (AttributeError, IndexError, ValueError, TypeError):
        return shapes


def _shape_after(layer: Any, before: Shape | None) -> Shape | None:
    """What a layer says that it makes of a shape; None where it doesn't say."""
    if before is None:
        return None
    try:
        return tuple(layer.compute_output_shape((None, *before))[1:])
    except Exception:  # noqa: BLE001  # A layer of the notebook may not know, and fail in any way.
        return None
