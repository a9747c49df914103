"""The plan: every layer's shapes, parameters and memory, known before anything is allocated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import prod
from typing import Any

import keras

from seqmagic.errors import ArgumentError, LanguageError, MemoryLimitError, SeqmagicError, ShapeError, Span, raise_all
from seqmagic.keras_internals.threads import held_back_variables
from seqmagic.language import Layer, Program
from seqmagic.network.arguments import Names
from seqmagic.network.inputs import split_input
from seqmagic.network.layer_trial import find_target, plan_layer
from seqmagic.network.layers import construct, make_layer
from seqmagic.network.memory import available_bytes, format_bytes
from seqmagic.network.output_layer import Ending, last_activation
from seqmagic.network.own_thread import work_apart
from seqmagic.network.row import Row
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Plan:
    """The whole network before it is built.

    Attributes:
        layer_names: as given by Keras, if the model exists already.
    """

    rows: tuple[Row, ...]
    input: Mapping[str, Any] | None = field(default=None)
    layer_names: tuple[str, ...] = ()

    @property
    def input_shape(self) -> Shape | None:
        """The shape of one sample, or None without an input line."""
        return None if self.input is None else self.input["shape"]

    @property
    def ending(self) -> Ending:
        """The output of the network."""
        last = self.rows[-1]
        deciding = next((row for row in reversed(self.rows) if row.activation != ""), last)
        return Ending(last.after, last_activation(row.activation for row in self.rows), deciding.layer.span)

    def parameters(self, *, trainable: bool | None = None) -> int:
        """The number of parameters of all layers; on request only the trainable or only the non-trainable ones."""
        weights = [weight for row in self.rows for weight in row.weights]
        return sum(prod(w.shape) for w in weights if trainable is None or w.trainable is trainable)

    @property
    def weight_bytes(self) -> int:
        """The memory of all weights."""
        return sum(row.weight_bytes for row in self.rows)

    @property
    def sample_bytes(self) -> int:
        """The memory of all layers' outputs for one sample."""
        return sum(row.output_bytes for row in self.rows)


@dataclass(frozen=True)
class BreakOff:
    """The plan of the layers before an error, and the line at fault."""

    plan: Plan
    layer: Layer


def make_plan(program: Program, names: Names, onto: keras.Sequential | None = None) -> Plan:
    """Plan a program layer by layer, without allocating weights.

    Each layer is called on a symbolic input in isolation, while the creation of its variables is deferred.

    Args:
        onto: a model to which the layers will be appended.

    Raises:
        SeqmagicError: At the word or line that doesn't fit.
    """
    if not program.layers:
        raise LanguageError(gettext("There is no layer here."), instead="input 784 -> dense 10 softmax")
    walk = work_apart(lambda: follow_layers(program, names, onto))
    raise_all(walk.errors)
    return walk.plan


