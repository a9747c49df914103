"""The epoch mark: the epoch at which somebody looks at a model, in all curves of its run."""

from __future__ import annotations

import threading
from typing import Any, Protocol
from weakref import WeakKeyDictionary, WeakSet

from seqmagic.history import History


class MarkedView(Protocol):
    """What shows the curves of a run."""

    record: History

    def update(self) -> None:
        """Show what is new."""


class EpochMarks:
    """Where in which run somebody looks. What looks last at a run says it, until it is closed.

    >>> marks, record, look = EpochMarks(), History(), object()
    >>> marks.put(record, 3, by=look)
    >>> marks.at(record)
    3
    >>> marks.put(record, None, by=look); marks.at(record)
    """

    def __init__(self) -> None:
        self._marks: WeakKeyDictionary[History, tuple[float, int]] = WeakKeyDictionary()
        self._views: WeakSet[Any] = WeakSet()
        self._lock = threading.Lock()  # Looks have a thread of their own.

    def show_in(self, view: MarkedView) -> None:
        """Notify a view from now on; it is forgotten when it is gone."""
        with self._lock:
            self._views.add(view)

    def at(self, record: History) -> float | None:
        """The epoch of a run that is looked at, or None."""
        with self._lock:
            found = self._marks.get(record)
        return None if found is None else found[0]

    def put(self, record: History, epoch: float | None, *, by: object) -> None:
        """Note that somebody looks at an epoch, or with None that they no longer do."""
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
