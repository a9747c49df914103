"""The survey: the plan of a model that is there already."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from seqmagic.language import Layer, print_layer
from seqmagic.model.arguments import Names
from seqmagic.model.arithmetic import shape_arithmetic
from seqmagic.model.description import Describer
from seqmagic.model.isolation import work_apart
from seqmagic.model.plan import Plan, Row, spoken_weight
from seqmagic.model.wording import Telling, input_of


def survey(model: keras.Sequential, names: Names | None = None) -> Plan:
    """The layers of a model with their shapes, parameters and memory, as `make_plan` gives them for a text.

    >>> survey(keras.Sequential([keras.Input((784,)), keras.layers.Dense(10)])).parameters()
    7850
    """
    return work_apart(lambda: _survey(model, Describer(names)))


def _survey(model: keras.Sequential, describer: Describer) -> Plan:
    inputs = input_of(model)
    shape = None if inputs is None else tuple(inputs["batch_shape"][1:])
    telling = Telling(ranked=inputs is None)
    rows: list[Row] = []
    before = shape
    for layer in model.layers:
        rows.append(_row(layer, _as_written(telling.layer(describer.layer(layer))), before))
        before = rows[-1].after
    return Plan(tuple(rows), None if inputs is None else {"shape": shape})


def _as_written(line: Layer) -> Layer:
    return replace(line, text=print_layer(replace(line, label=None)))


def _row(layer: Any, line: Layer, before: Any) -> Row:
    weights = tuple(spoken_weight(variable) for variable in layer.weights)
    if before is None:
        return Row(line, type(layer), weights=weights)
    after = tuple(layer.compute_output_shape((None, *before))[1:])
    return Row(line, type(layer), before, after, weights, shape_arithmetic(layer, before, after))
