"""The epoch mark: shows in all curves of a run the epoch at which its model is being looked at."""

from __future__ import annotations

import threading
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

from seqmagic.history import History


class MarkedView(Protocol):
    """A view that shows the curves of a run."""

    record: History

    def update(self) -> None:
        """Update the view."""


class EpochMarks:
    """The epoch of each run that is being looked at. The latest look at a run determines it, until it is closed.

    >>> marks, record, look = EpochMarks(), History(), object()
    >>> marks.put(record, 3, by=look)
    >>> marks.at(record)
    3
    >>> marks.put(record, None, by=look); marks.at(record)
    """

    def __init__(self) -> None:
        self._marks: WeakKeyDictionary[History, tuple[float, int]] = WeakKeyDictionary()
        self._views: WeakSet[Any] = WeakSet()
        self._lock = threading.Lock()  # Looks run in their own threads.

    def show_in(self, view: MarkedView) -> None:
        """Notify a view from now on, as long as it exists."""
        with self._lock:
            self._views.add(view)

    def at(self, record: History) -> float | None:
        """The epoch of a run that is being looked at, or None."""
        with self._lock:
            found = self._marks.get(record)
        return None if found is None else found[0]

    def put(self, record: History, epoch: float | None, *, by: object) -> None:
        """Record the epoch of a look; None when the look ends."""
        with self._lock:
            found = self._marks.get(record)
            if epoch is not None:
                self._marks[record] = (epoch, id(by))
            elif found is None or found[1] != id(by):
                return
            else:
                del self._marks[record]
            views = [view for view in self._views if view.record is record]
        for view in views:
            view.update()


MARKS = EpochMarks()
