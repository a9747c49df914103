"""Listing the runs in the ledger, as a DataFrame if pandas is installed, or one by its number."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seqmagic.errors import FileError, UnknownNameError
from seqmagic.errors.boundary import raises_ours
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.ledger import Ledger
from seqmagic.translation import gettext, gettext_noop


@raises_ours()
def runs() -> Any:
    """List the saved runs, oldest first.

    >>> seqmagic.runs().sort_values("best val_accuracy")[["model", "best val_accuracy"]]   # doctest: +SKIP

    Returns:
        A DataFrame if pandas is installed, otherwise a list of dictionaries. Each row is a run, indexed by its number: model, started,
        seconds, outcome, epochs, position, the last and the best value of each metric (`val_loss`, `best val_loss`), text, compile, fit,
        seed, the run that it continues, notebook, user.

    Raises:
        FileError: If no runs are saved.
    """
    ledger = ledger_in_use()
    rows = [row_of(entry) for entry in ledger.entries()]
    try:
        import pandas as pd
    except ImportError:
        return rows
    return pd.DataFrame(rows, columns=None if rows else ["run", "model"]).set_index("run")


def ledger_in_use() -> Ledger:
    """The ledger in use.

    Raises:
        FileError: If no runs are stored.
    """
    ledger = current_ledger()
    if ledger is None:
        raise FileError(gettext("No runs are saved here."), instead='seqmagic.keep_runs("runs.sqlite")')
    return ledger


def row_of(entry: RunEntry) -> dict[str, Any]:
    """A run as one flat row."""
    return {
        "run": entry.id,
        "model": entry.name,
        # In the user's local time.
        "started": None if entry.unreadable else datetime.fromtimestamp(entry.started),  # noqa: DTZ006
        "seconds": None if entry.unreadable else round(entry.seconds, 3),
        "outcome": entry.state,
        "epochs": entry.epochs,
        "position": entry.position,
        **entry.numbers,
        **{f"best {name}": value for name, (value, _) in entry.best.items()},
        "text": entry.text,
        "compile": entry.compile,
        "fit": entry.fit,
        "seed": entry.seed,
        "continues": entry.continues,
        "notebook": entry.notebook,
        "user": entry.user,
    }


def find_run(ledger: Ledger, number: int) -> RunEntry:
    """A run by its number.

    Raises:
        UnknownNameError: With the existing numbers.
    """
    entry = ledger.entry(number)
    if entry is None:
        numbers = [str(entry.id) for entry in ledger.entries()]
        hint = (
            gettext("The runs here are {first} to {last}; %runs lists them.", first=numbers[0], last=numbers[-1])
            if numbers
            else gettext("No runs are saved yet.")
        )
        raise UnknownNameError(gettext_noop("run"), str(number), numbers, hint=hint)
    return entry


def find_readable(ledger: Ledger, number: int) -> RunEntry:
    """A run by its number, which must be readable.

    Raises:
        UnknownNameError, FileError: If there is none, or its row is invalid.
    """
    entry = find_run(ledger, number)
    if entry.unreadable:
        raise FileError(
            gettext("Run {number} can't be read: {reason}.", number=number, reason=entry.unreadable),
            expected=gettext("a different run"),
            instead="%runs",
        )
    return entry
