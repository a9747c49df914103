"""The builder: from a plan to a real `keras.Sequential`."""

from __future__ import annotations

import keras

from seqmagic.model.arguments import Names
from seqmagic.model.plan import Plan, make_layer


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
        model.add(make_layer(row.layer, row.target, names))
    return model
