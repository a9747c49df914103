"""Resuming: a run that was interrupted, by Stop, an error or the end of its kernel, continues where it was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import keras

from seqmagic.describe.source import name_of_model
from seqmagic.errors import BusyError, LanguageError, UnknownNameError
from seqmagic.history import History
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.describe import hash_of_network
from seqmagic.ledger.owner import format_owner, owner_here
from seqmagic.ledger.run_state import RunState
from seqmagic.options.compile_line import loss_of
from seqmagic.training.continuity import read_options
from seqmagic.training.journal import TABLES, state_of
from seqmagic.training.registry import hand_over_of, run_of
from seqmagic.training.start_point import FitConfig, StartPoint, StoredRun
from seqmagic.training.state import checksum_of, fits, has_weights
from seqmagic.translation import gettext, gettext_noop

if TYPE_CHECKING:
    from seqmagic.ledger.entry import RunEntry
    from seqmagic.ledger.ledger import Ledger


def start_of(model: keras.Model, history: History | None, initial_epoch: int) -> StartPoint:
    """The start point of a run that doesn't resume another.

    Args:
        history: of the run to continue.
        initial_epoch: the number of epochs before the run, as given by the user.

    Raises:
        ArgumentError: If the history has more.
    """
    if history is None:
        return StartPoint.fresh(initial_epoch)
    return StartPoint.after(history, hand_over_of(model), loss_of(model), initial_epoch)


def with_past(start_point: StartPoint, model: keras.Model) -> StartPoint:
    """Add to a start point the model's first weights, and the run whose weights it starts with.

    A second `fit` counts its epochs from 1, as in Keras, although it continues with the weights of the first.

    Args:
        start_point: as it was when the run was requested: the run may have been queued since.
    """
    left = hand_over_of(model)
    if left is None or start_point.record.reached or start_point.state is not None:
        return start_point
    if left.first is not None and has_weights(model, left.first):
        return replace(start_point, first=left.first)  # The first weights were restored: the history starts over.
    is_left = left.weights is not None and left.weights == checksum_of(model)
    if is_left or (left.best is not None and has_weights(model, left.best)):
        return replace(start_point, first=left.first, stored=left.stored)
    return start_point  # The weights were changed in the meantime.


def find_start_point(model: keras.Model, number: int | None = None) -> StartPoint:
    """The start point for resuming: from the model's last run here, or the user's newest in the ledger with that name and layers.

    Args:
        number: of a particular run in the ledger, which may be another user's.

    Raises:
        LanguageError: If there is none, or only another user's.
    """
    left = hand_over_of(model) if run_of(model) is None else None
    if number is not None:
        left = _left_by_number(model, number)
    elif left is None:
        left = _left_in_ledger(model)
    if left is None or left.state is None or not fits(model, left.state):
        raise LanguageError(
            gettext("There is no interrupted run of {of_model!r}.{hint}", of_model=name_of_model(model), hint=_hint()),
            instead=_fresh_run(model),
        )
    return StartPoint.resuming(left)


def _hint() -> str:
    if current_ledger() is not None:
        return ""
    return gettext(" Runs are saved to a file when seqmagic is loaded in a notebook, or with seqmagic.keep_runs().")


def _fresh_run(model: keras.Model) -> str:
    return f"%fit {name_of_model(model)} x_train y_train epochs=10"


def _left_in_ledger(model: keras.Model) -> StartPoint | None:
    """The user's own newest interrupted run.

    Raises:
        LanguageError: If there is only another user's.
    """
    ledger, owner = current_ledger(), owner_here()
    if ledger is None:
        return None
    name, network = name_of_model(model), hash_of_network(model)
    entry = ledger.unfinished(name, network, owner.owns)
    if entry is not None:
        return _read_left(ledger, entry)
    other = ledger.unfinished(name, network, lambda entry: not owner.owns(entry))
    if other is not None:
        problem = gettext(
            "The interrupted run of {name!r} belongs to someone else: run {id}{in_brackets}.",
            name=name,
            id=other.id,
            in_brackets=_in_brackets(format_owner(other)),
        )
        raise LanguageError(problem, expected=gettext("its number, to continue it anyway"), instead=f"%fit {name} --resume={other.id}")
    return None


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""


def _left_by_number(model: keras.Model, number: int) -> StartPoint:
    ledger = current_ledger()
    entry = ledger.entry(number) if ledger is not None else None
    if ledger is None or entry is None:
        numbers = [str(entry.id) for entry in ledger.entries()] if ledger is not None else []
        raise UnknownNameError(
            gettext_noop("run"), str(number), numbers, hint=_hint().strip() or gettext("%runs lists the available runs.")
        )
    if entry.is_under_way:
        raise BusyError(
            gettext("Run {number} is still running.", number=number), expected=gettext("it to end, or Stop, before it is continued")
        )
    if entry.outcome == RunState.DONE:
        raise LanguageError(
            gettext("Run {number} has finished, so there is nothing to continue.", number=number), instead=f"%runs {number} --load again"
        )
    if entry.network != hash_of_network(model):
        problem = gettext(
            "Run {number} belongs to a network with different layers than {of_model!r}.", number=number, of_model=name_of_model(model)
        )
        raise LanguageError(problem, expected=gettext("a model with the same layers"), instead=f"%runs {number}")
    left = _read_left(ledger, entry)
    if left is None:
        raise LanguageError(gettext("The weights of run {number} no longer exist.", number=number), instead=_fresh_run(model))
    return left


def _read_left(ledger: Ledger, entry: RunEntry) -> StartPoint | None:
    """The checkpoint of a run in the ledger."""
    checkpoint = ledger.load_checkpoint(entry.id, "last")
    if checkpoint is None:
        return None
    state, facts, record = state_of(checkpoint), checkpoint.facts, History()
    if not {"seed", "first_epoch", "epochs", "goal", "options"} <= set(facts):
        return None
    for table in TABLES:
        names, rows = ledger.rows(entry.id, table)
        if len(rows):
            getattr(record, table).extend(rows[:, 0], names, rows[:, 1:])
    record.loss_since = entry.loss_since
    best = ledger.load_checkpoint(entry.id, "best")
    return StartPoint(
        record,
        facts["first_epoch"],
        state=state,
        best=state_of(best) if best is not None else None,
        stored=StoredRun(str(ledger.path), entry.id),
        steps=facts.get("steps"),
        config=FitConfig(
            seed=facts["seed"],
            epochs=facts["epochs"],
            fit_line=entry.fit,
            data=entry.data,
            options=read_options(facts["options"]),
            optimizer=entry.settings.get("optimizer", {}),
            compile_line=entry.compile,
        ),
        is_own=owner_here().owns(entry),
    )
