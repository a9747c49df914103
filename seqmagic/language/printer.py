"""The printer: converts the parts of a program to text, as simply as possible."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from seqmagic.language.syntax import (
    CONSTANTS,
    Argument,
    Block,
    Call,
    Chain,
    Expect,
    Expression,
    Layer,
    Literal,
    Sequence,
    Size,
    Step,
    Unit,
    Value,
    Word,
)

WIDEST = 100  # Characters; a wider group is written on several lines.
INDENT = "  "
ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t"})
CONSTANT_WORDS = {value: word for word, value in CONSTANTS.items()}
STATEMENTS = ("compile", "fit", "seed", "expect", "block", "import", "from")  # A layer with such a name is written as a call.


def print_block(block: Block) -> Iterator[str]:
    """A block: its first line, then its layers, indented."""
    parameters = [p.word.text + ("" if p.default is None else f"={print_value(p.default)}") for p in block.parameters]
    yield f"block {block.word.text}({', '.join(parameters)}):"
    for unit in block.units:
        yield from (INDENT + line for line in print_unit(unit))


def print_unit(unit: Unit) -> list[str]:
    """A layer, or a group with its count, as lines; on one line if it is not too wide."""
    if isinstance(unit, Layer):
        return [print_layer(unit)]
    times = "" if unit.count is None else f" * {print_value(unit.count)}"
    if len(unit.units) == 1 and isinstance(unit.units[0], Layer) and times:
        return [print_layer(unit.units[0]) + times]
    inner = [print_unit(part) for part in unit.units]
    whole = f"({' -> '.join(line for lines in inner for line in lines)}){times}"
    if len(whole) <= WIDEST and all(len(lines) == 1 for lines in inner):
        return [whole]
    return ["(", *(INDENT + line for lines in inner for line in lines), f"){times}"]


def print_layer(layer: Layer, *, inside: bool = False) -> str:
    """A layer as a line of words, or as a call if words alone would be ambiguous.

    Args:
        inside: whether it is in the brackets of another layer.
    """
    values = [argument.value for argument in layer.arguments]
    tuple_first = inside and values and isinstance(values[0], Sequence) and not values[0].listed and layer.arguments[0].name is None
    claimed = layer.word.text.lower() in CONSTANTS or (not inside and layer.word.text in STATEMENTS)
    if any(isinstance(value, Chain) for value in values) or tuple_first or claimed:
        return _layer_as_call(layer)
    return _label(layer) + print_step(layer)


def _label(layer: Layer) -> str:
    return f"{layer.label.text}: " if layer.label is not None else ""


def _layer_as_call(layer: Layer) -> str:
    return _label(layer) + _call(layer.word.text, layer.arguments)


def print_step(part: Layer | Step) -> str:
    """A compile or fit line, or a layer without its label, as words separated by blanks."""
    return " ".join([part.word.text, *(_argument(argument, beside=True) for argument in part.arguments)])


def print_expect(expect: Expect) -> str:
    """An expect line."""
    shape = expect.value if isinstance(expect.value, tuple) else None
    value = "x".join("?" if dim is None else str(dim) for dim in shape) if shape is not None else f"{expect.value!r}{expect.unit}"
    kind = [expect.kind.text] if expect.kind is not None else []
    after = kind if shape is not None else []
    return " ".join(["expect", expect.subject.text, *([] if after else kind), expect.sign, value, *after])


def _call(word: str, arguments: Iterable[Argument]) -> str:
    return f"{word}({', '.join(_argument(argument, beside=False) for argument in arguments)})"


def _argument(argument: Argument, *, beside: bool) -> str:
    """One argument; next to others a named list is written with commas only: metrics=accuracy,auc."""
    if argument.name is None:
        return print_value(argument.value)
    value = argument.value
    several = isinstance(value, Sequence) and not value.listed and len(value.items) > 1
    listed = beside and several and not any(isinstance(item, Chain) for item in getattr(value, "items", ()))
    text = ",".join(print_value(item) for item in value.items) if listed and isinstance(value, Sequence) else print_value(value)
    return f"{argument.name.text}={text}"


def print_value(value: Value) -> str:
    """A value as text.

    >>> from seqmagic.errors import Span
    >>> print_value(Size((None, 64), Span(1, 1, 1)))
    '?x64'
    """
    if isinstance(value, (Word, Expression)):
        return value.text
    if isinstance(value, Literal):
        return _literal(value.value)
    if isinstance(value, Size):
        return "x".join("?" if dim is None else str(dim) for dim in value.dims)
    if isinstance(value, Call):
        return _call(value.word.text, value.arguments)
    if isinstance(value, Chain):
        units = [print_layer(unit, inside=True) if isinstance(unit, Layer) else " ".join(print_unit(unit)) for unit in value.units]
        last = value.units[-1]
        if (
            len(units) > 1
            and isinstance(last, Layer)
            and isinstance(last.word, Word)
            and last.arguments
            and last.arguments[-1].name is not None
        ):
            # A comma after its last value would continue a list of values. An expression is not a call, and nothing can follow it.
            units[-1] = _layer_as_call(last)
        return " -> ".join(units)
    items = ", ".join(print_value(item) for item in value.items)
    if value.listed:
        return f"[{items}]"
    return f"({items},)" if len(value.items) == 1 else f"({items})"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return f"'{value.translate(ESCAPES)}'"
    return CONSTANT_WORDS[value] if value is None or isinstance(value, bool) else repr(value)


def format_python_value(value: Any) -> str | None:
    """A plain Python value as written in the language; None for an object without a short form.

    >>> format_python_value(True), format_python_value(None), format_python_value(1e-07), format_python_value([1, 2])
    ('true', 'none', '1e-07', '[1, 2]')
    """
    if value is None or isinstance(value, bool):
        return CONSTANT_WORDS[value]
    if isinstance(value, (int, float)) and math.isfinite(value):
        short = f"{value:.6g}"
        return str(value) if isinstance(value, int) else short if float(short) == value else repr(float(value))
    if isinstance(value, str) and value.isidentifier():
        return value
    if isinstance(value, (list, tuple)):
        items = [format_python_value(item) for item in value]
        return f"[{', '.join(map(str, items))}]" if None not in items else None
    return None
