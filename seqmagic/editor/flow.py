"""The flow: the shape at a position in a text, and the losses that fit the network's output. It runs no code but Keras's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import keras

from seqmagic.editor.notebook import WITH_SHAPES
from seqmagic.errors import SeqmagicError, SeveralErrors, Span
from seqmagic.keras_internals.layers import is_of_keras, layers_inside
from seqmagic.language import Block, Expression, KnownLines, Layer, LiveNames, Program, Step, Word, expressions_in, parse_readable
from seqmagic.language.searched import find_searched, put_in
from seqmagic.network.arguments import Names
from seqmagic.network.catalogue import normalize
from seqmagic.network.expressions import GapError, expression_key, is_gap, with_static_values
from seqmagic.network.layers import bind_input, is_input
from seqmagic.network.output_layer import Ending
from seqmagic.network.pasted import read_pasted
from seqmagic.network.plan import KnownRows, Plan, Walk, follow_layers
from seqmagic.network.row import Row
from seqmagic.network.shape_math import Shape
from seqmagic.options.compile_line import CompileOptions, read_compile
from seqmagic.options.loss_checks import find_mismatches
from seqmagic.translation import gettext

MOST_KEPT = 2_000  # Rows and lines kept between texts.
LONGEST_KEPT = 1.0  # Seconds for which the free memory counts as known: asking takes as long as a short network.
DRAWING = {"augmix"}  # Layers that draw random numbers from other generators than Keras's when they are tried.


@dataclass(frozen=True)
class Flow:
    """The result of following a text.

    Attributes:
        program: the part of the text that could be parsed.
        plan: of the layers before the first one that has an error, or needs user code.
        is_whole: whether these are all layers.
        errors: in words and layers.
        names: of the notebook that the text may use.
        tensor: the output.
        is_family: whether the text has searched values; then this is for its smallest network.
    """

    program: Program | None = None
    plan: Plan | None = None
    is_whole: bool = False
    errors: tuple[SeqmagicError, ...] = ()
    names: Names = field(default_factory=LiveNames)
    tensor: Any = None
    is_family: bool = False

    @property
    def shape(self) -> Shape | None:
        """The output shape; None if it isn't known."""
        if not self.is_whole or self.plan is None:
            return None
        return self.plan.rows[-1].after if self.plan.rows else self.plan.input_shape

    @property
    def ending(self) -> Ending | None:
        """The ending of the network, if all layers are known."""
        return self.plan.ending if self.is_whole and self.plan is not None and self.plan.rows else None


class Memory(KnownRows):
    """A cache between texts: parsed lines, and what depends on no variable: inputs, rows, and the options of compile lines.

    What belongs to a line that has not changed is found by the line's identity, because comparing all lines of a long network takes longer
    than everything else in a check.
    """

    def __init__(self) -> None:
        self.names: Names = {}
        self._settings: Any = None
        self._available: tuple[float, int] | None = None
        self._forget()

    def _forget(self) -> None:
        super().__init__()
        self.lines = KnownLines()
        self._inputs: dict[str, Any] = {}
        self._rows: dict[tuple[Any, ...], tuple[Layer, tuple[Row, Any]]] = {}
        self._compiled: dict[int, tuple[Step, CompileOptions]] = {}

    def begin(self) -> None:
        """Prepare for another text: forget everything if Keras has other settings than before, and what has grown too long."""
        settings = (keras.config.floatx(), keras.config.image_data_format(), keras.config.dtype_policy().name)
        if settings != self._settings:
            self._settings = settings
            self._forget()
        self.lines.shrink(MOST_KEPT)
        kept: tuple[dict[Any, Any], ...] = (self._known, self._rows, self._inputs, self._compiled)
        for one in kept:
            if len(one) > MOST_KEPT:
                one.clear()

    def available(self) -> int:
        """The memory in bytes that the network may take, as it was less than a second ago."""
        if self._available is None or time.monotonic() - self._available[0] > LONGEST_KEPT:
            self._available = time.monotonic(), super().available()
        return self._available[1]

    def input(self, inputs: Mapping[str, Any], span: Span) -> Any:
        """The symbolic input of a network."""
        key = repr(inputs)
        if key not in self._inputs:
            self._inputs[key] = super().input(inputs, span)
        return self._inputs[key]

    def options(self, step: Step, names: Names) -> CompileOptions:
        """The options of a compile line."""
        if any(isinstance(word, Expression) or word.text in names for word in words_in(step)):
            return read_compile(step, names)
        if id(step) not in self._compiled:
            self._compiled[id(step)] = step, read_compile(step, names)
        return self._compiled[id(step)][1]

    def find(self, layer: Layer, tensor: Any, work: Callable[[], tuple[Row, Any]]) -> tuple[Row, Any]:
        """The row of a line and its output tensor, computed if they are not in the cache."""
        contents = layer.contents
        if Expression in contents.kinds or any(word in self.names for word in contents.words):
            return work()
        key = id(layer), None if tensor is None else (tensor.shape, tensor.dtype)
        if key not in self._rows:
            self._rows[key] = layer, super().find(layer, tensor, work)
        return self._rows[key][1]


