"""The active sweeps: those that have not ended. Imports nothing slow, because the kernel's hooks use it with every cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, Self


class ActiveSweep(Protocol):
    """The interface of a sweep for code that waits for it in a notebook."""

    name: str
    variable: str

    @property
    def paused(self) -> bool:
        """Whether it is paused."""

    def format_state(self) -> str:
        """Its state in a few words."""

    def stop(self) -> Self:
        """End it."""

    def wait_quietly(self, meanwhile: Callable[[], object] = ..., /) -> bool:
        """Wait until it ends or is paused."""


_active: list[ActiveSweep] = []


def active_sweeps() -> list[ActiveSweep]:
    """The sweeps that have started and not ended."""
    return list(_active)


def enter(sweep: ActiveSweep) -> None:
    """Register a sweep that starts."""
    _active.append(sweep)


def leave(sweep: ActiveSweep) -> None:
    """Remove a sweep that has ended."""
    if sweep in _active:
        _active.remove(sweep)
