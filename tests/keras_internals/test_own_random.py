"""Own random numbers: what a thread builds for itself is what its seed says, and the notebook's numbers go on untouched."""

from __future__ import annotations

import random
import threading

import keras
import numpy as np

from seqmagic.keras_internals.own_random import own_here, own_random_numbers
from seqmagic.language import parse
from seqmagic.network.builder import Draft
from seqmagic.network.own_thread import work_apart

SIMPLE = "input 8 -> dense 4 relu -> dropout 0.5 -> dense 2\nseed 5"


def built() -> list[np.ndarray]:
    with Draft(parse(SIMPLE), {}) as draft:
        model = draft.build()
    return [variable.numpy() for variable in model.variables]


def test_what_is_built_apart_is_what_a_cell_would_have_built() -> None:
    typed = built()
    with own_random_numbers():
        apart = built()
    assert all(np.array_equal(one, other) for one, other in zip(typed, apart, strict=True))


def test_the_notebooks_own_numbers_go_on_as_if_nothing_were_built() -> None:
    keras.utils.set_random_seed(3)
    expected = random.random(), np.random.random(), keras.random.uniform((2,)).numpy().tolist()  # noqa: NPY002
    keras.utils.set_random_seed(3)
    thread = threading.Thread(target=_build_apart)
    thread.start()
    thread.join()
    assert (random.random(), np.random.random(), keras.random.uniform((2,)).numpy().tolist()) == expected  # noqa: NPY002


def _build_apart() -> None:
    with own_random_numbers():
        built()
        work_apart(built)


def test_a_thread_that_works_for_another_draws_from_the_same_generator() -> None:
    with own_random_numbers():
        mine = own_here()
        assert work_apart(own_here) is mine
    assert own_here() is None
    assert work_apart(own_here) is None
