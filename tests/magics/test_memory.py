"""A cell that is run again and again: the trained model is used anew, unless somebody still has it; and memory stays."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.digits import DIGITS, READ_AND_WATCH
from tests.support.kernel import Kernel, running_kernel

pytestmark = pytest.mark.kernel

CELL = f"%%sequential digits --quiet\nseed 3\n{DIGITS}"
# What a model and its graph take in memory has nothing to do with how many rows it sees.
FEW = "few, few_labels = x[:128], y[:128]"
FIT = "%fit digits few few_labels epochs=1 batch_size=64"


ROUNDS = max(1, round(8 * float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1"))))
MOST_MEGABYTES = 2.0  # That a round may leave; a model that is kept leaves 5 to 8.
# What is in the memory or was moved out of it by the system, without what belongs to files. What is free goes back to the system first:
# otherwise it goes up and down by 80 MB.
MEMORY = """
import ctypes, gc
import numpy as np
def memory():
    gc.collect()
    getattr(ctypes.CDLL(None), "malloc_trim", int)(0)
    lines = open("/proc/self/status").read().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon", "VmSwap"))) / 1000
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as running:
        running.run(READ_AND_WATCH + MEMORY + FEW)
        yield running


def train(kernel: Kernel, cell: str = CELL) -> None:
    assert kernel.run(cell).status == "ok"
    assert kernel.run(FIT, live=False).status == "ok"


def identity(kernel: Kernel) -> str:
    return kernel.value("id(digits)")


def test_the_same_cell_again_renews_the_model_and_gives_the_same_bits(kernel: Kernel) -> None:
    train(kernel)
    kernel.run("first = [weight.copy() for weight in digits.get_weights()]")
    before = identity(kernel)
    train(kernel)
    assert identity(kernel) == before
    assert kernel.value("all(np.array_equal(a, b) for a, b in zip(first, digits.get_weights()))") == "True"
    kernel.run(CELL)
    assert (
        kernel.value("int(digits.optimizer.iterations), hasattr(digits, 'history'), round(float(digits.optimizer.learning_rate), 6)")
        == "(0, False, 0.001)"
    )


@pytest.mark.parametrize(
    "holding",
    [
        "mine = digits",
        "mine = [1, {'a': (digits,)}]",
        "mine = digits.layers[0]",
        "mine = digits.layers[-1].kernel",
        "mine = digits.weights[:1]",
        "mine = digits.optimizer",
        "import keras\nmine = keras.Model(digits.inputs, digits.layers[-2].output)",
        "class Mine:\n    def __init__(self): self.net = digits\nmine = Mine()",
        "class Mine:\n    net = digits",
        "def make(net):\n    return lambda: net\nmine = make(digits)",
        "def mine(net=digits): pass",
        "import functools\nmine = functools.partial(print, digits)",
        "digits",  # IPython keeps what a cell gave.
    ],
)
def test_a_model_that_somebody_still_has_is_left_alone(kernel: Kernel, holding: str) -> None:
    train(kernel)
    before = identity(kernel)
    kernel.run(holding)
    kernel.run("kept = digits.get_weights()\nimport weakref\nold = weakref.ref(digits)")
    assert kernel.run(CELL).status == "ok"
    assert identity(kernel) != before
    assert kernel.value("all(np.array_equal(a, b) for a, b in zip(kept, old().get_weights()))") == "True"
    kernel.run("mine = Mine = make = None\n%reset -f out")


@pytest.mark.parametrize(
    "change",
    [
        "digits.layers[-2].rate = 0.9",
        "digits.compile('sgd', 'sparse_categorical_crossentropy')",
        "digits.layers[0].trainable = False",
        "digits.pop()",
    ],
)
def test_a_model_that_was_changed_by_hand_is_made_anew(kernel: Kernel, change: str) -> None:
    train(kernel)
    before = identity(kernel)
    kernel.run(change)
    kernel.run(CELL)
    assert identity(kernel) != before
    assert (
        kernel.value("len(digits.layers), type(digits.optimizer).__name__, digits.layers[0].trainable, digits.layers[-2].rate")
        == "(6, 'Adam', True, 0.3)"
    )


def test_a_word_that_means_something_else_now_makes_a_new_model(kernel: Kernel) -> None:
    cell = "%%sequential digits --quiet\ninput 8x8x1\nflatten -> dense {width} bend\ndense 10 softmax\ncompile adam sparse_categorical_crossentropy"
    kernel.run("import keras\nwidth = 8\ndef bend(x): return keras.ops.relu(x)")
    train(kernel, cell)
    before = identity(kernel)
    train(kernel, cell)
    assert identity(kernel) == before
    kernel.run("def bend(x): return keras.ops.tanh(x)")
    train(kernel, cell)
    assert identity(kernel) != before
    before = identity(kernel)
    kernel.run("width = 9")
    kernel.run(cell)
    assert identity(kernel) != before
    assert kernel.value("digits.layers[1].units") == "9"


def test_the_same_cell_while_it_trains_stops_the_run_and_begins_anew(kernel: Kernel) -> None:
    train(kernel)
    kernel.run("%fit digits x y epochs=10000")
    outcome = kernel.run(CELL)
    assert "The training of digits was stopped" in outcome.printed
    assert kernel.value("len(active()), int(digits.optimizer.iterations)") == "(0, 0)"


def test_data_that_does_not_fit_leaves_the_old_model_as_it_was(kernel: Kernel) -> None:
    cell = f"{CELL}\nfit x labels epochs=1"
    kernel.run("labels = y")
    kernel.run(cell, live=False)
    kernel.run("kept = digits.get_weights(); labels = y + 5")
    assert kernel.run(cell, live=False).status == "error"
    assert kernel.value("all(np.array_equal(a, b) for a, b in zip(kept, digits.get_weights()))") == "True"


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Only Linux tells.")
def test_the_same_cells_again_and_again_do_not_fill_the_memory(kernel: Kernel) -> None:
    def memory_after(rounds: int) -> float:
        for _ in range(rounds):
            train(kernel)
            found = float(kernel.value("memory()"))
        return found

    before = memory_after(6)  # The first rounds load what is loaded once.
    assert memory_after(ROUNDS) < before + ROUNDS * MOST_MEGABYTES
