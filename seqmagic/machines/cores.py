"""The cores of this computer."""

from __future__ import annotations

import os


def cores_here() -> list[int]:
    """The cores that this process may use."""
    return sorted(os.sched_getaffinity(0))
