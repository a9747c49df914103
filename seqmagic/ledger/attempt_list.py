"""Listing the attempts at exercises in the ledger, as a DataFrame if pandas is installed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from seqmagic.errors import FileError
from seqmagic.errors.boundary import raises_ours
from seqmagic.ledger.attempts import Attempt
from seqmagic.ledger.current import current_ledger
from seqmagic.translation import gettext


@raises_ours()
def attempts() -> Any:
    """List the saved attempts at exercises, oldest first.

    >>> seqmagic.attempts().groupby("network").passed.max()   # doctest: +SKIP

    Returns:
        A DataFrame if pandas is installed, otherwise a list of dictionaries. Each row is an attempt: made, network, passed, asked, and what
        did not pass. Nothing in it says who made the attempt.

    Raises:
        FileError: If no runs are saved, because attempts are saved in the same file.
    """
    ledger = current_ledger()
    if ledger is None:
        raise FileError(gettext("No runs or attempts are saved here."), instead='seqmagic.keep_runs("runs.sqlite")')
    rows = [_row_of(attempt) for attempt in ledger.attempts()]
    try:
        import pandas as pd
    except ImportError:
        return rows
    return pd.DataFrame(rows, columns=None if rows else ["made", "network", "passed", "asked", "not passed"])


def _row_of(attempt: Attempt) -> dict[str, Any]:
    return {
        # In the user's local time.
        "made": datetime.fromtimestamp(attempt.made),  # noqa: DTZ006
        "network": attempt.network,
        "passed": attempt.passed,
        "asked": len(attempt.states),
        "not passed": ", ".join(asked for asked, state in attempt.states if state != "passed"),
    }
