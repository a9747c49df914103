"""How live a run on a worker is: how old its numbers are when they come, and the seconds from a press on Stop to the end.

    python -m tests.benchmarks.machines [presses]

One process stands for the kernel, with a worker of its own; the network is small, so that there is as much to tell as there can be. The age is
that of a message when it is taken, and besides a worker waits up to a tenth of a second until it tells what is new. A killed worker is told
in epochs: those that were trained once more.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PRESSES = 40
TEXT = "seed 1\ninput 64 -> dense 32 relu -> dense 10 softmax\ncompile adam(1e-3) sparse_categorical_crossentropy accuracy"


def await_that(condition: Callable[[], object]) -> None:
    while not condition():
        time.sleep(0.005)


def tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def main(presses: int = PRESSES) -> None:
    """Print them."""
    from sklearn.datasets import load_digits

    import seqmagic
    from seqmagic.machines.cluster import find
    from seqmagic.machines.follow import JobFollower
    from seqmagic.training.run import Run
    from tests.soak.whole_class import quantiles

    ages: list[float] = []
    take = JobFollower._take  # noqa: SLF001

    def take_and_note(follower: JobFollower, message: dict[str, Any]) -> None:
        if message["kind"] == "news":
            ages.append(time.time() - message["sent"])
        take(follower, message)

    JobFollower._take = take_and_note  # type: ignore[method-assign, assignment]  # noqa: SLF001
    x, y = load_digits(return_X_y=True)
    chance, stops = random.Random(0), []
    with tempfile.TemporaryDirectory() as folder:
        seqmagic.keep_runs(Path(folder) / "runs.sqlite")
        cluster = find("local:1")

        def long_run() -> Run:
            run = Run(seqmagic.build(TEXT), x / 16, y, epochs=1_000_000, on=cluster).start()
            await_that(lambda: run.progress.batches)
            return run

        for _ in range(presses):
            run = long_run()
            time.sleep(chance.random())
            pressed = time.monotonic()
            run.stop().wait()
            stops.append(time.monotonic() - pressed)
        tell(f"age of numbers: {quantiles(ages, 's', 3)} ({len(ages)} messages)")
        tell(f"Stop to stopped: {quantiles(stops, 's')} ({presses} presses)")
        run = long_run()
        await_that(lambda: run.progress.epoch > 300)
        before = run.progress.epoch
        os.kill(cluster.client.run(os.getpid)[run.where], signal.SIGKILL)
        killed = time.monotonic()
        await_that(lambda: run.warnings)
        behind = float(run.warnings[0].partition("from where it was ")[2].partition(" ")[0] or 0)
        tell(f"a killed worker: {before - behind:.1f} of {before} epochs anew, after {time.monotonic() - killed:.1f} s")
        run.stop().wait()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
