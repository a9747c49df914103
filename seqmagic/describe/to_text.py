"""The text of a model: an existing model in the language, as short as possible."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras

from seqmagic.describe.compiled import compile_step_of
from seqmagic.describe.configs import fingerprint_of, is_automatic
from seqmagic.describe.graph import layers_in_line
from seqmagic.describe.inspection import Construct, Describer, Reference, gaps_in, things_in
from seqmagic.describe.text_writer import NOWHERE, TextWriter, fold, line_of, named_argument, size_of, unnamed_argument, word_of
from seqmagic.errors import ArgumentError
from seqmagic.errors.boundary import NAMES, Kind, raises_ours
from seqmagic.keras_internals.layers import input_layer_of
from seqmagic.language import Layer, Literal, Program, Step, parse, print_layer, print_program
from seqmagic.network.arguments import Names
from seqmagic.network.layers import find_layer, make_layer
from seqmagic.network.own_thread import work_apart
from seqmagic.translation import gettext

SEQUENTIAL = Kind(
    "a keras.Sequential, or another model that is one chain of layers",
    lambda thing: isinstance(thing, keras.Model) and layers_in_line(thing) is not None,
)


@raises_ours(model=SEQUENTIAL, names=NAMES)
def to_text(model: keras.Sequential, names: Names | None = None) -> str:
    """Return a model as text in seqmagic's language. Keras's defaults are left out, and repeated layers are combined.

    >>> layers = keras.layers
    >>> model = keras.Sequential([keras.Input((784,)), layers.Dense(64, "relu"), layers.Dense(64, "relu"), layers.Dense(10, "softmax")])
    >>> print(to_text(model), end="")
    input 784
    dense 64 relu * 2
    dense 10 softmax
    >>> print(to_text(keras.Sequential([layers.Dense(3, activation=lambda x: x * x)])), end="")
    # Gap in layer 1, Dense: a Python function without a name (lambda)
    dense 3 activation={...}

    Parts that can't be expressed appear as {...}, with the reason above. Names that Keras generated for layers are left out. The text does
    not contain weights; if layers are frozen, a comment says that they would keep their initial weights.

    Args:
        model: any Sequential model, built or not, no matter how it was made; if it is compiled, the text has a compile line.
        names: the notebook's own layers and functions, keyed by the names that the text should use for them.

    Returns:
        The text, from which `build` makes the same network; lines that begin with # explain the parts that are missing.

    Raises:
        ArgumentError: If the model is not a plain stack of layers.
    """
    program, gaps = to_program(model, names)
    return "".join(f"# {gap}\n" for gap in gaps) + print_program(program)


def to_program(model: keras.Sequential, names: Names | None = None, *, learned: bool = True) -> tuple[Program, list[str]]:
    """A model as a parsed program, and a sentence for each gap, and for what a text can't contain.

    Args:
        learned: whether to include what the model stores as weights; False if these are stored next to the text.
    """
    if not SEQUENTIAL.fits(model):
        problem = gettext("{kind} {name!r} is no chain of layers.", kind=type(model).__name__, name=model.name)
        raise ArgumentError(problem, expected=gettext(SEQUENTIAL.description))
    return work_apart(lambda: _write_program(model, Describer(names, learned=learned)))


def compile_step(model: keras.Model, names: Names | None = None) -> tuple[Step | None, list[str]]:
    """The compile line of any model, or None, and a sentence for each gap in it."""
    return work_apart(lambda: compile_step_of(model, Describer(names), TextWriter(ranked=True, taken=names or ())))


def _write_program(model: keras.Sequential, describer: Describer) -> tuple[Program, list[str]]:
    inputs = input_of(model)
    writer = TextWriter(ranked=inputs is None, taken=describer.names or ())
    layers = layers_in_line(model) or []
    described = [describer.layer(layer) for layer in layers]
    lines = [writer.layer(part) for part in described]
    gaps = [
        f"Gap in layer {number}, {type(layer).__name__}: {gap.reason}"
        for number, (layer, part) in enumerate(zip(layers, described, strict=True), 1)
        for gap in gaps_in(part)
    ]
    made = [(number, part) for number, part in enumerate(described, 1) if isinstance(part, Construct) and not gaps_in(part)]
    alike = {repr((part.target, part.arguments)): part for _, part in made}  # Deep networks repeat the same layers.
    wrong = {key for key, part in alike.items() if not _reads_the_same(part)}
    gaps += [
        f"Gap in layer {number}, {part.target.__name__}: these words come to other settings"
        for number, part in made
        if repr((part.target, part.arguments)) in wrong
    ]
    compiled, more = compile_step_of(model, describer, writer)
    first = [_input_line(inputs)] if inputs else []
    remarks = remarks_on(model, described) if describer.learned else ()
    return Program((*first, *fold(lines)), compiled), [*gaps, *more, *remarks]


def remarks_on(model: keras.Sequential, described: list[Any]) -> Iterator[str]:
    """What a text can't say about a model: which weights are shared, and which are frozen and so have to be loaded.

    Args:
        described: the model's layers, as parts of a description.
    """
    layers = layers_in_line(model) or []
    for number, layer in enumerate(layers, 1):
        first = next(at for at, other in enumerate(layers, 1) if other is layer)
        has_weights = layer.weights or (not layer.built and type(layer).build is not keras.layers.Layer.build)
        if first < number and has_weights and not isinstance(described[number - 1], Reference):
            yield f"Layer {number} is layer {first} again and shares its weights: here it is a layer of its own."
    frozen = []
    for number, (layer, part) in enumerate(zip(layers, described, strict=True), 1):
        inside = [one for one in getattr(layer, "layers", ()) if one.weights]
        held = [one for one in inside if not one.trainable]
        if isinstance(part, Reference):
            if layer.trainable and held:
                yield f"In layer {number}, {part.name}, {len(held)} of {len(inside)} layers are frozen: no text says which."
        elif layer.weights and (held or not layer.trainable):
            frozen.append(number)
    if frozen:
        which = f"Layer {frozen[0]} is" if len(frozen) == 1 else f"Layers {_listed(frozen)} are"
        yield f"{which} frozen, and weights are in no text: give the new model those of this one, with set_weights, before it trains."


def _listed(numbers: list[int]) -> str:
    """Numbers as a list with ranges: 1 to 4, 7.

    >>> _listed([1, 2, 3, 4, 7])
    '1 to 4, 7'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def input_of(model: keras.Sequential) -> dict[str, Any] | None:
    """The config of a model's input layer, or None if it has none."""
    layer = input_layer_of(model)
    return layer.get_config() if layer is not None else None


