"""The plan of an existing model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from seqmagic.describe.graph import layer_calls, layers_in_line
from seqmagic.describe.inspection import Describer
from seqmagic.describe.text_writer import TextWriter, line_of, word_of
from seqmagic.describe.to_text import input_of
from seqmagic.language import Layer, print_layer
from seqmagic.network.arguments import Names
from seqmagic.network.own_thread import work_apart
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row, row_of, size_of, weight_of
from seqmagic.network.shape_math import Shape


def survey(model: keras.Model, names: Names | None = None) -> Plan:
    """The layers of a model with their shapes, parameters and memory, as `make_plan` returns them for a text.

    >>> survey(keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])).parameters()
    7850
    >>> a = keras.Input((4,), name="a")
    >>> survey(keras.Model(a, keras.layers.Add()([a, keras.layers.Dense(4, name="b")(a)]))).rows[-1].sources
    ('a', 'b')

    If the model is not a chain, each row lists its input layers; for a subclassed model only the parameters are known.
    """
    layers = layers_in_line(model)
    if layers is not None:
        return work_apart(lambda: _survey_chain(model, layers, Describer(names)))
    return work_apart(lambda: _survey_graph(model, Describer(names)))


def _survey_graph(model: keras.Model, describer: Describer) -> Plan:
    calls = layer_calls(model)
    writer = TextWriter(ranked=True, taken=describer.names or ())
    if not calls:
        rows_of_parts = [row_of(_line(layer, describer, writer), type(layer), layer, None, None) for layer in model.layers]
        return Plan(_with_weights_once(rows_of_parts, model.layers), None, tuple(layer.name for layer in model.layers))
    rows: list[Row] = []
    for call in calls:
        line = _line(call.operation, describer, writer)
        row = row_of(line, type(call.operation), call.operation, list(call.befores), call.after)
        outputs = tuple((shape, size_of(dtype)) for shape, dtype in call.outputs)
        row = replace(row, output_size=outputs[0][1], several=outputs if call.after is None else ())
        rows.append(replace(row, sources=tuple(source.name for source in call.sources), takes=call.places))
    operations = [call.operation for call in calls]
    return Plan(_with_weights_once(rows, operations), {"shape": calls[0].after}, tuple(operation.name for operation in operations))


def _with_weights_once(rows: Sequence[Row], operations: Sequence[Any]) -> tuple[Row, ...]:
    """Rows of which each has only the weights that none before it has: layers may be called twice, and be part of several models."""
    seen: set[int] = set()
    found = []
    for row, operation in zip(rows, operations, strict=True):
        new = [variable for variable in getattr(operation, "weights", ()) if id(variable) not in seen]
        seen.update(map(id, new))
        found.append(replace(row, weights=tuple(map(weight_of, new))))
    return tuple(found)


def _line(operation: Any, describer: Describer, writer: TextWriter) -> Layer:
    if isinstance(operation, keras.Layer) and not isinstance(operation, keras.layers.InputLayer):
        return _as_written(writer.layer(describer.layer(operation)))
    return line_of(word_of(operation.name), ())


def _survey_chain(model: keras.Model, layers: list[Any], describer: Describer) -> Plan:
    inputs = input_of(model)
    shape = None if inputs is None else tuple(inputs["batch_shape"][1:])
    writer = TextWriter(ranked=inputs is None, taken=describer.names or ())
    # The output shape of each layer when the model was built; empty if it isn't built.
    built = {call.operation: call.after for call in layer_calls(model)}
    rows: list[Row] = []
    before = shape
    for layer in layers:
        line = _as_written(writer.layer(describer.layer(layer)))
        after = built.get(layer) or _shape_after(layer, before)
        rows.append(row_of(line, type(layer), layer, before, after))
        before = after
    return Plan(_with_weights_once(rows, layers), None if inputs is None else {"shape": shape}, tuple(layer.name for layer in layers))


def _as_written(line: Layer) -> Layer:
    return replace(line, text=print_layer(replace(line, label=None)))


def _shape_after(layer: Any, before: Shape | None) -> Shape | None:
    """The output shape that a layer computes for an input shape; None if it can't."""
    if before is None:
        return None
    try:
        return tuple(layer.compute_output_shape((None, *before))[1:])
    except Exception:  # noqa: BLE001  # A custom layer may not implement it, or raise anything.
        return None
