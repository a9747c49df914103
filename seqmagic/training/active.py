"""The active runs: which models are in training, which run was a model's last, and what earlier ones under a name went through."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from seqmagic.errors import BusyError

if TYPE_CHECKING:
    from seqmagic.training.history import History
    from seqmagic.training.run import Run

LAST_RUN = "_seqmagic_last_run"
MOST_EARLIER = 4  # Curves that are still told apart behind a new one.

# Called in the thread that starts a run, when it has begun.
when_started: list[Callable[[], None]] = []

_active: dict[int, Run] = {}
_earlier: dict[str, list[History]] = {}
_lock = threading.RLock()  # An interrupt's handler asks for the runs in a thread that may be asking already.


def enter(run: Run, model: Any) -> None:
    """Note that a run trains a model.

    Raises BusyError when another one does.
    """
    with _lock:
        other = _active.get(id(model))
        if other is not None:
            raise BusyError(f"{run.name!r} is in training already ({other.spoken()}).", expected="that run to end: stop it, or wait")
        _active[id(model)] = run
    # On the model itself, so that both go together; past Keras's bookkeeping, which would look into the run.
    model.__dict__[LAST_RUN] = run


def leave(run: Run, model: Any) -> None:
    """Note that a run has ended."""
    with _lock:
        _active.pop(id(model), None)
        # What it went on from is part of its own record.
        others = [history for history in _earlier.get(run.name, ()) if history is not run.went_on_from]
        _earlier[run.name] = [*others, run.record][-MOST_EARLIER - 1 :]


def earlier_histories(name: str, without: History | None) -> tuple[History, ...]:
    """What the last runs under a name went through, the oldest first.

    without: the one that is gone on with.
    """
    with _lock:
        return tuple(history for history in _earlier.get(name, ()) if history is not without)[-MOST_EARLIER:]


def active_runs() -> list[Run]:
    """The runs that have not ended."""
    with _lock:
        return list(_active.values())


def run_of(model: Any) -> Run | None:
    """The run that trains a model now, or None."""
    with _lock:
        return _active.get(id(model))


def last_run_of(model: Any) -> Run | None:
    """The run that trains a model now or trained it last, or None."""
    return getattr(model, "__dict__", {}).get(LAST_RUN)
