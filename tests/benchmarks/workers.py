"""What two workers gain: the same sweep in the kernel and on workers of this computer, in turns, with their CPU time.

    python -m tests.benchmarks.workers [trials] [epochs] [rounds]

Both ways draw the same networks, which no random guess of a later one changes: each draw uses the results of as many earlier trials. The panel
is there beside both, and nobody looks at it. On a busy computer, put `chrt -r 1` before it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

import seqmagic
from seqmagic.machines.cluster import find
from seqmagic.sweeps.worker import Lanes
from seqmagic.widgets.sweep_panel import SweepPanel
from tests.benchmarks.search import TEXT, WORKERS, digits


def main(trials: int = 20, epochs: int = 5, rounds: int = 1) -> None:
    """Print the seconds of each way, on the clock and of all processes, and whether the results are the same."""
    make = Lanes.__init__

    def make_alike(lanes: Lanes, slots: int, worker: Any) -> None:
        make(lanes, slots, worker)
        lanes.lag = 2 * WORKERS

    Lanes.__init__ = make_alike  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        seqmagic.keep_runs(Path(folder) / "runs.sqlite")
        on = f"local:{WORKERS}"
        find(on)
        for place, seed in (("", 90), (on, 91), (on, 92)):
            sweep_on(place, WORKERS, 1, seed)
        for _ in range(rounds):
            (here, *seconds), (there, *others) = sweep_on("", trials, epochs, 1), sweep_on(on, trials, epochs, 1)
            same = "every result the same" if here == there else "OTHER RESULTS"
            line = f"{trials} trials, {epochs} epochs: kernel %.1f s (CPU %.1f s), workers %.1f s (CPU %.1f s), {same}\n"
            sys.stdout.write(line % (*seconds, *others))
            sys.stdout.flush()


def sweep_on(on: str, trials: int, epochs: int, seed: int) -> tuple[dict[str, Any], float, float]:
    """The result of each text, and the seconds of a sweep: on the clock, and of the processors."""
    x, y = digits()
    cpu, began = cpu_seconds(), time.perf_counter()
    sweep = seqmagic.sweep(TEXT, x, y, trials=trials, epochs=epochs, seed=seed, validation_split=0.2, prune=False, on=on)
    panel = SweepPanel(sweep)
    sweep.wait()
    took = time.perf_counter() - began, cpu_seconds() - cpu
    panel.close()
    return {one.text: one.result for one in sweep.trials}, *took


def cpu_seconds() -> float:
    """The CPU time of this process and all below it."""
    me, total = psutil.Process(), 0.0
    for one in (me, *me.children(recursive=True)):
        times = one.cpu_times()
        total += times.user + times.system
    return total


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
