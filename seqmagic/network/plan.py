"""The plan: every layer's shape, parameters and memory, known before anything is allocated."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from math import prod
from typing import Any

import keras

from seqmagic.errors import ArgumentError, LanguageError, MemoryLimitError, SeqmagicError, ShapeError, raise_all
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.keras_internals.threads import held_back_variables
from seqmagic.language import Layer, Literal, Program, Size
from seqmagic.network.arguments import Names
from seqmagic.network.axes import AXES, axes_wanted, is_misstated
from seqmagic.network.inputs import split_input
from seqmagic.network.layers import check_alone, construct, find_layer, first_sentence, make_layer
from seqmagic.network.memory import available_bytes, format_bytes
from seqmagic.network.output_layer import Ending, activation_of, last_activation
from seqmagic.network.own_thread import work_apart
from seqmagic.network.ranks import resolve_ranks
from seqmagic.network.row import Row, row_of
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext


@dataclass(frozen=True)
class Plan:
    """The whole network before it is built.

    Attributes:
        layer_names: those that Keras gave, where the model is there already.
    """

    rows: tuple[Row, ...]
    input: Mapping[str, Any] | None = field(default=None)
    layer_names: tuple[str, ...] = ()

    @property
    def input_shape(self) -> Shape | None:
        """One sample's shape, or None when the text has no input line."""
        return None if self.input is None else self.input["shape"]

    @property
    def ending(self) -> Ending:
        """What comes out of the network."""
        last = self.rows[-1]
        deciding = next((row for row in reversed(self.rows) if row.activation != ""), last)
        return Ending(last.after, last_activation(row.activation for row in self.rows), deciding.layer.span)

    def parameters(self, *, trainable: bool | None = None) -> int:
        """The numbers of all layers together; those that training changes, or doesn't, when asked."""
        weights = [weight for row in self.rows for weight in row.weights]
        return sum(prod(w.shape) for w in weights if trainable is None or w.trainable is trainable)

    @property
    def weight_bytes(self) -> int:
        """The memory that the weights take."""
        return sum(weight.bytes for row in self.rows for weight in row.weights)

    @property
    def sample_bytes(self) -> int:
        """The memory that the outputs of all layers take for one sample."""
        return sum(row.output_bytes for row in self.rows)


@dataclass(frozen=True)
class BreakOff:
    """Where a network breaks off: what is right up to there, and the line that doesn't fit."""

    plan: Plan
    layer: Layer


def make_plan(program: Program, names: Names, onto: keras.Sequential | None = None) -> Plan:
    """Work out a program layer by layer, without allocating a weight.

    Each layer is tried on a symbolic input while Keras holds back its variables, apart from everything else.

    Args:
        onto: a model that the layers are to be appended to.

    Raises:
        SeqmagicError: At the word or line that doesn't fit.
    """
    if not program.layers:
        raise LanguageError(gettext("There is no layer in this text."), instead="input 784 -> dense 10 softmax")
    walk = work_apart(lambda: follow_layers(program, names, onto))
    raise_all(walk.errors)
    return walk.plan


class KnownRows:
    """Rows that were worked out before: the same line on the same shape comes to the same again, and deep networks repeat themselves."""

    def __init__(self) -> None:
        self._known: dict[Any, tuple[Row, Any]] = {}

    def find(self, layer: Layer, tensor: Any, work: Callable[[], tuple[Row, Any]]) -> tuple[Row, Any]:
        """The row of a line and what comes out of it, worked out if it has to be."""
        key = (layer, None if tensor is None else (tensor.shape, tensor.dtype))
        if key not in self._known:
            self._known[key] = work()
        return self._known[key]


@dataclass(frozen=True)
class Walk:
    """How far a way through the layers went.

    Attributes:
        plan: of the layers up to the first that doesn't fit.
        errors: what is wrong with that one, and with those after it whatever flows into them.
        tensor: what comes out, for more layers; None where no input is known.
    """

    plan: Plan
    errors: tuple[SeqmagicError, ...] = ()
    tensor: Any = field(default=None, compare=False, repr=False)


def follow_layers(
    program: Program, names: Names, onto: keras.Sequential | None = None, known: KnownRows | None = None, tensor: Any = None
) -> Walk:
    """Go through a program layer by layer. To be called in a thread of its own: Keras notes each layer in that which makes it.

    Args:
        onto: a model that the layers are to be appended to.
        known: rows that were worked out before, where many texts are alike.
        tensor: what flows in, where other layers were gone through before.

    Raises:
        SeqmagicError: At an input that can't be.
    """
    inputs, layers = split_input(program.layers, names)
    if inputs and onto is not None and onto.layers:
        problem = gettext("{name!r} has its input already.", name=onto.name)
        raise ArgumentError(problem, expected=gettext("layers that take what the last one gives"), span=program.layers[0].span)
    tensor = construct(keras.Input, inputs, program.layers[0].span) if inputs else tensor
    if tensor is None and onto is not None and onto.outputs:
        tensor = keras.Input(batch_shape=onto.output_shape, dtype=onto.outputs[0].dtype)
    rows: list[Row] = []
    own_names = {layer.name for layer in onto.layers} if onto is not None else set()
    available, taken = available_bytes(), 0
    known = KnownRows() if known is None else known
    with held_back_variables():
        for index, layer in enumerate(layers):
            try:
                row, tensor = known.find(layer, tensor, partial(_plan_layer, layer, tensor, rows, names))
                row = replace(row, layer=replace(row.layer, span=layer.span))
                rows.append(row)
                taken += sum(weight.bytes for weight in row.weights)
                check_memory(row, taken, available)
                _check_name(layer, own_names)
            except SeqmagicError as error:
                _attach_break(error, BreakOff(Plan(tuple(rows[:index]), inputs), layer))
                return Walk(Plan(tuple(rows), inputs), (error, *_wrong_words(layers[index + 1 :], names)))
    return Walk(Plan(tuple(rows), inputs), tensor=tensor)


