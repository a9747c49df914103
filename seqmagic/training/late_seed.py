"""The late seed: Keras's generator of all that is drawn without a seed, for the thread of a cell and its runs together."""

from __future__ import annotations

import threading

import keras
import tensorflow as tf

from seqmagic.keras_internals.own_random import generator
from seqmagic.keras_internals.threads import seed_generator, set_seed_generator


class LateSeedGenerator(keras.random.SeedGenerator):  # type: ignore[misc]  # Keras ships no types.
    """Stands where Keras would put its own generator at the first draw, and gets its seed only then, as that would.

    So a run's thread can share it from the beginning, and nothing is drawn from Python's generator where nothing needs it.
    """

    def __init__(self) -> None:
        super().__init__(seed=0, name="seed_generator")
        self.foreseen: int | None = None  # The seed for a draw in a run, where it comes first.
        self._owner: int | None = threading.get_ident()

    def foresee(self) -> None:
        """Look what Python's generator would give now, and leave it as it is: a run must not draw from it."""
        before = generator().getstate()
        self.foreseen = _draw_seed()
        generator().setstate(before)

    def next(self, ordered: bool = True) -> object:  # noqa: FBT001, FBT002  # As Keras calls it.
        """The next seed."""
        if self._owner is not None:
            here = threading.get_ident() == self._owner or self.foreseen is None
            seed, self._owner = _draw_seed() if here else self.foreseen, None
            with tf.init_scope():  # Now, also while a step is traced.
                self.state.assign([seed, 0])
        return super().next(ordered)


def _draw_seed() -> int:
    return int(generator().randint(1, int(1e9)))  # As Keras draws it.


def share_seeds() -> None:
    """See to it that there is a generator in this thread, which a run can go on with."""
    generator = seed_generator()
    if generator is None:
        generator = LateSeedGenerator()
        set_seed_generator(generator)
    if isinstance(generator, LateSeedGenerator):
        generator.foresee()
