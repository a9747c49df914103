"""The builder: from a plan to a real `keras.Sequential`."""

from __future__ import annotations

import keras

from seqmagic.errors import ArgumentError
from seqmagic.model.arguments import Names, first_sentence
from seqmagic.model.plan import Plan, make_layer


def build_model(plan: Plan, names: Names, name: str | None = None) -> keras.Sequential:
    """Make the model that a plan describes, with fresh weights.

    plan: worked out by `make_plan`, so that everything in it is known to fit.
    names: the notebook's own things, as given to `make_plan`.
    name: the model's own name; Keras picks one when it is None.
    """
    layers = [keras.Input(**plan.input)] if plan.input is not None else []
    layers += [make_layer(row.layer, row.target, names) for row in plan.rows]
    try:
        return keras.Sequential(layers, name=name)
    except Exception as error:
        # The plan has tried every layer; what is left is what only shows in all of them together, such as memory running out.
        raise ArgumentError(f"Keras can't build this network: {first_sentence(error)}") from error
