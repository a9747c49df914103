"""Own random numbers: a thread that builds networks beside the notebook draws from a generator of its own.

Keras takes the seeds of layers from Python's generator, of which there is one for all threads. A network that is built in the background
would change the weights of one that a cell builds meanwhile, and be changed by it, whatever their seeds.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
from keras.src.backend.common import global_state  # Keras has no public way to say where its seeds come from.
from keras.src.random import seed_generator
from keras.src.utils.rng_utils import GLOBAL_RANDOM_SEED

_here = threading.local()


class _Drawing:
    """Stands for the module `random` where Keras draws its seeds."""

    def __getattr__(self, name: str) -> Any:
        return getattr(generator(), name)


def generator() -> Any:
    """What this thread draws from: its own generator, or else Python's, which is the module `random`."""
    return own_here() or random


def own_here() -> random.Random | None:
    """The generator that this thread has of its own."""
    return getattr(_here, "generator", None)


def draw_from(own: random.Random | None) -> None:
    """Let this thread draw from a generator, as the thread does that it works for."""
    _here.generator = own
    if own is not None and not isinstance(seed_generator.python_random, _Drawing):
        seed_generator.python_random = _Drawing()


@contextmanager
def own_random_numbers() -> Iterator[None]:
    """While this holds, the thread draws from a generator of its own, and a seed that is set counts for that alone."""
    before = own_here()
    draw_from(random.Random(0))  # noqa: S311  # It keeps no secret.
    try:
        yield
    finally:
        draw_from(before)


def set_seed(seed: int) -> None:
    """Set the seed of all that is drawn from now on: in the whole process, or in this thread where it has a generator of its own."""
    own = own_here()
    if own is None:
        keras.utils.set_random_seed(seed)
        return
    own.seed(seed)
    global_state.set_global_attribute(GLOBAL_RANDOM_SEED, seed)
    global_state.set_global_attribute(seed_generator.GLOBAL_SEED_GENERATOR, None)
