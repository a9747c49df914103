"""Ranks: infers the rank of a word without one (`conv`) from its input."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from seqmagic.errors import LanguageError, ShapeError
from seqmagic.language import Argument, Call, Chain, Layer, Sequence, Value, Word
from seqmagic.network.catalogue import LAYERS, RANK_LESS, normalize, registry_of_parameter, snake
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext, gettext_noop


def resolve_ranks(layer: Layer, shape: Shape | None, origin: str = "") -> Layer:
    """A layer with each word without a rank (`conv`) replaced by the one (`conv2d`) that fits its input.

    Words in the brackets of a wrapper layer take their rank from the wrapped layer's input.

    Args:
        shape: of the input, without the batch axis; None if it isn't known.
        origin: where the input comes from, for messages.

    Raises:
        LanguageError: If there is no input yet.
        ShapeError: If no rank fits.
    """
    if not has_rank_less(layer):
        return layer
    flow = _Flow(None if shape is None else len(shape), f"{format_shape(shape)}{origin}", shape or ())
    return _resolve(layer, flow)


def has_rank_less(part: Any) -> bool:
    """Whether any word in a part of a program has no rank."""
    if isinstance(part, Word):
        return normalize(part.text.rpartition(".")[2]) in RANK_LESS
    if isinstance(part, tuple):
        return any(map(has_rank_less, part))
    if isinstance(part, Argument):
        return has_rank_less(part.value)
    if isinstance(part, (Layer, Call)):
        return has_rank_less(part.word) or has_rank_less(part.arguments)
    return has_rank_less(part.units if isinstance(part, Chain) else part.items) if isinstance(part, (Chain, Sequence)) else False


@dataclass(frozen=True)
class _Flow:
    """The rank of the input, and how messages describe it."""

    axes: int | None
    text: str
    shape: Shape

    def inside(self, word: Any) -> _Flow:
        """The input inside the brackets of a layer: `time_distributed` applies its layer to each time step."""
        is_steps = isinstance(word, Word) and normalize(word.text.rpartition(".")[2]) == "timedistributed"
        return replace(self, axes=self.axes - 1) if is_steps and self.axes is not None else self


def _resolve(part: Layer | Call, flow: _Flow) -> Any:
    inner = flow.inside(part.word)
    arguments = tuple(_resolve_argument(argument, inner) for argument in part.arguments)
    word: Any = _ranked(part.word, flow) if isinstance(part.word, Word) else part.word
    return replace(part, word=word, arguments=arguments)


def _resolve_argument(argument: Argument, flow: _Flow) -> Argument:
    is_layer = argument.name is None or registry_of_parameter(argument.name.text) is LAYERS
    return replace(argument, value=_resolve_value(argument.value, flow)) if is_layer else argument


def _resolve_value(value: Value, flow: _Flow) -> Value:
    if isinstance(value, Word):
        return _ranked(value, flow)
    if isinstance(value, Call):
        return _resolve(value, flow)
    if isinstance(value, Chain):
        return replace(value, units=tuple(_resolve(unit, flow) for unit in value.units if isinstance(unit, Layer)))
    if isinstance(value, Sequence):
        return replace(value, items=tuple(_resolve_value(item, flow) for item in value.items))
    return value


def _ranked(word: Word, flow: _Flow) -> Word:
    pattern = RANK_LESS.get(normalize(word.text.rpartition(".")[2]))
    if pattern is None:
        return word
    if flow.axes is None:
        problem = gettext("{word!r} is 1D, 2D or 3D depending on its input, and there is no input yet.", word=word.text)
        raise LanguageError(problem, expected=gettext("an input line first, such as input 28x28x1"), span=word.span)
    extra = 2 if pattern.startswith("ConvLSTM") else 1
    name = pattern.replace("?", f"{flow.axes - extra}D")
    if LAYERS.find(name) is None:
        known = [rank for rank in (1, 2, 3) if LAYERS.find(pattern.replace("?", f"{rank}D"))]
        wanted = gettext(" or ").join(gettext(EXAMPLE_SHAPES[rank + extra - 1]) for rank in known)
        raise ShapeError(
            gettext("{word!r} can't work on {flow}.", word=word.text, flow=flow.text), found=flow.shape, expected=wanted, span=word.span
        )
    return Word(snake(name), word.span)


EXAMPLE_SHAPES = {
    1: gettext_noop("length x channels (100x8)"),
    2: gettext_noop("height x width x channels (28x28x1)"),
    3: gettext_noop("depth x height x width x channels (16x32x32x1)"),
    4: gettext_noop("time x depth x height x width x channels (10x16x32x32x1)"),
}
