"""The text writer: writes parts of a description in the language."""

from __future__ import annotations

import inspect
import re
from collections.abc import Container
from collections.abc import Sequence as Several
from typing import Any

import keras

from seqmagic.describe.inspection import Construct, Gap, Reference
from seqmagic.errors import Span
from seqmagic.keras_internals.layers import is_of_keras
from seqmagic.language import Argument, Call, Chain, Expression, Layer, Literal, Repeat, Sequence, Size, Unit, Value, Word
from seqmagic.language.identifiers import IDENTIFIER
from seqmagic.language.syntax import CONSTANTS
from seqmagic.network.arguments import LAYER_PARAMETERS, PADDINGS
from seqmagic.network.catalogue import ACTIVATIONS, COMMON_LAYER_PARAMETERS, parameters_of, short_word, snake
from seqmagic.network.layers import FILE_PARAMETERS

NOWHERE = Span(0, 0, 0)
WORD = re.compile(rf"{IDENTIFIER}(\.{IDENTIFIER})*")
# Sizes that are equal along all axes are written as one number; a kernel size in full, such as 3x3.
SAME_ALONG_AXES = {"strides", "pool_size", "size", "dilation_rate", "padding", "cropping", "output_size"}
TOLD_FIRST = {"pool_size", "size", "padding", "cropping", "learning_rate", "l1", "l2", "value"}  # Optional, but written without a name.
LONGEST_REPEAT = 64  # Layers; longer repeated blocks are not searched for.


class TextWriter:
    """Writes parts of a description as text.

    Attributes:
        ranked: whether words must include their rank, because no input shape is known to infer it from.
        taken: the notebook's variables: a word of Keras with such a name is quoted, so that it stays Keras's.
    """

    def __init__(self, *, ranked: bool, taken: Container[str] = ()) -> None:
        self.ranked = ranked
        self.taken = taken

    def layer(self, part: Construct | Reference | Gap) -> Layer:
        """A layer as a line."""
        if isinstance(part, Gap):
            return line_of(Expression("{...}", NOWHERE), ())
        if isinstance(part, Reference):
            frozen = [named_argument("trainable", Literal(False, NOWHERE))] if getattr(part.thing, "trainable", True) is False else []  # noqa: FBT003
            return line_of(word_of(part.name), frozen)
        if part.target is keras.Sequential:
            return line_of(word_of("sequential"), self._nested(part), part.name)
        inner = next((part.arguments[name] for name in LAYER_PARAMETERS if name in part.arguments), None)
        if isinstance(inner, Construct) and _is_alone(part, inner):
            line = self.layer(inner)
            return line_of(self._layer_word(part.target), (unnamed_argument(line.word), *line.arguments), part.name)
        return line_of(self._layer_word(part.target), self._arguments(part), part.name)

    def _layer_word(self, target: Any) -> Word:
        own = not is_of_keras(target)
        return word_of(target.__name__ if own else short_word(target.__name__, ranked=self.ranked))

    def _nested(self, part: Construct) -> list[Argument]:
        # Inside brackets, the input rank is not tracked from layer to layer.
        inside = TextWriter(ranked=True, taken=self.taken)
        lines = [inside.layer(layer) for layer in part.arguments["layers"]]
        units = fold(lines)
        more = [named_argument("trainable", Literal(False, NOWHERE))] if "trainable" in part.arguments else []  # noqa: FBT003
        if len(units) > 1 or (units and (isinstance(units[0], Repeat) or units[0].arguments)):
            return [unnamed_argument(Chain(units, NOWHERE)), *more]
        return [unnamed_argument(Sequence(tuple(line.word for line in lines), NOWHERE, listed=True)), *more]

    def _arguments(self, part: Construct, *, beside: bool = True) -> list[Argument]:
        """The arguments of an object: the first ones by position, then words without a name, then the others by name.

        Args:
            beside: whether they are separated by blanks; in the brackets of a call only the first ones need no name.
        """
        parameters = parameters_of(part.target)
        left = dict(part.arguments)
        positional: list[Argument] = []
        for name, parameter in parameters.items():
            first = parameter.default is inspect.Parameter.empty or name in TOLD_FIRST
            if name not in left or not first or parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                break
            positional.append(unnamed_argument(self.value(left.pop(name), name)))
        bare = {name: self._bare(name, left[name], parameters[name]) for name in left} if beside else {}
        words = [word for name in sorted(bare, key=lambda name: name != "activation") if (word := bare[name]) is not None]
        named = [named_argument(name, self.value(value, name)) for name, value in left.items() if bare.get(name) is None]
        return [*positional, *words, *named]

    def _bare(self, name: str, value: Any, parameter: inspect.Parameter) -> Argument | None:
        """The bare word that expresses an argument without its name, if there is one."""
        if value is True and parameter.default is False and name not in COMMON_LAYER_PARAMETERS:
            return unnamed_argument(word_of(name))
        if name == "padding" and value in PADDINGS:
            return unnamed_argument(word_of(value))
        if name == "activation" and isinstance(value, str) and ACTIVATIONS.find(value):
            return unnamed_argument(self.value(value, name))
        return unnamed_argument(word_of(value.name)) if name == "activation" and isinstance(value, Reference) else None

    def value(self, part: Any, name: str) -> Value:
        """A value, as written for the parameter of that name."""
        if isinstance(part, Gap):
            return Expression("{...}", NOWHERE)
        if isinstance(part, Reference):
            return word_of(part.name)
        if isinstance(part, Construct):
            return self._made(part, name)
        if isinstance(part, (list, tuple)):
            return self._several(part, name)
        is_word = isinstance(part, str) and WORD.fullmatch(part) and part.lower() not in CONSTANTS and part not in self.taken
        if is_word and name not in FILE_PARAMETERS:  # Strings in a vocabulary are quoted, because a bare word might be a variable.
            return word_of(part)
        return Expression(repr(part), NOWHERE) if isinstance(part, dict) else Literal(part, NOWHERE)

    def _made(self, part: Construct, name: str) -> Value:
        if part.target is keras.layers.StackedRNNCells:
            return self._several(part.arguments["cells"], "cells")
        if issubclass(part.target, keras.layers.Layer):
            line = self.layer(part)
            if part.target is keras.Sequential or not isinstance(line.word, Word):
                return Call(word_of("sequential"), line.arguments, NOWHERE)
            if name.endswith("activation"):  # A bare word would mean the function of that name.
                return Call(line.word, tuple(self._arguments(part, beside=False)), NOWHERE)
            return Call(line.word, tuple(self._arguments(part)), NOWHERE) if line.arguments else line.word
        word = word_of(snake(part.target.__name__) if is_of_keras(part.target) else part.target.__name__)
        arguments = tuple(self._arguments(part, beside=False))
        return Call(word, arguments, NOWHERE) if arguments else word

    def _several(self, part: Several[Any], name: str) -> Value:
        if name in SAME_ALONG_AXES and _alike(part) is not None:
            return Literal(_alike(part), NOWHERE)
        if name == "kernel_size" and len(part) == 1:
            return Literal(part[0], NOWHERE)
        is_size = len(part) > 1 and all(item is None or (type(item) is int and item >= 0) for item in part) and isinstance(part, tuple)
        if is_size:
            return size_of(tuple(part))
        return Sequence(tuple(self.value(item, name) for item in part), NOWHERE, listed=isinstance(part, list))


