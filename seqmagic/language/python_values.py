"""Python values: the arguments of pasted calls, parsed by Python and converted to the values of a program.

Python is parsed here and never run.
"""

from __future__ import annotations

import ast
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from seqmagic.errors import LanguageError, Span
from seqmagic.language.hyperparameters import Hyperparameters, is_hyperparameter
from seqmagic.language.python_text import PythonText, dotted_name
from seqmagic.language.syntax import CONSTANTS, Argument, Call, Expression, Literal, Sequence, Size, Value, Word
from seqmagic.translation import gettext

SIGNS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
COMPARED: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.eq,  # `is` is used with None, True and False.
    ast.IsNot: operator.ne,
}
# Expressions allowed by the grammar: curly brackets with balanced ones inside.
BRACED = re.compile(r"\{([^{}]|\{([^{}]|\{[^{}]*\})*\})*\}")
STRINGS = re.compile(r"(?<!\w)(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')")
LARGEST_FLOAT = sys.float_info.max
LARGEST = 10**15  # Limit for integers computed here, so that nested powers can't take forever.
LARGEST_EXPONENT = 64
MOST_ITEMS = 20_000  # Of a list that is built here.


@dataclass
class ValueReader:
    """Reads the values of pasted calls.

    Attributes:
        text: of the code.
        known: the values of names assigned in the code.
        partials: calls of `functools.partial`, by the names they are assigned to.
    """

    text: PythonText
    known: Mapping[str, Value]
    partials: dict[str, ast.Call] = field(default_factory=dict)
    hyperparameters: Hyperparameters = field(default_factory=Hyperparameters)

    def value(self, node: ast.expr) -> Value:
        """Convert a Python expression to a value of a program; what can't be converted stays Python, for a live cell to evaluate."""
        reader = getattr(self, f"_{type(node).__name__.lower()}", None)
        found = reader(node) if reader is not None else None
        return found if found is not None else self.python(node)

    def python(self, node: ast.expr) -> Expression:
        """An expression that is left to Python."""
        code = self.text.written(node)
        used = dict.fromkeys(part.id for part in ast.walk(node) if isinstance(part, ast.Name) and part.id in self.known)
        bindings = tuple((name, self.known[name]) for name in used)
        if isinstance(node, (ast.Set, ast.SetComp)):
            code = f"({code})"
        # A dict already has curly brackets, as in class_weight={0: 1, 1: 5}.
        written = code if isinstance(node, (ast.Dict, ast.DictComp)) else f"{{{code}}}"
        if not BRACED.fullmatch(written):
            written = STRINGS.sub(lambda match: match[0].replace("{", "\\x7b").replace("}", "\\x7d"), written)
        if not BRACED.fullmatch(written):
            problem = gettext("Python code with curly brackets like these can't be used in a line.")
            raise LanguageError(problem, expected=gettext("a variable that is set in a cell above"), span=self.text.span(node))
        return Expression(written, self.text.span(node), bindings)

    def call(self, node: ast.Call) -> Call | None:
        """A call of a named function; None if only Python can evaluate the function or its arguments."""
        name = dotted_name(node.func)
        if name in self.partials:
            whole = self.call(completed(self.partials[name], node))
            return None if whole is None else replace(whole, python=None)
        starred = any(isinstance(value, ast.Starred) for value in node.args) or any(keyword.arg is None for keyword in node.keywords)
        if name is None or starred or (name.partition(".")[0] in self.known and not is_hyperparameter(node)):
            return None
        arguments = [Argument(self.value(value), None, self.text.span(value)) for value in node.args]
        arguments += [self._keyword(keyword) for keyword in node.keywords]
        word = Word(name, self.text.span(node.func))
        whole = Call(word, tuple(arguments), self.text.span(node), self.python(node))
        return (self.hyperparameters.read(name, whole) if is_hyperparameter(node) else None) or whole

    def _keyword(self, keyword: ast.keyword) -> Argument:
        start, _ = self.text.place(keyword)
        name = Word(str(keyword.arg), self.text.source.span(start, start + len(str(keyword.arg))))
        return Argument(self.value(keyword.value), name, self.text.span(keyword))

    def _call(self, node: ast.Call) -> Value | None:
        items = self.value(node.args[0]) if dotted_name(node.func) == "len" and len(node.args) == 1 and not node.keywords else None
        return Literal(len(items.items), self.text.span(node)) if isinstance(items, Sequence) else self.call(node)

    def _constant(self, node: ast.Constant) -> Value | None:
        if isinstance(node.value, (int, float)) and abs(node.value) > LARGEST_FLOAT:
            problem = gettext("The number is too large for a float.")
            raise LanguageError(problem, expected=gettext("at most 1.8e308"), span=self.text.span(node))
        plain = node.value is None or isinstance(node.value, (bool, int, float, str))
        return Literal(node.value, self.text.span(node)) if plain else None  # type: ignore[arg-type]

    def _name(self, node: ast.Name) -> Value:
        if node.id in self.known:
            return self.known[node.id]
        span = self.text.span(node)
        return Literal(CONSTANTS[node.id.lower()], span) if node.id.lower() in CONSTANTS else Word(node.id, span)

    def _attribute(self, node: ast.Attribute) -> Value | None:
        name = dotted_name(node)
        if name is None or name.partition(".")[0] in self.known:
            return None
        return Word(name, self.text.span(node), self.python(node))

    def _unaryop(self, node: ast.UnaryOp) -> Value | None:
        inner = self.value(node.operand)
        number = _number_of(inner)
        if number is None or not isinstance(node.op, (ast.USub, ast.UAdd)):
            return None
        return Literal(-number if isinstance(node.op, ast.USub) else number, self.text.span(node))

    def _binop(self, node: ast.BinOp) -> Value | None:
        """Arithmetic on plain numbers is computed here, without a notebook."""
        left, right = self.value(node.left), self.value(node.right)
        joined = self._joined(node, left, right)
        if joined is not None:
            return joined
        first, second, sign = _number_of(left), _number_of(right), SIGNS.get(type(node.op))
        if first is None or second is None or sign is None or (isinstance(node.op, ast.Pow) and abs(second) > LARGEST_EXPONENT):
            return None
        try:
            result = sign(first, second)
        except ZeroDivisionError:
            raise LanguageError(
                gettext("This divides by 0."), expected=gettext("a divisor other than 0"), span=self.text.span(node)
            ) from None
        except OverflowError:
            return None
        return Literal(result, self.text.span(node)) if isinstance(result, (int, float)) and abs(result) <= LARGEST else None

    def _joined(self, node: ast.BinOp, left: Value, right: Value) -> Value | None:
        """Two strings or two lists joined by +, or one repeated by *."""
        if isinstance(node.op, ast.Mult):
            return self._repeated(node, left, right)
        if not isinstance(node.op, ast.Add):
            return None
        if isinstance(left, Literal) and isinstance(right, Literal) and isinstance(left.value, str) and isinstance(right.value, str):
            return Literal(left.value + right.value, self.text.span(node))
        if isinstance(left, Sequence) and isinstance(right, Sequence) and left.listed == right.listed:
            return Sequence(left.items + right.items, self.text.span(node), left.listed)
        return None

    def _repeated(self, node: ast.BinOp, left: Value, right: Value) -> Value | None:
        """A list repeated by a number. Repeated layers would share their weights, so such a list is left to Python."""
        items, times = (left, _number_of(right)) if isinstance(left, Sequence) else (right, _number_of(left))
        if not isinstance(items, Sequence) or not isinstance(times, int) or times * len(items.items) > MOST_ITEMS:
            return None
        plain = times <= 1 or not any(isinstance(item, (Call, Sequence)) for item in items.items)
        return Sequence(items.items * times, self.text.span(node), items.listed) if plain else None

    def _tuple(self, node: ast.Tuple) -> Value | None:
        return self._sequence(node.elts, node, listed=False)

    def _list(self, node: ast.List) -> Value | None:
        return self._sequence(node.elts, node, listed=True)

    def _sequence(self, items: list[ast.expr], node: ast.expr, *, listed: bool) -> Value | None:
        found: list[Value] = []
        for item in items:
            inner = items_of(self.value(item.value)) if isinstance(item, ast.Starred) else iter([self.value(item)])
            if inner is None:
                return None
            found += inner
        return Sequence(tuple(found), self.text.span(node), listed)

    def _listcomp(self, node: ast.ListComp) -> Value | None:
        """A list comprehension over known values: [Dense(n) for n in (64, 32)]."""
        found = self.looped(node.elt, node.generators)
        return None if found is None else Sequence(tuple(found), self.text.span(node), listed=True)

    _generatorexp = _listcomp

    def looped(self, element: ast.expr, loops: list[ast.comprehension]) -> list[Value] | None:
        """The items of a comprehension; None if only Python knows what its loops iterate over."""
        if not loops:
            return [self.value(element)]
        loop, *others = loops
        items = None if loop.ifs else items_of(self.value(loop.iter))
        found: list[Value] = []
        for item in items or ():
            bound = bound_item(loop.target, item)
            inner = None if bound is None else ValueReader(self.text, {**self.known, **bound}, self.partials).looped(element, others)
            if inner is None or len(found) > MOST_ITEMS:
                return None
            found += inner
        return None if items is None else found

    def _subscript(self, node: ast.Subscript) -> Value | None:
        """An item or a slice of a known list."""
        items = self.value(node.value) if isinstance(node.value, (ast.Name, ast.List, ast.Tuple)) else None
        if not isinstance(items, Sequence):
            return None
        if isinstance(node.slice, ast.Slice):
            given = (node.slice.lower, node.slice.upper, node.slice.step)
            ends = [None if end is None else self.number(end) for end in given]
            known = all(isinstance(number, int) for end, number in zip(given, ends, strict=True) if end is not None) and ends[2] != 0
            return Sequence(items.items[slice(*ends)], items.span, items.listed) if known else None  # type: ignore[arg-type]
        place = self.number(node.slice)
        inside = isinstance(place, int) and -len(items.items) <= place < len(items.items)
        return items.items[place] if inside else None  # type: ignore[index]

    def _ifexp(self, node: ast.IfExp) -> Value | None:
        truth = self.truth(node.test)
        return None if truth is None else self.value(node.body if truth else node.orelse)

    def number(self, node: ast.expr) -> int | float | None:
        """The number that an expression evaluates to, if it follows from the text alone."""
        return _number_of(self.value(node))

    def truth(self, node: ast.expr) -> bool | None:
        """Whether a condition is true, if it follows from the text alone; otherwise None.

        >>> from seqmagic.language.lines import Source
        >>> code = "deep and width > 8"
        >>> known = {"deep": Literal(True, Span(1, 1, 1)), "width": Literal(16, Span(1, 1, 1))}
        >>> ValueReader(PythonText(code, Source(code)), known).truth(ast.parse(code, mode="eval").body)
        True
        """
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(value) for value in node.values]
            ends = isinstance(node.op, ast.Or)  # The value that ends an `or` early; an `and` ends early with the other one.
            return ends if ends in parts else None if None in parts else not ends
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand)
            return None if inner is None else not inner
        if isinstance(node, ast.Compare):
            return self._compared(node)
        value = self.value(node)
        return bool(value.value) if isinstance(value, Literal) else bool(value.items) if isinstance(value, Sequence) else None

    def _compared(self, node: ast.Compare) -> bool | None:
        values = [self.value(part) for part in (node.left, *node.comparators)]
        signs = [COMPARED.get(type(sign)) for sign in node.ops]
        if None in signs or not all(isinstance(value, Literal) for value in values):
            return None
        plain = [value.value for value in values if isinstance(value, Literal)]
        try:
            return all(sign(a, b) for sign, a, b in zip(signs, plain, plain[1:], strict=False))  # type: ignore[misc]
        except TypeError:
            return None

    def _joinedstr(self, node: ast.JoinedStr) -> Value | None:
        """An f-string, if all of its values are known: f"dense_{i}" in a loop."""
        pieces = []
        for part in node.values:
            plain = not isinstance(part, ast.FormattedValue) or (part.format_spec is None and part.conversion == -1)
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            if not plain or not isinstance(value, Literal):
                return None
            pieces.append(str(value.value))
        return Literal("".join(pieces), self.text.span(node))


