"""Models that begin anew: to trace the steps of one takes longer than all else that most tests do with it."""

from __future__ import annotations

from typing import Any

_lent: list[Any] = []  # In the hands of the test that goes on.
_free: list[Any] = []  # Of the tests before it, in this file.


def renewed(model: Any) -> Any:
    """A model that was just built; or in its place one of the same text that a test before has trained, made as fresh as a cell does that runs again."""
    from seqmagic.training.reuse import can_be_renewed, renew

    before = next((one for one in _free if can_be_renewed(one, model)), None)
    if before is not None:
        renew(before, model)
        _free.remove(before)
        model = before
    _lent.append(model)
    return model


def take_back() -> None:
    """A test has ended: its models may be used again, except where one is still in training."""
    if _lent:
        from seqmagic.training.registry import run_of

        _free.extend(model for model in _lent if run_of(model) is None)
        _lent.clear()


def let_go() -> None:
    """A file has ended, and what the next one trains is something else."""
    _lent.clear()
    _free.clear()
