"""Attempts at exercises, and their results; the student's name is not stored."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from seqmagic.ledger.schema import LONGEST_NAME, LONGEST_WORDS, UnreadableError, check_row, names_of, read_json
from seqmagic.translation import gettext

MOST_ATTEMPTS = 10_000  # Beyond this, the oldest are deleted first.
COLUMNS = [name for name in names_of("attempts") if name != "id"]


@dataclass(frozen=True)
class Attempt:
    """One attempt at an exercise.

    Attributes:
        network: the variable of the network.
        states: each check, such as "expect params < 50k", with "passed", "failed" or "open".
        made: Unix seconds.
    """

    network: str
    states: tuple[tuple[str, str], ...]
    made: float = field(default_factory=time.time)

    @property
    def passed(self) -> int:
        """The number of checks that passed."""
        return sum(state == "passed" for _, state in self.states)


def insert_attempt(connection: sqlite3.Connection, attempt: Attempt) -> None:
    """Insert an attempt, and delete the oldest ones beyond the limit."""
    states = json.dumps(attempt.states)
    if len(states) > LONGEST_WORDS:
        return
    values = (attempt.made, attempt.network[:LONGEST_NAME], attempt.passed, len(attempt.states), states)
    connection.execute("INSERT INTO attempts (made, network, passed, asked, checks) VALUES (?, ?, ?, ?, ?)", values)
    connection.execute("DELETE FROM attempts WHERE id <= (SELECT max(id) FROM attempts) - ?", (MOST_ATTEMPTS,))


def read_attempts(connection: sqlite3.Connection) -> list[Attempt]:
    """All attempts, oldest first; rows that seqmagic can't have written are left out."""
    statement = "SELECT made, network, passed, asked, checks FROM attempts ORDER BY id LIMIT ?"
    found: list[Attempt] = []
    for row in connection.execute(statement, (MOST_ATTEMPTS,)):
        with suppress(UnreadableError):
            found.append(_read(dict(zip(COLUMNS, row, strict=True))))
    return found


def _read(row: Mapping[str, Any]) -> Attempt:
    check_row("attempts", row)
    states = read_json(row["checks"])
    if not isinstance(states, list) or not all(_is_state(state) for state in states):
        raise UnreadableError(gettext("its checks are invalid"))
    return Attempt(row["network"], tuple((asked, state) for asked, state in states), row["made"])


def _is_state(state: Any) -> bool:
    return isinstance(state, list) and len(state) == 2 and all(isinstance(part, str) for part in state)
