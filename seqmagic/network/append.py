"""Appending layers to an existing model."""

from __future__ import annotations

from collections.abc import Callable

import keras

from seqmagic.errors import ArgumentError
from seqmagic.language import Program
from seqmagic.network.arguments import Names
from seqmagic.network.layers import first_sentence, make_layer
from seqmagic.network.plan import Plan, make_plan
from seqmagic.translation import gettext


def extend(model: keras.Sequential, program: Program, names: Names, check: Callable[[Plan], object] = lambda _: None) -> None:
    """Append a program's layers to a model, as `model.add` does, keeping its weights.

    The layers are first tried on copies.

    Args:
        check: raises if the planned network is not allowed.

    Raises:
        SeqmagicError: At the line that doesn't fit; the model is then unchanged.
    """
    plan = make_plan(program, names, onto=model)
    check(plan)
    layers = [keras.Input(**plan.input)] if plan.input is not None else []
    layers += [make_layer(row.layer, row.target, names) for row in plan.rows]
    before = len(model.layers)
    try:
        for layer in layers:
            model.add(layer)
    except Exception as error:
        while len(model.layers) > before:
            model.pop()
        raise ArgumentError(
            gettext("Keras can't add this layer: {sentence}", sentence=first_sentence(error)), span=program.layers[0].span
        ) from error
