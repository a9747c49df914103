"""Changes of the output shape: small changes to a network that give it the shape of its labels; each one is tried."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from seqmagic.describe.source import line_of
from seqmagic.keras_internals.threads import held_back_variables
from seqmagic.network.own_thread import work_apart
from seqmagic.network.shape_math import Shape


def lines_that_give(model: keras.Model, wanted: Shape) -> Iterator[str]:
    """Changed lines of a network, each of which alone gives the wanted output shape: another padding, or a resizing layer at the end."""
    if not isinstance(model, keras.Sequential) or not model.built:
        return
    for layer in model.layers:
        config = layer.get_config()
        if config.get("padding") == "valid" and _gives(model, wanted, {layer.name: type(layer).from_config({**config, "padding": "same"})}):
            yield _longer(model, layer, " same")
    if len(wanted) == 3 and None not in wanted and _gives(model, wanted, {}, keras.layers.Resizing(*wanted[:2])):
        yield _longer(model, model.layers[-1], f" -> resizing {wanted[0]} {wanted[1]}")


def _gives(model: keras.Sequential, wanted: Shape, changed: dict[str, Any], *more: Any) -> bool:
    """Whether a model with some layers changed, and more layers appended, gives rows of the wanted shape."""

    def assemble() -> bool:
        with held_back_variables():
            layers = [changed.get(layer.name) or type(layer).from_config(layer.get_config()) for layer in model.layers]
            whole = keras.Sequential([keras.Input(batch_shape=model.input_shape), *layers, *more])
            return tuple(whole.output_shape[1:]) == wanted

    try:
        return work_apart(assemble)
    except Exception:  # noqa: BLE001  # Layers that raise any error don't give the shape.
        return False


def _longer(model: keras.Sequential, layer: Any, added: str) -> str:
    """A layer's line with something appended; "" if its text is not known."""
    span = line_of(model, layer.name)
    return f"{span.source[span.column - 1 : span.end - 1]}{added}" if span is not None else ""
