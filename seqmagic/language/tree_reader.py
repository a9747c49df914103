"""The tree reader: converts the parse tree of a line to the dataclasses of a program."""

from __future__ import annotations

import math
import re
from typing import Any

from lark import Token
from lark.tree import Meta

from seqmagic.errors import LanguageError, Span
from seqmagic.language.expectations import Amount, Sign, amount_of, read_expect
from seqmagic.language.identifiers import normalized
from seqmagic.language.lines import Line
from seqmagic.language.statements import Assigned, Imports
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
    Parameter,
    Repeat,
    Sequence,
    Size,
    Step,
    Value,
    Word,
)
from seqmagic.translation import gettext

LONGEST_NUMBER = 24
ESCAPED = re.compile(r"\\(.)")
ESCAPES = {"n": "\n", "t": "\t"}


class TreeReader:
    """Converts a parse tree to the frozen dataclasses of `syntax`: one method for each rule.

    Lark's Transformer does the same, but takes a third longer.
    """

    def __init__(self, line: Line) -> None:
        self.line = line

    def read(self, part: Any) -> Any:
        """Convert a part of the tree: first its children, then by the method named after its rule."""
        if isinstance(part, Token):
            return part
        return getattr(self, part.data)(part.meta, [self.read(child) for child in part.children])

    def _span_of_tree(self, meta: Meta) -> Span:
        return self.line.span(meta.start_pos, meta.end_pos)

    def _span_of_token(self, token: Token) -> Span:
        return self.line.span(token.start_pos or 0, token.end_pos or 0)

    def _word(self, token: Token) -> Word:
        return Word(normalized(str(token)), self._span_of_token(token))

    def chain(self, meta: Meta, units: list[Any]) -> Chain:
        return Chain(tuple(units), self._span_of_tree(meta))

    inner_chain = chain

    def group(self, meta: Meta, chains: list[Chain]) -> Repeat:
        return Repeat(tuple(unit for chain in chains for unit in chain.units), None, self._span_of_tree(meta))

    def repeated(self, meta: Meta, children: list[Any]) -> Repeat:
        unit, counted = children
        units = unit.units if isinstance(unit, Repeat) else (unit,)
        return Repeat(units, counted if isinstance(counted, Call) else self._count(counted), self._span_of_tree(meta))

    def _count(self, token: Token) -> Literal | Word:
        span = self._span_of_token(token)
        return Literal(_number(token, span), span) if token.type == "NUMBER" else self._word(token)

    def layer(self, meta: Meta, children: list[Any]) -> Layer:
        opening, *arguments = children
        text = self.line.written(meta.start_pos, meta.end_pos)
        if isinstance(opening, Call):
            return Layer(opening.word, opening.arguments, text, self._span_of_tree(meta))
        if not isinstance(opening, (Word, Expression)):
            problem = gettext("{value} can't be the name of a layer.", value=str(opening.value).lower())
            raise LanguageError(problem, expected=gettext("the name of a layer, such as dense"), span=opening.span)
        return Layer(opening, tuple(arguments), text, self._span_of_tree(meta))

    def labelled(self, meta: Meta, children: list[Any]) -> Layer:
        label, layer = children
        return Layer(layer.word, layer.arguments, layer.text, layer.span, self._word(label))

    def block(self, meta: Meta, children: list[Any]) -> Block:
        name, *rest = children
        body = rest.pop().units if rest and isinstance(rest[-1], Chain) else ()
        return Block(self._word(name), tuple(rest), body, self._span_of_tree(meta))

    def parameter(self, meta: Meta, children: list[Any]) -> Parameter:
        return Parameter(self._word(children[0]), *children[1:])

    def _step(self, kind: str, meta: Meta, arguments: list[Argument]) -> Step:
        word = Word(kind, self.line.span(meta.start_pos, meta.start_pos + len(kind)))
        return Step(word, tuple(arguments), self.line.written(meta.start_pos, meta.end_pos), self._span_of_tree(meta))

    def compile(self, meta: Meta, arguments: list[Argument]) -> Step:
        return self._step("compile", meta, arguments)

    def fit(self, meta: Meta, arguments: list[Argument]) -> Step:
        return self._step("fit", meta, arguments)

    def seed(self, meta: Meta, children: list[Token]) -> Literal:
        return Literal(_number(children[0], self._span_of_token(children[0])), self._span_of_token(children[0]))

    def expect(self, meta: Meta, children: list[Any]) -> Expect:
        return read_expect(children, self.line.written(meta.start_pos, meta.end_pos), self._span_of_tree(meta))

    def sign(self, meta: Meta, children: list[Token]) -> Sign:
        return Sign(str(children[0]), self._span_of_token(children[0]))

    def amount(self, meta: Meta, children: list[Token]) -> Amount:
        return amount_of(str(children[0]), self._span_of_token(children[0]))

    def assigned(self, meta: Meta, children: list[Any]) -> Assigned:
        variable, made, *more = children
        return Assigned(self._word(variable), made, tuple(more), self._span_of_tree(meta))

    def imports(self, meta: Meta, children: list[Token]) -> Imports:
        return Imports(str(children[0]), self._span_of_token(children[0]))

    def positional(self, meta: Meta, children: list[Value]) -> Argument:
        return Argument(children[0], None, self._span_of_tree(meta))

    def named(self, meta: Meta, children: list[Any]) -> Argument:
        name, first, *more = children
        span = self._span_of_tree(meta)
        value = Sequence((first, *more), span) if more else first
        return Argument(value, self._word(name), span)

    def number(self, meta: Meta, children: list[Token]) -> Literal:
        span = self._span_of_token(children[0])
        return Literal(_number(children[0], span), span)

    def product(self, meta: Meta, children: list[Token]) -> Literal:
        """At most six short numbers, so the result can't become large."""
        first, *rest = re.split(r"\s*([*/])\s*", str(children[0]))
        span = self._span_of_token(children[0])
        value = _number(first, span)
        for sign, factor in zip(rest[::2], rest[1::2], strict=True):
            number = _number(factor, span)
            if sign == "/" and number == 0:
                raise LanguageError(gettext("This divides by 0."), expected=gettext("a divisor other than 0"), span=span)
            value = value * number if sign == "*" else value / number
        return Literal(value, span)

    def bracketed_number(self, meta: Meta, children: list[Literal]) -> Literal:
        return children[0]

    def size(self, meta: Meta, children: list[Token]) -> Size:
        span = self._span_of_token(children[0])
        dims = children[0].replace("×", "x").split("x")
        return Size(tuple(None if dim == "?" else int(_number(dim, span)) for dim in dims), span)

    def string(self, meta: Meta, children: list[Token]) -> Literal:
        text = ESCAPED.sub(lambda match: ESCAPES.get(match[1], match[1]), children[0][1:-1])
        return Literal(text, self._span_of_token(children[0]))

    def word(self, meta: Meta, children: list[Token]) -> Word | Literal:
        word = self._word(children[0])
        return Literal(CONSTANTS[word.text.lower()], word.span) if word.text.lower() in CONSTANTS else word

    def expression(self, meta: Meta, children: list[Token]) -> Expression:
        return Expression(str(children[0]), self._span_of_token(children[0]))

    def sequence(self, meta: Meta, items: list[Any]) -> Sequence:
        return Sequence(tuple(items), self._span_of_tree(meta))

    def bracketed(self, meta: Meta, items: list[Any]) -> Sequence:
        return Sequence(tuple(items), self._span_of_tree(meta), listed=True)

    def call(self, meta: Meta, children: list[Any]) -> Call:
        token, *arguments = children
        return Call(self._word(token), tuple(arguments), self._span_of_tree(meta))

    called_apart = call


def _number(text: str, span: Span) -> int | float:
    if len(text) > LONGEST_NUMBER:
        raise LanguageError(
            gettext("The number has {count:,} characters.", count=len(text)),
            expected=gettext("at most {longest_number} characters", longest_number=LONGEST_NUMBER),
            span=span,
        )
    value = float(text)
    if math.isinf(value):
        raise LanguageError(gettext("The number is too large for a float."), expected=gettext("at most 1.8e308"), span=span)
    return value if set(text) & set(".eE") else int(text)