def follow(text: str, variables: Mapping[str, Any], memory: Memory, onto: Any = None, before: Flow | None = None) -> Flow:
    """Follow a text. Call it in a separate thread, by `work_beside`.

    Args:
        variables: of the notebook.
        memory: the cache.
        onto: the model to which the layers would be appended.
        before: the flow of the whole lines before this text.
    """
    memory.begin()
    program, errors = parse_readable(text, memory.lines)
    if program is None:
        return Flow(errors=tuple(errors))
    known = LiveNames({name: value for name, value in variables.items() if is_harmless(value)})
    names: Names = known
    try:
        # For a family, its smallest network is checked: errors in it affect all of them.
        program, is_family = _smallest(program)
        program = read_pasted(program, {**variables})
        program, has_more = _smallest(program)  # Such as in the options of a choice, or in pasted code.
        if before is not None and before.program is not None:
            blocks = tuple(unit for unit in before.program.units if isinstance(unit, Block))
            program = replace(program, units=(*blocks, *program.units))
        names = memory.names = with_static_values(expressions_in((*program.layers, program.compile)), known)
        walk = _walk(_without_open(program, names, set(variables) - set(known)), names, memory, onto, before)
    except SeqmagicError as error:
        return Flow(program, errors=(*errors, *_singles(error)), names=names)
    is_whole = not walk.errors and not errors
    return Flow(
        program, walk.plan, is_whole, (*errors, *(e for e in walk.errors if not is_gap(e))), names, walk.tensor, is_family or has_more
    )


def _smallest(program: Program) -> tuple[Program, bool]:
    """The smallest network of a family, and whether it is one."""
    searched = find_searched(program)
    return (put_in(program, {one.name: one.ends()[0] for one in searched}) if searched else program), bool(searched)


def _walk(program: Program, names: Names, memory: Memory, onto: Any, before: Flow | None) -> Walk:
    layers = program.layers
    if before is not None and (before.plan is None or not before.is_whole):
        return Walk(Plan(()), (GapError(gettext("The input of this line is not known.")),))
    if not layers:
        return Walk(before.plan if before is not None and before.plan is not None else Plan(()), tensor=before.tensor if before else None)
    if len(layers) == 1 and is_input(layers[0]) and before is None:
        inputs = bind_input(layers[0], names)
        return Walk(Plan((), inputs), tensor=memory.input(inputs, layers[0].span))
    if onto is not None and not is_harmless(onto):
        return Walk(Plan(()), (GapError(gettext("The output of the model is not known.")),))
    return follow_layers(program, names, onto, memory, before.tensor if before is not None else None)


def _singles(error: SeqmagicError) -> tuple[SeqmagicError, ...]:
    return error.errors if isinstance(error, SeveralErrors) else (error,)


def _without_open(program: Program, names: Names, foreign: set[str]) -> Program:
    """A program with a gap for each layer that can't be tried without running user code, or without data."""
    return replace(program, units=tuple(_gap(layer) if _is_open(layer, names, foreign) else layer for layer in program.layers))


def _is_open(layer: Layer, names: Names, foreign: set[str]) -> bool:
    contents = layer.contents
    if Expression not in contents.kinds and contents.words.isdisjoint(foreign) and not any(map(_may_need_data, contents.words)):
        return False
    words = words_in(layer)
    pythons = [word for word in words if isinstance(word, Expression)]
    plain = {word.text for word in words if isinstance(word, Word)}
    adapts = any(argument.name is not None and argument.name.text == "adapt" for argument in layer.arguments)
    is_drawing = bool({normalize(word) for word in plain} & DRAWING)
    return adapts or is_drawing or bool(plain & foreign) or any(expression_key(python) not in names for python in pythons)


@lru_cache(maxsize=1_000)
def _may_need_data(word: str) -> bool:
    return word == "adapt" or normalize(word) in DRAWING


def _gap(layer: Layer) -> Layer:
    return replace(layer, word=Expression("{...}", layer.word.span), arguments=())


def is_harmless(value: Any) -> bool:
    """Whether using a value runs no user code: builtins, data of a known library, or an object of Keras's own classes."""
    if isinstance(value, type) or callable(getattr(type(value), "__get__", None)):
        return isinstance(value, type) and is_of_keras(value)
    root = type(value).__module__.partition(".")[0]
    if isinstance(value, keras.layers.Layer):
        return is_of_keras(value) and all(map(is_of_keras, layers_inside(value)))
    return root in ("builtins", *WITH_SHAPES)


def words_in(part: Any) -> list[Word | Expression]:
    """The words and the Python expressions in a part of a program."""
    if isinstance(part, (Word, Expression)):
        return [part]
    if isinstance(part, tuple):
        return [word for item in part for word in words_in(item)]
    inner = (getattr(part, name, ()) for name in ("word", "value", "arguments", "units", "items"))
    return [word for one in inner if not isinstance(one, (str, int, float)) for word in words_in(one)] if hasattr(part, "span") else []


def losses_that_fit(ending: Ending, words: Mapping[str, str]) -> dict[str, bool]:
    """Whether each of some losses, by its word, fits the ending."""
    return {word: not any(find_mismatches(ending, loss)) for word, loss in words.items()}
