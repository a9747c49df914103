"""Background threads that run in the context of the cell that starts them."""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import TypeVar

from seqmagic.keras_internals.threads import carry
from seqmagic.training.late_seed import share_seeds

Result = TypeVar("Result")


def as_from_here(work: Callable[..., Result]) -> Callable[..., Result]:
    """Wrap work for another thread, to be run once: it gets this thread's context variables, Keras state and seeds."""
    share_seeds()
    # A plain thread has no context, and some versions of ipykernel need one to send messages.
    context, carried = contextvars.copy_context(), carry(work, counters=True)
    return lambda *arguments: context.run(carried, *arguments)
