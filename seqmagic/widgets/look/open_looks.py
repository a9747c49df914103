"""The open looks: each holds its samples and what the model gave for them, so that there are few at a time."""

from __future__ import annotations

import threading
from typing import Protocol
from weakref import ref

from seqmagic.translation import gettext

MOST = 8


class Holder(Protocol):
    """What holds data."""

    def let_go(self, why: str) -> None:
        """Hold them no longer."""


class OpenLooks:
    """The looks that hold data, the newest last."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._looks: list[ref[Holder]] = []
        self._lock = threading.Lock()

    def add(self, look: Holder) -> None:
        """Note that a look holds data; of too many, the one that was begun first lets go of them."""
        with self._lock:
            self._looks = [*(kept for kept in self._looks if kept() is not None), ref(look)]
            over = [kept() for kept in self._looks[: -self.most]]
        for older in over:
            if older is not None:
                older.let_go(gettext("to make room for {count} newer looks", count=self.most))

    def discard(self, look: Holder) -> None:
        """Note that a look holds none any more."""
        with self._lock:
            self._looks = [kept for kept in self._looks if kept() not in (None, look)]


OPEN = OpenLooks()
