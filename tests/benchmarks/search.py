"""What a search costs, and what a killed process costs it: a sweep, the same on workers, keras-tuner and a plain loop, on the same networks.

    python -m tests.benchmarks.search [trials] [epochs] [sweep workers tuner loop]

Each way has a process of its own, which has loaded Keras and trained once before the clock begins. The networks are those that the sweep
draws; keras-tuner's RandomSearch draws one of them after the other, without doubles, and trains it by `fit`, and so does the loop, so that
both need the sweep before them. Each is run a second time, and killed with -9 at half of its epochs: on workers one of these, and otherwise
the process, which is then started again as its user would do it. keras-tuner is no part of what is installed:
`pip install --no-deps --target FOLDER keras-tuner kt-legacy`, and FOLDER in PYTHONPATH; without it that way is left out.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil

TEXT = """
input 8x8x1
(conv choice(8, 16) 3x3 relu same) * between(1, 2)
maxpool 2 -> flatten -> dropout between(0.1, 0.5)
dense 10 softmax
compile adam(log(1e-4, 1e-2)) sparse_categorical_crossentropy accuracy
"""
NETWORKS = "networks.json"
WORKERS = 2
WAYS = {"sweep": "%sweep", "workers": f"%sweep on=local:{WORKERS}", "tuner": "keras-tuner", "loop": "a plain loop"}


def digits() -> tuple[Any, Any]:
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    return (x / 16).reshape(-1, 8, 8, 1), y


# What a process does. It tells of each epoch in a line, and of the end in another.


def tell(**facts: Any) -> None:
    print(json.dumps(facts), flush=True)  # noqa: T201


def search_by_sweep(folder: Path, trials: int, epochs: int, *, on: str, kills: bool, again: bool) -> None:
    import seqmagic
    from seqmagic.machines.cluster import find

    seqmagic.keep_runs(folder / "runs.sqlite")
    x, y = digits()
    options: dict[str, Any] = {"validation_split": 0.2, "prune": False, "on": on}
    for number in range(WORKERS if on else 1):
        seqmagic.sweep(TEXT, x, y, trials=WORKERS if on else 1, seed=90 + number, name="warm", epochs=1, **options).wait()
    tell(ready=True)
    sweep = seqmagic.sweep(TEXT, x, y, trials=trials, epochs=epochs, resume=again, **options)
    seen = epochs_of(sweep) if again else 0
    tell(kept=seen)
    while not sweep.ended:
        done = epochs_of(sweep)
        if done > seen:
            tell(epochs=done)
        seen = done
        places = [outcome.where for one in sweep.trials if one.state == "running" for outcome in one.outcomes if outcome.where]
        if kills and places and done >= trials * epochs / 2:
            cluster, kills, busy = find(on), False, places[-1]
            os.kill(cluster.client.run(os.getpid, workers=[busy])[busy], signal.SIGKILL)
        time.sleep(0.02)
    sources = [str(seqmagic.to_python(seqmagic.build(one.text))) for one in sweep.wait().trials]
    (folder / NETWORKS).write_text(json.dumps(sources))


def epochs_of(sweep: Any) -> int:
    return sum(len(outcome.rows) for one in sweep.trials for outcome in one.outcomes)


def network_of(source: str) -> Any:
    """The compiled Keras model that a text of Python makes."""
    import keras

    made: dict[str, Any] = {}
    exec(source, made)  # noqa: S102  # Our own.
    return next(one for one in made.values() if isinstance(one, keras.Model))


def told_callback() -> Any:
    import keras

    class Tells(keras.callbacks.Callback):  # type: ignore[misc]
        count = 0

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            Tells.count += 1
            tell(epochs=Tells.count)

    return Tells()


def search_by_tuner(folder: Path, epochs: int, *, again: bool) -> None:
    import keras_tuner  # type: ignore[import-not-found]

    sources, (x, y) = json.loads((folder / NETWORKS).read_text()), digits()
    network_of(sources[0]).fit(x, y, validation_split=0.2, verbose=0)
    tell(ready=True)
    tuner = keras_tuner.RandomSearch(
        lambda drawn: network_of(sources[drawn.Choice("network", list(range(len(sources))))]),
        objective="val_loss",
        max_trials=len(sources),
        seed=0,
        directory=folder,
        project_name="tuner",
        overwrite=not again,
        max_consecutive_failed_trials=3,
    )
    tuner.oracle._max_collisions = 10_000  # noqa: SLF001  # By default it gives up before it has drawn each once.
    tuner.search(x, y, epochs=epochs, validation_split=0.2, verbose=0, callbacks=[told_callback()])
    assert len(tuner.oracle.trials) == len(sources), "keras-tuner has not tried all"


def search_by_loop(folder: Path, epochs: int) -> None:
    sources, (x, y) = json.loads((folder / NETWORKS).read_text()), digits()
    network_of(sources[0]).fit(x, y, validation_split=0.2, verbose=0)
    tell(ready=True)
    best, callback = None, told_callback()
    for source in sources:
        model = network_of(source)
        result = model.fit(x, y, epochs=epochs, validation_split=0.2, verbose=0, callbacks=[callback]).history["val_loss"][-1]
        if best is None or result < best[0]:
            best = result, model


def search(way: str, folder: Path, trials: int, epochs: int, *, kills: bool, again: bool) -> None:
    """What a process of its own does."""
    if way in ("sweep", "workers"):
        search_by_sweep(folder, trials, epochs, on=f"local:{WORKERS}" if way == "workers" else "", kills=kills, again=again)
    elif way == "tuner":
        search_by_tuner(folder, epochs, again=again)
    else:
        search_by_loop(folder, epochs)
    tell(over=True)


# What the first process does.


class Memory:
    """The most bytes that a process and its children had of their own at a time, looked at many times a second."""

    def __init__(self, process: psutil.Process) -> None:
        self.process, self.most, self._is_over = process, 0, False
        self.thread = threading.Thread(target=self._look, daemon=True)
        self.thread.start()

    def _look(self) -> None:
        while not self._is_over:
            total = 0
            try:
                for one in (self.process, *self.process.children(recursive=True)):
                    total += one.memory_info().rss
            except psutil.Error:
                continue
            self.most = max(self.most, total)
            time.sleep(0.2)

    def end(self) -> int:
        self._is_over = True
        self.thread.join()
        return self.most


def lines_of(process: subprocess.Popen[str]) -> Iterator[dict[str, Any]]:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("{"):
            yield json.loads(line)


def run(way: str, folder: Path, trials: int, epochs: int, *, kill: bool = False, again: bool = False) -> tuple[float, float, int, int]:
    """Run one way: the seconds until it was ready, those of the search, the epochs that it trained, and the most bytes.

    Args:
        kill: at half of the epochs. again: whether it goes on with one that was killed.
    """
    words = [
        way,
        str(folder),
        str(trials),
        str(epochs),
        *(["--kill"] if kill and way == "workers" else []),
        *(["--again"] if again else []),
    ]
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "tests.benchmarks.search", "--child", *words], stdout=subprocess.PIPE, text=True)
    memory, ready, done, kept = Memory(psutil.Process(process.pid)), 0.0, 0, 0
    for told in lines_of(process):
        if "ready" in told:
            ready = time.monotonic()
        done, kept = told.get("epochs", done), told.get("kept", kept)
        if "over" in told:
            break
        if kill and way != "workers" and done >= trials * epochs / 2:
            process.kill()
            break
    ended = time.monotonic()
    most = memory.end()
    is_killed = kill and way != "workers"
    assert process.wait() == 0 or is_killed, f"{way} has failed"
    return ready - began, ended - ready, done - kept, most


def killed(way: str, folder: Path, trials: int, epochs: int) -> tuple[float, str]:
    """The seconds of a search with a kill in its middle, from its first beginning to its end, and the epochs that were trained.

    A worker's are not counted here: what it trains anew is known to itself alone.
    """
    _, first, done, _ = run(way, folder, trials, epochs, kill=True)
    if way == "workers":
        return first, ""
    start, rest, more, _ = run(way, folder, trials, epochs, again=True)
    return first + start + rest, str(done + more)


def main(trials: int = 20, epochs: int = 5, *chosen: str) -> None:
    """Print a table."""
    ways = [way for way in WAYS if way in (chosen or WAYS) and (way != "tuner" or find_spec("keras_tuner"))]
    print(f"{trials} networks, {epochs} epochs each")  # noqa: T201
    print("| | seconds | memory | seconds lost to a kill | epochs trained with a kill |\n|---|---|---|---|---|")  # noqa: T201
    with tempfile.TemporaryDirectory() as name:
        for way in ways:
            folder = Path(name) / way
            folder.mkdir()
            if way not in ("sweep", "workers"):
                (folder / NETWORKS).write_text((Path(name) / "sweep" / NETWORKS).read_text())
            _, seconds, _, most = run(way, folder, trials, epochs)
            fresh = Path(name) / f"{way} killed"
            fresh.mkdir()
            if (folder / NETWORKS).exists():
                (fresh / NETWORKS).write_text((folder / NETWORKS).read_text())
            with_kill, trained = killed(way, fresh, trials, epochs)
            print(f"| {WAYS[way]} | {seconds:.1f} | {most / 1e6:.0f} MB | {with_kill - seconds:.1f} | {trained} |", flush=True)  # noqa: T201


def call(arguments: list[str]) -> Callable[[], None]:
    """What the command line asks for."""
    if arguments[:1] != ["--child"]:
        trials, epochs = [*map(int, arguments[:2]), *(20, 5)[len(arguments) :]][:2]
        return lambda: main(trials, epochs, *arguments[2:])
    way, folder, *counts = arguments[1:5]
    return lambda: search(way, Path(folder), *map(int, counts), kills="--kill" in arguments, again="--again" in arguments)


if __name__ == "__main__":
    call(sys.argv[1:])()
