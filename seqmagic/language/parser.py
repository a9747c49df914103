"""The parser: text to `Program`, with the place of every word. It reads, and never evaluates."""

from __future__ import annotations

import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken
from lark.tree import Meta

from seqmagic.errors import LanguageError, SeqmagicError, Span, raise_all
from seqmagic.language.blanks import check_filled_in, check_stubs
from seqmagic.language.expectations import Amount, Sign, amount_of, read_expect
from seqmagic.language.gc_pause import without_collector
from seqmagic.language.identifiers import IDENTIFIER, normalized
from seqmagic.language.lines import Line, Source, read_lines
from seqmagic.language.program import Program
from seqmagic.language.python_functions import OnlyPython
from seqmagic.language.python_source import is_program, models_of, parse_python, refuse_program, shell_lines
from seqmagic.language.python_statements import read_python
from seqmagic.language.statements import Assigned, Imports, Note, assemble
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
from seqmagic.language.syntax_errors import explain
from seqmagic.translation import gettext

LONGEST_TEXT = 400_000  # No real network comes near; it keeps a wrong paste from eating the machine.
LONGEST_NUMBER = 24

ESCAPED = re.compile(r"\\(.)")
ESCAPES = {"n": "\n", "t": "\t"}


def parse(text: str) -> Program:
    """Read a text as a network.

    >>> parse("input 784 -> dense 10 softmax").layers[1].text
    'dense 10 softmax'
    >>> parse("input 28x28x1  # one grey picture").layers[0].arguments[0].value.dims
    (28, 28, 1)
    >>> [layer.text for layer in parse("input 784 -> (dense 64 relu -> dropout 0.5) * 2").layers]
    ['input 784', 'dense 64 relu', 'dropout 0.5', 'dense 64 relu', 'dropout 0.5']

    Args:
        text: the layers, one a line or joined by `->`, then the optional `compile`, `fit` and `seed` lines.

    Raises:
        LanguageError: Pointing at the word, when the text can't be read. Takes milliseconds and runs nothing.
    """
    if len(text) > LONGEST_TEXT:
        raise LanguageError(
            gettext("The text is {count:,} characters long.", count=len(text)),
            expected=gettext("at most {longest_text:,}", longest_text=LONGEST_TEXT),
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    statements: list[Any] = []
    errors: list[SeqmagicError] = []
    check_stubs(text)
    with without_collector():
        read_statements(text, statements, errors)
        raise_all(errors)
        program = assemble(statements, text)
    check_filled_in(program)
    return program


def read_statements(
    text: str, statements: list[Any], errors: list[SeqmagicError], trees: dict[str, Any] | None = None
) -> SeqmagicError | None:
    """Read line after line; what is given back is the error at which it ended, where the rest could not be cut into lines.

    Args:
        trees: what the grammar has found in lines that were read before; those of this text are added.
    """
    try:
        source = Source(text)
        if _read_whole_python(source, statements):
            return None
        trees = {} if trees is None else trees
        known: dict[str, Value] = {}
        for line in read_lines(source):
            try:
                statements += _read_python_line(line, known) or [_parse_line(line, trees)]
            except LanguageError as error:
                errors.append(error)  # The next line may be read all the same.
                statements += _gap(line)
    except LanguageError as error:
        errors.append(error)
        return error
    return None


def is_last_line(line: str) -> bool:
    """Whether a line that can't be read was meant as one of the last lines: compile, fit, seed or expect."""
    return re.match(r"\s*(\w+\s*=\s*)?(\w+\.)?(compile|fit)\b|\s*(seed|expect)\b|\s*%", line) is not None


def _gap(line: Line) -> list[Chain]:
    """What stands for a line of layers that can't be read."""
    if is_last_line(line.text):
        return []
    span = line.span(0, len(line.text))
    return [Chain((Layer(Expression("{...}", span), (), "{...}", span),), span)]


def _read_whole_python(source: Source, statements: list[Any]) -> bool:
    """Read a text that is Python from beginning to end; False where it is not.

    Raises:
        LanguageError: Where it is a program that does more than to make a network.
    """
    parsed = parse_python(source)
    if parsed is None:
        return False
    try:
        statements += read_python(*parsed)
        statements += [Note(gettext("{line} is not run here: it belongs in a cell of its own.", line=line)) for line in shell_lines(source)]
    except OnlyPython as found:
        if is_program(parsed[0]):
            raise refuse_program(found.node, parsed[1], next(models_of(parsed[0]), "model")) from None
        return False
    return True


def _read_python_line(line: Line, known: dict[str, Value]) -> list[Any]:
    """The statements of a line of pasted Python among others; none where it isn't one.

    Args:
        known: what names stand for, from the lines before; its own are added.
    """
    parsed = parse_python(line.source, line.offset, line.offset + len(line.text))
    if parsed is None:
        return []
    before = set(known)
    try:
        statements = read_python(*parsed, known)
    except OnlyPython:
        return []
    later = line.source.text[line.offset + len(line.text) :]
    # A name that nothing uses is no part of a network: it is an option that lost its line, such as epochs=10.
    return statements if all(re.search(rf"\b{name}\b", later) for name in set(known) - before) else []


def parse_step(text: str) -> Step:
    """Read a `compile` or `fit` line that stands alone.

    >>> len(parse_step("compile adam mse accuracy").arguments)
    3

    Raises:
        LanguageError: When the text is anything else.
    """
    program = parse(text)
    step = program.compile or program.fit
    if step is None or program.units:
        raise LanguageError(gettext("This is no compile or fit line."), instead="compile adam mse")
    return step


class _Reader:
    """Turns what the grammar found in a line into the frozen dataclasses of `program`: a method for each of its rules.

    Lark has a class for that, which costs a third more time.
    """

    def __init__(self, line: Line) -> None:
        self.line = line

    def read(self, part: Any) -> Any:
        """What a part of the tree says: first its children, then the method that has the name of its rule."""
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
            problem = gettext("A layer can't be called {value}.", value=str(opening.value).lower())
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
        """At most six short numbers: nothing that could grow."""
        first, *rest = re.split(r"\s*([*/])\s*", str(children[0]))
        span = self._span_of_token(children[0])
        value = _number(first, span)
        for sign, factor in zip(rest[::2], rest[1::2], strict=True):
            number = _number(factor, span)
            if sign == "/" and number == 0:
                raise LanguageError(gettext("A division by 0."), expected=gettext("another number"), span=span)
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


@lru_cache(maxsize=1)
def load_grammar() -> Lark:
    """The grammar of `grammar.lark`, ready to read a line."""
    options = {"parser": "lalr", "start": "statement", "propagate_positions": True, "maybe_placeholders": False}
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar.replace(r"[^\W\d]\w*", IDENTIFIER), **options)


def _parse_line(line: Line, trees: dict[str, Any]) -> Any:
    """Read a line; `trees` are those of the lines before it, for deep networks repeat themselves."""
    try:
        if line.text not in trees:
            trees[line.text] = load_grammar().parse(line.text)
        return _Reader(line).read(trees[line.text])
    except (UnexpectedCharacters, UnexpectedToken) as error:
        raise explain(error, line) from None


def _number(text: str, span: Span) -> int | float:
    if len(text) > LONGEST_NUMBER:
        raise LanguageError(
            gettext("A number of {count:,} characters.", count=len(text)),
            expected=gettext("at most {longest_number}", longest_number=LONGEST_NUMBER),
            span=span,
        )
    value = float(text)
    if math.isinf(value):
        raise LanguageError(gettext("A number too large for any computer."), expected=gettext("at most 1.8e308"), span=span)
    return value if set(text) & set(".eE") else int(text)
