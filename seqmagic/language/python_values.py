"""Python's values: what stands in the brackets of a pasted call, read by Python's own parser and said in the words of a program.

Python is parsed here and never run.
"""

from __future__ import annotations

import ast
import operator
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from seqmagic.errors import LanguageError, Span
from seqmagic.language.lines import Source
from seqmagic.language.program import CONSTANTS, Argument, Call, Expression, Literal, Sequence, Size, Value, Word

SIGNS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}
# What an expression of the language may be: curly brackets, and in them others that are closed.
BRACED = re.compile(r"\{([^{}]|\{([^{}]|\{[^{}]*\})*\})*\}")
STRINGS = re.compile(r"(?<!\w)(\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*')")
LARGEST_FLOAT = sys.float_info.max
LARGEST = 10**15  # Of what is calculated here, so that no power of a power takes forever.
LARGEST_EXPONENT = 64


@dataclass(frozen=True)
class PythonText:
    """A piece of pasted Python that knows where it stands.

    code: what is parsed; every character stands in its line and column of the source.
    first_line: the line of the source, from 0, that the first line of `code` is.
    """

    code: str
    source: Source
    first_line: int = 0
    _lines: list[str] = field(default_factory=list, compare=False, repr=False)

    def place(self, node: Any) -> tuple[int, int]:
        """Where a node begins and ends in the source, in characters."""
        return self._offset(node.lineno, node.col_offset), self._offset(node.end_lineno, node.end_col_offset)

    def _offset(self, line: int, column: int) -> int:
        if not self._lines:
            self._lines.extend(self.code.split("\n"))
        # Python counts the bytes of a line, not its characters.
        characters = len(self._lines[line - 1].encode()[:column].decode(errors="ignore"))
        return self.source.start_of(self.first_line + line - 1) + characters

    def span(self, node: Any) -> Span:
        """The place of a node, for a message."""
        return self.source.span(*self.place(node))

    def written(self, node: Any) -> str:
        """A node as it was typed; on one line, so that it can stand in a message."""
        start, end = self.place(node)
        text = self.source.text[start:end]
        return text if "\n" not in text else ast.unparse(node)


