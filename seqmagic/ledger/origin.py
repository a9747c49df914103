"""The origin of a file of runs: who created it, and where. It reveals a copy owned by someone else, such as one of a teacher's runs.

Neither is stored in clear: only salted hashes, which can be compared but not read.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import sqlite3
from pathlib import Path

from seqmagic.ledger.owner import owner_here
from seqmagic.ledger.paths import ForeignFileError, identity_of
from seqmagic.ledger.schema import UnreadableError, check_row, names_of
from seqmagic.translation import gettext

COLUMNS = [name for name in names_of("origin") if name != "id"]
MARK = re.compile(r"([0-9a-f]{32})?")


def note_origin(connection: sqlite3.Connection, path: Path) -> None:
    """Store hashes of the user, the path and the inode of a file."""
    salt = secrets.token_hex(16)
    marks = tuple(_mark(salt, what) for what in (owner_here().user, _place_of(path), _number_of(path)))
    connection.execute("DELETE FROM origin")
    connection.execute("INSERT INTO origin (salt, user, place, number) VALUES (?, ?, ?, ?)", (salt, *marks))


def check_origin(connection: sqlite3.Connection, path: Path) -> None:
    """Check that a file is not a copy of another user's runs.

    A file in its original place may be opened by anyone, as in a shared folder; and users may move or copy their own runs.

    Raises:
        ForeignFileError: If it is one.
    """
    row = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM origin LIMIT 1").fetchone()  # noqa: S608  # The column names are constants.
    if row is None:
        return
    marks = dict(zip(COLUMNS, row, strict=True))
    try:
        check_row("origin", marks)
    except UnreadableError:
        return
    if not all(MARK.fullmatch(mark) for mark in marks.values()):
        return  # The file was edited by hand, by someone who could read all of it anyway.
    found = {"user": owner_here().user, "place": _place_of(path), "number": _number_of(path)}
    differs = {name: bool(what and marks[name] and marks[name] != _mark(marks["salt"], what)) for name, what in found.items()}
    if all(differs.values()):
        raise ForeignFileError(gettext("is a copy of someone else's runs"))


def _mark(salt: str, what: str) -> str:
    """The salted hash of a value; "" if the value is unknown."""
    return hashlib.blake2b(what.encode("utf-8", "replace"), key=salt.encode(), digest_size=16).hexdigest() if what else ""


def _place_of(path: Path) -> str:
    return str(path.resolve())


def _number_of(path: Path) -> str:
    """The inode of a file, which stays the same when the file is moved; a copy has another one."""
    found = identity_of(path)
    return str(found[1]) if found is not None and found[1] else ""
