"""The memory available for a network, and byte counts as text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil

from seqmagic.translation import gettext

SCARCE = 300_000_000  # Bytes; about what a small network, its first training and a plot need.
GROUPS = Path("/proc/self/cgroup")  # The cgroups of this process.
# By cgroup controller ("" for cgroup v2): where the groups are mounted, and the file with a group's limit.
LIMITS = {"": (Path("/sys/fs/cgroup"), "memory.max"), "memory": (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes")}


def available_bytes() -> int:
    """The memory available for a new network: what is free, or what the container (Binder, Docker, JupyterHub) still allows."""
    free = int(psutil.virtual_memory().available)
    limits = [*_limits()]
    used = psutil.Process().memory_info().rss if limits else 0
    return max(0, min([free, *(limit - used for limit in limits)]))


def memory_advice() -> Iterator[str]:
    """A warning, in time, that the kernel may be killed when memory runs out."""
    free = available_bytes()
    if free < SCARCE:
        yield (
            gettext(
                "Memory is running low: only {bytes} are left, and the kernel dies when they are used up. Restart "
                "the kernel soon: what the runs have learned is saved, and %fit NAME --resume continues from there.",
                bytes=format_bytes(free),
            )
        )


def _limits() -> Iterator[int]:
    """The memory limits, in bytes, of this process's cgroups and of their parents."""
    for line in _read(GROUPS).splitlines():
        _, kinds, path = line.split(":", 2)
        for kind in {*kinds.split(",")} & {*LIMITS}:
            root, name = LIMITS[kind]
            inside = Path(path.lstrip("/"))
            for group in (inside, *inside.parents):
                if (text := _read(root / group / name)).isdigit():
                    yield int(text)


def _read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def format_bytes(count: int) -> str:
    """A byte count with a unit.

    >>> format_bytes(57_640), format_bytes(600_000_000_000)
    ('57.6 kB', '600 GB')
    """
    power = next((power for power in range(4) if count < 999.5 * 1000**power), 4)
    return f"{count / 1000**power:.3g} {('B', 'kB', 'MB', 'GB', 'TB')[power]}"
