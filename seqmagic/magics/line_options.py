"""The line of a magic: a name, options with their values, and the rest, which is returned as typed."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from keyword import iskeyword
from typing import TYPE_CHECKING

from seqmagic.errors import LanguageError, UnknownNameError
from seqmagic.language.fit_words import PLACE
from seqmagic.translation import gettext, gettext_noop

if TYPE_CHECKING:
    from seqmagic.language import Argument
    from seqmagic.training.start_point import StartPoint

DEFAULT_NAME = "model"
QUOTED_OR_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")  # A quoted string may contain blanks.
LIKE_OPTION = re.compile(r"--|-[^\W\d]")  # Does not match a negative number.
QUOTED = re.compile(r""""[^"]*"|'[^']*'""")


@dataclass(frozen=True)
class Option:
    """An option of a magic.

    Attributes:
        name: as typed, such as "--best".
        takes: "word" if a word follows, "rest" if the rest of the line does, "number" for an optional --option=3.
        example: a line to suggest if the value is missing.
    """

    name: str
    takes: str = ""
    example: str = ""


def take_leading(line: str, known: Collection[Option], magic: str) -> tuple[dict[str, str], str]:
    """The options at the beginning of a line with their values, and the rest of the line.

    >>> take_leading("--quiet input 784", [Option("--quiet")], "%sequential")
    ({'--quiet': ''}, 'input 784')
    >>> take_leading("--save my net.seq", [Option("--save", "rest")], "%sequential")
    ({'--save': 'my net.seq'}, '')

    Raises:
        UnknownNameError: At an option that the magic doesn't have.
    """
    options: dict[str, str] = {}
    rest = line.strip()
    while rest.startswith("-"):
        name, _, rest = rest.partition(" ")
        option, rest = _find(name, known, magic), rest.strip()
        if option.takes == "rest":
            return {**options, name: rest}, ""
        options[name] = ""
    return options, rest


def take_options(line: str, known: Collection[Option], magic: str = "") -> tuple[dict[str, str], str]:
    """The options anywhere in a line with their values, and the line without them, otherwise unchanged.

    >>> take_options("digits --best loss", [Option("--best", "word")], "%runs")
    ({'--best': 'loss'}, 'digits')
    >>> take_options("x callbacks=f('a --resume') --resume=3", [Option("--resume", "number")])
    ({'--resume': '3'}, "x callbacks=f('a --resume')")

    Args:
        magic: if given, other words that look like options are refused, except in brackets; otherwise they stay in the line.

    Raises:
        UnknownNameError: At an option that the magic doesn't have.
        LanguageError: If an option lacks its word.
    """
    options: dict[str, str] = {}
    names = {option.name: option for option in known}
    words = list(QUOTED_OR_WORD.finditer(line))
    taken: list[tuple[int, int]] = []
    while words:
        word = words.pop(0)
        name, _, value = word[0].partition("=")
        option = names.get(name if names.get(name, Option("")).takes == "number" else word[0])
        if option is None:
            if magic and LIKE_OPTION.match(word[0]) and not _is_in_brackets(line[: word.start()]):
                _find(name, known, magic)
            continue
        end = word.end()
        if option.takes == "word":
            if not words or words[0][0].startswith("-"):
                raise LanguageError(gettext("{name} needs a value.", name=option.name), instead=option.example)
            value, end = unquoted(words[0][0]), words.pop(0).end()
        options[option.name] = value if option.takes else ""
        if option.takes == "number" and word[0] != name and not (value.isascii() and value.isdigit() and int(value)):
            raise LanguageError(
                gettext("{word!r} is not the number of a run.", word=word[0]),
                expected=gettext("a run number, as shown by %runs"),
                instead=option.example,
            )
        taken.append((word.start(), end))
    for begin, end in reversed(taken):
        line = f"{line[:begin].rstrip()} {line[end:].lstrip()}".strip()
    return options, line


def _is_in_brackets(before: str) -> bool:
    plain = QUOTED.sub("", before)
    return any(plain.count(opening) > plain.count(closing) for opening, closing in ("()", "[]", "{}"))


