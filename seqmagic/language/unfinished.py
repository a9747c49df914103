"""The unfinished line: what the grammar has read of a line that somebody is still typing, and what may come next."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Token
from lark.exceptions import UnexpectedInput

from seqmagic.language.lines import Source, unfinished_line
from seqmagic.language.parser import load_grammar

# What is being typed at the end of a line: a word, the text in quotes that it is, or dashes and dots inside a name.
UNFINISHED_WORD = re.compile(r"(?<![\w.?])[^\W\d][\w.]*\Z")
UNFINISHED_TEXT = re.compile(r"""(["'])([^"'\n]*)\Z""")
DEEPEST_PYTHON = 3  # Curly brackets inside curly brackets, as the grammar has it.


@dataclass(frozen=True)
class Unfinished:
    """Where a text breaks off, as the grammar sees it.

    Attributes:
        start: where the logical line begins in the text.
        line: the line up to the word that is being typed.
        tokens: what was read of that.
        accepts: the grammar's terminals that may come next.
        fragment: what has been typed of a word.
        quote: the quote that the fragment stands behind, or "".
        python: the Python in curly brackets that is being typed; None anywhere else.
        is_lost: whether something before it can't be read, so that nothing is expected.
    """

    start: int
    line: str
    tokens: tuple[Token, ...]
    accepts: frozenset[str]
    fragment: str = ""
    quote: str = ""
    python: str | None = None
    is_lost: bool = False


def read_unfinished(text: str) -> Unfinished | None:
    r"""What may come where a text breaks off; None in a comment.

    >>> read_unfinished("input 8x8x1\\ndense 10 re").fragment
    're'
    >>> sorted(read_unfinished("dense 64 * ").accepts)
    ['CALLED', 'NUMBER', 'WORD']
    >>> read_unfinished("dense {2 * wid").python
    '2 * wid'
    """
    line = unfinished_line(Source(text))
    if line is None:
        return None
    # A newline before the first word is no part of the line; inside a group the grammar reads it.
    lead = len(line.text) - len(line.text.lstrip())
    start, written = line.offset + lead, line.text[lead:]
    python = _open_python(written)
    if python is not None:
        return Unfinished(start, written[: len(written) - len(python) - 1], (), frozenset(), python=python)
    quoted = UNFINISHED_TEXT.search(written) if _opens_text(written) else None
    if quoted is not None:
        read, fragment, quote = written[: quoted.start()], quoted[2], quoted[1]
    else:
        word = UNFINISHED_WORD.search(written)
        fragment, quote = word[0] if word else "", ""
        read = written[: len(written) - len(fragment)]
    return _read(start, read, fragment, quote)


def _read(start: int, line: str, fragment: str, quote: str) -> Unfinished:
    parser = load_grammar().parse_interactive(line)
    tokens: list[Token] = []
    try:
        tokens += parser.iter_parse()
    except UnexpectedInput:
        return Unfinished(start, line, tuple(tokens), frozenset(), fragment, quote, is_lost=True)
    return Unfinished(start, line, tuple(tokens), frozenset(parser.accepts()), fragment, quote)


def _opens_text(line: str) -> bool:
    """Whether a line ends inside quotes."""
    quote = ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
    return bool(quote)


def _open_python(line: str) -> str | None:
    """What stands behind a curly bracket that is still open."""
    opened: list[int] = []
    quote = ""
    for at, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character == "{":
            opened.append(at)
        elif character == "}" and opened:
            opened.pop()
    return line[opened[0] + 1 :] if 0 < len(opened) <= DEEPEST_PYTHON else None