def completed(partial: ast.Call, call: ast.Call) -> ast.Call:
    """The call that results from calling a `functools.partial`: its own arguments first, named ones overridden by those of the call.

    >>> partial, call = (ast.parse(code, mode="eval").body for code in ("partial(Dense, 8, activation='relu')", "P(activation='tanh')"))
    >>> ast.unparse(completed(partial, call))
    "Dense(8, activation='tanh')"
    """
    function, *given = partial.args
    named = {keyword.arg: keyword for keyword in (*partial.keywords, *call.keywords)}
    return ast.copy_location(ast.Call(function, [*given, *call.args], [*named.values()]), call)


def bound_item(target: ast.expr, item: Value) -> dict[str, Value] | None:
    """The names bound in one iteration of a loop; None if it doesn't follow from the text alone."""
    if isinstance(target, ast.Name):
        return {target.id: item}
    if not isinstance(target, (ast.Tuple, ast.List)) or not isinstance(item, Sequence) or len(target.elts) != len(item.items):
        return None
    found: dict[str, Value] = {}
    for one, its in zip(target.elts, item.items, strict=True):
        inner = bound_item(one, its)
        if inner is None:
            return None
        found |= inner
    return found


def _number_of(value: Value) -> int | float | None:
    if isinstance(value, Literal) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return value.value
    return None


