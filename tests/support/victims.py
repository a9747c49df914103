"""Trainings to be killed, and the processes in which they run.

`python -m tests.support.victims` imports Keras once, reads a line of JSON for each victim, and forks a process that trains until it is
killed: importing Keras for each of them would take ten times as long as all of their training.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

HEAD, TAIL = "seed 7\ninput 8x8x1\n", "\ndense 10 softmax\n"
COMPILED = "compile adam(0.01) sparse_categorical_crossentropy accuracy"
DENSE = f"{HEAD}flatten -> dense 12 relu{TAIL}{COMPILED}"
ROWS, EPOCHS = 240, 8


class Kind(NamedTuple):
    """A kind of training.

    text: of its network. options: of its fit; a function, because each process needs new callbacks. shape: of an image.
    """

    text: str
    options: Callable[[], dict[str, Any]] = dict
    shape: tuple[int, ...] = (8, 8, 1)


def _callbacks(word: str, **options: Any) -> Callable[[], dict[str, Any]]:
    def make() -> dict[str, Any]:
        import keras

        return {"callbacks": [getattr(keras.callbacks, word)(**options)], "validation_split": 0.2}

    return make


KINDS: dict[str, Kind] = {
    "batch normalization": Kind(f"{HEAD}conv 4 3x3 -> batchnorm -> relu -> flatten{TAIL}{COMPILED}"),
    "augmentation": Kind(f"{HEAD}random_flip horizontal -> random_rotation 0.1 -> flatten -> dense 12 relu{TAIL}{COMPILED}"),
    "accumulation": Kind(DENSE.replace("adam(0.01)", "adam(0.01, gradient_accumulation_steps=4)")),
    "stateful": Kind(f"seed 7\ninput 8x8 batch=16\ngru 8 stateful -> dropout 0.2{TAIL}{COMPILED}", lambda: {"shuffle": False}, (8, 8)),
    "early stopping": Kind(DENSE, _callbacks("EarlyStopping", patience=2, min_delta=0.5, restore_best_weights=True)),
    "plateau": Kind(DENSE.replace("0.01", "0.3"), _callbacks("ReduceLROnPlateau", patience=1, factor=0.7, min_delta=0.2)),
    "mixed precision with dropout": Kind(
        f"{HEAD}flatten -> dense 12 relu dtype=mixed_float16 -> dropout 0.3 dtype=mixed_float16{TAIL}{COMPILED}"
    ),
    "class weights": Kind(DENSE, lambda: {"class_weight": {label: 0.5 + label / 4 for label in range(10)}}),
}


def make(kind: str) -> Any:
    """The model of a kind."""
    from seqmagic.language import parse
    from seqmagic.recipes.recipe import make_recipe

    return make_recipe(parse(KINDS[kind].text), {}, "digits").model


def fit(model: Any, kind: str, *, resume: bool = False, only: tuple[str, ...] | None = None) -> Any:
    """Start to train a model with the options of its kind.

    only: the options that are given again; all by default.
    """
    from sklearn.datasets import load_digits

    import seqmagic

    x, y = load_digits(return_X_y=True)
    x = (x[:ROWS] / 16).astype("float32").reshape(-1, *KINDS[kind].shape)
    options = {"epochs": EPOCHS, "batch_size": 16, **KINDS[kind].options()}
    if only is not None:
        options = {name: value for name, value in options.items() if name in only}
    return seqmagic.fit(model, x, y[:ROWS], **options, **({"resume": True} if resume else {}))


def train_until_killed(kind: str, ledger: str, batches: int, *, pauses: bool) -> None:
    """Train, and end the process with SIGKILL after a number of batches.

    pauses: whether to pause once halfway, where the state is always written.
    """
    from seqmagic.ledger.current import keep_runs

    keep_runs(ledger)
    run = fit(make(kind), kind)

    def wait_for(count: int) -> None:
        while len(run.record.batches) < count and not run.ended:
            time.sleep(0.0005)

    if pauses:
        wait_for(max(1, batches // 2))
        run.pause()
        while not run.paused and not run.ended:
            time.sleep(0.0005)
        run.resume()
    wait_for(batches)
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def nursery() -> Iterator[Callable[..., int]]:
    """Within this context, victims can be created: a function that creates one, and returns the signal that killed it."""
    with subprocess.Popen(
        [sys.executable, "-m", "tests.support.victims"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None

        def kill_one(kind: str, ledger: Path, batches: int, *, pauses: bool) -> int:
            print(json.dumps({"kind": kind, "ledger": str(ledger), "batches": batches, "pauses": pauses}), file=process.stdin, flush=True)
            return int(process.stdout.readline())  # type: ignore[union-attr]

        yield kill_one
        process.stdin.close()


def main() -> None:
    """Create the victims requested on standard input; print the signal that killed each."""
    import seqmagic.ledger.ledger
    import seqmagic.recipes.recipe  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            threading.Timer(120, os._exit, (1,)).start()
            train_until_killed(**json.loads(line))
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
