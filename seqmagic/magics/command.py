"""The command: what the line of a `%%sequential` or `%sequential` magic asks for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from keyword import iskeyword

from seqmagic.errors import LanguageError, UnknownNameError

DEFAULT_NAME = "model"
CELL_OPTIONS = ("--add", "--quiet")
QUOTED_OR_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*'|["'])+""")  # A quoted text holds blanks.
# Each of these is the whole command; the last two are followed by the name of a file.
SHOWING = ("--python", "--text")
FILING = ("--save", "--load")
FORCE = "--force"  # After --save: also over a file that no --save has written.


@dataclass(frozen=True)
class Command:
    """A command that has been read.

    Attributes:
        name: the variable, or None when the line names none.
        text: the network; empty when there is none.
        options: those given, such as --quiet.
        file: what --save and --load name.
        is_cell: whether the text is a cell's.
    """

    name: str | None
    text: str = ""
    options: frozenset[str] = field(default_factory=frozenset)
    file: str = ""
    is_cell: bool = False

    def makes_model(self) -> bool:
        """Whether a model is made, and not one that is there shown, saved or added to."""
        return "--load" in self.options or bool(self.text.strip() and "--add" not in self.options)

    def renamed(self, name: str) -> str:
        """What to type for the same with another name; the text of a cell stays as it is.

        >>> read_command("digits input 784", None).renamed("net")
        '%sequential net input 784'
        """
        rest = [*sorted(self.options), *([repr(self.file)] if self.file else []), *([] if self.is_cell else [self.text])]
        return " ".join(["%%sequential" if self.is_cell else "%sequential", name, *filter(None, rest)])


def read_command(line: str, cell: str | None) -> Command:
    """Read the line of a magic, and the cell below it.

    >>> read_command("digits --quiet", "input 784").name
    'digits'
    >>> read_command("digits input 784 -> dense 10", None).text
    'input 784 -> dense 10'
    >>> read_command("digits --save 'my net.seq'", None).file
    'my net.seq'

    Raises:
        LanguageError, UnknownNameError: At what can't be a name or an option.
    """
    name, rest = _split_name(line, "%sequential" if cell is None else "%%sequential")
    options: set[str] = set()
    if cell is None and name == "input":
        raise LanguageError("The name of the model is missing.", instead=f"%sequential {DEFAULT_NAME} {line.strip()}")
    while rest.startswith("-"):
        option, _, rest = rest.partition(" ")
        rest = rest.strip()
        _check_option(option, is_cell=cell is not None)
        options.add(option)
        if option in FILING:
            words = QUOTED_OR_WORD.findall(rest)
            if option == "--save" and FORCE in words:
                options.add(FORCE)
                rest = " ".join(word for word in words if word != FORCE)
            if option == "--load" and rest.endswith(" --quiet"):
                options.add("--quiet")
                rest = rest.removesuffix("--quiet").rstrip()
            return Command(name, options=frozenset(options), file=rest.strip("\"'"))
    if cell is None and rest.endswith("--quiet"):
        options.add("--quiet")
        rest = rest.removesuffix("--quiet").strip()
    if (cell is not None or options & set(SHOWING)) and rest:
        magic = "%%sequential" if cell is not None else "%sequential"
        joined = "_".join([name or DEFAULT_NAME, *re.findall(r"\w+", rest.partition("--")[0])])
        raise LanguageError(f"{line.strip()!r} is more than one name.", instead=f"{magic} {joined}")
    return Command(name, cell if cell is not None else rest, frozenset(options), is_cell=cell is not None)


def _with_name(name: str, rest: str, magic: str) -> str:
    """The line with a name that a variable can have."""
    made = re.sub(r"\W+", "_", name).strip("_")
    made = f"net_{made}" if made[:1].isdigit() or iskeyword(made) else made or DEFAULT_NAME
    return f"{magic} {made} {rest.strip()}".rstrip()


def _split_name(line: str, magic: str) -> tuple[str | None, str]:
    """The name that a line begins with, and the rest of it."""
    name, _, rest = line.strip().partition(" ")
    if not name or name.startswith("--"):
        return None, line.strip()
    if not name.isidentifier() or iskeyword(name):
        raise LanguageError(
            f"{name!r} can't be the name of a variable.", expected="letters, digits and _", instead=_with_name(name, rest, magic)
        )
    from seqmagic.language.identifiers import normalized

    return normalized(name), rest.strip()


def _check_option(option: str, *, is_cell: bool) -> None:
    known = CELL_OPTIONS if is_cell else (*CELL_OPTIONS, *SHOWING, *FILING)
    if option not in known:
        raise UnknownNameError("option", option, known, owner="%%sequential" if is_cell else "%sequential")


def take_resume(line: str) -> tuple[str, bool | int]:
    """A line without its --resume, and whether it had one: True, or the number of the run in --resume=3. All else stays as it is.

    >>> take_resume("digits --resume epochs=20"), take_resume("digits x y --resume=3")
    (('digits epochs=20', True), ('digits x y', 3))

    Raises:
        LanguageError: At what is no number of a run.
    """
    found = [match for match in QUOTED_OR_WORD.finditer(line) if match[0].partition("=")[0] == "--resume"]
    if not found:
        return line, False
    number = found[-1][0].partition("=")[2]
    if found[-1][0] != "--resume" and not (number.isascii() and number.isdigit() and int(number)):
        raise LanguageError(f"{found[-1][0]!r} names no run.", expected="the number of a run, as %runs shows it", instead="--resume=3")
    for match in reversed(found):
        line = f"{line[: match.start()].rstrip()} {line[match.end() :].lstrip()}".strip()
    return line, int(number) if number else True


def names_data(line: str) -> bool:
    """Whether a `%fit` line names data behind the model.

    >>> names_data("digits epochs=20"), names_data("digits x y")
    (False, True)
    """
    words = line.split()
    return len(words) > 1 and "=" not in words[1]