def _alike(part: Any) -> int | None:
    """The number that all items are equal to, even inside pairs: ((1, 1), (1, 1)) is 1."""
    items = {_alike(item) if isinstance(item, (list, tuple)) else item for item in part}
    only = items.pop() if len(items) == 1 else None
    return only if type(only) is int else None


def _is_alone(wrapper: Construct, inner: Construct) -> bool:
    """Whether all arguments of a wrapper's line are for its inner layer: `bidirectional lstm 32 return_sequences`."""
    plain = not set(inner.arguments) & set(COMMON_LAYER_PARAMETERS) and inner.target is not keras.Sequential
    return (
        plain
        and len(wrapper.arguments) == 1
        and not any(isinstance(value, Construct) and issubclass(value.target, keras.layers.Layer) for value in inner.arguments.values())
    )


def fold(lines: Several[Layer]) -> tuple[Unit, ...]:
    """Find repeated blocks: the one that saves most first, and then within it."""
    units: list[Unit] = []
    at = 0
    while at < len(lines):
        size, count = _longest_repeat(lines, at)
        if count > 1:
            piece = lines[at : at + size]
            units.append(Repeat(tuple(piece) if size == 1 else fold(piece), Literal(count, NOWHERE), NOWHERE))
        else:
            units.append(lines[at])
        at += size * count
    return tuple(units)


def _longest_repeat(lines: Several[Layer], at: int) -> tuple[int, int]:
    best = (1, 1)
    for size in range(1, min(LONGEST_REPEAT, (len(lines) - at) // 2) + 1):
        count = 1
        while lines[at : at + size] == lines[at + size * count : at + size * (count + 1)]:
            count += 1
        if size * (count - 1) > best[0] * (best[1] - 1):
            best = (size, count)
    return best


def word_of(text: str) -> Word:
    """A word without a position in a text."""
    return Word(text, NOWHERE)


def size_of(shape: tuple[int | None, ...]) -> Value:
    """A shape as written: 28x28x1, or one number, or empty brackets."""
    return (
        Literal(shape[0], NOWHERE) if len(shape) == 1 and shape[0] is not None else Size(shape, NOWHERE) if shape else Sequence((), NOWHERE)
    )


def unnamed_argument(value: Value) -> Argument:
    """A positional argument."""
    return Argument(value, None, NOWHERE)


def named_argument(name: str, value: Value) -> Argument:
    """A named argument."""
    return Argument(value, word_of(name), NOWHERE)


def line_of(word: Word | Expression, arguments: Several[Argument], name: str | None = None) -> Layer:
    """A line of a layer; a name that is a valid word becomes its label."""
    labelled = name is not None and WORD.fullmatch(name) and "." not in name
    more = (named_argument("name", Literal(name, NOWHERE)),) if name is not None and not labelled else ()
    label = word_of(name) if labelled and name is not None else None
    return Layer(word, (*arguments, *more), "", NOWHERE, label)
