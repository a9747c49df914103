"""Keras's functional API: `x = Dense(8)(x)`, read as a chain of layers.

A network that branches or joins is not a chain, and is left to Python.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import dataclass, field

from seqmagic.language.python_text import dotted_name
from seqmagic.language.python_values import ValueReader
from seqmagic.language.statements import units_of
from seqmagic.language.syntax import Argument, Call, Chain, Layer, Sequence, Unit, Value, Word

INPUTS = ("Input", "InputLayer")


@dataclass
class FunctionalReader:
    """Follows the tensors of pasted code.

    Attributes:
        values: reads the arguments of layers.
        call_block: returns the layers up to the result of a function in the code; None for any other call.
        tensors: the layers from the input to each named tensor.
    """

    values: ValueReader
    call_block: Callable[[ast.Call], tuple[Unit, ...] | None]
    tensors: dict[str, tuple[Unit, ...]] = field(default_factory=dict)

    def bind(self, name: str, node: ast.expr) -> bool:
        """Whether a name is assigned a tensor, which is then recorded."""
        found = self.tensor(node)
        if found is None:
            return False
        self.tensors[name] = found
        return True

    def tensor(self, node: ast.expr) -> tuple[Unit, ...] | None:
        """The layers from the input to a tensor; None if it isn't a tensor, or not part of a chain."""
        if isinstance(node, ast.Name):
            return self.tensors.get(node.id)
        if not isinstance(node, ast.Call):
            return None
        if (dotted_name(node.func) or "").rpartition(".")[2] in INPUTS:
            return self.units(self.values.value(node))
        made = self.call_block(node)
        if made is not None:
            return made
        before = self.tensor(node.args[0]) if len(node.args) == 1 and not node.keywords else None
        after = self._applied(node.func) if before is not None else None
        if before is None or after is None or any(unit is layer for unit in before for layer in after):
            return None  # A layer that is called twice shares its weights, which a chain can't express.
        return (*before, *after)

    def _applied(self, node: ast.expr) -> tuple[Unit, ...] | None:
        """The layer that is called on a tensor: created in place, or by name."""
        if isinstance(node, ast.Call):
            return self.units(self.values.value(node))
        if isinstance(node, ast.Name):
            return self.units(self.values.value(node))  # Created in the code, or a variable of the notebook.
        return None

    def model(self, node: ast.Call) -> Call | None:
        """`Model(inputs, outputs)` as a `Sequential` of the chain between them; None if they aren't connected by a chain."""
        given = {("inputs", "outputs")[i]: value for i, value in enumerate(node.args[:2])}
        given |= {str(keyword.arg): keyword.value for keyword in node.keywords}
        begin, end = (self._only_tensor(given.pop(name, None)) for name in ("inputs", "outputs"))
        if not begin or not end or len(begin) != 1 or begin[0] is not end[0] or set(given) - {"name"}:
            return None
        span = self.values.text.span(node)
        arguments = [Argument(Chain(end, span), None, span)]
        if "name" in given:
            arguments.append(Argument(self.values.value(given["name"]), Word("name", span), span))
        return Call(Word("Sequential", span), tuple(arguments), span)

    def _only_tensor(self, node: ast.expr | None) -> tuple[Unit, ...] | None:
        """A tensor, or a list with a single tensor."""
        if isinstance(node, (ast.List, ast.Tuple)) and len(node.elts) == 1:
            node = node.elts[0]
        return self.tensor(node) if node is not None else None

    def units(self, value: Value) -> tuple[Unit, ...] | None:
        """The layers of a value; the same objects for the same value, so that a second use of a layer is noticed."""
        if isinstance(value, Sequence):
            inner = [self.units(item) for item in value.items]
            return None if any(units is None for units in inner) else tuple(unit for units in inner for unit in units or ())
        if not isinstance(value, (Call, Word, Layer, Chain)) and not hasattr(value, "code"):
            return None
        if isinstance(value, Word) and value.text not in self.values.known:
            return self._notebook.setdefault(value.text, units_of(value))
        if id(value) not in self._made:
            self._made[id(value)] = (value, units_of(value))
        return self._made[id(value)][1]

    _notebook: dict[str, tuple[Unit, ...]] = field(default_factory=dict)
    _made: dict[int, tuple[Value, tuple[Unit, ...]]] = field(default_factory=dict)
