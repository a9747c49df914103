"""Trying a layer: it is called on its input in isolation, and what doesn't fit becomes an error."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import prod
from typing import Any

import keras

from seqmagic.errors import ArgumentError, SeqmagicError, ShapeError
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.language import Layer, Literal, Size
from seqmagic.network.arguments import Names
from seqmagic.network.axes import AXES, axes_wanted, is_misstated
from seqmagic.network.layers import check_alone, find_layer, first_sentence, make_layer
from seqmagic.network.output_layer import activation_of
from seqmagic.network.ranks import resolve_ranks
from seqmagic.network.row import Row, row_of
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext


def plan_layer(layer: Layer, tensor: Any, rows: list[Row], names: Names) -> tuple[Row, Any]:
    """The row of a layer, and its output tensor; None if there is no input yet, or the output is known only after building.

    Raises:
        SeqmagicError: If the layer does not accept its input.
    """
    before = None if tensor is None else tuple(tensor.shape[1:])
    target, line = find_target(layer, before, names, _origin(rows))
    check_sizes(line, target, before, rows)
    made = make_layer(line, target, names, trial=True)
    if made is None:
        return Row(line, target), None  # A layer of the notebook that can't be copied; its output shape is known only after building.
    if before is None:
        return Row(line, target, activation=activation_of(made)), None
    _set_stateless(made, layer, tensor)
    _check_rank(made, layer, before, rows)
    if is_misstated(made, before):
        problem = gettext(
            "{layer!r} returns a different shape than Keras reports for {shape}{origin}.",
            layer=layer.word.text,
            shape=format_shape(before),
            origin=_origin(rows),
        )
        raise ShapeError(
            problem,
            found=before,
            expected=gettext("one axis, because output_mode is {output_mode}", output_mode=made.output_mode),
            span=layer.span,
        )
    after_tensor = _try_layer(made, tensor, layer, before, rows)
    return row_of(line, target, made, tensor, after_tensor, activation_of(made)), after_tensor


def check_sizes(line: Layer, target: Callable[..., Any], before: Shape | None, rows: list[Row]) -> None:
    """Refuse a window whose rank differs from the layer's, and units for a layer without units."""
    rank = int(target.__name__[-2]) if target.__name__[-2:] in ("1D", "2D", "3D") else None
    pads = target in (keras.layers.Cropping1D, keras.layers.ZeroPadding1D)  # Their pair is the size at the start and at the end.
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
        raise ArgumentError(problem, expected=gettext("the layer first, then the activation"), span=line.span)


def find_target(layer: Layer, shape: Shape | None, names: Names, origin: str = "") -> tuple[Callable[..., Any], Layer]:
    """What creates a layer, and its line with all ranks resolved; raises as `find_layer` and `resolve_ranks` do."""
    resolved = resolve_ranks(layer, shape, origin)
    target = find_layer(resolved, names)
    check_alone(layer, target)
    return target, replace(resolved, word=layer.word)


def _set_stateless(made: Any, layer: Layer, tensor: Any) -> None:
    """Make a layer stateless while planning: creating its state between batches can't be deferred as weights can.

    Raises:
        ArgumentError: If the batch size, which is part of the state's shape, isn't fixed.
    """
    stateful = [part for part in (made, *layers_inside(made)) if getattr(part, "stateful", False)]
    if stateful and tensor.shape[0] is None:
        fixed = f"input {format_shape(tuple(tensor.shape[1:]))} batch=32"
        raise ArgumentError(
            gettext("{layer!r} with stateful=true needs a fixed batch size.", layer=layer.word.text), instead=fixed, span=layer.span
        )
    for part in stateful:
        part.stateful = False


def _check_rank(made: Any, layer: Layer, before: Shape, rows: list[Row]) -> None:
    """Refuse a shape of the wrong rank before Keras does, in plain words."""
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
    return gettext(", the output of {last!r} in line {line}", last=last.word.text, line=last.span.line)


def _try_layer(made: Any, tensor: Any, layer: Layer, before: Shape, rows: list[Row]) -> Any:
    try:
        after = made(tensor)
    except SeqmagicError:
        raise
    except Exception as error:
        # A layer may be anyone's code: any exception is reported at its line.
        raise _joint_error(error, made, layer, before, rows) from error
    if not hasattr(after, "shape"):
        raise ShapeError(
            gettext("{layer!r} has several outputs, and a Sequential model passes on only one.", layer=layer.word.text),
            found=before,
            span=layer.span,
        )
    if any(dim is not None and dim < 1 for dim in after.shape[1:]):
        raise ShapeError(
            gettext(
                "{layer!r} turns {before}{origin}, into the empty shape {shape}.",
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
            expected=gettext("an input of at least {shape} along its first axes", shape=format_shape(window)),
            span=layer.span,
            window=window,
        )
    if isinstance(made, keras.layers.Reshape) and None not in before and None not in made.target_shape:
        return _unequal_sizes(made.target_shape, layer, before, arrives)
    if None in before and "fully-defined" in str(error):
        problem = gettext(
            "{layer!r} needs to know the length of the last axis; {arrives}, leaves it open.", layer=layer.word.text, arrives=arrives
        )
        return ShapeError(problem, found=before, expected=gettext("a number there, such as ?x64 on the input line"), span=layer.span)
    return ShapeError(
        gettext("{layer!r} can't work on {arrives}: {sentence}", layer=layer.word.text, arrives=arrives, sentence=first_sentence(error)),
        found=before,
        span=layer.span,
    )


def _unequal_sizes(wanted: tuple[int, ...], layer: Layer, before: Shape, arrives: str) -> ShapeError:
    """The error for a reshape to more or fewer values than arrive; an axis of -1 takes what the others leave."""
    have, want = prod(dim or 1 for dim in before), abs(prod(wanted))
    shape = format_shape(tuple(None if axis == -1 else axis for axis in wanted))
    problem = gettext("{arrives}, has {have} values; {shape} needs {want}.", arrives=arrives, have=have, shape=shape, want=want)
    if -1 in wanted:
        problem = gettext(
            "{arrives}, has {have} values; {shape} needs a multiple of {want}.", arrives=arrives, have=have, shape=shape, want=want
        )
    likely = tuple(max(1, round(have / max(1, want))) if axis == -1 else axis for axis in wanted)
    expected = gettext("a shape with {have} values", have=have)
    return ShapeError(problem, found=before, expected=expected, span=layer.span, wanted=likely)
