"""Inputs: the shape of one sample, from an input line or from Keras's arguments on the first layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import keras

from seqmagic.errors import ArgumentError, LanguageError
from seqmagic.language import Argument, Layer, Word
from seqmagic.language import Sequence as Listed
from seqmagic.network.arguments import Names, unknown_variable
from seqmagic.network.catalogue import LAYERS, RANK_LESS, normalize, parameters_of
from seqmagic.network.layers import bind_input, checked_input, convert, is_input
from seqmagic.translation import gettext

# Arguments for it on the first layer in Keras's tutorials: Dense(32, input_shape=(784,)), Dense(32, input_dim=784), ...
ON_FIRST_LAYER = ("input_shape", "batch_input_shape", "input_dim", "input_length", "batch_size")


def split_input(layers: Sequence[Layer], names: Names) -> tuple[dict[str, Any] | None, list[Layer]]:
    """The arguments for `keras.Input`, or None if the input isn't fixed; and the layers after it.

    Raises:
        LanguageError: At a second input.
        ArgumentError: At an invalid one.
    """
    first, *rest = layers
    inputs: dict[str, Any] | None
    if is_input(first):
        inputs = bind_input(first, names)
        if not rest:
            problem = gettext("There is no layer after the input.")
            raise LanguageError(problem, expected=gettext("a layer, such as dense 10 softmax"), span=first.span)
    else:
        inputs, first = _take_from(first, names)
        rest = [first, *rest]
    for layer in rest:
        if is_input(layer):
            raise LanguageError(
                gettext("There is an input line after a layer."), expected=gettext("a single input line, at the top"), span=layer.span
            )
        taken = _spellings(layer, names)
        if taken and (inputs is not None or layer is not first):
            argument = next(iter(taken.values()))
            expected = gettext("the input shape only once, on the first line; all later shapes follow from it")
            raise ArgumentError(gettext("{name!r} can't be used here.", name=argument.name.text), expected=expected, span=argument.span)  # type: ignore[union-attr]
    return inputs, rest


def _spellings(layer: Layer, names: Names) -> dict[str, Argument]:
    """The arguments of a layer that fix its input, unless its class has a parameter of that name."""
    found = {argument.name.text.lower(): argument for argument in layer.arguments if argument.name is not None}
    found = {name: argument for name, argument in found.items() if name in ON_FIRST_LAYER}
    target = _class_of(layer, names) if found else None
    own = parameters_of(target) if target is not None else {}
    return {name: argument for name, argument in found.items() if name not in own}


def _class_of(layer: Layer, names: Names) -> Any:
    if not isinstance(layer.word, Word):
        return None
    word = layer.word.text.rpartition(".")[2]
    return names[word] if isinstance(names.get(word), type) else LAYERS.find(word)


def _take_from(layer: Layer, names: Names) -> tuple[dict[str, Any] | None, Layer]:
    taken = _spellings(layer, names)
    if not taken:
        return None, layer
    values = {name: _size(argument, name, names) for name, argument in taken.items()}
    inputs: dict[str, Any] = {"batch_size": values.get("batch_size")}
    if values.get("batch_input_shape"):
        inputs["batch_size"], *shape = values["batch_input_shape"]
        inputs["shape"] = tuple(shape)
    elif "input_shape" in values:
        inputs["shape"] = values["input_shape"]
    else:
        inputs["shape"] = _shape_from_lengths(layer, values, names)
    return checked_input(inputs, layer.span), replace(layer, arguments=tuple(a for a in layer.arguments if a not in taken.values()))


def _size(argument: Argument, name: str, names: Names) -> Any:
    """A size given on the first layer."""
    for word in argument.value.items if isinstance(argument.value, Listed) else (argument.value,):
        if isinstance(word, Word) and word.text not in names:
            raise unknown_variable(word, names)
    return convert(argument.value, name, names)


def _shape_from_lengths(layer: Layer, values: dict[str, Any], names: Names) -> tuple[Any, ...]:
    dim, length = values.get("input_dim"), values.get("input_length")
    target = _class_of(layer, names)
    if target is keras.layers.Embedding:
        return (length,)
    if dim is None:
        raise ArgumentError(
            gettext("This does not give the shape of one sample."), expected=gettext("input_shape=... too"), span=layer.span
        )
    pattern = RANK_LESS.get(normalize(layer.word.text), "")
    takes_steps = isinstance(target, type) and (
        issubclass(target, (keras.layers.RNN, keras.layers.Bidirectional)) or "1D" in target.__name__
    )
    return (length, dim) if takes_steps or length is not None or pattern else (dim,)
