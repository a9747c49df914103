"""Own random numbers: a thread that builds networks in the background uses its own random generator.

Keras draws the seeds of layers from Python's `random`, which all threads share. Without this, a network built in the background would
change the weights of one that a cell builds at the same time, and the other way round, even if both are seeded.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state  # Keras has no public way to choose where its seeds come from.
from keras.src.random import seed_generator
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED

_here = threading.local()


class _Drawing:
    """Replaces the module `random` where Keras draws its seeds."""

    def __getattr__(self, name: str) -> Any:
        return getattr(generator(), name)


def generator() -> Any:
    """This thread's random generator: its own, or else the module `random`."""
    return own_here() or random


def own_here() -> random.Random | None:
    """This thread's own generator, or None."""
    return getattr(_here, "generator", None)


def draw_from(own: random.Random | None) -> None:
    """Make this thread use a generator, such as the own generator of the thread it works for."""
    _here.generator = own
    if own is not None and not isinstance(seed_generator.python_random, _Drawing):
        seed_generator.python_random = _Drawing()


@contextmanager
def own_random_numbers() -> Iterator[None]:
    """Within this context, the thread uses its own generator, and setting a seed affects only that one."""
    before = own_here()
    draw_from(random.Random(0))  # noqa: S311  # Not used for cryptography.
    try:
        yield
    finally:
        draw_from(before)


def set_seed(seed: int) -> None:
    """Set the random seed: for the whole process, or only for this thread if it has its own generator."""
    own = own_here()
    if own is None:
        keras.utils.set_random_seed(seed)
        return
    own.seed(seed)
    global_state.set_global_attribute(GLOBAL_RANDOM_SEED, seed)
    global_state.set_global_attribute(seed_generator.GLOBAL_SEED_GENERATOR, None)
