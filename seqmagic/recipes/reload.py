"""Reloading: rebuilds the model of a run from its text and its checkpoint."""

from __future__ import annotations

import re

import keras

from seqmagic.errors import LanguageError, SeqmagicError, UnknownNameError
from seqmagic.language import parse
from seqmagic.ledger.entry import RunEntry
from seqmagic.ledger.tables import Checkpoint
from seqmagic.network.arguments import Names
from seqmagic.recipes.recipe import make_recipe
from seqmagic.training.journal import state_of
from seqmagic.training.state import fits, put_back
from seqmagic.translation import gettext

GAP = re.compile(r"^# (Gap .*)$", re.MULTILINE)


def model_of(entry: RunEntry, checkpoint: Checkpoint | None, names: Names | None = None, name: str | None = None) -> keras.Sequential:
    """Build the model of a run from its text, compile it as before, and restore the stored state.

    Args:
        checkpoint: the weights and the optimizer's state, as stored by a run; without one the model gets new weights.
        names: the notebook's own layers and functions, by the words of the text.
        name: of the model; the run's by default.

    Raises:
        LanguageError: If the text has a `{...}`.
        UnknownNameError: If a layer of the notebook is missing.
        SeqmagicError: If the weights don't fit. Nothing in the text is evaluated.
    """
    _check_text(entry)
    try:
        model = make_recipe(parse(f"{entry.text}\n{entry.compile}\n"), names or {}, name or entry.name).model
    except UnknownNameError as error:
        error.hint = error.hint or gettext("If it is your own, run the cell that makes it first.")
        raise
    if checkpoint is not None:
        _put_state(model, checkpoint, entry)
    return model


def _check_text(entry: RunEntry) -> None:
    """Refuse a run that can't be rebuilt from a text."""
    if not entry.text:
        raise LanguageError(
            gettext("Run {id} has no text, because its model was not a keras.Sequential.", id=entry.id),
            expected=gettext("a run of a Sequential model"),
        )
    gap = GAP.search(entry.text)
    if gap or "{" in entry.text + entry.compile:
        reason = f" ({gap.group(1).removeprefix('Gap in ')})" if gap else ""
        problem = gettext(
            "The text of run {id} contains {{...}}{reason}, which only has a value in its original cell.", id=entry.id, reason=reason
        )
        raise LanguageError(problem, expected=gettext("the original cell, run again"))


def _put_state(model: keras.Sequential, checkpoint: Checkpoint, entry: RunEntry) -> None:
    shape = entry.data.get("x", {}).get("shape")
    if not model.built and shape:
        model.build((None, *shape[1:]))  # Without an input line, the input shape comes from the data.
    state = state_of(checkpoint)
    if not fits(model, state):
        problem = gettext("The weights of run {id} don't fit the network that its text describes now.", id=entry.id)
        raise SeqmagicError(problem, expected=gettext("your own layers, unchanged since that run"))
    put_back(model, state)
    for layer in model.layers:
        if isinstance(layer, keras.layers.Normalization):
            layer.finalize_state()  # The layer computes with copies of its weights, made here.
