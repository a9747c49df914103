"""The compile arguments of a model, or the suggested ones, as choices; and the compile line for them."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any

import keras

from seqmagic.data.suggest import propose_compile
from seqmagic.forms.choices import UNSPEAKABLE, Choice, choice_of
from seqmagic.forms.user_words import variable_holding
from seqmagic.keras_internals.compiled import compiled_with
from seqmagic.language import Step, parse_step
from seqmagic.network.catalogue import LOSSES, METRICS, OPTIMIZERS, Registry, parameters_of
from seqmagic.options.compile_line import CompileOptions, read_compile


@dataclass(frozen=True)
class CompileChoices:
    """Compile options as text.

    Attributes:
        optimizer: its options include the learning rate or schedule.
    """

    optimizer: Choice
    loss: Choice
    metrics: tuple[Choice, ...] = ()

    def line(self) -> str:
        """The compile line for these options.

        >>> CompileChoices(Choice("adam"), Choice("mse"), (Choice("mae"),)).line()
        'compile adam mse mae'
        """
        return " ".join(["compile", *(choice.text() for choice in (self.optimizer, self.loss, *self.metrics) if choice.word)])

    @property
    def rate(self) -> str | Choice | None:
        """The learning rate, or its schedule."""
        return self.optimizer.get("learning_rate")

    @property
    def optimizer_alone(self) -> Choice:
        """The optimizer without its learning rate."""
        return self.optimizer.put("learning_rate", None)


def describe(model: keras.Model, y: Any, names: Mapping[str, Any] | None = None) -> CompileChoices:
    """The compile options of a model; for one that isn't compiled, suggested ones.

    Args:
        names: the notebook's own losses and metrics, so that a function gets the name of its variable.
    """
    if not model.compiled:
        return proposed(model, y)
    kept, names = compiled_with(model), names or {}
    metrics = kept.get("metrics") or []
    words = [_choice(metric, METRICS, names) for metric in metrics] if isinstance(metrics, (list, tuple)) else [Choice(UNSPEAKABLE)]
    # With mixed_float16, Keras wraps the optimizer in a LossScaleOptimizer.
    optimizer = getattr(model.optimizer, "inner_optimizer", model.optimizer)
    return CompileChoices(_choice(optimizer, OPTIMIZERS, names), _choice(kept.get("loss") or "", LOSSES, names), tuple(words))


def _choice(thing: Any, registry: Registry, names: Mapping[str, Any]) -> Choice:
    """A notebook object by its variable name, a Keras object by Keras's name; any other class is kept as it is."""
    if inspect.isfunction(thing) and names.get(thing.__name__) is not thing:
        name = variable_holding(thing, names)
        return Choice(name) if name else choice_of(thing, registry)
    choice = choice_of(thing, registry)
    if isinstance(thing, str) or inspect.isfunction(thing) or choice.word == UNSPEAKABLE:
        return choice
    name = variable_holding(type(thing), names)
    # An optimizer without a name still has a learning rate, which has its own control.
    has_word = registry is OPTIMIZERS or registry.find(choice.word) is not None
    return replace(choice, word=name) if name else choice if has_word else Choice(UNSPEAKABLE)


def proposed(model: keras.Model, y: Any) -> CompileChoices:
    """Compile options that fit a model's last layer and its labels."""
    optimizer, rate, loss, metrics = propose_compile(model, y)
    if not loss:
        return CompileChoices(with_rate(optimizer, rate), Choice(""))
    written = read_line(f"compile {SOME_OPTIMIZER} {loss} {metrics}", {})
    return CompileChoices(
        with_rate(optimizer, rate), choice_of(written.loss, LOSSES), tuple(choice_of(one, METRICS) for one in written.metrics)
    )


def with_rate(optimizer: str, rate: str = "") -> Choice:
    """An optimizer with the given learning rate, or with Keras's default."""
    found = OPTIMIZERS.find(optimizer)
    parameter = parameters_of(found).get("learning_rate") if found else None
    return Choice(optimizer).put("learning_rate", rate or ("" if parameter is None else str(parameter.default)))


def read_choices(wanted: CompileChoices, names: Mapping[str, Any], keep: tuple[bool, bool, bool] = (False, False, False)) -> CompileOptions:
    """Convert choices to compile options as Keras takes them.

    Args:
        names: the notebook's own optimizers, losses and metrics.
        keep: whether to keep the model's optimizer, loss and metrics; a kept part isn't read.

    Raises:
        SeqmagicError: At an unknown word or invalid value.
    """
    loss = Choice("mse") if keep[1] or not wanted.loss.word else wanted.loss
    optimizer = wanted.optimizer if not keep[0] else Choice("sgd").put("learning_rate", wanted.rate)
    found = read_line(CompileChoices(optimizer, loss, () if keep[2] else wanted.metrics).line(), names)
    return CompileOptions(found.optimizer, found.loss if wanted.loss.word else None, found.metrics)


def read_line(line: str, names: Mapping[str, Any]) -> CompileOptions:
    """Read a compile line; with SOME_OPTIMIZER only its loss and metrics matter."""
    shared = {SOME_OPTIMIZER: _some_optimizer()} if SOME_OPTIMIZER in line else {}
    return read_compile(_parse(line), {**names, **shared})


@lru_cache(maxsize=1024)
def _parse(line: str) -> Step:
    """A line as it was parsed before: a panel tries each loss and each metric, and the next panel tries the same ones."""
    return parse_step(line)


# Stands for any optimizer. Creating an optimizer leaks some memory in Keras, and a panel reads dozens of lines.
SOME_OPTIMIZER = "_some_optimizer"


@cache
def _some_optimizer() -> keras.optimizers.Optimizer:
    return keras.optimizers.SGD()
