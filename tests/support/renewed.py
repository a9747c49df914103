"""Reuse of models: tracing a model's steps takes longer than everything else that most tests do with it."""

from __future__ import annotations

from typing import Any

_lent: list[Any] = []  # In use by the current test.
_free: list[Any] = []  # Of earlier tests in this file.


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
