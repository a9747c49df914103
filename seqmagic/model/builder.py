"""The builder: from a plan to a real `keras.Sequential`."""

from __future__ import annotations

import keras

from seqmagic.errors import ArgumentError
from seqmagic.model.arguments import Names, first_sentence
from seqmagic.model.plan import Plan, Row, make_layer


def build_model(plan: Plan, names: Names, name: str | None = None) -> keras.Sequential:
    """Make the model that a plan describes, with fresh weights.

    plan: worked out by `make_plan`, so that everything in it is known to fit.
    names: the notebook's own things, as given to `make_plan`.
    name: the model's own name; Keras picks one when it is None.
    """
    model = keras.Sequential(name=name)
    if plan.input is not None:
        model.add(keras.Input(**plan.input))
    for row in plan.rows:
        _add(model, make_layer(row.layer, row.target, names), row)
    return model


def _add(model: keras.Sequential, layer: keras.layers.Layer, row: Row) -> None:
    try:
        model.add(layer)
    except Exception as error:
        # The plan has tried every layer; what is left, such as memory that somebody else took meanwhile, is told at the line.
        raise ArgumentError(first_sentence(error), span=row.layer.span) from error
