"""The parser: text to `Program`, with the place of every word. It reads, and never evaluates."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError
from lark.tree import Meta

from seqmagic.errors import LanguageError, Span
from seqmagic.language.program import Argument, Call, Layer, Literal, Program, Sequence, Size, Step, Value, Word

# Bounds that no real network comes near; they keep a wrong paste from eating the machine.
LONGEST_TEXT = 1_000_000
LONGEST_NUMBER = 24
DEEPEST_NESTING = 20

CONSTANTS: dict[str, bool | None] = {"true": True, "false": False, "none": None}
BRACKET = re.compile(r"#[^\n]*|\"[^\"\n]*\"|'[^'\n]*'|[(\[]|[)\]]")


def parse(text: str) -> Program:
    """Read a text as a network.

    >>> parse("input 784 -> dense 10 softmax").layers[1].text
    'dense 10 softmax'
    >>> parse("input 28x28x1  # one grey picture").layers[0].arguments[0].value.dims
    (28, 28, 1)

    text: the layers, one a line or joined by `->`, then the optional `compile`, `fit` and `seed` lines.

    Raises LanguageError, pointing at the word, when the text can't be read. Takes milliseconds and runs nothing.
    """
    if len(text) > LONGEST_TEXT:
        raise LanguageError(f"The text is {len(text):,} characters long.", expected=f"at most {LONGEST_TEXT:,}")
    lines = text.split("\n")
    _check_nesting(text, lines)
    try:
        statements = _Reader(text, lines).transform(_grammar().parse(text))
    except UnexpectedCharacters as error:
        raise _explain_characters(error, lines) from None
    except UnexpectedToken as error:
        raise _explain_token(error, lines) from None
    except VisitError as error:
        raise error.orig_exc from None
    return _assemble(statements, text)


def parse_step(text: str) -> Step:
    """Read a `compile` or `fit` line that stands alone.

    >>> len(parse_step("compile adam mse accuracy").arguments)
    3

    Raises LanguageError when the text is anything else.
    """
    program = parse(text)
    step = program.compile or program.fit
    if step is None or program.layers:
        raise LanguageError("This is no compile or fit line.", instead="compile adam mse")
    return step


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    return Lark.open("grammar.lark", rel_to=__file__, parser="lalr", start="program", propagate_positions=True, maybe_placeholders=False)


def _check_nesting(text: str, lines: list[str]) -> None:
    """Refuse brackets so deep that reading them would exhaust Python's stack."""
    depth = 0
    for match in BRACKET.finditer(text):
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(match.group(), 0)
        if depth > DEEPEST_NESTING:
            span = _span_at(text, match.start(), lines)
            raise LanguageError(f"Brackets inside brackets, {depth} deep.", expected=f"at most {DEEPEST_NESTING}", span=span)


def _span_at(text: str, position: int, lines: list[str]) -> Span:
    line = text.count("\n", 0, position) + 1
    column = position - (text.rfind("\n", 0, position) + 1) + 1
    return Span(line, column, column + 1, lines[line - 1])


@v_args(meta=True)
class _Reader(Transformer[Token, Any]):
    """Turns the parsed tree into the frozen dataclasses of `program`."""

    def __init__(self, text: str, lines: list[str]) -> None:
        super().__init__()
        self.whole = text
        self.lines = lines

    def _span(self, meta: Meta) -> Span:
        source = self.lines[meta.line - 1]
        return Span(meta.line, meta.column, meta.end_column if meta.end_line == meta.line else len(source) + 1, source)

    def program(self, meta: Meta, statements: list[Any]) -> list[Any]:
        return statements

    def chain(self, meta: Meta, layers: list[Layer]) -> list[Layer]:
        return layers

    def layer(self, meta: Meta, children: list[Any]) -> Layer:
        word, *arguments = children
        return Layer(word, tuple(arguments), self.whole[meta.start_pos : meta.end_pos], self._span(meta))

    def called_layer(self, meta: Meta, children: list[Call]) -> Layer:
        (call,) = children
        return Layer(call.word, call.arguments, self.whole[meta.start_pos : meta.end_pos], self._span(meta))

    def _step(self, kind: str, meta: Meta, arguments: list[Argument]) -> Step:
        span = self._span(meta)
        word = Word(kind, Span(span.line, span.column, span.column + len(kind), span.source))
        return Step(word, tuple(arguments), self.whole[meta.start_pos : meta.end_pos], span)

    def compile(self, meta: Meta, arguments: list[Argument]) -> Step:
        return self._step("compile", meta, arguments)

    def fit(self, meta: Meta, arguments: list[Argument]) -> Step:
        return self._step("fit", meta, arguments)

    def seed(self, meta: Meta, children: list[Token]) -> tuple[str, Literal]:
        return "seed", self.number(meta, children)

    def positional(self, meta: Meta, children: list[Value]) -> Argument:
        return Argument(children[0], None, self._span(meta))

    def named(self, meta: Meta, children: list[Any]) -> Argument:
        word, first, *more = children
        span = self._span(meta)
        value = Sequence((first, *more), span) if more else first
        return Argument(value, word, span)

    def number(self, meta: Meta, children: list[Token]) -> Literal:
        return Literal(_number(children[0], self._span(meta)), self._span(meta))

    def size(self, meta: Meta, children: list[Token]) -> Size:
        span = self._span(meta)
        return Size(tuple(None if dim == "?" else int(_number(dim, span)) for dim in children[0].split("x")), span)

    def string(self, meta: Meta, children: list[Token]) -> Literal:
        return Literal(str(children[0][1:-1]), self._span(meta))

    def word(self, meta: Meta, children: list[Token]) -> Word | Literal:
        text, span = str(children[0]), self._span(meta)
        return Literal(CONSTANTS[text.lower()], span) if text.lower() in CONSTANTS else Word(text, span)

    def sequence(self, meta: Meta, items: list[Any]) -> Sequence:
        return Sequence(tuple(items), self._span(meta))

    bracketed = sequence

    def call(self, meta: Meta, children: list[Any]) -> Call:
        token, *arguments = children
        span = Span(token.line, token.column, token.column + len(token), self.lines[token.line - 1])
        return Call(Word(str(token), span), tuple(arguments), self._span(meta))


