"""Text files in seqmagic's language, with the extension .seq."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from seqmagic.errors import FileError
from seqmagic.language import LONGEST_TEXT
from seqmagic.translation import gettext

ENDING = ".seq"
SAVED = "# Saved by seqmagic: saving again takes the place of this file.\n"  # The first line of a saved file, by which it is recognized.


def write_text(text: str, path: str | Path, *, replace: bool = True) -> Path:
    """Write a text to a file atomically; the extension .seq is added if there is none.

    Args:
        replace: whether to overwrite a file that was not saved by seqmagic, such as one written by hand.

    Raises:
        FileError: If the file has another extension, may not be replaced, or can't be written.
    """
    target = _with_ending(path)
    if not replace and os.path.lexists(target) and not _is_saved(target):
        problem = gettext("{target!r} already exists and was not written by --save.", target=str(target))
        raise FileError(problem, expected=gettext("another name, or --force to replace it"), instead=f"--save {_quoted(target)} --force")
    try:
        with NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}-", delete=False) as file:
            file.write(SAVED + text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(target)
    except OSError as error:
        raise FileError(
            gettext("{target!r} can't be written: {strerror}.", target=str(target), strerror=error.strerror or error),
            expected=gettext("an existing folder"),
        ) from error
    return target


def read_text(path: str | Path) -> str:
    """Read a text from a file.

    Raises:
        FileError: If the file does not exist, has another extension, or isn't a readable text.
    """
    source = _with_ending(path)
    try:
        if not source.is_file():
            raise FileError(
                gettext("The file {source!r} does not exist.", source=str(source)),
                expected=gettext("a .seq file, as `%sequential NAME --save FILE` writes it"),
            )
        if source.stat().st_size > 4 * LONGEST_TEXT:
            raise FileError(
                gettext("{source!r} is too long for a network.", source=str(source)),
                expected=gettext("at most {longest_text:,} characters", longest_text=LONGEST_TEXT),
            )
        return source.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise FileError(gettext("{source!r} is not a text file.", source=str(source)), expected=gettext("a text file in UTF-8")) from error
    except OSError as error:
        raise FileError(gettext("{source!r} can't be read: {strerror}.", source=str(source), strerror=error.strerror or error)) from error


def _is_saved(target: Path) -> bool:
    try:
        with target.open("rb") as file:
            return target.is_file() and file.read(len(SAVED)) == SAVED.encode()
    except OSError:
        return False


def _quoted(path: Path) -> str:
    return f'"{path}"' if " " in str(path) else str(path)


def _with_ending(path: str | Path) -> Path:
    given = Path(path).expanduser()
    if not given.name:
        raise FileError(gettext("The file name is missing."), instead="%sequential digits --save digits.seq")
    if given.suffix == "":
        return given.with_name(given.name + ENDING)
    if given.suffix != ENDING:
        # A text must not overwrite, or be mistaken for, another kind of file.
        raise FileError(
            gettext("{name!r} ends in {suffix}.", name=given.name, suffix=given.suffix),
            expected=gettext("a file name that ends in {ending}", ending=ENDING),
            instead=f"{given.stem}{ENDING}",
        )
    return given
