"""The unfinished line: what the parser has read of a line that is being typed, and which tokens may follow."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lark import Token
from lark.exceptions import UnexpectedInput

from seqmagic.language.lines import Source, unfinished_line
from seqmagic.language.parser import load_grammar

# What is being typed at the end of a line: a word, a quoted string, or hyphens and dots within a name.
UNFINISHED_WORD = re.compile(r"(?<![\w.?])[^\W\d][\w.]*\Z")
UNFINISHED_TEXT = re.compile(r"""(["'])([^"'\n]*)\Z""")
DEEPEST_PYTHON = 3  # Nested curly brackets, as in the grammar.


@dataclass(frozen=True)
class Unfinished:
    """The end of an unfinished text, as the parser sees it.

    Attributes:
        start: of the logical line in the text.
        line: up to the word that is being typed.
        tokens: of that part.
        accepts: the terminals that may follow.
        fragment: the typed part of a word.
        quote: the quotation mark before the fragment, or "".
        python: the Python in curly brackets that is being typed; otherwise None.
        is_lost: whether something before it can't be parsed, so that nothing is expected.
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
    r"""What may follow at the end of a text; None in a comment.

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
    # A newline before the first word is not part of the line; inside a group, the parser reads it.
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
    """Whether a line ends inside a quoted string."""
    quote = ""
    for character in line:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
    return bool(quote)


def _open_python(line: str) -> str | None:
    """The text after an open curly bracket."""
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
