"""The text of a TOML file: finds the position of a key, which Python's parser doesn't give, and explains syntax errors."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from seqmagic.errors import FileError, Span
from seqmagic.translation import gettext

HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(?:#.*)?")
NAME = r"\"[^\"]*\"|'[^']*'|[\w-]+"
KEY = re.compile(rf"\s*((?:{NAME})(?:\s*\.\s*(?:{NAME}))*)\s*=\s*(.*)")
PLACE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")
BARE = re.compile(r"(\s*[\w\"'. -]+?\s*)[=:]\s*([^\"'\[\]{}#]*?)\s*")
OF_PYTHON = {"True": "true", "False": "false"}


def read_toml(text: str, name: str) -> dict[str, object]:
    """Read a TOML text.

    Raises:
        FileError: For invalid TOML, pointing at the line and column.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        place = PLACE.search(message)
        lines = text.splitlines() or [""]
        number = int(place[1]) if place and place[1] else len(lines)
        line = lines[min(number, len(lines)) - 1]
        column = int(place[2]) if place and place[2] else len(line) + 1
        span = Span(number, column, column + 1, line)
        problem = gettext("{name} can't be read: {sub}.", name=name, sub=PLACE.sub("", message).rstrip("."))
        before, after = "\n".join(lines[: number - 1]), "\n".join(lines[number:])
        fix = next((fix for fix in _meant(line) if _is_toml(f"{before}\n{fix}\n{after}")), "")
        raise FileError(problem, expected=gettext('lines such as seed = 42 or language = "en"'), instead=fix, span=span) from None


def _meant(line: str) -> Iterator[str]:
    """Suggest what an invalid line may have been meant as."""
    found = BARE.fullmatch(line)
    if found is None:
        return
    before, value = found[1].strip(), found[2]
    for name in (before, f'"{before}"'):
        yield f"{name} = {OF_PYTHON.get(value, value)}"
        yield f'{name} = "{value}"'


def _is_toml(text: str) -> bool:
    try:
        return bool(tomllib.loads(text))
    except tomllib.TOMLDecodeError:
        return False


def find_key(text: str, table: str, name: str, *, value: bool = False) -> Span | None:
    r"""Find the position of a key or of its value; None if it is not found, such as in an inline table.

    >>> find_key("seed = 1\n[bounds]\nepochs = 5", "bounds", "epochs")
    Span(line=3, column=1, end=7)
    """
    wanted: tuple[str, ...] = (*filter(None, [table]), name)
    inside: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        header, found = HEADER.fullmatch(line), KEY.fullmatch(line)
        if header is not None:
            inside = _parts(header[1])
            if inside == wanted:
                return Span(number, header.start(1) + 1, header.end(1) + 1, line)
        elif found is not None and (*inside, *_parts(found[1])) in (wanted, wanted[:-1]):
            group = 2 if value and found[2] else 1
            return Span(number, found.start(group) + 1, found.start(group) + 1 + len(_without_comment(found[group])), line)
    return None


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(NAME, dotted))


def _without_comment(value: str) -> str:
    return re.sub(r"((?:\"[^\"]*\"|'[^']*'|[^\"'#])*)#.*", r"\1", value).rstrip()
