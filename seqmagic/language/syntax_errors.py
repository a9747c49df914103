"""Syntax errors: explains the parser's errors in words, with what is missing and where."""

from __future__ import annotations

import re

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from seqmagic.errors import LanguageError, Span
from seqmagic.language.expectations import explain_expect
from seqmagic.language.lines import Line
from seqmagic.translation import gettext, gettext_noop

# Readable names for the grammar's terminals, the most useful first.
TERMINAL_NAMES = {
    "WORD": gettext_noop("a word"),
    "NUMBER": gettext_noop("a number"),
    "SIZE": gettext_noop("a size such as 3x3"),
    "_ARROW": "->",
    "COMMA": gettext_noop("a comma"),
    "RPAR": gettext_noop("a closing )"),
    "RSQB": gettext_noop("a closing ]"),
    "EQUAL": "=",
}
STARTS_OF_VALUES = {"WORD", "CALLED", "CALLED_APART", "NUMBER", "SIZE", "STRING", "EXPRESSION", "LPAR", "LSQB"}
CURLED = dict(zip("“”„«»‘’‚‹›`´，（）：；［］＝＊", "\"\"\"\"\"''''''',():;[]=*", strict=True))
ARROW = gettext_noop("-> between layers")
ARROWS = re.compile(r"-->|=>|- >|[→⇒⟶➜➔➡]|\||;")
# Python keywords: expressions with them are not part of this language.
PYTHON = {"if", "else", "for", "in", "lambda", "def", "with", "while", "assert", "not", "and", "or", "is", "return"}
SLICE = r"(?<![\w.])[A-Za-z_][\w.]*+\[[^\[\]{}:]*+:[^\[\]{}]*+\]"
# A slice, or a call of a function of Python, or of a module, with one inside.
SLICES = re.compile(rf"(?<![\w.])(?:list|tuple|sorted|[A-Za-z_]\w*\.[\w.]+)\((?:[^(){{}}\[\]]*{SLICE})+[^(){{}}\[\]]*\)|{SLICE}")
MAGIC = re.compile(r"%%?[A-Za-z]\w*")
OPERATORS = ("**", "//", "*", "/", "+", "-", "%", "^")


def explain(error: UnexpectedCharacters | UnexpectedToken, line: Line) -> LanguageError:
    """Explain a syntax error in a line."""
    if line.text.split(maxsplit=1)[:1] == ["expect"]:
        return explain_expect(error, line)
    return explain_characters(error, line) if isinstance(error, UnexpectedCharacters) else explain_token(error, line)


def explain_characters(error: UnexpectedCharacters, line: Line) -> LanguageError:
    """Explain unexpected characters."""
    at: int = error.pos_in_stream or 0
    found = (re.match(r"[\w.+-]+|\*\*|\S", line.text[at:]) or [" "])[0]
    span = line.span(at, at + len(found))
    if found in "\"'":
        return _explain_quote(line, at)
    arrow = ARROWS.match(line.text, at)
    if arrow:
        return LanguageError(gettext("{arrow!r} is not an arrow.", arrow=arrow[0]), expected=ARROW, span=line.span(at, arrow.end()))
    if found == ":" and at:
        return _explain_python(line, at, at + 1, ":")
    if found in CURLED:
        return LanguageError(
            gettext("{found!r} should be a plain {curled!r}.", found=found, curled=CURLED[found]), expected=CURLED[found], span=span
        )
    if found == "{":
        return _explain_curly(line.text[at:], span)
    magic = MAGIC.match(line.text) if not at else None
    if magic is not None:
        problem = gettext("{magic!r} is a magic of its own and can't stand among layers.", magic=magic[0])
        return LanguageError(
            problem,
            expected=gettext("{magic} in the cell below, or a line that starts with fit", magic=magic[0]),
            span=line.span(0, magic.end()),
        )
    if found in OPERATORS or (found[0] in "+-" and len(found) > 1 and at and line.text[at - 1] != "="):
        return _explain_operator(line, at, found)
    if found[0].isdigit() or found[0] in "+-.":
        return LanguageError(
            gettext("{found!r} is not a number, size or word.", found=found[:40]), expected=gettext("32, 0.3 or 3x3"), span=span
        )
    return LanguageError(
        gettext("{found!r} is not allowed here.", found=found), expected=gettext("words, numbers, ->, = and brackets"), span=span
    )


def _explain_curly(rest: str, span: Span) -> LanguageError:
    """A curly bracket that is never closed, or has too many others inside."""
    if rest.count("{") > rest.count("}"):
        return LanguageError(gettext("A curly bracket is opened but not closed."), expected=gettext("} after the Python code"), span=span)
    return LanguageError(
        gettext("There are too many curly brackets inside this one."), expected=gettext("a variable of an earlier cell"), span=span
    )


def _explain_python(line: Line, start: int, end: int, found: str) -> LanguageError:
    expected = gettext("plain values; Python code goes into curly brackets, {...}, or into a cell above")
    return LanguageError(
        gettext("{found!r} is Python code, which can't be used here.", found=found), expected=expected, span=line.span(start, end)
    )


