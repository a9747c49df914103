"""The late seed: Keras's global seed generator, shared by a cell's thread and its runs."""

from __future__ import annotations

import threading

import keras
import tensorflow as tf

from seqmagic.keras_internals.own_random import generator
from seqmagic.keras_internals.threads import seed_generator, set_seed_generator


class LateSeedGenerator(keras.random.SeedGenerator):  # type: ignore[misc]  # Keras has no type hints.
    """Takes the place of Keras's global seed generator, and is seeded only on the first draw, as Keras's would be.

    So a run's thread can share it from the start, and nothing is drawn from Python's generator unless it is needed.
    """

    def __init__(self) -> None:
        super().__init__(seed=0, name="seed_generator")
        self.foreseen: int | None = None  # The seed to use if the first draw is in a run.
        self._owner: int | None = threading.get_ident()

    def foresee(self) -> None:
        """Find out what Python's generator would return now, without changing its state: a run must not draw from it."""
        before = generator().getstate()
        self.foreseen = _draw_seed()
        generator().setstate(before)

    def next(self, ordered: bool = True) -> object:  # noqa: FBT001, FBT002  # Keras's signature.
        """The next seed."""
        if self._owner is not None:
            here = threading.get_ident() == self._owner or self.foreseen is None
            seed, self._owner = _draw_seed() if here else self.foreseen, None
            with tf.init_scope():  # Eagerly, even while a step is traced.
                self.state.assign([seed, 0])
        return super().next(ordered)


def _draw_seed() -> int:
    return int(generator().randint(1, int(1e9)))  # Like Keras.


def share_seeds() -> None:
    """Make sure that this thread has a seed generator, which a run can share."""
    generator = seed_generator()
    if generator is None:
        generator = LateSeedGenerator()
        set_seed_generator(generator)
    if isinstance(generator, LateSeedGenerator):
        generator.foresee()
