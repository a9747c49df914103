"""Starting over: a model gets new weights, as if it had just been created, and its history is cleared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import keras
import numpy as np

from seqmagic.describe.source import name_of_model, origin_of, seed_of
from seqmagic.errors import BusyError, DataError, SeqmagicError
from seqmagic.keras_internals.compiled import has_plain_rate
from seqmagic.keras_internals.layers import layers_inside
from seqmagic.language import parse
from seqmagic.ledger.describe import hash_of_network
from seqmagic.network.builder import Draft
from seqmagic.network.pasted import read_pasted
from seqmagic.training.current_runs import run_of
from seqmagic.training.registry import forget_runs, hand_over_of, notify_subscribers
from seqmagic.training.state import Moment, State, fits, model_variables, put_back
from seqmagic.translation import gettext, gettext_noop

CELL = gettext_noop("the cell that makes it to be run again")


def begin_anew(model: keras.Model) -> str:
    """Give a model new weights; returns a sentence on what was done.

    They are initialized as in the cell that built it, from its seed if it has one; otherwise from the configs of its layers. The result of
    `adapt` is kept, and so are layers shared with another model, and frozen ones if no text says how they were initialized.

    Raises:
        BusyError: While the model is training.
        DataError: If it is not known how its weights were initialized.
    """
    if (run := run_of(model)) is not None:
        raise BusyError(
            gettext("{of_model!r} is training ({state}).", of_model=name_of_model(model), state=run.format_state()),
            expected=gettext("its end before it begins anew"),
        )
    fresh, from_text = _made_from_text(model), True
    if fresh is None:
        fresh, from_text = _made_from_layers(model), False
    kept = list(_kept_layers(model, fresh, frozen=not from_text))
    values = [(variable, np.array(variable.numpy())) for layer in kept for variable in model_variables(layer)]
    rate = _first_rate(model)
    put_back(model, _beginning_of(fresh))
    for variable, value in values:
        variable.assign(value)
    if rate is not None:
        model.optimizer.learning_rate = rate
    model.reset_metrics()
    model.__dict__.pop("history", None)
    forget_runs(model)
    notify_subscribers()
    return _describe(model, kept, seed_of(model) if from_text else None)


def _made_from_text(model: keras.Model) -> keras.Model | None:
    """Build the model again from its text; None if there is none, or the model has been changed since."""
    origin = origin_of(model)
    if origin is None:
        return None
    try:
        program = read_pasted(parse(origin.text), origin.things)
        with Draft(replace(program, compile=None, fit=None), origin.things, str(model.name)) as draft:
            fresh = draft.build()
    except SeqmagicError:
        return None  # For example, an expression in {...} refers to a deleted variable.
    return fresh if hash_of_network(fresh) == hash_of_network(model) and fits(model, _beginning_of(fresh)) else None


def _made_from_layers(model: keras.Model) -> keras.Model:
    """Build the model again from the configs of its layers.

    Raises:
        DataError: If they are not sufficient.
    """
    name, inner = name_of_model(model), next((layer for layer in model.layers if isinstance(layer, keras.Model)), None)
    if inner is not None:
        problem = gettext(
            "{name!r} contains the model {inner!r}, which may have been trained before, so its first weights are unknown.",
            name=name,
            inner=str(inner.name),
        )
        raise DataError(problem, expected=CELL)
    problem = gettext("Keras can't create {name!r} again from its config", name=name)
    try:
        fresh = keras.models.clone_model(model)
    except Exception as error:
        raise DataError(f"{problem} ({type(error).__name__}).", expected=CELL) from error
    if not fits(model, _beginning_of(fresh)):
        raise DataError(gettext("{problem}: its weights would have other shapes.", problem=problem), expected=CELL)
    return fresh


def _beginning_of(fresh: keras.Model) -> State:
    """The weights and seed states of a new model, with an empty optimizer state."""
    return State(Moment(), [np.array(variable.numpy()) for variable in model_variables(fresh)], [], [])


def _kept_layers(model: keras.Model, fresh: keras.Model, *, frozen: bool) -> Iterator[Any]:
    """The layers whose weights are kept."""
    shared = set(map(id, layers_inside(fresh)))
    for layer in layers_inside(model):
        if layer.weights and (hasattr(layer, "adapt") or id(layer) in shared or (frozen and not layer.trainable)):
            yield layer


def _first_rate(model: keras.Model) -> float | None:
    """The initial learning rate of the model's last run; None if the rate has been set since, or is a schedule."""
    left, optimizer = hand_over_of(model), model.optimizer
    if left is None or optimizer is None or not has_plain_rate(optimizer) or not int(optimizer.iterations):
        return None
    return left.config.learning_rate


def _describe(model: keras.Model, kept: list[Any], seed: int | None) -> str:
    sentence = gettext("{of_model} starts over with fresh weights", of_model=name_of_model(model)) + (
        gettext(" from seed {seed}.", seed=seed) if seed is not None else "."
    )
    names = ", ".join(dict.fromkeys(str(layer.name) for layer in kept))
    return gettext("{sentence} These layers keep their weights: {names}.", sentence=sentence, names=names) if names else sentence
