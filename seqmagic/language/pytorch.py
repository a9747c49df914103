"""PyTorch: layers of `torch.nn` in pasted code, and the same network in this language.

    nn.Conv2d(1, 32, kernel_size=3)     conv 32 3
    nn.Linear(in_features=128, out_features=10)     dense 10

PyTorch gives the number of inputs first, where Keras gives the number of outputs: read as Keras's, such a call would be another layer.
Nothing is run. The translation is a proposal in the error, which is tried like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqmagic.errors import PyTorchError
from seqmagic.language.printer import print_step
from seqmagic.language.program import Program
from seqmagic.language.pytorch_layers import ACTIVATIONS, PARAMETERS, UntranslatableError, Written, bind, kind_of, name_of, write
from seqmagic.language.syntax import Block, Call, Layer, Repeat, Sequence, Word
from seqmagic.translation import gettext, gettext_noop

MODULE = re.compile(r"\(\s*(?:torch\.)?nn\.Module\s*\)|^\s*(?:import torch\b|from torch\b)", re.MULTILINE)
OWNER = re.compile(r"(?:(?!tf\b|tensorflow\b)\w+\.)?nn")
KERAS = gettext_noop("Keras's layers, one per line, such as conv 32 3 for nn.Conv2d(1, 32, 3) and dense 10 for nn.Linear(128, 10)")
SAME_NAMES = {"Sequential", "Dropout", "Flatten", "Embedding", "ReLU", "ELU", "Softmax", "Identity"}
RECURRENT = {"LSTM", "GRU", "RNN"}
MENTIONED = re.compile(r"\bnn\.|\btorch\b")
IMPORTED = re.compile(r"^\s*(?:import|from) torch\b", re.MULTILINE)
LONGEST_SIDE = 1_024  # Pixels; the longest side of an input that is searched for.


def refuse_pytorch(program: Program) -> None:
    r"""Refuse a program with layers of PyTorch.

    >>> from seqmagic.language import parse
    >>> parse("nn.Linear(4, 8)\nnn.ReLU()")
    Traceback (most recent call last):
    ...
    seqmagic.errors.kinds.PyTorchError: Line 1: This is PyTorch: nn.Linear has other arguments than a layer of Keras.
        nn.Linear(4, 8)
        ^^^^^^^^^
    Expected: the same layers in Keras's words; their first weights are drawn in another way.

    Raises:
        PyTorchError: With the same network in this language, if all of its layers have an equal.
    """
    if not MENTIONED.search(program.text) or any(isinstance(unit, (Repeat, Block)) for unit in program.units):
        return
    layers = [inner for layer in program.layers for inner in _unpack(layer)]
    is_imported = IMPORTED.search(program.text) is not None
    first = next((layer for layer in layers if _is_pytorch(layer, is_imported=is_imported)), None)
    if first is None:
        return
    network = _translate(program, layers)
    expected = gettext("the same layers in Keras's words; their first weights are drawn in another way") if network else KERAS
    problem = gettext("This is PyTorch: {name} has other arguments than a layer of Keras.", name=first.word.text)  # type: ignore[union-attr]
    raise PyTorchError(problem, expected=expected, network=network, span=first.word.span)


def uses_pytorch(text: str) -> bool:
    r"""Whether pasted code defines a network with PyTorch's means.

    >>> uses_pytorch("class Net(nn.Module):\n    pass"), uses_pytorch("class Net(keras.Model):\n    pass")
    (True, False)
    """
    return MODULE.search(text) is not None


def _unpack(layer: Layer | Call) -> Iterator[Layer | Call]:
    """A layer, or those in a `nn.Sequential` or an `OrderedDict` of named layers."""
    name, values = name_of(layer), [argument.value for argument in layer.arguments]
    if name == "OrderedDict" and len(values) == 1 and isinstance(values[0], Sequence):
        values = [pair.items[-1] for pair in values[0].items if isinstance(pair, Sequence) and pair.items]
    elif name != "Sequential":
        values = []
    inside = [value for value in values if isinstance(value, Call)]
    if not inside:
        yield layer
    for value in inside:
        yield from _unpack(value)


def _is_pytorch(layer: Layer | Call, *, is_imported: bool) -> bool:
    """Whether a layer is called as one of `torch.nn`, and means something else there. Flax has a module of this name, but none of these.

    Args:
        is_imported: whether the code imports PyTorch, which leaves no doubt.
    """
    owner, name = layer.word.text.rpartition(".")[0] if isinstance(layer.word, Word) else "", name_of(layer)
    if OWNER.fullmatch(owner) is None:
        return False
    if name in RECURRENT:
        sizes = [argument for argument in layer.arguments if argument.name is None or argument.name.text in ("input_size", "hidden_size")]
        return is_imported or len(sizes) > 1
    is_known = kind_of(name)[0] in PARAMETERS or name in ACTIVATIONS
    return (is_known and name not in SAME_NAMES) or (is_imported and name in SAME_NAMES)


def _translate(program: Program, layers: list[Layer | Call]) -> str:
    """The text of the network; empty if a layer has no equal."""
    try:
        given = [layer.text for layer in layers if isinstance(layer, Layer) and name_of(layer).lower() == "input"]
        written = [write(layer) for layer in layers if name_of(layer).lower() != "input"]
        lines = given or [_input_of(layers, written)]
    except UntranslatableError:
        return ""
    lines += _fold(written)
    return "\n".join([*lines, *(print_step(step) for step in (program.compile, program.fit) if step is not None)])


def _fold(written: list[Written]) -> list[str]:
    """The lines of some layers, with activations in the line of the layer before."""
    lines: list[str] = []
    is_open = False
    for layer in written:
        is_activation = layer.text in ACTIVATIONS.values()
        if is_open and is_activation:
            lines[-1] += f" {layer.text}"
        elif layer.text:
            lines.append(f"activation {layer.text}" if is_activation else layer.text)
        is_open = layer.is_foldable or (is_open and not layer.text)
    return lines


def _input_of(layers: list[Layer | Call], written: list[Written]) -> str:
    """The input line. PyTorch's layers don't tell how large a picture is: the size that gives the inputs of its first Linear is taken."""
    kind, rank = kind_of(name_of(layers[0]))
    given = bind(layers[0])
    if kind == "Linear":
        return f"input {given['in_features']}"
    if kind != "Conv":
        raise UntranslatableError
    sides = "x".join([str(_side_of(layers, written, rank) or "?")] * rank)
    return f"input {sides}x{given['in_channels']}"


def _side_of(layers: list[Layer | Call], written: list[Written], rank: int) -> int | None:
    """The length of the sides of a square picture whose flattened features are the inputs of the first Linear."""
    channels, before = 0, list[Written]()
    for layer, one in zip(layers, written, strict=True):
        given = bind(layer)
        if kind_of(name_of(layer))[0] in ("AdaptiveAvgPool", "AdaptiveMaxPool"):
            return None  # Pictures of any size will do.
        if name_of(layer) == "Linear":
            wanted = int(given["in_features"])
            return next((side for side in range(1, LONGEST_SIDE) if _features(side, before, channels, rank) == wanted), None)
        channels = given.get("out_channels", channels)
        before.append(one)
    return None


def _features(side: int | None, layers: list[Written], channels: int, rank: int) -> int | None:
    for layer in layers:
        side = layer.side(side) if side is not None else None
        if side is None or side < 1:
            return None
    return channels * side**rank if side is not None else None
