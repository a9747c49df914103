"""Resuming: a run that was cut, by Stop, an error or the end of its kernel, goes on where it was."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import keras

from seqmagic.errors import DataError, LanguageError
from seqmagic.training.active import last_run_of
from seqmagic.training.history import History
from seqmagic.training.ledger.describing import hash_of_network
from seqmagic.training.ledger.fingerprint import fingerprint_of
from seqmagic.training.ledger.journal import state_of
from seqmagic.training.ledger.keeping import current_ledger
from seqmagic.training.state import State, fits

SAME = ("batch_size", "shuffle", "validation_split", "steps_per_epoch")  # What decides which rows are in which batch.

WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")  # Of a line: a quoted text holds blanks.


@dataclass(frozen=True)
class Cut:
    """A run that was cut.

    state: the last that was kept.
    history: up to that moment.
    seed: what the order of its epochs was drawn from.
    first_epoch, epochs: where it began, and how many epochs it should have had.
    goal: what its goal had seen.
    fit: its fit line.
    data: the fingerprints of what it was trained on; empty when it was this very kernel.
    options: what decided the order of its rows.
    first, best: its first and best states, as far as they are there.
    number: its own in the ledger.
    """

    state: State
    history: History
    seed: int
    first_epoch: int
    epochs: int
    goal: Mapping[str, Any] = field(default_factory=dict)
    fit: str = ""
    data: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    first: State | None = None
    best: State | None = None
    number: int | None = None

    @property
    def lowest(self) -> float | None:
        """The loss of the best state."""
        found = self.history.best() if self.best is not None else None
        return found[2] if found is not None else None

    def epochs_left(self, wanted: int | None = None) -> int:
        """How many epochs there are still to be trained, the one that was cut among them.

        wanted: how many the whole run should have now.

        Raises LanguageError when none is left.
        """
        done = self.state.moment.epoch - self.first_epoch
        left = (wanted or self.epochs) - done
        if left < 1:
            problem = f"The run has had its {done} epochs: there is nothing to go on with."
            raise LanguageError(problem, expected="more epochs", instead=f"epochs={done + 10} --resume")
        return left

    def check(self, x: Any, y: Any, options: Mapping[str, Any], names: tuple[str, str]) -> None:
        """Refuse other data, and other batches: the run could not go on where it was.

        Raises DataError.
        """
        for part, value, name in (("x", x, names[0]), ("y", y, names[1])):
            before = {key: told for key, told in self.data.get(part, {}).items() if key != "name"}
            if before and before != fingerprint_of(value):
                raise DataError(
                    f"{name} is not what the run that was cut was trained on.", expected="the same data, or a run without --resume"
                )
        for option in SAME:
            if option in options and options[option] != self.options.get(option, options[option]):
                before = self.options[option]
                raise DataError(f"The run that was cut had {option}={before}.", expected=f"the same, or no {option}, to go on with it")


def find_cut(model: keras.Model) -> Cut:
    """The run of a model to go on with: its last one in this kernel, or else the newest in the ledger of the same name and layers.

    Raises LanguageError when there is none.
    """
    last = last_run_of(model)
    cut = last.as_cut() if last is not None and last.ended else _cut_in_ledger(model)
    if cut is None or not fits(model, cut.state):
        hint = (
            ""
            if current_ledger() is not None
            else " Runs are kept in a file when seqmagic is loaded in a notebook, or by seqmagic.keep_runs()."
        )
        raise LanguageError(
            f"There is no run of {str(model.name)!r} that was cut.{hint}", instead=f"%fit {model.name} x_train y_train epochs=10"
        )
    return cut


def _cut_in_ledger(model: keras.Model) -> Cut | None:
    ledger = current_ledger()
    entry = ledger.unfinished(str(model.name), hash_of_network(model)) if ledger is not None else None
    checkpoint = ledger.load_checkpoint(entry.id, "last") if ledger is not None and entry is not None else None
    if ledger is None or entry is None or checkpoint is None:
        return None
    state, facts, history = state_of(checkpoint), checkpoint.facts, History()
    for table in ("batches", "epochs"):
        names, rows = ledger.rows(entry.id, table)
        if len(rows):
            getattr(history, table).extend(rows[:, 0], names, rows[:, 1:])
    history.cut(state.moment.epoch, state.moment.step / facts["steps"] if facts.get("steps") else 0.0)
    best = ledger.load_checkpoint(entry.id, "best")
    return Cut(
        state,
        history,
        seed=facts["seed"],
        first_epoch=facts["first_epoch"],
        epochs=facts["epochs"],
        goal=facts["goal"],
        fit=entry.fit,
        data=entry.data,
        options=facts["options"],
        best=state_of(best) if best is not None else None,
        number=entry.id,
    )


def fit_line_of(cut: Cut, line: str) -> str:
    """The data and options of a run that was cut, by the words that it was started with; what a new line says comes instead.

    Raises LanguageError when the run was started from Python, which says nothing of names.
    """
    if not cut.fit or "{" in cut.fit:
        raise LanguageError("The data of the run that was cut have no names here.", instead="%fit digits x_train y_train --resume")
    options = WORD.findall(line)[1:]
    said = {option.partition("=")[0] for option in options}
    return " ".join([*(word for word in WORD.findall(cut.fit)[1:] if word.partition("=")[0] not in said), *options])
