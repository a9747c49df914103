"""How fast a training is in a notebook: `%fit` with its live panel beside the bare `model.fit(verbose=0)` of people's own cells.

    python -m tests.benchmarks.training [rounds] [word]

With a word, only the trainings that have it in their name.

Three real kernels: one that knows nothing of seqmagic, one that keeps its runs in a file, as every notebook with the extension does, and
one that keeps none. They train the same network on the same data in turns, a new model each time, so that TensorFlow's preparation and
the first epoch count. What is printed are medians.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.language import Comparison
from tests.support.kernel import Kernel, running_kernel

ROUNDS = 5
SETUP = """
import time
import keras
import numpy as np
L = keras.layers

def data(shape, rows):
    chance = np.random.default_rng(0)
    return chance.random((rows, *shape), "float32"), chance.integers(0, 10, rows)
"""
BARE = """
began = time.perf_counter()
net.fit(x, y, epochs={epochs}, batch_size={batch}, verbose=0)
print(time.perf_counter() - began)
"""
OURS = """
began = time.perf_counter()
get_ipython().run_line_magic("fit", "net x y epochs={epochs} batch_size={batch}")
from seqmagic.training.current_runs import last_run_of
last_run_of(net).wait()
print(time.perf_counter() - began)
"""


@dataclass(frozen=True)
class Training:
    """A training, and how much longer than the bare one it may take at most."""

    what: str
    layers: str
    shape: tuple[int, ...]
    rows: int
    batch: int
    epochs: int
    goal: float

    @property
    def prepare(self) -> str:
        """The cell that makes the model and its data."""
        return (
            f"x, y = data({self.shape}, {self.rows})\n"
            f"net = keras.Sequential([keras.Input({self.shape}), {self.layers}], name='net')\n"
            "net.compile('adam', 'sparse_categorical_crossentropy', metrics=['accuracy'])"
        )


DENSE = "L.Dense(32, activation='relu'), L.Dense(10, activation='softmax')"
CONVNET = (
    "L.Conv2D(32, 3, activation='relu'), L.MaxPooling2D(), L.Conv2D(64, 3, activation='relu'), L.MaxPooling2D(), "
    "L.Flatten(), L.Dense(10, activation='softmax')"
)
WIDE = "L.Dense(512, activation='relu'), L.Dense(512, activation='relu'), L.Dense(10, activation='softmax')"
TRAININGS = (
    Training("the tutorial's network, 20 epochs of 10,000 rows", DENSE, (100,), 10_000, 32, 20, 0.5),
    Training("convnet, 3 epochs of 4,000 pictures", CONVNET, (28, 28, 1), 4_000, 64, 3, 1.0),
    Training("wide network, 6 epochs of two seconds", WIDE, (100,), 60_000, 64, 6, 1.0),
)
CHECKPOINTS = 1.02


def seconds(kernel: Kernel, training: Training, cell: str) -> float:
    """How long one training of a new model takes, by the kernel's own clock."""
    outcome = kernel.run(training.prepare)
    assert outcome.status == "ok", outcome.error
    outcome = kernel.run(cell.format(epochs=training.epochs, batch=training.batch), timeout=600)
    assert outcome.status == "ok", outcome.error
    return float(outcome.printed.split()[-1])


def compare(bare: Kernel, kept: Kernel, not_kept: Kernel, training: Training, rounds: int) -> Iterator[Comparison]:
    """Train in turns, each time in another order, for who comes after whom is felt; the first round doesn't count."""
    turns = [(bare, BARE), (kept, OURS), (not_kept, OURS)]
    times: list[list[float]] = []
    for number in range(rounds + 1):
        taken = {place: seconds(turns[place][0], training, turns[place][1]) for place in ((number + turn) % 3 for turn in range(3))}
        times.append([taken[place] for place in range(3)])
    theirs, with_file, without = (median(column) for column in zip(*times[1:], strict=True))
    yield Comparison(f"%fit | fit: {training.what}", with_file, theirs, with_file / theirs, training.goal)
    yield Comparison("    the same without a file of runs | fit", without, theirs, without / theirs, training.goal)
    pairs = median(row[1] / row[2] for row in times[1:])
    yield Comparison("    with a file of runs | without", with_file, without, pairs, CHECKPOINTS)


def main() -> None:
    """Print the table, row by row as it comes."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    sys.stdout.write(f"{'what | beside what':<66}{'ours':>10}  {'theirs':>10}  {'ratio':>7}  {'goal':>6}\n")
    with ExitStack() as stack:
        bare, kept, not_kept = (stack.enter_context(running_kernel()) for _ in range(3))
        for kernel in (bare, kept, not_kept):
            assert kernel.run(SETUP).status == "ok"
        bare.run("%unload_ext seqmagic")
        not_kept.run("%config SeqMagics.ledger = ''")
        word = sys.argv[2] if len(sys.argv) > 2 else ""
        for training in (training for training in TRAININGS if word in training.what):
            for comparison in compare(bare, kept, not_kept, training, rounds):
                sys.stdout.write(f"{comparison.line()}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    main()
