"""Resuming: a run that was cut, by Stop, an error or the end of its kernel, goes on where it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import keras

from seqmagic.describe.source import name_of_model
from seqmagic.errors import BusyError, LanguageError, UnknownNameError
from seqmagic.history import History
from seqmagic.language import Argument, parse_step
from seqmagic.language.fit_words import name_arguments
from seqmagic.language.printer import print_value
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import hash_of_network
from seqmagic.ledger.owner import owner_here, spoken_owner
from seqmagic.training.continuity import read_options
from seqmagic.training.journal import TABLES, state_of
from seqmagic.training.registry import last_run_of
from seqmagic.training.state import Moment, State, fits

if TYPE_CHECKING:
    from seqmagic.ledger.entry import RunEntry
    from seqmagic.ledger.ledger import Ledger


@dataclass(frozen=True)
class Cut:
    """A run that was cut.

    Attributes:
        state: the last that was kept.
        history: up to that moment.
        seed: what the order of its epochs was drawn from.
        first_epoch, epochs: where it began, and how many epochs it should have had.
        goal: what its goal had seen.
        fit: its fit line.
        data: the fingerprints of what it was trained on.
        options: those of its fit that it needs again, and that can be kept.
        optimizer: the settings of that. loss: the loss itself, while it is there. compiled: the compile line, where there is one.
        first, best: its first and best states, as far as they are there.
        number: its own in the ledger.
        is_own: whether it is the user's own, and not another's who keeps runs in the same file.
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
    optimizer: Mapping[str, Any] = field(default_factory=dict)
    loss: Any = None
    compiled: str = ""
    first: State | None = None
    best: State | None = None
    number: int | None = None
    is_own: bool = True

    def epochs_left(self, wanted: int | None = None) -> int:
        """How many epochs there are still to be trained, the one that was cut among them.

        Args:
            wanted: how many the whole run should have now.

        Raises:
            LanguageError: When none is left.
        """
        done = self.state.moment.epoch - self.first_epoch
        left = (wanted or self.epochs) - done
        if left < 1:
            problem = f"The run has had its {done} epochs: there is nothing to go on with."
            raise LanguageError(problem, expected="more epochs", instead=f"epochs={done + 10} --resume")
        return left


def find_cut(model: keras.Model, number: int | None = None) -> Cut:
    """The run of a model to go on with: its last in this kernel, or else one's own newest in the ledger of the same name and layers.

    Args:
        number: of a certain run in the ledger, which may be anybody's.

    Raises:
        LanguageError: When there is none, or only another's.
    """
    last = last_run_of(model)
    cut: Cut | None
    if number is not None:
        cut = _cut_by_number(model, number)
    elif last is not None and last.ended:
        cut = last.as_cut()
    else:
        cut = _cut_in_ledger(model)
    if cut is None or not fits(model, cut.state):
        raise LanguageError(f"There is no run of {name_of_model(model)!r} that was cut.{_hint()}", instead=_fresh_run(model))
    return cut


def _hint() -> str:
    if current_ledger() is not None:
        return ""
    return " Runs are kept in a file when seqmagic is loaded in a notebook, or by seqmagic.keep_runs()."


def _fresh_run(model: keras.Model) -> str:
    return f"%fit {name_of_model(model)} x_train y_train epochs=10"


def _cut_in_ledger(model: keras.Model) -> Cut | None:
    """One's own newest run that was cut.

    Raises:
        LanguageError: When there is only one that is another's.
    """
    ledger, owner = current_ledger(), owner_here()
    if ledger is None:
        return None
    name, network = name_of_model(model), hash_of_network(model)
    entry = ledger.unfinished(name, network, owner.owns)
    if entry is not None:
        return _read_cut(ledger, entry)
    other = ledger.unfinished(name, network, lambda entry: not owner.owns(entry))
    if other is not None:
        problem = f"The run of {name!r} that was cut is another's: run {other.id}{_in_brackets(spoken_owner(other))}."
        raise LanguageError(problem, expected="its number, to go on with it all the same", instead=f"%fit {name} --resume={other.id}")
    return None


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""


def _cut_by_number(model: keras.Model, number: int) -> Cut:
    ledger = current_ledger()
    entry = ledger.entry(number) if ledger is not None else None
    if ledger is None or entry is None:
        numbers = [str(entry.id) for entry in ledger.entries()] if ledger is not None else []
        raise UnknownNameError("run", str(number), numbers, hint=_hint().strip() or "%runs shows which there are.")
    if entry.is_under_way:
        raise BusyError(f"Run {number} is under way.", expected="its end, or Stop, before another goes on with it")
    if entry.outcome == "done":
        raise LanguageError(f"Run {number} came to its end: there is nothing to go on with.", instead=f"%runs {number} --load again")
    if entry.network != hash_of_network(model):
        problem = f"Run {number} is of a network with other layers than {name_of_model(model)!r}."
        raise LanguageError(problem, expected="a model of the same layers", instead=f"%runs {number}")
    cut = _read_cut(ledger, entry)
    if cut is None:
        raise LanguageError(f"The weights of run {number} are not there any more.", instead=_fresh_run(model))
    return cut


def _read_cut(ledger: Ledger, entry: RunEntry) -> Cut | None:
    checkpoint = ledger.load_checkpoint(entry.id, "last")
    if checkpoint is None:
        return None
    state, facts, history = state_of(checkpoint), checkpoint.facts, History()
    if not {"seed", "first_epoch", "epochs", "goal", "options"} <= set(facts):
        return None
    for table in TABLES:
        names, rows = ledger.rows(entry.id, table)
        if len(rows):
            getattr(history, table).extend(rows[:, 0], names, rows[:, 1:])
    history.loss_since = entry.loss_since
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
        options=read_options(facts["options"]),
        optimizer=entry.settings.get("optimizer", {}),
        compiled=entry.compile,
        best=best_of(history, state_of(best) if best is not None else None, state),
        number=entry.id,
        is_own=owner_here().owns(entry),
    )


def best_of(history: History, *states: State | None) -> State | None:
    """The state of the best epoch of a history: weights that were kept before a better epoch are those of another."""
    best = history.best()
    wanted = None if best is None else Moment(int(best.position))
    return next((state for state in states if state is not None and state.moment == wanted), None)


def fit_line_of(cut: Cut, line: str) -> str:
    """The data and options of a run that was cut, by the words that it was started with; what a new line says comes instead.

    Args:
        line: that of `%fit`, from the model's name on.

    Raises:
        LanguageError: When the run was started from Python, which says nothing of names.
    """
    if not cut.fit or "{" in cut.fit:
        raise LanguageError("The data of the run that was cut have no names here.", instead="%fit digits x_train y_train --resume")
    options = line.strip().partition(" ")[2].strip()
    said = {name for name, _ in name_arguments(parse_step(f"fit {options}"))} if options else set()
    if not cut.is_own:
        said.add("callbacks")  # Some of them write files: those that one named oneself.
    kept = [argument for name, argument in name_arguments(parse_step(cut.fit)) if name not in said]
    return " ".join([*map(_spoken, kept), *([options] if options else [])])


def _spoken(argument: Argument) -> str:
    value = print_value(argument.value)
    return value if argument.name is None else f"{argument.name.text}={value}"
