"""The registry of runs: which models are in training, which runs wait behind, and what a run that has ended hands over to the next."""

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

KEPT = "_seqmagic_runs"  # Where a model keeps its last run, and what that handed over.
MOST_EARLIER = 4  # Curves that can still be distinguished behind a new one.
MOST_NAMES = 16  # Of models whose earlier curves are kept: nobody remembers more, and each may take some megabytes.


class ActiveRun(Protocol):
    """What the registry, and whoever waits in a notebook, must know of a run."""

    name: str
    state: RunState
    watchers: Watchers
    earlier: tuple[History, ...]
    went_on_from: History | None

    @property
    def model(self) -> Any:
        """The model, as long as it is there."""

    @property
    def record(self) -> History:
        """What it went through."""

    @property
    def number(self) -> int | None:
        """Its number in the ledger."""

    @property
    def ended(self) -> bool:
        """Whether it is over."""

    @property
    def paused(self) -> bool:
        """Whether it holds."""

    def format_state(self) -> str:
        """Its state in a few words."""

    def stop(self) -> Self:
        """End it after the batches that it is in."""

    def cancel(self) -> Self:
        """Give it up while it waits."""

    def wait_quietly(self, meanwhile: Callable[[], object] = ..., /) -> bool:
        """Wait for its end, or for a pause."""


@dataclass(frozen=True)
class Turn:
    """What a thread does when the turn of a run has come.

    Attributes:
        train: trains the model, and gives how it ended.
        finish: ends the run with that, and gives the turn of the one that waited behind it, if one did.
    """

    train: Callable[[Any], str]
    finish: Callable[[str, Any], Turn | None]


@dataclass
class _Line:
    """The run that trains a model, and those that wait for their turn behind it."""

    turns: dict[ActiveRun, Turn]
    former: ActiveRun | None = None  # The run that was the model's last one until then.


@dataclass
class _Kept:
    """What a model keeps of its runs."""

    last: ActiveRun | None = None
    hand_over: StartPoint | None = None


_subscribers = Watchers()
_lines: dict[int, _Line] = {}
_earlier: dict[str, list[History]] = {}
_lock = threading.RLock()  # An interrupt's handler asks for the runs in a thread that may be asking already.


def subscribe(callback: Callable[[], object]) -> Callable[[], None]:
    """Have something called whenever a run has begun, or a cell may have compiled a model; what is given ends that."""
    _subscribers.append(callback)

    def unsubscribe() -> None:
        if callback in _subscribers:
            _subscribers.remove(callback)

    return unsubscribe


def notify_subscribers() -> None:
    """Call those who want to know that a run has begun, or that a model may be compiled anew."""
    _subscribers.notify(now=True)


def enter(run: ActiveRun, model: Any, turn: Turn, *, queued: bool) -> bool:
    """Note that a run trains a model, or that it waits for its turn to; False means that it waits.

    Raises:
        BusyError: When another one trains it, and this one must not wait.
    """
    with _lock:
        line = _lines.setdefault(id(model), _Line({}))
        first = next(iter(line.turns), None)
        if first is not None and not queued:
            raise BusyError(
                gettext("{name!r} is in training already ({state}).", name=run.name, state=first.format_state()),
                expected=gettext("that run to end: stop it, or wait"),
            )
        if first is not None:
            run.state = RunState.WAITING
        line.turns[run] = turn
        return first is None


def begin(run: ActiveRun, model: Any) -> None:
    """Note that the turn of a run has come: it is the model's last one from now on."""
    with _lock:
        kept = _kept(model)
        _lines[id(model)].former, kept.last = kept.last, run


def leave(run: ActiveRun, model: Any, hand_over: StartPoint, *, has_trained: bool) -> Turn | None:
    """Note that a run has ended. Gives the turn of the one that waited for it, if one did.

    Args:
        hand_over: what the next run can go on from.
        has_trained: one that has learned nothing doesn't take the place of the run before, which can still be gone on with.
    """
    with _lock:
        line = _lines.get(id(model))
        if line is None or next(iter(line.turns), None) is not run:
            return None  # It was given up while it waited.
        del line.turns[run]
        kept = _kept(model)
        if has_trained or line.former is None:
            kept.hand_over = hand_over
        else:
            kept.last = line.former
        if len(run.record.batches):
            # What it went on from is part of its own record.
            others = [history for history in _earlier.pop(run.name, ()) if history is not run.went_on_from]
            _earlier[run.name] = [*others, run.record][-MOST_EARLIER - 1 :]
            while len(_earlier) > MOST_NAMES:
                del _earlier[next(iter(_earlier))]  # The name that has not trained for longest.
        return _next_turn(line, model)


def withdraw(run: ActiveRun, model: Any) -> Turn | None:
    """Note that what kept a model busy has ended and left it as it was. Gives the turn of the run that waited for it, if one did."""
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
    """Take a run that waits for its turn out of the line; False when it doesn't wait any more."""
    with _lock:
        waits = run.state == RunState.WAITING
        if waits:
            run.state = RunState.STOPPED
            del _lines[id(model)].turns[run]
        return waits


def is_awaited(model: Any) -> bool:
    """Whether a run waits for the one that trains a model."""
    return len(line_of(model)) > 1


def line_of(model: Any) -> list[ActiveRun]:
    """The run that trains a model, and those that wait for their turn behind it."""
    with _lock:
        line = _lines.get(id(model))
        return list(line.turns) if line is not None else []


def line_before(run: ActiveRun, model: Any) -> list[ActiveRun]:
    """Those that must end before a run's turn comes."""
    line = line_of(model)
    return line[: line.index(run)] if run in line else []


def active_runs() -> list[ActiveRun]:
    """The runs that have not ended, those that wait for their turn behind the ones that they wait for."""
    with _lock:
        return [run for line in _lines.values() for run in line.turns]


def run_of(model: Any) -> ActiveRun | None:
    """The run that trains a model now, or None."""
    return next(iter(line_of(model)), None)


def borrower_of(model: Any) -> ActiveRun | None:
    """What has a model for a while and puts it back as it was, such as a search for a learning rate; None where nothing does."""
    run = run_of(model)
    return None if run is last_run_of(model) else run


def last_run_of(model: Any) -> ActiveRun | None:
    """The run that trains a model now or trained it last, or None."""
    kept: _Kept | None = getattr(model, "__dict__", {}).get(KEPT)
    return kept.last if kept is not None else None


def hand_over_of(model: Any) -> StartPoint | None:
    """What the last run of a model that has ended handed over; None where there was none, or the next one has learned something."""
    kept: _Kept | None = getattr(model, "__dict__", {}).get(KEPT)
    return kept.hand_over if kept is not None else None


def take_hand_over(model: Any) -> None:
    """Note that a run has learned something: the weights of one run at a time are enough to keep."""
    _kept(model).hand_over = None


def forget_runs(model: Any) -> None:
    """Let a model have no past."""
    model.__dict__.pop(KEPT, None)


def earlier_histories(name: str, without: History | None) -> tuple[History, ...]:
    """What the last runs under a name went through, the oldest first.

    Args:
        without: the one that is gone on with.
    """
    with _lock:
        return tuple(history for history in _earlier.get(name, ()) if history is not without)[-MOST_EARLIER:]


def _kept(model: Any) -> _Kept:
    # On the model itself, so that both go together; past Keras's bookkeeping, which would look into the run.
    kept: _Kept = model.__dict__.setdefault(KEPT, _Kept())
    return kept
