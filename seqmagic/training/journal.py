"""The journal of a run: what it writes to the ledger during training, so that nothing is lost if the kernel dies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np

from seqmagic.errors import FileError
from seqmagic.history import History, Table
from seqmagic.ledger.ledger import Ledger, TableRows
from seqmagic.training.budget import TimeBudget
from seqmagic.training.callback_memory import read_memory
from seqmagic.training.state import Moment, State
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.ledger.entry import RunEntry
    from seqmagic.ledger.ledger import Checkpoint

TABLES = ("batches", "epochs", "parts")  # Of a history.
SHARE = 0.005  # Of a run's time, for its curves.
NOTHING = dict.fromkeys(TABLES, (0, 0, 0))  # For each table: the rows, the generation and the columns that have been written.


class Journal:
    """Writes the curves and checkpoints of one run.

    Attributes:
        ledger: to write to.
        entry: of the run.
        record: its history, which grows.
        facts: returns what else is needed for resuming; called for each checkpoint.
    """

    def __init__(self, ledger: Ledger, entry: RunEntry, record: History, facts: Callable[[], dict[str, Any]]) -> None:
        self.ledger = ledger
        self.entry = entry
        self.record = record
        self.facts = facts
        self._before = Counter(ledger.troubles)
        self.run = ledger.begin(entry)
        self._written = NOTHING
        self._budget = TimeBudget(SHARE)

    @property
    def warnings(self) -> list[str]:
        """Ledger messages since this run began; earlier ones were reported by an earlier run."""
        return [sentence for sentence, count in self.ledger.troubles.items() if count > self._before[sentence]]

    def look(self) -> None:
        """Write new rows, if the time budget allows."""
        if self.run is not None and self._budget.is_due:
            with self._budget:
                self._write_rows(self.run)

    def _write_rows(self, run: int) -> None:
        new, marks = self._new_rows()
        done = [
            (self.ledger.replace_rows if rows.replace else self.ledger.add_rows)(run, rows.table, rows.names, rows.values) for rows in new
        ]
        if all(done):
            self._written = marks

    def _enter_anew(self) -> None:
        """If the file was deleted during the run, write everything to the new one."""
        if self.run is not None and self.ledger.entry(self.run) is None:
            number = self.ledger.begin(self.entry)
            if number is not None:
                self.run, self._written = number, NOTHING

    def keep(self, kind: str, state: State) -> None:
        """Write a checkpoint, together with the rows up to it.

        Args:
            kind: "last" or "best".
        """
        self._enter_anew()
        if self.run is None:
            return
        new, marks = self._new_rows()
        parts = (state.model, state.optimizer, state.metrics, state.callbacks.arrays)
        facts = {
            **self.facts(),
            "goal": dict(state.early_stop),
            "moment": [state.moment.epoch, state.moment.step],
            "parts": [len(part) for part in parts],
            "callbacks": state.callbacks.callbacks,
        }
        if self.ledger.save_checkpoint(self.run, kind, facts, chain.from_iterable(parts), new):
            self._written = marks

    def end(self, outcome: str, reason: str, seconds: float) -> None:
        """Write the last rows, the outcome, and the run's duration without pauses."""
        self._enter_anew()
        if self.run is not None:
            self._write_rows(self.run)
            facts = {"reason": reason} if reason else {}
            self.ledger.end(self.run, outcome, self.record.last(), seconds=seconds, **facts)

    def _new_rows(self) -> tuple[list[TableRows], dict[str, tuple[int, int, int]]]:
        """The rows since the last call, and what has been written once they are."""
        new, marks = [], {}
        for name in TABLES:
            table: Table = getattr(self.record, name)
            written, generation, columns = self._written[name]
            names, rows = table.rows_from()
            same = (table.generation, len(names)) == (generation, columns)
            marks[name] = (len(rows), table.generation, len(names))
            if len(rows) > (written if same else 0):
                new.append(TableRows(name, names, rows[written if same else 0 :], replace=not same))
        return new, marks


def state_of(checkpoint: Checkpoint) -> State:
    """The state in a checkpoint.

    Raises:
        FileError: If it was not written by a run.
    """
    facts, arrays = checkpoint.facts, checkpoint.arrays
    missing = {"parts", "moment"} - set(facts)
    if missing or not 2 <= len(facts["parts"]) <= 4 or sum(facts["parts"]) > len(arrays):
        raise FileError(
            gettext("The weights of run {run} can't be read.", run=checkpoint.run), expected=gettext("weights that a run has saved")
        )
    first, second, *others = np.cumsum(facts["parts"]).tolist()
    third = others[0] if others else len(arrays)  # Older files contain no callbacks.
    callbacks = read_memory(facts.get("callbacks"), arrays[third:])
    early_stop = facts.get("goal", {})
    return State(Moment(*facts["moment"]), arrays[:first], arrays[first:second], arrays[second:third], callbacks, early_stop)
