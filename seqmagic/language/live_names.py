"""The names of a live notebook."""

from __future__ import annotations

from typing import Any


class LiveNames(dict[str, Any]):
    """The variables of a notebook that is live: in its cells curly brackets are evaluated, and nowhere else."""
