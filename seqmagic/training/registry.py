"""The registry of runs: which models are in training, which runs are queued, and what a run leaves for the next one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

from seqmagic.errors import BusyError
from seqmagic.ledger.run_state import RunState
from seqmagic.training.watchers import Watchers
from seqmagic.translation import gettext

if TYPE_CHECKING:
    from seqmagic.history import History
    from seqmagic.training.start_point import StartPoint

KEPT = "_seqmagic_runs"  # The attribute under which a model keeps its last run, and what that left.
MOST_EARLIER = 4  # More curves behind a new one could not be distinguished.
MOST_NAMES = 16  # Of models whose earlier curves are kept; each may take some megabytes.


class ActiveRun(Protocol):
    """The interface of a run for the registry, and for code that waits for it in a notebook."""

    name: str
    state: RunState
    watchers: Watchers
    earlier: tuple[History, ...]
    went_on_from: History | None

    @property
    def model(self) -> Any:
        """The model, as long as it exists."""

    @property
    def record(self) -> History:
        """The history."""

    @property
    def number(self) -> int | None:
        """Its number in the ledger."""

    @property
    def ended(self) -> bool:
        """Whether it has ended."""

    @property
    def paused(self) -> bool:
        """Whether it is paused."""

    def format_state(self) -> str:
        """Its state in a few words."""

    def stop(self) -> Self:
        """End it after the current batch."""

    def cancel(self) -> Self:
        """Cancel it while it is queued."""

    def wait_quietly(self, meanwhile: Callable[[], object] = ..., /) -> bool:
        """Wait until it ends or is paused."""


@dataclass(frozen=True)
class Turn:
    """The work of the training thread when it is a run's turn.

    Attributes:
        train: trains the model, and returns the outcome.
        finish: ends the run with it, and returns the turn of the next queued run, if any.
    """

    train: Callable[[Any], str]
    finish: Callable[[str, Any], Turn | None]


@dataclass
class _Line:
    """The run that trains a model, and the runs queued after it."""

    turns: dict[ActiveRun, Turn]
    former: ActiveRun | None = None  # The model's last run before.


@dataclass
class _Kept:
    """What a model keeps about its runs."""

    last: ActiveRun | None = None
    hand_over: StartPoint | None = None


_subscribers = Watchers()
_lines: dict[int, _Line] = {}
_earlier: dict[str, list[History]] = {}
_lock = threading.RLock()  # Reentrant, because a signal handler may use the registry in a thread that is already using it.


def subscribe(callback: Callable[[], object]) -> Callable[[], None]:
    """Have a callback called whenever a run has begun, or a cell may have compiled a model; returns a function that ends this."""
    _subscribers.append(callback)

    def unsubscribe() -> None:
        if callback in _subscribers:
            _subscribers.remove(callback)

    return unsubscribe


def notify_subscribers() -> None:
    """Call the subscribers: a run has begun, or a model may have been compiled."""
    _subscribers.notify(now=True)


def enter(run: ActiveRun, model: Any, turn: Turn, *, queued: bool) -> bool:
    """Register a run that trains a model, or that is queued; False if it is queued.

    Raises:
        BusyError: If another run trains the model, and this one may not be queued.
    """
    with _lock:
        line = _lines.setdefault(id(model), _Line({}))
        first = next(iter(line.turns), None)
        if first is not None and not queued:
            raise BusyError(
                gettext("{name!r} is already training ({state}).", name=run.name, state=first.format_state()),
                expected=gettext("that run to end: stop it, or wait"),
            )
        if first is not None:
            run.state = RunState.WAITING
        line.turns[run] = turn
        return first is None


def begin(run: ActiveRun, model: Any) -> None:
    """Called when a run's turn comes: it becomes the model's last run."""
    with _lock:
        kept = _kept(model)
        _lines[id(model)].former, kept.last = kept.last, run


def leave(run: ActiveRun, model: Any, hand_over: StartPoint, *, has_trained: bool) -> Turn | None:
    """Unregister a run that has ended. Returns the turn of the next queued run, if any.

    Args:
        hand_over: what the next run can continue from.
        has_trained: a run that has not trained doesn't replace the previous one, which can still be resumed.
    """
    with _lock:
        line = _lines.get(id(model))
        if line is None or next(iter(line.turns), None) is not run:
            return None  # It was cancelled while it was queued.
        del line.turns[run]
        kept = _kept(model)
        if has_trained or line.former is None:
            kept.hand_over = hand_over
        else:
            kept.last = line.former
        if len(run.record.batches):
            # The run that it continues is part of its own history.
            others = [history for history in _earlier.pop(run.name, ()) if history is not run.went_on_from]
            _earlier[run.name] = [*others, run.record][-MOST_EARLIER - 1 :]
            while len(_earlier) > MOST_NAMES:
                del _earlier[next(iter(_earlier))]  # The name that was trained least recently.
        return _next_turn(line, model)


def withdraw(run: ActiveRun, model: Any) -> Turn | None:
    """Unregister work that has left a model unchanged. Returns the turn of the next queued run, if any."""
    with _lock:
        line = _lines[id(model)]
        del line.turns[run]
        return _next_turn(line, model)


def _next_turn(line: _Line, model: Any) -> Turn | None:
    if not line.turns:
        del _lines[id(model)]
        return None
    following, turn = next(iter(line.turns.items()))
    following.state = RunState.RUNNING
    return turn


def give_up(run: ActiveRun, model: Any) -> bool:
    """Remove a run from the queue; False if it isn't queued any more."""
    with _lock:
        waits = run.state == RunState.WAITING
        if waits:
            run.state = RunState.STOPPED
            del _lines[id(model)].turns[run]
        return waits


