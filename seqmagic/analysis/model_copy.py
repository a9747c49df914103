"""A copy of a model, with the same layers, which gets the weights of other epochs; the user's model is not changed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import keras
import numpy as np

from seqmagic.describe.source import name_of_model
from seqmagic.errors import DataError, printable
from seqmagic.keras_internals.layers import make_again
from seqmagic.keras_internals.own_random import own_random_numbers
from seqmagic.translation import gettext

CLOSE = 1e-4  # The same computation may be rounded differently in the copy.


class ModelCopy:
    """A copy of a model; its output was compared with the original's.

    It may be created during training, because it only reads the weights.

    >>> model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    >>> copy = ModelCopy(model, np.ones((1, 2)))
    >>> copy.put([np.ones((2, 1)), np.zeros(1)])
    >>> float(copy.model(np.ones((1, 2)))[0, 0])
    2.0

    Raises DataError if the layers can't be recreated.

    Attributes:
        model: the copy.
    """

    def __init__(self, model: keras.Model, x: Any) -> None:
        """Create the copy.

        Args:
            x: some rows to compare the outputs on.
        """
        pairs: list[tuple[Any, Any]] = []
        values = {id(variable): np.array(variable.numpy()) for variable in model.variables}
        try:
            with own_random_numbers():
                # Clone without the compile arguments, which Keras would have to deserialize.
                is_chain = isinstance(model, keras.Sequential)  # A Sequential has no `input` of its own before it is called as a layer.
                ends = (model.inputs[0], model.outputs[0]) if is_chain else (model.input, model.output)
                plain = keras.Model(*ends, name=model.name)
                self.model = keras.models.clone_model(plain, clone_function=partial(_make_again, pairs), recursive=True)
            clones = {id(v): clone for layer, made in pairs for v, clone in zip(layer.weights, made.weights, strict=True)}
            self._targets = [clones[id(variable)] for variable in model.weights]
            self.put([values[id(variable)] for variable in model.weights])
            gives, _ = model.stateless_call(
                [values[id(variable)] for variable in model.trainable_variables],
                [values[id(variable)] for variable in model.non_trainable_variables],
                x,
            )
            outputs = list(zip(keras.tree.flatten(gives), keras.tree.flatten(self.model(x)), strict=True))
        except Exception as error:  # Custom layers may raise anything.
            words = printable(str(error).strip().partition("\n")[0])[:200]
            raise DataError(f"{_unknown(model)} {type(error).__name__}: {words}") from error
        if not all(np.allclose(one, other, rtol=CLOSE, atol=CLOSE, equal_nan=True) for one, other in outputs):
            raise DataError(gettext("{unknown} A second copy gave different outputs.", unknown=_unknown(model)))

    def put(self, weights: Sequence[np.ndarray]) -> None:
        """Set the copy's weights, given in the order of the model's own."""
        for variable, value in zip(self._targets, weights, strict=True):
            variable.assign(value)


def _make_again(pairs: list[tuple[Any, Any]], layer: Any) -> Any:
    pairs.append((layer, make_again(layer)))
    return pairs[-1][1]


def _unknown(model: keras.Model) -> str:
    return gettext(
        "{of_model!r} can't be shown as it was in earlier epochs, because its layers can't be created a second time.",
        of_model=name_of_model(model),
    )