def take_place(line: str, magic: str) -> tuple[str, str]:
    """The value of `on=`, where to train, and the line without it.

    >>> take_place("digits x y on=tcp://127.0.0.1:8786 epochs=3", "%fit")
    ('tcp://127.0.0.1:8786', 'digits x y epochs=3')

    Raises:
        LanguageError: If the value is missing, or it is given twice.
    """
    words = list(PLACE.finditer(line))
    if not words:
        return "", line
    place = unquoted(words[0][1])
    if not place or len(words) > 1:
        problem = gettext("The line has on= twice.") if place else gettext("on= needs a value.")
        raise LanguageError(problem, expected=gettext("where to train"), instead=f"{magic} digits x_train y_train on=local")
    begin, end = words[0].span()
    return place, f"{line[:begin].rstrip()} {line[end:].lstrip()}".strip()


def _find(name: str, known: Collection[Option], magic: str) -> Option:
    found = next((option for option in known if option.name == name), None)
    if found is None:
        raise UnknownNameError(gettext_noop("option"), name, [option.name for option in known], owner=magic)
    return found


def words_of(line: str) -> list[str]:
    """The words of a line; a quoted string is one word.

    Raises:
        LanguageError: If a quotation mark is not closed.
    """
    if re.search("[\"']", QUOTED.sub("", line)):
        raise LanguageError(gettext("{line!r} has an unmatched quotation mark.", line=line.strip()), instead="%runs digits")
    return [unquoted(word) for word in QUOTED_OR_WORD.findall(line)]


def unquoted(word: str) -> str:
    """A word without quotation marks around it."""
    return word.strip("\"'")


def split_name(line: str, magic: str) -> tuple[str | None, str]:
    """The name at the beginning of a line, and the rest of it; None if it begins with an option.

    Raises:
        LanguageError: At an invalid variable name, with a valid one.
    """
    name, _, rest = line.strip().partition(" ")
    if not name or name.startswith("--"):
        return None, line.strip()
    if not is_name(name):
        fix = f"{magic} {_name_like(name)} {rest.strip()}".rstrip()
        raise LanguageError(
            gettext("{name!r} can't be a variable name.", name=name), expected=gettext("letters, digits and _"), instead=fix
        )
    from seqmagic.language.identifiers import normalized

    return normalized(name), rest.strip()


def is_name(name: str) -> bool:
    """Whether it is a valid variable name."""
    return name.isidentifier() and not iskeyword(name)


def _name_like(name: str) -> str:
    """A similar name that is valid."""
    made = re.sub(r"\W+", "_", name).strip("_")
    return f"net_{made}" if made[:1].isdigit() or iskeyword(made) else made or DEFAULT_NAME


def names_data(line: str) -> bool:
    """Whether a `%fit` line names data after the model.

    >>> names_data("digits epochs=20"), names_data("digits x y")
    (False, True)
    """
    words = line.split()
    return len(words) > 1 and "=" not in words[1]


def fit_line_of(start_point: StartPoint, line: str) -> str:
    """The data and options of an interrupted run, as it was started; those on a new line take precedence.

    Args:
        line: of `%fit`, from the model's name on.

    Raises:
        LanguageError: If the run was started from Python, where names are unknown.
    """
    from seqmagic.language import parse_step
    from seqmagic.language.fit_words import name_arguments

    before = start_point.config.fit_line
    if not before or "{" in before:
        raise LanguageError(
            gettext("The data of the interrupted run is not known by name here."), instead="%fit digits x_train y_train --resume"
        )
    options = line.strip().partition(" ")[2].strip()
    given = {name for name, _ in name_arguments(parse_step(f"fit {options}"))} if options else set()
    if not start_point.is_own:
        given.add("callbacks")  # Some callbacks write files, so another user's are left out.
    kept = [argument for name, argument in name_arguments(parse_step(before)) if name not in given]
    return " ".join([*map(_format_argument, kept), *([options] if options else [])])


def _format_argument(argument: Argument) -> str:
    from seqmagic.language.printer import print_value

    value = print_value(argument.value)
    return value if argument.name is None else f"{argument.name.text}={value}"