def _number(text: str, span: Span) -> int | float:
    if len(text) > LONGEST_NUMBER:
        raise LanguageError(f"A number of {len(text):,} characters.", expected=f"at most {LONGEST_NUMBER}", span=span)
    try:
        return int(text)
    except ValueError:
        return float(text)


def _assemble(statements: list[Any], text: str) -> Program:
    """Sort the statements into a program, refusing a second compile, fit or seed, and layers after compile or fit."""
    layers: list[Layer] = []
    steps: dict[str, Any] = {}
    for statement in statements:
        if isinstance(statement, list):
            last = next((kind for kind in steps if kind != "seed"), None)
            if last:
                raise LanguageError(f"A layer after the {last} line.", expected="layers first", span=statement[0].span)
            layers.extend(statement)
            continue
        kind, value = statement if isinstance(statement, tuple) else (statement.word.text, statement)
        if kind in steps:
            raise LanguageError(f"A second {kind} line.", expected=f"one {kind} line at most", span=value.span)
        steps[kind] = value
    _check_layer_words(layers)
    return Program(tuple(layers), steps.get("compile"), steps.get("fit"), steps.get("seed"), text)


def _check_layer_words(layers: list[Layer]) -> None:
    for layer in layers:
        if not isinstance(layer.word, Word):
            problem = f"A layer can't be called {str(layer.word.value).lower()}."
            raise LanguageError(problem, expected="the name of a layer, such as dense", span=layer.span)


# What the grammar's words mean to a reader, in the order in which they are worth naming.
SPOKEN = {
    "WORD": "a word",
    "NUMBER": "a number",
    "SIZE": "a size such as 3x3",
    "_ARROW": "->",
    "_NEWLINE": "a new line",
    "COMMA": "a comma",
    "RPAR": "a closing )",
    "RSQB": "a closing ]",
    "EQUAL": "=",
}


def _explain_characters(error: UnexpectedCharacters, lines: list[str]) -> LanguageError:
    """Say in words what the parser stumbled over."""
    source = lines[error.line - 1]
    found = (re.match(r"[\w.+-]+|\S", source[error.column - 1 :]) or [" "])[0]
    span = Span(error.line, error.column, error.column + len(found), source)
    if found in "\"'":
        return LanguageError("A quote that is opened and not closed.", expected=f"{found} at the end of the text", span=span)
    if found[0].isdigit() or found[0] in "+-.":
        return LanguageError(f"{found[:40]!r} is not a number, size or word.", expected="32, 0.3 or 3x3", span=span)
    return LanguageError(f"{found!r} has no meaning here.", expected="words, numbers, ->, = and brackets", span=span)


def _explain_token(error: UnexpectedToken, lines: list[str]) -> LanguageError:
    token = error.token
    expected = _spoken(set(error.accepts or error.expected))
    if token.type in ("$END", "_NEWLINE"):
        line = min(max(token.line or len(lines), 1), len(lines))
        if token.type == "$END":
            line = max((number for number, text in enumerate(lines, 1) if text.strip()), default=1)
        source = lines[line - 1].rstrip()
        problem = "The line ends too early." if token.type == "_NEWLINE" else "The text ends too early."
        return LanguageError(problem, expected=expected, span=Span(line, len(source) + 1, len(source) + 2, source))
    line, column = token.line or 1, token.column or 1
    span = Span(line, column, column + len(token.split("\n")[0]), lines[line - 1])
    return LanguageError(f"{token.strip()!r} has no place here.", expected=expected, span=span)


def _spoken(terminals: set[str]) -> str:
    words = [text for name, text in SPOKEN.items() if name in terminals]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words) or "the name of a layer"