class KnownRows:
    """A cache of rows: the same line on the same input shape gives the same row, and deep networks repeat themselves."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[Row, Any]] = {}

    def find(self, layer: Layer, tensor: Any, work: Callable[[], tuple[Row, Any]]) -> tuple[Row, Any]:
        """The row of a line and its output tensor, computed if they are not in the cache."""
        key = (layer, None if tensor is None else (tensor.shape, tensor.dtype))
        if key not in self._known:
            self._known[key] = work()
        row, output = self._known[key]
        return (row if row.layer.span is layer.span else replace(row, layer=replace(row.layer, span=layer.span))), output

    def available(self) -> int:
        """The memory in bytes that the network may take."""
        return available_bytes()

    def input(self, inputs: Mapping[str, Any], span: Span) -> Any:
        """The symbolic input of a network."""
        return construct(keras.Input, inputs, span)


@dataclass(frozen=True)
class Walk:
    """The result of following the layers of a program.

    Attributes:
        plan: of the layers before the first one that doesn't fit.
        errors: of that layer, and of those after it that are wrong whatever their input is.
        tensor: the output, for more layers; None if no input is known.
    """

    plan: Plan
    errors: tuple[SeqmagicError, ...] = ()
    tensor: Any = field(default=None, compare=False, repr=False)


def follow_layers(
    program: Program, names: Names, onto: keras.Sequential | None = None, known: KnownRows | None = None, tensor: Any = None
) -> Walk:
    """Follow a program layer by layer. Call it in a separate thread, because Keras registers new layers per thread.

    Args:
        onto: a model to which the layers will be appended.
        known: a cache of rows, for checking many similar texts.
        tensor: the input, if other layers were followed before.

    Raises:
        SeqmagicError: At an invalid input.
    """
    inputs, layers = split_input(program.layers, names)
    if inputs and onto is not None and onto.layers:
        problem = gettext("{name!r} already has an input.", name=onto.name)
        raise ArgumentError(problem, expected=gettext("layers that fit the output of its last layer"), span=program.layers[0].span)
    known = KnownRows() if known is None else known
    tensor = known.input(inputs, program.layers[0].span) if inputs else tensor
    if tensor is None and onto is not None and onto.outputs:
        tensor = keras.Input(batch_shape=onto.output_shape, dtype=onto.outputs[0].dtype)
    rows: list[Row] = []
    own_names = {layer.name for layer in onto.layers} if onto is not None else set()
    available, taken = known.available(), 0
    with held_back_variables():
        for index, layer in enumerate(layers):
            try:
                row, tensor = known.find(layer, tensor, partial(plan_layer, layer, tensor, rows, names))
                row = _with_weights_once(row, rows)
                rows.append(row)
                taken += row.weight_bytes
                check_memory(row, taken, available)
                _check_name(layer, own_names)
            except SeqmagicError as error:
                _attach_break(error, BreakOff(Plan(tuple(rows[:index]), inputs), layer))
                return Walk(Plan(tuple(rows), inputs), (error, *_wrong_words(layers[index + 1 :], names)))
    return Walk(Plan(tuple(rows), inputs), tensor=tensor)


def _with_weights_once(row: Row, before: list[Row]) -> Row:
    """A row without weights if it is a layer of the notebook that stands further up as well: both share them."""
    thing = getattr(row.target, "thing", None)
    shares = thing is not None and any(getattr(other.target, "thing", None) is thing for other in before)
    return replace(row, weights=()) if shares else row


def _attach_break(error: SeqmagicError, breaks_off: BreakOff) -> None:
    """Attach the plan of the layers before it to an error."""
    error.breaks_off = breaks_off
    if isinstance(error, ShapeError):
        plan = breaks_off.plan
        shapes = [("input", plan.input_shape)] if plan.input else []
        shapes += [(row.layer.word.text, row.after) for row in plan.rows]
        error.chain = tuple((word, format_shape(shape)) for word, shape in shapes)


def _wrong_words(layers: list[Layer], names: Names) -> Iterator[SeqmagicError]:
    """Errors in the layers after one that doesn't fit, as far as they don't depend on the input."""
    for layer in layers:
        try:
            # Any shape will do to resolve the rank of a word; whether it fits isn't checked.
            target, line = find_target(layer, (1, 1, 1), names)
            make_layer(line, target, names, trial=True)
        except ShapeError:
            continue
        except SeqmagicError as error:
            yield error


def _check_name(layer: Layer, taken: set[str]) -> None:
    """Refuse a layer name that is already used in the text."""
    named = [argument for argument in layer.arguments if argument.name is not None and argument.name.text == "name"]
    given: Any = layer.label or (named[0].value if named else None)
    if given is None:
        return
    name = str(getattr(given, "text", None) or getattr(given, "value", None))
    if name in taken:
        raise ArgumentError(
            gettext("There is already a layer called {name!r}.", name=name), expected=gettext("a different name"), span=given.span
        )
    taken.add(name)


def check_memory(row: Row, taken: int, available: int) -> None:
    """Refuse a layer if its output, or its weights and those before it, need more bytes than are available."""
    output = row.output_bytes
    if output > available:
        problem = gettext(
            "{layer!r} outputs {shape} per sample, {bytes}; ",
            layer=row.layer.word.text,
            shape=format_shape(row.after),
            bytes=format_bytes(output),
        )
        problem += gettext("only {bytes} are free.", bytes=format_bytes(available))
        raise MemoryLimitError(problem, needed=output, available=available, expected=gettext("a smaller output"), span=row.layer.span)
    if taken <= available:
        return
    own = row.weight_bytes
    problem = gettext(
        "{layer!r} on {shape} needs {parameter_sum} = {parameters:,} parameters, {bytes}; only {available} are free.",
        layer=row.layer.word.text,
        shape=format_shape(row.before),
        parameter_sum=row.parameter_sum,
        parameters=row.parameters,
        bytes=format_bytes(own),
        available=format_bytes(available),
    )
    raise MemoryLimitError(
        problem, needed=taken, available=available, expected=gettext("fewer units, or a smaller input"), span=row.layer.span
    )
