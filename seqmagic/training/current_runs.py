"""The current runs: the run that trains a model now, and the last one that trained it."""

from __future__ import annotations

from typing import Any

from seqmagic.training import registry
from seqmagic.training.run import Run


def run_of(model: Any) -> Run | None:
    """The run that trains a model now, or None."""
    run = registry.run_of(model)
    return run if isinstance(run, Run) else None


def last_run_of(model: Any) -> Run | None:
    """The run that trains a model now or trained it last, or None."""
    run = registry.last_run_of(model)
    return run if isinstance(run, Run) else None