def _input_line(config: dict[str, Any]) -> Layer:
    batch, *shape = config["batch_shape"]
    # After a blank, empty brackets would be read as those of a call.
    arguments = [unnamed_argument(size_of(tuple(shape))) if shape else named_argument("shape", size_of(()))]
    if batch is not None:
        arguments.append(named_argument("batch", Literal(batch, NOWHERE)))
    if config["dtype"] != keras.config.floatx():
        arguments.append(named_argument("dtype", word_of(config["dtype"])))
    arguments += [named_argument(kind, Literal(True, NOWHERE)) for kind in ("sparse", "ragged") if config.get(kind)]  # noqa: FBT003
    return line_of(word_of("input"), arguments, None if is_automatic(config["name"], keras.layers.InputLayer) else config["name"])


def _reads_the_same(part: Construct) -> bool:
    """Whether a layer's line, when read again, gives an equivalent layer."""
    # With the rank in the word, because there is no input.
    written = print_layer(TextWriter(ranked=True).layer(Construct(part.target, part.arguments)))
    try:
        (line,) = parse(written).layers
        made = make_layer(line, find_layer(line, things := things_in(part)), things)
        return fingerprint_of(made) == fingerprint_of(part.make())
    except Exception:  # noqa: BLE001  # Whatever the error, the text does not describe the layer.
        return False