def _explain_operator(line: Line, at: int, found: str) -> LanguageError:
    sign = next(sign for sign in OPERATORS if found.startswith(sign))
    span = line.span(at, at + len(sign))
    expected = gettext("the result, or Python code in curly brackets such as {2 * 32}")
    if sign == "*":
        expected += gettext("; to repeat layers, write * with a space on each side")
    return LanguageError(gettext("{sign!r} can't be read, because nothing is calculated here.", sign=sign), expected=expected, span=span)


def _explain_quote(line: Line, at: int) -> LanguageError:
    """An unmatched quotation mark: one may be missing before or after the word, or there is one too many."""
    quote, text = line.text[at : at + 1], line.text
    before = _word_before(text, at)
    start = at - len(before)
    doubled = text[max(0, start - 2) : start]
    if before and len(doubled) == 2 and quote in doubled and set(doubled) <= {"'", '"'}:
        fixed, problem = f"{quote}{before}{quote}", gettext("There is one {quote} too many before {before!r}.", quote=quote, before=before)
        return LanguageError(problem, expected=gettext("one {quote}", quote=quote), instead=fixed, span=line.span(start - 2, at + 1))
    if before:
        problem, fixed = gettext("A {quote} is missing before {before!r}.", quote=quote, before=before), f"{quote}{before}{quote}"
        return LanguageError(problem, expected=gettext("{quote} on both sides", quote=quote), instead=fixed, span=line.span(start, at + 1))
    after = re.match(r"\w*", text[at + 1 :]) or [""]
    end = at + 1 + len(after[0])
    fixed = f"{quote}{after[0]}{quote}" if after[0] else ""
    return LanguageError(
        gettext("A closing {quote} is missing.", quote=quote),
        expected=gettext("{quote} at the end of the text", quote=quote),
        instead=fixed,
        span=line.span(at, end),
    )


def _word_before(text: str, at: int) -> str:
    """The letters, digits and _ before a position."""
    start = at
    while start and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    return text[start:at]


def explain_token(error: UnexpectedToken, line: Line) -> LanguageError:
    """Explain an unexpected word, or what is missing before it."""
    token = error.token
    wanted = set(error.accepts or error.expected)
    if token.type == "$END":
        end = len(line.text)
        return LanguageError(gettext("The line is incomplete."), expected=_format_terminals(wanted), span=line.span(end, end + 1))
    if token.type == "_TIMES":
        return _explain_operator(line, (token.start_pos or 0) + token.index("*"), "*")
    arrow = ARROWS.match(line.text, token.start_pos or 0) if token.type == "SIGN" else None
    if arrow:
        return LanguageError(
            gettext("{arrow!r} is not an arrow.", arrow=arrow[0]), expected=ARROW, span=line.span(arrow.start(), arrow.end())
        )
    words = (str(token), *re.findall(r"\w+", line.text[: token.start_pos])[-1:])
    python = next((word for word in words if word in PYTHON), None)
    if python is not None:
        return _explain_python(line, token.start_pos or 0, token.end_pos or 0, python)
    part = next((found for found in SLICES.finditer(line.text) if found.start() <= (token.start_pos or 0) < found.end()), None)
    if part is not None:
        problem, span = (
            gettext("{part!r} is Python code, which can't be used here.", part=part[0][:60]),
            line.span(part.start(), part.end()),
        )
        return LanguageError(problem, expected=gettext("Python code in curly brackets: {{{part}}}", part=part[0][:60]), span=span)
    behind = line.text[token.end_pos or 0 :][:1]
    if behind and behind in "'\"" and re.search(r"([\'\"])\1$", line.text[: token.start_pos]):
        return _explain_quote(line, token.end_pos or 0)
    if "COMMA" in wanted and token.type in STARTS_OF_VALUES:
        return _explain_comma(token, line)
    span = line.span(token.start_pos or 0, token.end_pos or 0)
    found = line.written(token.start_pos or 0, token.end_pos or 0).strip()
    return LanguageError(gettext("{found!r} is not expected here.", found=found[:60]), expected=_format_terminals(wanted), span=span)


def _explain_comma(token: Token, line: Line) -> LanguageError:
    """Two values without a comma inside brackets: it is missing at the end of the first."""
    end = len(line.text[: token.start_pos].rstrip())
    here = line.span(end, end + 1)
    before, after = here.source[: here.column - 1].strip(), here.source[here.column - 1 :].strip()
    problem = gettext("A comma is missing before {token!r}.", token=token.split("(")[0][:40])
    return LanguageError(problem, expected=gettext("a comma"), instead=f"{before}, {after}".strip()[:120], span=here)


def _format_terminals(terminals: set[str]) -> str:
    words = [gettext(text) for name, text in TERMINAL_NAMES.items() if name in terminals]
    return gettext(" or ").join([gettext(", ").join(words[:-1]), words[-1]] if len(words) > 1 else words) or gettext("the name of a layer")
