"""The names of a live notebook."""

from __future__ import annotations

from typing import Any


class LiveNames(dict[str, Any]):
    """The variables of a live notebook, in whose cells expressions in curly brackets are evaluated."""
