"""The active runs: which models are in training, which runs wait behind, and what earlier ones under a name went through."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from seqmagic.errors import BusyError
from seqmagic.training.watchers import Watchers

if TYPE_CHECKING:
    from seqmagic.history import History
    from seqmagic.training.run import Run

LAST_RUN = "_seqmagic_last_run"
MOST_EARLIER = 4  # Curves that are still told apart behind a new one.

# Called when a run has begun.
when_started = Watchers()

# Of each model in training: the run that trains it, and behind that those that wait for their turn.
_lines: dict[int, list[Run]] = {}
_former: dict[int, Run | None] = {}  # Of each model in training, the run that was its last until then.
_earlier: dict[str, list[History]] = {}
_lock = threading.RLock()  # An interrupt's handler asks for the runs in a thread that may be asking already.


def enter(run: Run, model: Any, *, queued: bool) -> bool:
    """Note that a run trains a model, or that it waits for its turn to; False means that it waits.

    Raises:
        BusyError: When another one trains it, and this one must not wait.
    """
    with _lock:
        line = _lines.get(id(model), [])
        if line and not queued:
            raise BusyError(f"{run.name!r} is in training already ({line[0].spoken()}).", expected="that run to end: stop it, or wait")
        if line:
            run.state = "waiting"
        _lines[id(model)] = [*line, run]
        return not line


def mark_last(run: Run, model: Any) -> None:
    """Note that a run is a model's last one."""
    _former[id(model)] = last_run_of(model)
    # On the model itself, so that both go together; past Keras's bookkeeping, which would look into the run.
    model.__dict__[LAST_RUN] = run


def leave(run: Run, model: Any, *, has_trained: bool) -> Run | None:
    """Note that a run has ended. Gives the one whose turn it is then, if there is one.

    Args:
        has_trained: one that has learned nothing doesn't take the place of the run before, which can still be gone on with.
    """
    with _lock:
        line = _lines.get(id(model), [])
        is_first = line[:1] == [run]
        line = [other for other in line if other is not run]
        _lines[id(model)] = line
        if not line:
            del _lines[id(model)]
        former = _former.pop(id(model), None) if is_first else None
        if former is not None and not has_trained:
            model.__dict__[LAST_RUN] = former
        if len(run.record.batches):
            # What it went on from is part of its own record.
            others = [history for history in _earlier.get(run.name, ()) if history is not run.went_on_from]
            _earlier[run.name] = [*others, run.record][-MOST_EARLIER - 1 :]
        if not line or not is_first:
            return None
        line[0].state = "running"
        return line[0]


def give_up(run: Run, model: Any) -> bool:
    """Take a run that waits for its turn out of the line; False when it doesn't wait any more."""
    with _lock:
        waits = run.state == "waiting"
        if waits:
            run.state = "stopped"
            _lines[id(model)].remove(run)
        return waits


def is_awaited(model: Any) -> bool:
    """Whether a run waits for the one that trains a model."""
    with _lock:
        return len(_lines.get(id(model), ())) > 1


def line_of(model: Any) -> list[Run]:
    """The run that trains a model, and those that wait for their turn behind it."""
    with _lock:
        return list(_lines.get(id(model), ()))


def earlier_histories(name: str, without: History | None) -> tuple[History, ...]:
    """What the last runs under a name went through, the oldest first.

    Args:
        without: the one that is gone on with.
    """
    with _lock:
        return tuple(history for history in _earlier.get(name, ()) if history is not without)[-MOST_EARLIER:]


def line_before(run: Run, model: Any) -> list[Run]:
    """Those that must end before a run's turn comes."""
    line = line_of(model)
    return line[: line.index(run)] if run in line else []


def active_runs() -> list[Run]:
    """The runs that have not ended, those that wait for their turn behind the ones that they wait for."""
    with _lock:
        return [run for line in _lines.values() for run in line]


def run_of(model: Any) -> Run | None:
    """The run that trains a model now, or None."""
    return next(iter(line_of(model)), None)


def last_run_of(model: Any) -> Run | None:
    """The run that trains a model now or trained it last, or None."""
    return getattr(model, "__dict__", {}).get(LAST_RUN)
