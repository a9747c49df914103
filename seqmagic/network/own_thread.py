"""Isolation: work with Keras that leaves no trace in the notebook."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from seqmagic.keras_internals.own_random import generator
from seqmagic.keras_internals.threads import carry

Result = TypeVar("Result")


def work_apart(work: Callable[[], Result]) -> Result:
    """Do some work in a thread of its own, and give back or raise what it came to.

    Keras keeps the names that it gave, its seeds and the variables still to be made per thread, so all of it goes when the thread
    ends. Unseeded layers draw their seeds from Python's generator: it is put back, so that a seeded notebook stays repeatable.
    """
    results: list[Result] = []
    errors: list[BaseException] = []
    python_seed, carried = generator().getstate(), carry(work)

    def run() -> None:
        try:
            results.append(carried())
        except BaseException as error:  # noqa: BLE001  # Whatever it is, it is raised again in the calling thread.
            errors.append(error)

    thread = threading.Thread(target=run, name="seqmagic-apart", daemon=True)
    thread.start()
    try:
        thread.join()
    finally:
        generator().setstate(python_seed)
    if errors:
        raise errors[0]
    return results[0]
