"""PyTorch: layers of `torch.nn` in pasted code, and the same network in this language.

    nn.Conv2d(1, 32, kernel_size=3)     conv 32 3
    nn.Linear(in_features=128, out_features=10)     dense 10

PyTorch gives the number of inputs first, where Keras gives the number of outputs: read as Keras's, such a call would be another layer.
Nothing is run. The translation is a proposal in the error, which is tried like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from seqmagic.errors import PyTorchError, SeqmagicError
from seqmagic.language.lines import Source
from seqmagic.language.printer import print_step
from seqmagic.language.program import Program
from seqmagic.language.pytorch_layers import (
    ACTIVATIONS,
    LOSSES,
    ONLY_THERE,
    PARAMETERS,
    UNWRITTEN,
    UntranslatableError,
    Written,
    bind,
    is_only_there,
    kind_of,
    name_of,
    write,
)
from seqmagic.language.syntax import Block, Call, Layer, Repeat, Sequence, Word
from seqmagic.translation import gettext, gettext_noop

MODULE = re.compile(r"\(\s*(?:torch\.)?nn\.Module\s*\)|^\s*(?:import torch\b|from torch\b)", re.MULTILINE)
# What is written around layers: in a class that was pasted without its first lines, and in a loop that trains it.
AROUND = re.compile(
    r"\bself\.\w+[ \t]*=[ \t]*(?:torch\.)?nn\.[A-Z]|\bdef forward\(self\b|\bF\.[a-z]\w*\(|\btorch\.[a-z]\w*\("
    r"|\boptim\.[A-Z]\w*\(\w+\.parameters\(\)|\.(?:backward|zero_grad)\(\)|\.to\((?:device|[\"']cuda)|\bnn\.\w+Loss\("
)
OWNER = re.compile(r"(?:(?!tf\b|tensorflow\b)\w+\.)?nn")
KERAS = gettext_noop("Keras's layers, one per line, such as conv 32 3 for nn.Conv2d(1, 32, 3) and dense 10 for nn.Linear(128, 10)")
SAME_NAMES = {"Sequential", "Dropout", "Flatten", "Embedding", "ReLU", "ELU", "Softmax", "Identity"}
RECURRENT = {"LSTM", "GRU", "RNN"}
MENTIONED = re.compile(rf"\bnn\.|\btorch\b|\b(?:Linear|[A-Z]\w*[123]d)\(|\b(?:{'|'.join(ONLY_THERE)})=")
IMPORTED = re.compile(r"^\s*(?:import|from) torch\b", re.MULTILINE)
OPEN = re.compile(r"(?:dense|conv(?:[123]d)?)(?: \d[\dx]*)+")  # A layer of this language that has no activation yet.
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
    loss = next((layer for layer in layers if name_of(layer) in LOSSES), None)
    if loss is not None:
        raise _refuse_loss(loss)
    network = _translate(program, layers)
    expected = gettext("the same layers in Keras's words; their first weights are drawn in another way") if network else KERAS
    problem = gettext("This is PyTorch: {name} has other arguments than a layer of Keras.", name=first.word.text)  # type: ignore[union-attr]
    raise PyTorchError(problem, expected=expected, network=network, span=first.word.span)


def uses_pytorch(text: str) -> bool:
    r"""Whether pasted code defines or trains a network with PyTorch's means.

    >>> uses_pytorch("class Net(nn.Module):\n    pass"), uses_pytorch("class Net(keras.Model):\n    pass")
    (True, False)
    >>> uses_pytorch("x = F.relu(self.fc1(x))"), uses_pytorch("x = tf.nn.relu(self.fc1(x))")
    (True, False)
    """
    return MODULE.search(text) is not None or AROUND.search(text) is not None


def find_pytorch(text: str, error: SeqmagicError) -> PyTorchError | None:
    """The error for a text that can't be read because it is code around PyTorch's layers; None if it is none."""
    found = AROUND.search(text)
    if found is None or isinstance(error, PyTorchError):
        return None
    source = Source(text)
    start = text.rfind("\n", 0, found.start()) + 1
    line = text[start:].partition("\n")[0]
    span = source.span(start + len(line) - len(line.lstrip()), start + len(line.rstrip()))
    return PyTorchError(gettext("This is PyTorch, and not Keras: {line!r}.", line=line.strip()[:60]), expected=KERAS, span=span)


def _refuse_loss(layer: Layer | Call) -> PyTorchError:
    """The error for a loss among the layers."""
    name = layer.word.text  # type: ignore[union-attr]
    line = f"compile adam {LOSSES[name_of(layer)]}"
    expected = gettext("a line below the layers, such as {line}", line=line)
    return PyTorchError(gettext("This is PyTorch: {name} is a loss.", name=name), expected=expected, span=layer.word.span)


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
        return not owner and is_only_there(layer)
    if name in RECURRENT:
        sizes = [argument for argument in layer.arguments if argument.name is None or argument.name.text in ("input_size", "hidden_size")]
        return is_imported or len(sizes) > 1
    is_known = kind_of(name)[0] in PARAMETERS or name in ACTIVATIONS or name in LOSSES or UNWRITTEN.fullmatch(name) is not None
    return (is_known and name not in SAME_NAMES) or (is_imported and name in SAME_NAMES) or is_only_there(layer)


def _translate(program: Program, layers: list[Layer | Call]) -> str:
    """The text of the network; empty if a layer has no equal."""
    try:
        given = [layer.text for layer in layers if isinstance(layer, Layer) and name_of(layer).lower() == "input"]
        written = [_write(layer) for layer in layers if name_of(layer).lower() != "input"]
        lines = given or _input_of(layers, written)
    except UntranslatableError:
        return ""
    lines += _fold(written)
    return "\n".join([*lines, *(print_step(step) for step in (program.compile, program.fit) if step is not None)])


def _write(layer: Layer | Call) -> Written:
    """A layer of PyTorch in this language; one that is in this language already stays as it is.

    Raises:
        UntranslatableError: If it has no equal.
    """
    name = name_of(layer)
    if isinstance(layer, Layer) and name and name == name.lower() and isinstance(layer.word, Word) and "." not in layer.word.text:
        return Written(layer.text, is_foldable=OPEN.fullmatch(layer.text) is not None)
    return write(layer)


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


def _input_of(layers: list[Layer | Call], written: list[Written]) -> list[str]:
    """The input line, if the first layer tells what flows in.

    PyTorch's layers don't tell how large a picture is: the size that gives the inputs of its first Linear is taken.
    """
    kind, rank = kind_of(name_of(layers[0]))
    if kind not in ("Linear", "Conv"):
        return []
    given = bind(layers[0])
    if kind == "Linear":
        return [f"input {given['in_features']}"]
    sides = "x".join([str(_side_of(layers, written, rank) or "?")] * rank)
    return [f"input {sides}x{given['in_channels']}"]


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
