"""Expansion: writes out repetitions and blocks as a sequence of layers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, replace
from typing import Any

from seqmagic.errors import ArgumentError, LanguageError, Span, UnknownNameError
from seqmagic.language.printer import print_layer
from seqmagic.language.syntax import Argument, Block, Call, Chain, Expression, Layer, Literal, Repeat, Sequence, Unit, Value, Word
from seqmagic.translation import gettext, gettext_noop

MOST_LAYERS = 20_000
DEEPEST_BLOCKS = 20
MOST_PARTS = 500_000
INNER = ("value", "items", "arguments", "units")  # The attributes of a part of a program that contain other parts.


def expand(units: Iterable[Unit | Block]) -> tuple[Layer, ...]:
    """Write out repetitions and blocks.

    A label that occurs again because its layer is repeated gets a number: stem, stem_2, stem_3.

    Raises:
        LanguageError: At an invalid count, or too many layers.
        ArgumentError, UnknownNameError: At a wrong use of a block.
    """
    expansion = _Expansion()
    written = tuple(units)
    expansion.blocks = {_plain(unit.word): unit for unit in written if isinstance(unit, Block)}
    for unit in written:
        if not isinstance(unit, Block):
            expansion.write_out(unit, {}, 0)
    return tuple(expansion.layers)


class _Expansion:
    def __init__(self) -> None:
        self.blocks: dict[str, Block] = {}
        self.layers: list[Layer] = []
        self.count, self.parts = 0, 0
        self.labels: dict[tuple[str, Span], int] = {}

    def write_out(self, unit: Unit, bindings: Mapping[str, Value], depth: int) -> None:
        """Append the layers of a unit, with `bindings` for the parameters of the enclosing blocks."""
        if isinstance(unit, Repeat):
            for inner in unit.units * _count(unit, bindings):
                self.write_out(inner, bindings, depth)
            return
        layer = _bind(unit, bindings)
        if layer is not unit:
            self._check_size(layer)
        if layer is not unit and layer != unit:
            layer = replace(layer, text=print_layer(replace(layer, label=None)))  # Show it with the values that it has here.
        block = self.blocks.get(_plain(layer.word)) if self.blocks and isinstance(layer.word, Word) else None
        if block is None:
            has_layers = Chain in layer.contents.kinds
            self._append(replace(layer, arguments=self._write_out_chains(layer.arguments, depth)) if has_layers else layer)
            return
        if layer.label is not None:
            problem = gettext("{block!r} is a block with several layers, and a label names one layer.", block=block.word.text)
            raise LanguageError(problem, expected=gettext("the label on a layer inside the block"), span=layer.label.span)
        if depth == DEEPEST_BLOCKS:
            raise LanguageError(
                gettext("Blocks are nested more than {deepest_blocks} levels deep.", deepest_blocks=DEEPEST_BLOCKS),
                expected=gettext("fewer"),
                span=layer.span,
            )
        inner_bindings = _arguments(block, layer)
        for inner in block.units:
            self.write_out(inner, inner_bindings, depth + 1)

    def _write_out_chains(self, part: Any, depth: int) -> Any:
        """A value with the layers inside its brackets written out; they count like others."""
        if isinstance(part, tuple):
            return tuple(self._write_out_chains(item, depth) for item in part)
        if isinstance(part, Argument):
            return replace(part, value=self._write_out_chains(part.value, depth))
        if isinstance(part, Call):
            return replace(part, arguments=self._write_out_chains(part.arguments, depth))
        if isinstance(part, Sequence):
            return replace(part, items=self._write_out_chains(part.items, depth))
        if not isinstance(part, Chain):
            return part
        outside, self.layers = self.layers, []
        for unit in part.units:
            self.write_out(unit, {}, depth)
        inside, self.layers = self.layers, outside
        return replace(part, units=tuple(inside))

    def _check_size(self, layer: Layer) -> None:
        """Refuse values that have grown too large in nested blocks."""
        left: list[Any] = [layer.arguments]
        while left:
            part = left.pop()
            self.parts += 1
            if self.parts > MOST_PARTS:
                raise LanguageError(
                    gettext("The blocks expand to too many values."),
                    expected=gettext("at most {most_parts:,} values", most_parts=MOST_PARTS),
                    span=layer.span,
                )
            left += part if isinstance(part, tuple) else [getattr(part, name) for name in INNER if hasattr(part, name)]

    def _append(self, layer: Layer) -> None:
        self.count += 1
        if self.count > MOST_LAYERS:
            raise LanguageError(
                gettext("The network has more than {most_layers:,} layers.", most_layers=MOST_LAYERS),
                expected=gettext("fewer"),
                span=layer.span,
            )
        if layer.label is not None:
            seen = self.labels.get((layer.label.text, layer.label.span), 0) + 1
            self.labels[layer.label.text, layer.label.span] = seen
            if seen > 1:
                layer = replace(layer, label=replace(layer.label, text=f"{layer.label.text}_{seen}"))
        self.layers.append(layer)


def _plain(word: Word) -> str:
    """The form in which words are compared: lower case, without _."""
    return word.text.lower().replace("_", "")


def _count(unit: Repeat, bindings: Mapping[str, Value]) -> int:
    if unit.count is None:
        return 1
    count = bindings.get(unit.count.text, unit.count) if isinstance(unit.count, Word) else unit.count
    value = count.value if isinstance(count, Literal) else None
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise LanguageError(
            gettext("The number of repetitions must be a whole number."),
            expected=gettext("a whole number from 1 after *"),
            span=unit.count.span,
        )
    if value > MOST_LAYERS:
        raise LanguageError(
            gettext("Repeating {value:,} times makes more layers than can be built.", value=value),
            expected=gettext("at most {most_layers:,} layers", most_layers=MOST_LAYERS),
            span=unit.count.span,
        )
    return value


def _arguments(block: Block, layer: Layer) -> dict[str, Value]:
    """The values of a block's parameters where it is used."""
    name = block.word.text
    known = [parameter.word.text for parameter in block.parameters]
    bound: dict[str, Value] = {}
    for argument in layer.arguments:
        free = [parameter for parameter in known if parameter not in bound]
        if argument.name is None and not free:
            raise ArgumentError(
                gettext("The block {name!r} takes {count} values.", name=name, count=len(known)),
                expected=" ".join([name, *known]),
                span=argument.span,
            )
        parameter = free[0] if argument.name is None else argument.name.text
        if parameter not in known:
            raise UnknownNameError(gettext_noop("argument"), parameter, known, owner=name, span=argument.span)
        if parameter in bound:
            raise ArgumentError(
                gettext("{name!r} is given {parameter!r} twice.", name=name, parameter=parameter),
                expected=gettext("one value"),
                span=argument.span,
            )
        bound[parameter] = argument.value
    for declared in block.parameters:
        if declared.word.text in bound:
            continue
        if declared.default is None:
            raise ArgumentError(
                gettext("The block {name!r} has no value for {declared!r}.", name=name, declared=declared.word.text),
                expected=" ".join([name, *known]),
                span=layer.span,
            )
        bound[declared.word.text] = declared.default
    return bound


def _bind(part: Any, bindings: Mapping[str, Value]) -> Any:
    """A part of a program with every parameter replaced by its value; argument names and labels stay."""
    if not bindings:
        return part
    if isinstance(part, Word):
        # Errors in a value are reported where the block is used, because it was written there.
        return bindings.get(part.text, part)
    if isinstance(part, Expression):
        return replace(part, bindings=(*bindings.items(), *part.bindings))
    if isinstance(part, tuple):
        return tuple(_bind(item, bindings) for item in part)
    if not isinstance(part, (Argument, Layer, Call, Sequence, Chain, Repeat)):
        return part
    kept = {"name", "label", "span", "text"} if isinstance(part, (Argument, Layer)) else {"span", "text"}
    changed = {f.name: _bind(getattr(part, f.name), bindings) for f in fields(part) if f.name not in kept}
    if isinstance(part, (Layer, Call)) and not isinstance(changed["word"], (Word, Expression)):
        problem = gettext("{part!r} stands for a value, and the name of a layer is needed here.", part=part.word.text)
        raise LanguageError(problem, expected=gettext("the name of a layer"), span=part.word.span)
    return replace(part, **changed)