def _attach_break(error: SeqmagicError, breaks_off: BreakOff) -> None:
    """Let an error know what is right of the network before it."""
    error.breaks_off = breaks_off
    if isinstance(error, ShapeError):
        plan = breaks_off.plan
        shapes = [("input", plan.input_shape)] if plan.input else []
        shapes += [(row.layer.word.text, row.after) for row in plan.rows]
        error.chain = tuple((word, format_shape(shape)) for word, shape in shapes)


def _wrong_words(layers: list[Layer], names: Names) -> Iterator[SeqmagicError]:
    """What is wrong with the layers after one that doesn't fit, whatever flows into them."""
    for layer in layers:
        try:
            # Any shape does to find the rank of a word; whether it fits is not asked.
            target, line = find_target(layer, (1, 1, 1), names)
            make_layer(line, target, names, trial=True)
        except ShapeError:
            continue
        except SeqmagicError as error:
            yield error


def _plan_layer(layer: Layer, tensor: Any, rows: list[Row], names: Names) -> tuple[Row, Any]:
    before = None if tensor is None else tuple(tensor.shape[1:])
    target, line = find_target(layer, before, names, _origin(rows))
    check_sizes(line, target, before, rows)
    made = make_layer(line, target, names, trial=True)
    if made is None:
        return Row(line, target), None  # A layer of the notebook that can't be tried; what it gives shows when it is built.
    if before is None:
        return Row(line, target, activation=activation_of(made)), None
    _set_stateless(made, layer, tensor)
    _check_rank(made, layer, before, rows)
    if is_misstated(made, before):
        problem = gettext(
            "{layer!r} gives another shape than Keras says for {shape}{origin}.",
            layer=layer.word.text,
            shape=format_shape(before),
            origin=_origin(rows),
        )
        raise ShapeError(
            problem,
            found=before,
            expected=gettext("one axis, where output_mode is {output_mode}", output_mode=made.output_mode),
            span=layer.span,
        )
    after_tensor = _try_layer(made, tensor, layer, before, rows)
    return row_of(line, target, made, tensor, after_tensor, activation_of(made)), after_tensor


def check_sizes(line: Layer, target: Callable[..., Any], before: Shape | None, rows: list[Row]) -> None:
    """Refuse a window with more or fewer axes than the layer moves it over, and units for what takes none."""
    rank = int(target.__name__[-2]) if target.__name__[-2:] in ("1D", "2D", "3D") else None
    pads = target in (keras.layers.Cropping1D, keras.layers.ZeroPadding1D)  # A pair is how much at the start and at the end.
    for argument in line.arguments:
        value = argument.value
        if rank is not None and before is not None and isinstance(value, Size) and len(value.dims) != rank + pads and argument.name is None:
            problem = gettext(
                "A window of {shape} can't move over {before}{origin}.",
                shape=format_shape(value.dims),
                before=format_shape(before),
                origin=_origin(rows),
            )
            raise ShapeError(problem, found=before, expected=AXES.get(len(value.dims) + 1, ""), span=line.span, window=value.dims)
    first = line.arguments[0] if line.arguments else None
    units = first.value.value if first is not None and first.name is None and isinstance(first.value, Literal) else None
    if target is keras.layers.Softmax and isinstance(units, int) and units > 0 and units >= len(before or ()) + 1:
        problem = gettext("{line!r} is an activation and has no units.", line=line.word.text)
        raise ArgumentError(problem, expected=gettext("the layer first, and the activation behind it"), span=line.span)


def find_target(layer: Layer, shape: Shape | None, names: Names, origin: str = "") -> tuple[Callable[..., Any], Layer]:
    """What makes a layer, and its line with every rank in it; raises as `find_layer` and `resolve_ranks` do."""
    resolved = resolve_ranks(layer, shape, origin)
    target = find_layer(resolved, names)
    check_alone(layer, target)
    return target, replace(resolved, word=layer.word)


