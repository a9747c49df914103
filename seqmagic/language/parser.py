"""The parser: text to `Program`, with the position of every word. It evaluates nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lark import Lark
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from seqmagic.errors import LanguageError, SeqmagicError, raise_all
from seqmagic.language.blanks import check_filled_in, check_stubs
from seqmagic.language.copied_text import clean_lines
from seqmagic.language.foreign_text import UNMISTAKABLE, refuse_foreign
from seqmagic.language.gc_pause import without_collector
from seqmagic.language.identifiers import IDENTIFIER
from seqmagic.language.latex import find_latex
from seqmagic.language.lines import Line, Source, read_lines
from seqmagic.language.program import Program
from seqmagic.language.python_functions import OnlyPython, SharedLayer
from seqmagic.language.python_mistakes import find_mistake
from seqmagic.language.python_source import is_program, models_of, parse_python, refuse_program, shell_lines
from seqmagic.language.python_statements import read_python
from seqmagic.language.pytorch import find_pytorch, refuse_pytorch
from seqmagic.language.shared_layers import SharedLayers
from seqmagic.language.statements import Note, assemble
from seqmagic.language.syntax import (
    Chain,
    Expression,
    Layer,
    Step,
    Value,
)
from seqmagic.language.syntax_errors import explain
from seqmagic.language.tree_reader import TreeReader
from seqmagic.translation import gettext

LONGEST_TEXT = 400_000  # Characters; far more than any real network, and it limits the cost of pasting a wrong text.


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
            expected=gettext("at most {longest_text:,} characters", longest_text=LONGEST_TEXT),
        )
    text = clean_lines(text)
    try:
        program = _parse(text)
    except SeqmagicError as error:
        refuse_foreign(text)
        raise (find_pytorch(text, error) or find_latex(text) or error) from None
    if any(piece in text for piece in UNMISTAKABLE):
        refuse_foreign(text)
    return program


def _parse(text: str) -> Program:
    statements: list[Any] = []
    errors: list[SeqmagicError] = []
    check_stubs(text)
    with without_collector():
        read_statements(text, statements, errors)
        raise_all(errors)
        program = assemble(statements, text)
    check_filled_in(program)
    refuse_pytorch(program)
    return program


@dataclass
class KnownLines:
    """The lines of earlier texts. Deep networks repeat themselves, and from one keystroke to the next all lines but one stay the same.

    Attributes:
        trees: the parse tree of each line.
        statements: what was read from a line at its place in a text. Being the same object as before, it needs no second look.
    """

    trees: dict[str, Any] = field(default_factory=dict)
    statements: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def shrink(self, most: int) -> None:
        """Forget the lines if there are more than so many."""
        for kept in (self.trees, self.statements):
            if len(kept) > most:
                kept.clear()


def read_statements(
    text: str, statements: list[Any], errors: list[SeqmagicError], known_lines: KnownLines | None = None
) -> SeqmagicError | None:
    """Parse line after line; returns the error at which parsing ended, if the rest could not be split into lines.

    Args:
        known_lines: the lines of earlier texts; those of this text are added.
    """
    try:
        source = Source(text)
        if source.copied.note:
            statements.append(Note(source.copied.note))
        if _read_whole_python(source, statements):
            return None
        mistake = find_mistake(source)
        if mistake is not None:
            raise mistake
        known_lines = KnownLines() if known_lines is None else known_lines
        known: dict[str, Value] = {}
        shared = SharedLayers()
        for line in read_lines(source):
            try:
                statements += _read_python_line(line, known, shared) or [_parse_line(line, known_lines)]
            except LanguageError as error:
                errors.append(error)  # Continue with the next line.
                statements += _gap(line)
    except LanguageError as error:
        errors.append(error)
        return error
    return None


def is_last_line(line: str) -> bool:
    """Whether an invalid line was meant as a compile, fit, seed or expect line."""
    return re.match(r"\s*(\w+\s*=\s*)?(\w+\.)?(compile|fit)\b|\s*(seed|expect)\b|\s*%", line) is not None


def _gap(line: Line) -> list[Chain]:
    """A gap for an invalid line of layers."""
    if is_last_line(line.text):
        return []
    span = line.span(0, len(line.text))
    return [Chain((Layer(Expression("{...}", span), (), "{...}", span),), span)]


def _read_whole_python(source: Source, statements: list[Any]) -> bool:
    """Read a text that is completely Python; False if it is not.

    Raises:
        LanguageError: If it is a program that does more than build a network.
    """
    parsed = parse_python(source)
    if parsed is None:
        return False
    try:
        statements += read_python(*parsed)
        statements += [Note(gettext("{line} can't run here: it belongs in its own cell.", line=line)) for line in shell_lines(source)]
    except OnlyPython as found:
        if is_program(parsed[0]):
            raise refuse_program(found.node, parsed[1], next(models_of(parsed[0]), "model")) from None
        return False
    return True


def _read_python_line(line: Line, known: dict[str, Value], shared: SharedLayers) -> list[Any]:
    """The statements of a line of pasted Python among other lines; empty if it isn't one.

    Args:
        known: the values of names from earlier lines; new ones are added.
        shared: the layers of earlier lines.

    Raises:
        LanguageError: At a layer that an earlier line uses as well.
    """
    parsed = parse_python(line.source, line.offset, line.offset + len(line.text))
    if parsed is None:
        return []
    before = set(known)
    try:
        statements = read_python(*parsed, known, shared)
    except SharedLayer:
        problem = gettext("This layer is used a second time: both would share their weights.")
        raise LanguageError(
            problem, expected=gettext("another layer, or Python code in a cell of its own"), span=line.span(0, len(line.text))
        ) from None
    except OnlyPython:
        return []
    later = line.source.text[line.offset + len(line.text) :]
    # A name that is never used is not part of a network, but an option that was separated from its line, such as epochs=10.
    return statements if all(re.search(rf"\b{name}\b", later) for name in set(known) - before) else []


def parse_step(text: str) -> Step:
    """Read a single `compile` or `fit` line.

    >>> len(parse_step("compile adam mse accuracy").arguments)
    3

    Raises:
        LanguageError: If the text is anything else.
    """
    program = parse(text)
    step = program.compile or program.fit
    if step is None or program.units:
        raise LanguageError(gettext("This is not a compile or fit line."), instead="compile adam mse")
    return step


@lru_cache(maxsize=1)
def load_grammar() -> Lark:
    """The grammar of `grammar.lark`, ready for parsing lines."""
    options = {"parser": "lalr", "start": "statement", "propagate_positions": True, "maybe_placeholders": False}
    grammar = Path(__file__).with_name("grammar.lark").read_text(encoding="utf-8")
    return Lark(grammar.replace(r"[^\W\d]\w*", IDENTIFIER), **options)


def _parse_line(line: Line, known: KnownLines) -> Any:
    """Parse a line that may be known."""
    try:
        if line.key not in known.statements:
            if line.text not in known.trees:
                known.trees[line.text] = load_grammar().parse(line.text)
            known.statements[line.key] = TreeReader(line).read(known.trees[line.text])
        return known.statements[line.key]
    except (UnexpectedCharacters, UnexpectedToken) as error:
        raise explain(error, line) from None
