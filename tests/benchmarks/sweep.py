"""What a sweep costs: 20 tries on the digits beside the same 20 networks, built and trained one after the other.

    python -m tests.benchmarks.sweep [tries] [epochs]

Both are trained in this process, in turns, with the runs kept in a file; no try is ended early, so that both train as many epochs. The
sweep has what a notebook's has beside it: the panel, with its table and its pictures, which nobody looks at here.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import seqmagic
from seqmagic.sweeps.sweep import Sweep
from seqmagic.widgets.sweep_panel import SweepPanel
from tests.benchmarks.search import TEXT

GOAL = 1.3


def main(trials: int = 20, epochs: int = 5) -> None:
    """Print the seconds of both ways, and their ratio."""
    from sklearn.datasets import load_digits

    x, y = load_digits(return_X_y=True)
    x = (x / 16).reshape(-1, 8, 8, 1)
    with tempfile.TemporaryDirectory() as folder:
        seqmagic.keep_runs(Path(folder) / "runs.sqlite")
        options = {"validation_split": 0.2, "epochs": epochs}
        seqmagic.sweep(TEXT, x, y, trials=1, seed=99, **options).wait()  # TensorFlow's first training takes longer than all others.
        began = _clocks()
        sweep = seqmagic.sweep(TEXT, x, y, trials=trials, prune=False, **options)
        panel = SweepPanel(sweep)
        sweep.wait()
        swept = _since(began)
        panel.close()
        began = _clocks()
        lost = train_alone(sweep, x, y, options)
        alone = _since(began)
        values = [
            f"{trials} trials, {epochs} epochs each: sweep {swept[0]:.1f} s, one after the other {alone[0]:.1f} s",
            f"ratio {swept[0] / alone[0]:.2f} (goal {GOAL}), of the processor's time {swept[1] / alone[1]:.2f}; best {sweep.metric} {sweep.best.format_result() if sweep.best else ''}",
            "every result the same" if not lost else f"other results: {lost}",
        ]
        sys.stdout.write("\n".join(values) + "\n")


def _clocks() -> tuple[float, float]:
    """The time on the wall and that of the processor: the latter says more where others use the computer."""
    return time.perf_counter(), time.process_time()


def _since(began: tuple[float, float]) -> tuple[float, float]:
    now = _clocks()
    return now[0] - began[0], now[1] - began[1]


def train_alone(sweep: Sweep, x: object, y: object, options: dict[str, object]) -> list[int]:
    """Build and train the texts of a sweep as somebody would who typed them; gives the tries whose results are others."""
    lost = []
    for one in sweep.trials:
        model = seqmagic.build(one.text)
        run = seqmagic.fit(model, x, y, **options).wait()
        if run.history[sweep.metric][-1] != one.result:
            lost.append(one.number)
    return lost


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