def _set_stateless(made: Any, layer: Layer, tensor: Any) -> None:
    """Plan a stateful layer as if it were not: the state it keeps between batches can't be held back as weights can.

    Raises:
        ArgumentError: When the batch, which is part of the state's shape, isn't fixed.
    """
    stateful = [part for part in (made, *layers_inside(made)) if getattr(part, "stateful", False)]
    if stateful and tensor.shape[0] is None:
        fixed = f"input {format_shape(tuple(tensor.shape[1:]))} batch=32"
        raise ArgumentError(
            gettext("{layer!r} with stateful needs a fixed batch size.", layer=layer.word.text), instead=fixed, span=layer.span
        )
    for part in stateful:
        part.stateful = False


def _check_rank(made: Any, layer: Layer, before: Shape, rows: list[Row]) -> None:
    """Refuse a shape with the wrong number of axes before Keras does, in words."""
    wanted = axes_wanted(made, before)
    if wanted:
        problem = gettext(
            "{layer!r} can't work on {shape}{origin}.", layer=layer.word.text, shape=format_shape(before), origin=_origin(rows)
        )
        raise ShapeError(problem, found=before, expected=wanted, span=layer.span)


def _origin(rows: list[Row]) -> str:
    if not rows:
        return gettext(", the input")
    last = rows[-1].layer
    return gettext(", which {last!r} in line {line} gives", last=last.word.text, line=last.span.line)


def _try_layer(made: Any, tensor: Any, layer: Layer, before: Shape, rows: list[Row]) -> Any:
    try:
        after = made(tensor)
    except SeqmagicError:
        raise
    except Exception as error:
        # A layer may be anybody's code: whatever it raises is reported at its line.
        raise _joint_error(error, made, layer, before, rows) from error
    if not hasattr(after, "shape"):
        raise ShapeError(
            gettext("{layer!r} gives more than one output, and a Sequential passes on one.", layer=layer.word.text),
            found=before,
            span=layer.span,
        )
    if any(dim is not None and dim < 1 for dim in after.shape[1:]):
        raise ShapeError(
            gettext(
                "{layer!r} makes {shape} of {before}{origin}.",
                layer=layer.word.text,
                shape=format_shape(tuple(after.shape[1:])),
                before=format_shape(before),
                origin=_origin(rows),
            ),
            found=before,
            expected=gettext("at least 1 along each axis"),
            span=layer.span,
        )
    return after


def _joint_error(error: Exception, made: Any, layer: Layer, before: Shape, rows: list[Row]) -> ShapeError:
    window = getattr(made, "kernel_size", None) or getattr(made, "pool_size", None)
    arrives = f"{format_shape(before)}{_origin(rows)}"
    if isinstance(window, tuple) and "zero or negative" in str(error):
        return ShapeError(
            gettext("A window of {shape} does not fit into {arrives}.", shape=format_shape(window), arrives=arrives),
            found=before,
            expected=gettext("an input of {shape} or more along its first axes", shape=format_shape(window)),
            span=layer.span,
            window=window,
        )
    if isinstance(made, keras.layers.Reshape) and None not in before and None not in made.target_shape:
        have, want = prod(d or 1 for d in before), prod(made.target_shape)
        return ShapeError(
            gettext(
                "{arrives}, is {have} numbers; {shape} would be {want}.",
                arrives=arrives,
                have=have,
                shape=format_shape(made.target_shape),
                want=want,
            ),
            found=before,
            expected=gettext("a shape of {have} numbers", have=have),
            span=layer.span,
        )
    if None in before and "fully-defined" in str(error):
        problem = gettext(
            "{layer!r} has to know how long the last axis is; {arrives}, does not say.", layer=layer.word.text, arrives=arrives
        )
        return ShapeError(problem, found=before, expected=gettext("a number there, such as ?x64 on the input line"), span=layer.span)
    return ShapeError(
        gettext("{layer!r} can't work on {arrives}: {sentence}", layer=layer.word.text, arrives=arrives, sentence=first_sentence(error)),
        found=before,
        span=layer.span,
    )


def _check_name(layer: Layer, taken: set[str]) -> None:
    """Refuse a layer's name that another layer of the text has."""
    named = [argument for argument in layer.arguments if argument.name is not None and argument.name.text == "name"]
    given: Any = layer.label or (named[0].value if named else None)
    if given is None:
        return
    name = str(getattr(given, "text", None) or getattr(given, "value", None))
    if name in taken:
        raise ArgumentError(
            gettext("There is a layer called {name!r} already.", name=name), expected=gettext("another name"), span=given.span
        )
    taken.add(name)


def check_memory(row: Row, taken: int, available: int) -> None:
    """Refuse a layer whose output, or whose weights with those before it, need more bytes than there are."""
    output = row.output_bytes
    if output > available:
        problem = gettext(
            "{layer!r} makes {shape} of each sample, {bytes}; ",
            layer=row.layer.word.text,
            shape=format_shape(row.after),
            bytes=format_bytes(output),
        )
        problem += gettext("free are {bytes}.", bytes=format_bytes(available))
        raise MemoryLimitError(problem, needed=output, available=available, expected=gettext("a smaller output"), span=row.layer.span)
    if taken <= available:
        return
    own = sum(weight.bytes for weight in row.weights)
    problem = gettext(
        "{layer!r} on {shape} needs {parameter_sum} = {parameters:,} numbers, {bytes}; free are {available}.",
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