@dataclass
class ValueReader:
    """Reads the values of pasted calls.

    text: where they stand.
    known: what the names that the pasted code itself has given stand for.
    """

    text: PythonText
    known: Mapping[str, Value]

    def value(self, node: ast.expr) -> Value:
        """What an expression of Python says in the words of a program; what has none stays Python, for a live cell to evaluate."""
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
        # A dictionary has its curly brackets already, as in class_weight={0: 1, 1: 5}.
        written = code if isinstance(node, (ast.Dict, ast.DictComp)) else f"{{{code}}}"
        if not BRACED.fullmatch(written):
            written = STRINGS.sub(lambda match: match[0].replace("{", "\\x7b").replace("}", "\\x7d"), written)
        if not BRACED.fullmatch(written):
            problem = "Python with such curly brackets can't be told in a line."
            raise LanguageError(problem, expected="it in a cell above, under a name", span=self.text.span(node))
        return Expression(written, self.text.span(node), bindings)

    def call(self, node: ast.Call) -> Call | None:
        """A call of something that has a name; None where only Python knows what is called, or with what."""
        name = dotted_name(node.func)
        starred = any(isinstance(value, ast.Starred) for value in node.args) or any(keyword.arg is None for keyword in node.keywords)
        if name is None or starred or name.partition(".")[0] in self.known:
            return None
        arguments = [Argument(self.value(value), None, self.text.span(value)) for value in node.args]
        arguments += [self._keyword(keyword) for keyword in node.keywords]
        word = Word(name, self.text.span(node.func))
        return Call(word, tuple(arguments), self.text.span(node), self.python(node))

    def _keyword(self, keyword: ast.keyword) -> Argument:
        start, _ = self.text.place(keyword)
        name = Word(str(keyword.arg), self.text.source.span(start, start + len(str(keyword.arg))))
        return Argument(self.value(keyword.value), name, self.text.span(keyword))

    _call = call

    def _constant(self, node: ast.Constant) -> Value | None:
        if isinstance(node.value, (int, float)) and abs(node.value) > LARGEST_FLOAT:
            problem = "A number too large for any computer."
            raise LanguageError(problem, expected="at most 1.8e308", span=self.text.span(node))
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
        """Plain arithmetic on numbers is calculated here: it needs no notebook."""
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
            raise LanguageError("A division by 0.", expected="another number", span=self.text.span(node)) from None
        except OverflowError:
            return None
        return Literal(result, self.text.span(node)) if isinstance(result, (int, float)) and abs(result) <= LARGEST else None

    def _joined(self, node: ast.BinOp, left: Value, right: Value) -> Value | None:
        """Two texts, or two tuples, put together by a +."""
        if not isinstance(node.op, ast.Add):
            return None
        if isinstance(left, Literal) and isinstance(right, Literal) and isinstance(left.value, str) and isinstance(right.value, str):
            return Literal(left.value + right.value, self.text.span(node))
        if isinstance(left, Sequence) and isinstance(right, Sequence) and left.listed == right.listed:
            return Sequence(left.items + right.items, self.text.span(node), left.listed)
        return None

    def _tuple(self, node: ast.Tuple) -> Value | None:
        return self._sequence(node.elts, node, listed=False)

    def _list(self, node: ast.List) -> Value | None:
        return self._sequence(node.elts, node, listed=True)

    def _sequence(self, items: list[ast.expr], node: ast.expr, *, listed: bool) -> Value | None:
        if any(isinstance(item, ast.Starred) for item in items):
            return None
        return Sequence(tuple(self.value(item) for item in items), self.text.span(node), listed)

    def _joinedstr(self, node: ast.JoinedStr) -> Value | None:
        """A text with values in it, where all of them are known: f"dense_{i}" in a loop."""
        pieces = []
        for part in node.values:
            plain = not isinstance(part, ast.FormattedValue) or (part.format_spec is None and part.conversion == -1)
            value = self.value(part.value if isinstance(part, ast.FormattedValue) else part)
            if not plain or not isinstance(value, Literal):
                return None
            pieces.append(str(value.value))
        return Literal("".join(pieces), self.text.span(node))


def dotted_name(node: ast.expr) -> str | None:
    """A name with its dots, such as `keras.layers.Dense`; None for anything else.

    >>> dotted_name(ast.parse("tf.nn.relu", mode="eval").body), dotted_name(ast.parse("f().x", mode="eval").body)
    ('tf.nn.relu', None)
    """
    if isinstance(node, ast.Name):
        return node.id
    inner = dotted_name(node.value) if isinstance(node, ast.Attribute) else None
    return f"{inner}.{node.attr}" if inner is not None and isinstance(node, ast.Attribute) else None


def _number_of(value: Value) -> int | float | None:
    if isinstance(value, Literal) and isinstance(value.value, (int, float)) and not isinstance(value.value, bool):
        return value.value
    return None


def items_of(value: Value) -> Iterator[Value] | None:
    """What a loop over a value goes through, where the text alone tells it; None where it doesn't.

    A `range` counts as what it gives.
    """
    if isinstance(value, Sequence):
        return iter(value.items)
    if isinstance(value, Size):
        return None
    if not isinstance(value, Call) or any(argument.name is not None for argument in value.arguments):
        return None
    numbers = [_number_of(argument.value) for argument in value.arguments]
    if value.word.text == "range" and numbers and all(isinstance(number, int) for number in numbers) and len(numbers) <= 3:
        if len(numbers) == 3 and numbers[2] == 0:
            return None
        return (Literal(number, value.span) for number in range(*numbers))  # type: ignore[arg-type]
    if value.word.text == "reversed" and len(value.arguments) == 1:
        inner = items_of(value.arguments[0].value)
        return None if inner is None else iter([*inner][::-1])
    if value.word.text == "enumerate" and len(value.arguments) == 1:
        inner = items_of(value.arguments[0].value)
        counted = None if inner is None else enumerate(inner)
        return None if counted is None else (Sequence((Literal(i, value.span), item), value.span) for i, item in counted)
    return None
