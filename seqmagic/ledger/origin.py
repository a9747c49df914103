"""The origin of a file of runs: who made it, and where. So a copy in other hands is known, such as a teacher's in an assignment.

Neither is written down: what is kept of them can be compared, and not read.
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

COLUMNS = [name for name in names_of("origin") if name != "id"]
MARK = re.compile(r"([0-9a-f]{32})?")


def note_origin(connection: sqlite3.Connection, path: Path) -> None:
    """Keep marks of who has a file from now on, and where."""
    salt = secrets.token_hex(16)
    marks = tuple(_mark(salt, what) for what in (owner_here().user, _place_of(path), _number_of(path)))
    connection.execute("DELETE FROM origin")
    connection.execute("INSERT INTO origin (salt, user, place, number) VALUES (?, ?, ?, ?)", (salt, *marks))


def check_origin(connection: sqlite3.Connection, path: Path) -> None:
    """See that a file is no copy of what somebody else has made.

    Who opens a file where it was made, as in a folder that many share, may be anybody; and who moves or copies runs of one's own may.

    Raises:
        ForeignFileError: Where it is one.
    """
    row = connection.execute(f"SELECT {', '.join(COLUMNS)} FROM origin LIMIT 1").fetchone()  # noqa: S608  # Names of our own.
    if row is None:
        return
    marks = dict(zip(COLUMNS, row, strict=True))
    try:
        check_row("origin", marks)
    except UnreadableError:
        return
    if not all(MARK.fullmatch(mark) for mark in marks.values()):
        return  # Somebody has changed it by hand, who could read it all by hand.
    found = {"user": owner_here().user, "place": _place_of(path), "number": _number_of(path)}
    differs = {name: bool(what and marks[name] and marks[name] != _mark(marks["salt"], what)) for name, what in found.items()}
    if all(differs.values()):
        raise ForeignFileError("is a copy of runs that somebody else has made")


def _mark(salt: str, what: str) -> str:
    """What is kept of a name; "" where nobody knows it."""
    return hashlib.blake2b(what.encode("utf-8", "replace"), key=salt.encode(), digest_size=16).hexdigest() if what else ""


def _place_of(path: Path) -> str:
    return str(path.resolve())


def _number_of(path: Path) -> str:
    """The number that the file system has given a file, by which it is known where it was moved; a copy has another one."""
    found = identity_of(path)
    return str(found[1]) if found is not None and found[1] else ""
