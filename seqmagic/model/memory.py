"""How much memory there is for a network, and sizes in words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

SCARCE = 300_000_000  # About what a small network, its first training and a plot take.
CONTAINER_LIMITS = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")


def available_bytes() -> int:
    """The memory that a new network may take: what is free now, or what the container (Binder, Docker) still allows."""
    free = int(psutil.virtual_memory().available)
    limits = [int(text) for path in CONTAINER_LIMITS if (text := _read(path)).isdigit()]
    used = psutil.Process().memory_info().rss
    return max(0, min([free, *(limit - used for limit in limits)]))


def memory_advice() -> Iterator[str]:
    """A warning, while there is still time, that the kernel will end for want of memory."""
    free = available_bytes()
    if free < SCARCE:
        yield (
            f"Memory runs short: {spoken_bytes(free)} are left, and when they are gone the kernel ends. Restart it soon: "
            "what runs have learned is kept, and goes on with %fit NAME --resume."
        )


def _read(path: str) -> str:
    try:
        return Path(path).read_text().strip()
    except OSError:
        return ""


def spoken_bytes(count: int) -> str:
    """A number of bytes as people say it.

    >>> spoken_bytes(57_640), spoken_bytes(600_000_000_000)
    ('57.6 kB', '600 GB')
    """
    power = next((power for power in range(4) if count < 999.5 * 1000**power), 4)
    return f"{count / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB')[power]}"
