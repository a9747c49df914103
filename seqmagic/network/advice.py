"""Advice on words that many people use with a different meaning than they have here and in Keras."""

from __future__ import annotations

from collections.abc import Iterator

import keras

from seqmagic.language import Layer, Literal, Program, Word
from seqmagic.network.layers import is_input
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row
from seqmagic.network.shape_math import format_shape
from seqmagic.translation import gettext

STRIDES_THIRD = tuple(
    getattr(keras.layers, f"{kind}{rank}D")
    for kind in ("Conv", "SeparableConv")
    for rank in (1, 2, 3)
    if (kind, rank) != ("SeparableConv", 3)
)
SIX = 6  # `relu 6` is what people write for relu6, an activation of its own.


def advice_on(program: Program, plan: Plan) -> Iterator[str]:
    """Notes on such words, in text order, each one once.

    >>> from seqmagic.language import parse
    >>> from seqmagic.network.plan import make_plan
    >>> program = parse("input 8 -> dense 4 -> relu 32")
    >>> print(*advice_on(program, make_plan(program, {})))
    In line 1 `relu 32` limits its output to 32, and has no units. For a layer with units, write `dense 32 relu`.
    """
    first = program.layers[0]
    if (
        is_input(first)
        and first.arguments
        and isinstance(first.arguments[0].value, Word)
        and first.arguments[0].value.text.endswith(".shape")
    ):
        word = first.arguments[0].value.text
        yield gettext(
            "`{first}` is read as one row of {word}: {shape}.",
            first=first.text,
            word=word.removesuffix(".shape"),
            shape=format_shape(plan.input_shape),
        )
    yield from dict.fromkeys(note for row in plan.rows for note in (_cap(row), _strides(row)) if note)


def _plain_numbers(layer: Layer) -> list[int]:
    """The leading positional integers of a layer, up to the first value of another kind."""
    found: list[int] = []
    for argument in layer.arguments:
        value = argument.value
        if argument.name is not None or not isinstance(value, Literal) or type(value.value) is not int:
            break
        found.append(value.value)
    return found


def _cap(row: Row) -> str:
    numbers = _plain_numbers(row.layer) if row.target is keras.layers.ReLU else []
    if not numbers or numbers[0] in (0, SIX):
        return ""
    found = gettext(
        "In line {line} `{layer}` limits its output to {numbers}, and has no units",
        line=row.layer.span.line,
        layer=row.layer.text,
        numbers=numbers[0],
    )
    return gettext("{found}. For a layer with units, write `dense {numbers} relu`.", found=found, numbers=numbers[0])


def _strides(row: Row) -> str:
    numbers = _plain_numbers(row.layer) if row.target in STRIDES_THIRD else []
    if len(numbers) < 3 or numbers[2] == 1 or numbers[1] != numbers[2]:
        return ""
    filters, window, step = numbers[:3]
    rank = int(row.kind[-2])
    found = gettext(
        "In line {line} `{layer}` moves its window by {step} each time, because the third number is strides",
        line=row.layer.span.line,
        layer=row.layer.text,
        step=step,
    )
    return gettext(
        "{found}. For a window of {size} with strides 1, write `conv {filters} {written}`.",
        found=found,
        size="x".join([str(window)] * max(rank, 1)),
        filters=filters,
        written="x".join([str(window)] * rank),
    )
