"""The block of a layer in a drawing, with its description."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import keras

from seqmagic.describe.configs import is_automatic
from seqmagic.errors import printable
from seqmagic.language import Layer
from seqmagic.network.memory import format_bytes
from seqmagic.network.plan import Plan
from seqmagic.network.row import Row
from seqmagic.network.shape_math import Shape, format_shape
from seqmagic.translation import gettext

# Families of layers that look alike, by parts of their Keras names; the first match counts.
FAMILIES = {
    "input": ("Input",),
    "norm": ("Normalization",),
    "pool": ("Pooling",),
    "recurrent": ("LSTM", "GRU", "RNN", "Bidirectional"),
    "attention": ("Attention",),
    "conv": ("Conv",),
    "dense": ("Dense", "Embedding"),
}


@dataclass(frozen=True)
class LayerBlock:
    """One layer of a drawing.

    Attributes:
        word, settings: as written.
        shape: of the output; None if it isn't known.
        sentence: describes the layer.
        takes: the indices of its inputs in the drawing.
        family: that determines its look.
    """

    word: str
    settings: str
    shape: Shape | None
    sentence: str
    takes: tuple[int, ...] = ()
    family: str = ""


def blocks_of(plan: Plan) -> list[LayerBlock]:
    """The blocks of a plan, the input first; a layer comes after its inputs."""
    is_graph = any(row.takes or row.kind == "InputLayer" for row in plan.rows)
    if not is_graph and plan.input_shape is None:
        return []
    if is_graph:
        return [_block(row, row.takes, name) for row, name in zip(plan.rows, _names_of_inputs(plan), strict=True)]
    given = LayerBlock("input", "", plan.input_shape, f"input {shown(plan.input_shape)}", family="input")
    return [given, *(_block(row, (place,)) for place, row in enumerate(plan.rows))]


def _names_of_inputs(plan: Plan) -> list[str]:
    """For each row the name that somebody gave an input, if there are several to tell apart; else an empty one."""
    inputs = [place for place, row in enumerate(plan.rows) if row.kind == "InputLayer"]
    if len(inputs) < 2 or len(plan.layer_names) != len(plan.rows):
        return [""] * len(plan.rows)
    names = [printable(plan.layer_names[place]) if place in inputs else "" for place in range(len(plan.rows))]
    return ["" if is_automatic(name, keras.layers.InputLayer) else name for name in names]


def _block(row: Row, takes: tuple[int, ...], name: str = "") -> LayerBlock:
    """The block of a row; `name` tells an input from the others."""
    word = "input" if row.kind == "InputLayer" else row.layer.word.text
    family = next((family for family, parts in FAMILIES.items() if any(part in row.kind for part in parts)), "other")
    return LayerBlock(word, name or settings_of(row), row.after, sentence_of(row, name), takes, family)


def settings_of(row: Row) -> str:
    """A layer's settings as written, without its word: '16 3x3 relu same'."""
    return "" if row.kind == "InputLayer" else written_settings(row.layer)


def written_settings(layer: Layer) -> str:
    """The same of a line."""
    written = layer.text.removeprefix(layer.word.text)
    return written[1:-1] if written.startswith("(") else written.strip()


def sentence_of(row: Row, name: str = "") -> str:
    """The description of a layer.

    'conv 50 3x3: 62×62×50 → 60×60×50, (3×3×50 + 1)×50 = 22,550 parameters, 62 − 3 + 1 = 60, 81,000,000 multiply-adds, 720 kB'
    """
    word = "input" if row.kind == "InputLayer" else row.layer.word.text
    return f"{' '.join(filter(None, (word, name or settings_of(row))))}: {', '.join(_facts(row))}"


def _facts(row: Row) -> Iterator[str]:
    if row.before is not None and row.after is not None:
        yield f"{shown(row.before)} → {shown(row.after)}"
    elif row.after is not None:
        yield shown(row.after)
    if row.kind == "InputLayer":
        return
    if row.weights:
        yield gettext("{parameter_sum} = {parameters:,} parameters", parameter_sum=parameter_sum(row), parameters=row.parameters)
    elif row.after is not None:
        yield gettext("no parameters")
    if row.shape_sum:
        yield row.shape_sum
    yield (
        gettext("multiply-adds: {sum}", sum=gettext(row.work.sum))
        if row.work.count is None
        else gettext("{count:,} multiply-adds", count=row.work.count)
    )
    if row.output_bytes:
        yield gettext("{memory_of} of output", memory_of=memory_of(row))


def parameter_sum(row: Row) -> str:
    """The sum of a layer's parameters; those of a kernel and its bias per unit or filter: '(3×3×50 + 1)×50'."""
    shapes = [weight.shape for weight in row.weights]
    if len(shapes) == 2 and len(shapes[0]) > 1 and shapes[1] == shapes[0][-1:]:
        return f"({'×'.join(map(str, shapes[0][:-1]))} + 1)×{shapes[1][0]}"
    return row.parameter_sum


def memory_of(row: Row) -> str:
    """The memory of a layer's output for one sample; with an unknown length, that of a single step: '256 B × ?'."""
    if not row.output_bytes:
        return ""
    return f"{format_bytes(row.output_bytes)}{' × ?' * (row.after or ()).count(None)}"


def shown(shape: Shape | None) -> str:
    """A shape as shown on a page: '28×28×1'."""
    return format_shape(shape).replace("x", "×")