def items_of(value: Value) -> Iterator[Value] | None:
    """The items that a loop over a value iterates over, if they follow from the text alone; otherwise None.

    A `range` yields its numbers.
    """
    if isinstance(value, Sequence):
        return iter(value.items)
    if isinstance(value, Size):
        return None
    if not isinstance(value, Call) or any(argument.name is not None for argument in value.arguments):
        return None
    if value.word.text == "range":
        return _range(value)
    inner = [items_of(argument.value) for argument in value.arguments]
    if value.word.text == "zip" and inner and None not in inner:
        return (Sequence(row, value.span) for row in zip(*inner, strict=False))  # type: ignore[arg-type]
    way = WAYS.get(value.word.text)
    return None if way is None or len(inner) != 1 or inner[0] is None else iter(way(list(inner[0]), value.span))


def _range(call: Call) -> Iterator[Value] | None:
    numbers = [_number_of(argument.value) for argument in call.arguments]
    if not 1 <= len(numbers) <= 3 or not all(isinstance(number, int) for number in numbers) or numbers[2:] == [0]:
        return None
    return (Literal(number, call.span) for number in range(*numbers))  # type: ignore[arg-type]


# Other iterables, by the function that creates them from a list.
WAYS: dict[str, Callable[[list[Value], Span], list[Any]]] = {
    "reversed": lambda items, span: items[::-1],
    "list": lambda items, span: items,
    "tuple": lambda items, span: items,
    "enumerate": lambda items, span: [Sequence((Literal(i, span), item), span) for i, item in enumerate(items)],
}
