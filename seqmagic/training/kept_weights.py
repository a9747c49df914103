"""The kept weights of a run: copies of a model's weights after some of its epochs, evenly spread, within a memory budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from seqmagic.network.memory import format_bytes
from seqmagic.training.budget import TimeBudget
from seqmagic.training.state import is_finite
from seqmagic.translation import gettext

MEGABYTE = 1_000_000
MOST_MEGABYTES = 64
MOST_COPIES = 200  # A slider can't show more positions.
SHARE = 0.005  # Of the time, for copies of the newest epoch, which are replaced by the next; and the same for all others,
FREE = 20  # except for this many.

Weights = list[np.ndarray]


class KeptWeights(Mapping[float, Weights]):
    """The weights of a model after some epochs, in the order of `model.get_weights()`; 0 is before the first epoch.

    >>> kept = KeptWeights(megabytes=64)
    >>> for epoch in range(1001):
    ...     kept.keep(epoch, lambda: [np.zeros(10)], now=True)
    >>> list(kept)[0], list(kept)[-1], len(kept) <= 200
    (0, 1000, True)

    The first and the newest are always kept. Between them are multiples of a stride; when the budget is used up, every other one is
    dropped, starting with the oldest, and when there is none left to drop, the stride doubles. It also doubles when copying takes too much
    time, for example with very short epochs. So two gaps differ at most by a factor of two, except for the one before the newest.

    Attributes:
        megabytes: the limit for all copies together; 0 keeps none.
        size: the bytes of one copy; 0 if it is not known yet.
        share: of the time, that copying may take.
    """

    share = SHARE

    def __init__(self, megabytes: float = MOST_MEGABYTES, size: int = 0) -> None:
        self.megabytes, self.size = megabytes, size
        self._copies: dict[float, Weights] = {}
        self._stride = 1
        self._copying = TimeBudget(SHARE)
        self._began, self._taken = time.perf_counter(), 0.0

    def __getitem__(self, epoch: float) -> Weights:
        return self._copies[epoch]

    def __iter__(self) -> Iterator[float]:
        return iter(self._copies)

    def __len__(self) -> int:
        return len(self._copies)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of the epochs {', '.join(f'{epoch:g}' for epoch in self)}>"

    @property
    def capacity(self) -> int:
        """The maximum number of copies."""
        return min(MOST_COPIES, int(self.megabytes * MEGABYTE) // self.size) if self.size else MOST_COPIES

    @property
    def reason(self) -> str:
        """Why nothing is kept, as a sentence; empty if something is."""
        if not self.megabytes:
            return gettext(
                "No weights of earlier epochs are kept. With keep_weights=64, a run keeps some of them, in up to 64 MB of memory."
            )
        if self.capacity < 2:
            enough = -(-2 * self.size // MEGABYTE)
            budget = gettext(
                "{megabytes:g} MB is too small for two copies of {bytes}", megabytes=self.megabytes, bytes=format_bytes(self.size)
            )
            return gettext(
                "No weights of earlier epochs are kept: {budget}. With keep_weights={enough}, the first and the last are kept.",
                budget=budget,
                enough=enough,
            )
        return ""

    def going_on(self, megabytes: float, until: float) -> KeptWeights:
        """The kept weights for a run that continues this one: the same copies, up to an epoch."""
        other = KeptWeights(megabytes, self.size)
        other._stride = self._stride
        other._copies = {epoch: weights for epoch, weights in self._copies.items() if epoch <= until}
        return other

    def begin(self, epoch: float, size: int, take: Callable[[], Weights]) -> None:
        """Called when training begins: copies of a model of another size are dropped.

        Args:
            epoch: the number of finished epochs. size: the bytes of the weights.
            take: copies the weights.
        """
        self._began, self._taken = time.perf_counter(), 0.0
        if size != self.size:
            self._copies, self._stride, self.size = {}, 1, size
        self._make_room(dict(self._copies))
        if not self._copies:
            self.keep(epoch, take, now=True)

    def keep(self, epoch: float, take: Callable[[], Weights], *, now: bool = False) -> None:
        """Called at the end of an epoch, or of a training within an epoch.

        Args:
            epoch: the number of finished epochs.
            take: copies the weights; called only if they are kept.
            now: whether it may be the last epoch.
        """
        if self._is_regular(epoch) and self._is_too_slow():
            self._double()
        is_regular = self._is_regular(epoch)
        if self.reason or not (now or is_regular or self._copying.is_due):
            return
        began = time.perf_counter()
        with self._copying:
            weights = take()
        self._taken += time.perf_counter() - began if is_regular else 0.0
        if not all(map(is_finite, weights)):
            return
        self.size = sum(array.nbytes for array in weights)
        newest = next(reversed(self._copies), None)
        is_passing = newest is not None and not self._is_regular(newest)
        self._make_room({**{other: kept for other, kept in self._copies.items() if other != newest or not is_passing}, epoch: weights})

    def _is_regular(self, epoch: float) -> bool:
        """Whether an epoch is kept when others follow."""
        return (epoch - next(iter(self._copies), epoch)) % self._stride == 0

    def _make_room(self, copies: dict[float, Weights]) -> None:
        while len(copies) > self.capacity and not self.reason:
            unneeded = self._off(copies, self._stride) or self._off(copies, 2 * self._stride)
            if unneeded:
                del copies[unneeded[0]]
            else:
                self._stride *= 2
        self._copies = {} if self.reason else copies  # Assigned at once, because another thread may read it.

    def _is_too_slow(self) -> bool:
        """Whether copying has taken more than its share of the time."""
        return len(self._copies) >= FREE and self._taken > self.share * (time.perf_counter() - self._began)

    def _double(self) -> None:
        """Keep only every other epoch from now on; earlier ones are dropped as far as gaps would have more than two lengths."""
        unneeded = self._off(self._copies, self._stride)
        self._copies = {epoch: weights for epoch, weights in self._copies.items() if epoch not in unneeded}
        self._stride *= 2

    @staticmethod
    def _off(copies: Mapping[float, Weights], stride: int) -> list[float]:
        """The epochs that are no multiples of a stride, without the first and the newest."""
        first, *inner, _ = copies
        return [epoch for epoch in inner if (epoch - first) % stride]
