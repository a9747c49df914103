"""The background: a thread that works for a cell as if it were the cell's own."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import TypeVar

from seqmagic.keras_internals.threads import carry
from seqmagic.training.late_seed import share_seeds

Result = TypeVar("Result")


def as_from_here(work: Callable[..., Result]) -> Callable[..., Result]:
    """Some work for another thread, to be done once: it finds there what this one has, its context, what Keras keeps for it, its seeds."""
    share_seeds()
    # A plain thread has no context, and some versions of ipykernel can't send a message without one.
    context, carried = contextvars.copy_context(), carry(work, counters=True)
    return lambda *arguments: context.run(carried, *arguments)
