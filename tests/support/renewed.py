"""Reuse of models: tracing a model's steps takes longer than everything else that most tests do with it."""

from __future__ import annotations

from typing import Any

_lent: list[Any] = []  # In use by the current test.
_free: list[Any] = []  # Of earlier tests in this file.
_of_keras: list[tuple[Any, str]] = []  # Those that Keras's own `fit` trains, each with what is special about its data.


def renewed(model: Any) -> Any:
    """A model that was just built; or instead an equal one that an earlier test has trained, reset as when a cell runs again."""
    from seqmagic.training.reuse import can_be_renewed, renew

    before = next((one for one in _free if can_be_renewed(one, model)), None)
    if before is not None:
        renew(before, model)
        _free.remove(before)
        model = before
    _lent.append(model)
    return model


def keras_renewed(model: Any, data: str = "") -> Any:
    """The same for a model that is trained by Keras's own `fit`, and by nothing else: one from the same text, or this one.

    data: what is special about them. Steps that Keras has traced for labels of one axis and of two would take neither any more.
    """
    from seqmagic.describe.source import origin_of

    origin = origin_of(model)
    before = next((one for one, seen in _of_keras if seen == data and origin is not None and origin.is_same(origin_of(one))), None)
    if before is None:
        _of_keras.append((model, data))
        return model
    copy_variables(model, before)
    return before


def copy_variables(fresh: Any, model: Any) -> None:
    """Give a trained model all that a new one begins with: weights, seeds, the state of the optimizer and of the metrics."""
    fresh.optimizer.build(fresh.trainable_variables)
    for variable, new in zip((*model.variables, *model.optimizer.variables), (*fresh.variables, *fresh.optimizer.variables), strict=True):
        variable.assign(new)
    model.reset_metrics()


def take_back() -> None:
    """After a test, make its models available again, except for one that is still in training."""
    if _lent:
        from seqmagic.training.registry import run_of

        _free.extend(model for model in _lent if run_of(model) is None)
        _lent.clear()


def let_go() -> None:
    """After a file, free its models, because the next one trains something else."""
    _lent.clear()
    _free.clear()
    _of_keras.clear()
