"""Shared layers: a layer that pasted code creates once and uses again, which shares its weights."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from seqmagic.language.syntax import Call, Chain, Sequence, Value

# Layers that have layers in their brackets.
HOLDERS = {"Sequential", "Bidirectional", "TimeDistributed", "SpectralNormalization", "Wrapper"}
# Layers without weights: it makes no difference whether there is one of them or several.
WEIGHTLESS = re.compile(
    r"Activation|(?:Leaky|Thresholded)?ReLU|ELU|Softmax|\w*Dropout\w*|GaussianNoise|\w*Pool(?:ing)?[123]?D?|Flatten|Reshape|Permute"
    r"|RepeatVector|Rescaling|Resizing|Masking|(?:ZeroPadding|UpSampling|Cropping)[123]D"
)


class SharedLayers:
    """The layers that code has put into its network so far."""

    def __init__(self) -> None:
        self.placed: dict[int, Value] = {}

    def place(self, value: Value) -> bool:
        """Put the layers of a value into the network; whether one of them with weights is there already."""
        found = False
        for layer in layers_in(value):
            found |= id(layer) in self.placed and not _is_weightless(layer)
            self.placed[id(layer)] = layer  # As long as it is kept, no other object has its id.
        return found


def layers_in(value: Any) -> Iterator[Value]:
    """The layers of a value: itself, those of a list, and those in the brackets of another layer."""
    if isinstance(value, Sequence):
        for item in value.items:
            yield from layers_in(item)
    elif isinstance(value, Chain):
        yield value
    elif isinstance(value, Call):
        yield value
        if _name_of(value) in HOLDERS:
            for argument in value.arguments:
                yield from layers_in(argument.value)


def _is_weightless(layer: Value) -> bool:
    return isinstance(layer, Call) and WEIGHTLESS.fullmatch(_name_of(layer)) is not None


def _name_of(call: Call) -> str:
    return call.word.text.rpartition(".")[2]