def is_awaited(model: Any) -> bool:
    """Whether a run is queued after the one that trains a model."""
    return len(line_of(model)) > 1


def line_of(model: Any) -> list[ActiveRun]:
    """The run that trains a model, and the runs queued after it."""
    with _lock:
        line = _lines.get(id(model))
        return list(line.turns) if line is not None else []


def line_before(run: ActiveRun, model: Any) -> list[ActiveRun]:
    """The runs that must end before a run's turn comes."""
    line = line_of(model)
    return line[: line.index(run)] if run in line else []


def active_runs() -> list[ActiveRun]:
    """The runs that have not ended; queued ones come after those that they wait for."""
    with _lock:
        return [run for line in _lines.values() for run in line.turns]


def run_of(model: Any) -> ActiveRun | None:
    """The run that trains a model now, or None."""
    return next(iter(line_of(model)), None)


def borrower_of(model: Any) -> ActiveRun | None:
    """What uses a model temporarily and restores it, such as a learning-rate search; None if there is none."""
    run = run_of(model)
    return None if run is last_run_of(model) else run


def last_run_of(model: Any) -> ActiveRun | None:
    """The run that trains a model now or trained it last, or None."""
    kept: _Kept | None = getattr(model, "__dict__", {}).get(KEPT)
    return kept.last if kept is not None else None


def hand_over_of(model: Any) -> StartPoint | None:
    """What the model's last run has left; None if there was no run, or the next one has already trained."""
    kept: _Kept | None = getattr(model, "__dict__", {}).get(KEPT)
    return kept.hand_over if kept is not None else None


def take_hand_over(model: Any) -> None:
    """Drop it once a run has trained: keeping the weights of one run is enough."""
    _kept(model).hand_over = None


def forget_runs(model: Any) -> None:
    """Delete what a model keeps about its runs."""
    model.__dict__.pop(KEPT, None)


def earlier_histories(name: str, without: History | None) -> tuple[History, ...]:
    """The histories of the last runs under a name, oldest first.

    Args:
        without: the history that is being continued.
    """
    with _lock:
        return tuple(history for history in _earlier.get(name, ()) if history is not without)[-MOST_EARLIER:]


def _kept(model: Any) -> _Kept:
    # Stored on the model, so that both are freed together; bypassing Keras's attribute tracking, which would inspect the run.
    kept: _Kept = model.__dict__.setdefault(KEPT, _Kept())
    return kept
