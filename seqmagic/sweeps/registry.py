"""The active sweeps: those that have not ended. Nothing slow is imported here: the kernel's hooks ask with each cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self


class ActiveSweep(Protocol):
    """What whoever waits in a notebook must know of a sweep."""

    name: str
    variable: str

    @property
    def paused(self) -> bool:
        """Whether it holds."""

    def format_state(self) -> str:
        """Its state in a few words."""

    def stop(self) -> Self:
        """End it."""

    def wait_quietly(self, meanwhile: Callable[[], object] = ..., /) -> bool:
        """Wait for its end, or for a pause."""


_active: list[ActiveSweep] = []


def active_sweeps() -> list[ActiveSweep]:
    """The sweeps that have begun and not ended."""
    return list(_active)


def enter(sweep: ActiveSweep) -> None:
    """Note that a sweep has begun."""
    _active.append(sweep)


def leave(sweep: ActiveSweep) -> None:
    """Note that a sweep has ended."""
    if sweep in _active:
        _active.remove(sweep)
