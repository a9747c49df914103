"""The active sweeps: those that have not ended. Nothing slow is imported here: the kernel's hooks ask with each cell."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqmagic.sweeps.sweep import Sweep

_active: list[Sweep] = []


def active_sweeps() -> list[Sweep]:
    """The sweeps that have begun and not ended."""
    return list(_active)


def enter(sweep: Sweep) -> None:
    """Note that a sweep has begun."""
    _active.append(sweep)


def leave(sweep: Sweep) -> None:
    """Note that a sweep has ended."""
    if sweep in _active:
        _active.remove(sweep)
