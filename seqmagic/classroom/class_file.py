"""The class file: a TOML file that a teacher writes, read with errors that point at the line and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import seqmagic.errors as known_errors
from seqmagic.classroom.keys import EXAMPLE_OF_TABLE, HIDEABLE, HINTS, KEYS, InvalidValueError, Key, key_of
from seqmagic.classroom.rules import ClassRules
from seqmagic.classroom.toml_text import find_key, read_toml
from seqmagic.errors import FileError, SeqmagicError, Span, UnknownNameError, nearest, raise_all
from seqmagic.translation import gettext, gettext_noop
from seqmagic.translation.chosen import languages

MOST_BYTES = 1_000_000
ERRORS = tuple(name for name, thing in vars(known_errors).items() if isinstance(thing, type) and issubclass(thing, SeqmagicError))


def read_class_file(path: str | Path) -> ClassRules:
    """Read a class file.

    >>> read_class_file("course/seqmagic-class.toml").bounds     # doctest: +SKIP
    {'epochs': 50, 'parameters': 100000}

    Raises:
        FileError, UnknownNameError, SeveralErrors: With all that is wrong in it.
    """
    file = Path(path).expanduser().absolute()
    text = _read_text(file)
    return ClassFile(file, text, read_toml(text, file.name)).rules()


def _read_text(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(MOST_BYTES + 1)
    except OSError as error:
        problem = gettext("The class file {file} can't be read: {reason}.", file=file.name, reason=error.strerror or error)
        raise FileError(problem, expected=gettext("a file at {file}", file=file)) from error
    if len(content) > MOST_BYTES:
        raise FileError(
            gettext("The class file {file} is larger than one megabyte.", file=file.name), expected=gettext("a short text file")
        )
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise FileError(
            gettext("Line {line} of {file} is not UTF-8 text.", line=line, file=file.name),
            expected=gettext("the file saved as UTF-8"),
        ) from error


class ClassFile:
    """A class file that has been parsed, and whose values are checked here.

    Attributes:
        file: its path.
        text: its text.
        content: the parsed text, by key.
    """

    def __init__(self, file: Path, text: str, content: Mapping[str, Any]) -> None:
        self.file, self.text, self.content = file, text, content

    def rules(self) -> ClassRules:
        """Check all values.

        Raises:
            FileError, UnknownNameError, SeveralErrors: With all that is wrong.
        """
        found: dict[str, dict[str, Any]] = {table: {} for table in KEYS}
        errors: list[SeqmagicError] = []
        for table, name, value in self._entries():
            try:
                found[table][name] = self._read(table, name, value)
            except SeqmagicError as error:
                errors.append(error)
        raise_all([*errors, *self._contradictions(found)])
        top = found[""]
        return ClassRules(
            self.file,
            language=top.get("language", ""),
            seed=top.get("seed"),
            data=self.file.parent / Path(top["data"]).expanduser() if "data" in top else None,
            hidden=top.get("hide", frozenset()),
            bounds=found["bounds"],
            machines=found["machines"],
            locked=found["lock"],
            hints=found[HINTS],
        )

    def _entries(self) -> Iterator[tuple[str, str, Any]]:
        for name, value in self.content.items():
            if name in KEYS and isinstance(value, Mapping):
                yield from ((name, inner, one) for inner, one in value.items())
            else:
                yield "", name, value

    def _read(self, table: str, name: str, value: Any) -> Any:
        key = key_of(table, name)
        if key is None or not name:
            raise self._unknown(table, name, value)
        if table == HINTS:
            self._check_named(name)
        try:
            return key.read(value)
        except InvalidValueError:
            raise self._unfit(table, name, key, value) from None

    def _unfit(self, table: str, name: str, key: Key, value: Any) -> SeqmagicError:
        text = "true" if value is True else "false" if value is False else repr(value)
        problem = gettext("{name!r} in {file} is {text}.", name=name, file=self.file.name, text=text[:60])
        instead = key.example if table != HINTS else f'"{name}" = "Look at slide 12."'
        return FileError(
            problem,
            expected=gettext(key.expected, languages=", ".join(languages()), panels=", ".join(HIDEABLE)),
            instead=instead,
            span=find_key(self.text, table, name, value=True),
        )

    def _unknown(self, table: str, name: str, value: Any) -> SeqmagicError:
        span = find_key(self.text, table, name)
        if not table and name in EXAMPLE_OF_TABLE:
            problem, expected = (
                gettext("{name!r} in {file} is a section, not a value.", name=name, file=self.file.name),
                gettext("its keys on the lines below it"),
            )
            return FileError(problem, expected=expected, instead=EXAMPLE_OF_TABLE[name], span=span)
        elsewhere = [other for other in KEYS if name in KEYS[other]]
        keys = KEYS[table]
        owner = f"{self.file.name}, [{table}]" if table else self.file.name
        hint = gettext("It belongs {place}.", place=_place(elsewhere)) if elsewhere else ""
        error = UnknownNameError(
            gettext_noop("key"), name, [*keys, *(EXAMPLE_OF_TABLE if not table else ())], owner=owner, hint=hint, span=span
        )
        meant = [name] if elsewhere else nearest(name, keys, 1)
        fixes = (self._as_meant(KEYS[other][one], name, one, value, span) for one in meant for other in KEYS if one in KEYS[other])
        error.fixes = tuple(fixes)[:1]
        return error

    def _as_meant(self, key: Key, name: str, meant: str, value: Any, span: Span | None) -> str:
        """The line with the key that was meant; an example if the value does not fit the key."""
        try:
            key.read(value)
        except InvalidValueError:
            return key.example
        return key.example if span is None else self.text.splitlines()[span.line - 1].strip().replace(name, meant, 1)

    def _check_named(self, name: str) -> None:
        """Refuse a hint whose key looks like the name of an error class, but isn't one."""
        if name.isidentifier() and name.endswith(("Error", "Errors")) and name not in ERRORS:
            owner = f"{self.file.name}, [{HINTS}]"
            raise UnknownNameError(gettext_noop("error"), name, ERRORS, owner=owner, span=find_key(self.text, HINTS, name))

    def _contradictions(self, found: Mapping[str, Mapping[str, Any]]) -> Iterator[SeqmagicError]:
        """Find values that contradict each other, and a data folder that does not exist."""
        locked, most = found["lock"].get("epochs"), found["bounds"].get("epochs")
        if locked is not None and most is not None and locked > most:
            problem = gettext(
                "In {file}, [lock] sets epochs to {locked}, but [bounds] allows only {most}.", file=self.file.name, locked=locked, most=most
            )
            yield FileError(
                problem,
                expected=gettext("at most {most}", most=most),
                instead=f"epochs = {most}",
                span=find_key(self.text, "lock", "epochs", value=True),
            )
        folder = found[""].get("data")
        if folder is not None and not (self.file.parent / Path(folder).expanduser()).is_dir():
            span = find_key(self.text, "", "data", value=True)
            yield FileError(
                gettext("There is no folder {folder!r} next to {file}.", folder=folder, file=self.file.name),
                expected=gettext("an existing folder"),
                span=span,
            )


def _place(tables: list[str]) -> str:
    return gettext(" or ").join(
        gettext("under [{table}]", table=table) if table else gettext("at the top, above the first [...]") for table in tables
    )
