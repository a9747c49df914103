"""Facts: the numbers of a network and of its training that an exercise may refer to."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import keras
import numpy as np

from seqmagic.describe.plan_of_model import survey
from seqmagic.describe.source import name_of_model
from seqmagic.errors import LanguageError
from seqmagic.history import History, is_missing, numbers_of
from seqmagic.language import Word
from seqmagic.network.arguments import Names
from seqmagic.network.catalogue import LAYERS, RANK_LESS, normalize
from seqmagic.network.output_layer import Ending, ending_of
from seqmagic.network.plan import Plan
from seqmagic.network.user_objects import own_thing
from seqmagic.training.registry import last_run_of
from seqmagic.translation import gettext

INNER = ("layer", "forward_layer")  # The attribute for a wrapper's inner layer; the backward layer is a copy of it.
SEVERAL = ("layers", "cells")


@dataclass(frozen=True)
class Facts:
    """Facts about a model.

    Attributes:
        numbers: the last logged value of each metric.
        earlier: the metrics that not every epoch has, as with validation_freq, unless the last is known to have them.
        epoch: the number of the last epoch; None if it was never trained.
        trained: how many epochs it was trained for: fewer, where the count began with an initial_epoch.
        names: the notebook's variables.
    """

    model: keras.Model
    plan: Plan
    numbers: Mapping[str, float] = field(default_factory=dict)
    epoch: float | None = None
    trained: float = 0.0
    earlier: Collection[str] = ()
    names: Names = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name of the model."""
        return name_of_model(self.model)

    @property
    def ending(self) -> Ending:
        """The output of the model."""
        return ending_of(self.model)

    @property
    def layers(self) -> int:
        """The number of layers, without the input; one that is used twice counts once, and an operation such as `a + b` is none."""
        return sum(not isinstance(layer, keras.layers.InputLayer) for layer in self.model.layers)


def facts_of(model: keras.Model, names: Names, plan: Plan | None = None) -> Facts:
    """The facts about a model and its last training, by a run or by Keras's own `fit`.

    Args:
        plan: of the model, if it exists already.
    """
    known = Facts(model, plan if plan is not None else survey(model, names), names=names)
    run = last_run_of(model)
    logs = getattr(getattr(model, "history", None), "history", None) or {}
    if run is not None and not _is_later(logs, run.record):
        numbers = {name: values[-1] for name, values in run.record.epochs.as_dict().items() if values}
        earlier = {name for name, value in run.record.epochs.newest().items() if is_missing(np.array([value]))[0]}
        begin = math.ceil(run.record.epochs.positions[0]) - 1 if numbers else 0
        end = run.record.position
        return replace(known, numbers=numbers, epoch=end, trained=end - begin, earlier=earlier) if numbers else known
    numbers = {name: value[0] for name, values in logs.items() for value in [list(numbers_of({name: values[-1]}).values())] if value}
    if not numbers:
        return known
    earlier = {name for name, values in logs.items() if len(values) < len(model.history.epoch)}
    epochs = model.history.epoch
    return replace(known, numbers=numbers, epoch=epochs[-1] + 1, trained=len(epochs), earlier=earlier)


def _is_later(logs: Mapping[str, list[Any]], record: History) -> bool:
    """Whether Keras's own `fit` has trained the model after that run: then they have no loss value in common."""
    return bool(logs) and not set(logs.get("loss", ())) & set(record.epochs.as_dict().get("loss", ()))


def count_layers(model: keras.Model, word: Word, names: Names) -> int:
    """The number of layers of a kind in a model, including nested ones.

    >>> from seqmagic.errors import Span
    >>> inside = keras.Sequential([keras.layers.Bidirectional(keras.layers.LSTM(2)), keras.layers.Dense(3), keras.layers.Dense(1)])
    >>> [count_layers(inside, Word(word, Span(1, 1, 1)), {}) for word in ("lstm", "dense", "conv")]
    [1, 2, 0]

    Raises:
        UnknownNameError: At a word that is not a layer.
    """
    wanted = classes_of(word, names)
    return sum(type(layer) in wanted for layer in _all_layers(model.layers))


def classes_of(word: Word, names: Names) -> tuple[Any, ...]:
    """The layer classes that a word may mean: `conv` means Conv1D, Conv2D and Conv3D.

    Raises:
        UnknownNameError: At a word that is not a layer.
    """
    pattern = RANK_LESS.get(normalize(word.text))
    if pattern is not None:
        found = (LAYERS.find(pattern.replace("?", f"{rank}D")) for rank in (1, 2, 3))
        return tuple(layer for layer in found if layer is not None)
    own = own_thing(word.text, "layer", names)
    if isinstance(own, type):
        return (own,)
    layer = LAYERS.find(word.text)
    if layer is None:
        raise LAYERS.unknown(word.text, word.span, [*RANK_LESS, *(name for name in names if own_thing(name, "layer", names) is not None)])
    if layer is keras.layers.InputLayer or not isinstance(layer, type):
        raise LanguageError(
            gettext("{word!r} is not a kind of layer that can be counted.", word=word.text),
            expected=gettext("a layer such as dense"),
            span=word.span,
        )
    return (layer,)


def _all_layers(layers: Iterable[Any]) -> Iterator[Any]:
    for layer in layers:
        yield layer
        inside = [getattr(layer, name) for name in INNER if hasattr(layer, name)]
        inside += [layer.cell] if type(layer) is keras.layers.RNN else []
        for name in SEVERAL:
            inside += list(getattr(layer, name, None) or ())
        yield from _all_layers({id(one): one for one in inside if isinstance(one, keras.Layer)}.values())
