"""Two kernels that train into one file of runs at once; then the file is held against what the kernels themselves know.

    python -m tests.soak.two_kernels [minutes]

One trains many short runs, and one fewer with weights of some megabytes, whose writing holds the file for longest. Both look at `%runs`.
"""

from __future__ import annotations

import json
import random
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from seqmagic.ledger.ledger import Ledger
from tests.support.digits import READ
from tests.support.kernel import Kernel, running_kernel

MINUTES = 10.0
FILE = "seqmagic-runs.sqlite"
PAUSE = 0.3  # Seconds between two runs, at most.
SETUP = f"""{READ}
import os, json
os.nice(10)
from seqmagic.training.current_runs import last_run_of
known, troubles = {{}}, set()
def note(name):
    run = last_run_of(globals()[name])
    known[run.number] = {{
        "name": name,
        "state": run.state,
        "seconds": run.progress.seconds,
        "history": {{metric: list(map(float, values)) for metric, values in run.history.items()}},
        "weights": float(sum(abs(weight).sum() for weight in globals()[name].get_weights())),
    }}
    troubles.update(run.warnings)
"""
TAIL = "-> dense 10 softmax\ncompile adam(1e-3) sparse_categorical_crossentropy accuracy"
NETWORKS = {
    "small": f"%%sequential small --quiet\nseed 1\ninput 8x8x1\nflatten -> dense 8 relu {TAIL}",
    "wide": f"%%sequential wide --quiet\nseed 2\ninput 8x8x1\nflatten -> dense 12000 relu {TAIL}",
}
FITS = {
    "small": ("epochs=3", "epochs=40 batch_size=128", "epochs=5 validation_split=0.2", "epochs=2"),
    "wide": ("epochs=2 batch_size=128", "epochs=4 batch_size=256 validation_split=0.2"),
}


class Student(threading.Thread):
    """Trains one network again and again in a kernel of its own, until a moment.

    errors: what went wrong in a cell.
    """

    def __init__(self, folder: Path, name: str, until: Callable[[], bool]) -> None:
        super().__init__()
        self.folder, self.network, self.until = folder, name, until
        self.errors: list[str] = []
        self.known: dict[str, Any] = {}
        self.troubles: list[str] = []

    def run(self) -> None:
        """Work."""
        with running_kernel(self.folder) as kernel:
            self._work(kernel)
            self.known = json.loads(kernel.run("print(json.dumps(known))").printed)
            self.troubles = json.loads(kernel.run("print(json.dumps(sorted(troubles)))").printed)

    def _work(self, kernel: Kernel) -> None:
        chance = random.Random(self.network)
        self._cell(kernel, SETUP)
        self._cell(kernel, NETWORKS[self.network])
        while not self.until():
            self._cell(kernel, f"%fit {self.network} x y {chance.choice(FITS[self.network])}", live=chance.random() < 0.5)
            self._cell(kernel, f"{self.network}.name; note({self.network!r})")
            if chance.random() < 0.1:
                self._cell(kernel, "%runs")
            time.sleep(chance.random() * PAUSE)

    def _cell(self, kernel: Kernel, code: str, *, live: bool = True) -> None:
        outcome = kernel.run(code, live=live, timeout=300)
        if outcome.error or "locked" in outcome.text or "in use by" in outcome.text:
            self.errors.append(f"{code!r}: {outcome.error[:2] or outcome.text[-300:]}")


def problems_of(ledger: Ledger, students: list[Student]) -> list[str]:
    """What the file says otherwise than the kernels."""
    wrong = [f"{student.network}: {found}" for student in students for found in (*student.errors, *student.troubles)]
    known = {int(number): found for student in students for number, found in student.known.items()}
    if sum(len(student.known) for student in students) != len(known):
        wrong.append("two runs have one number")
    entries = {entry.id: entry for entry in ledger.entries()}
    if sorted(entries) != sorted(known) or sorted(entries) != list(range(1, len(entries) + 1)):
        wrong.append(f"the file has {len(entries)} runs, the kernels know {len(known)}")
    for number in sorted(set(entries) & set(known)):
        wrong += [f"run {number}: {found}" for found in _problems_of_run(ledger, entries[number], known[number])]
    return wrong


def _problems_of_run(ledger: Ledger, entry: Any, given: dict[str, Any]) -> list[str]:
    wrong = [*([entry.unreadable] if entry.unreadable else []), *ledger.warnings]
    if (entry.name, entry.state) != (given["name"], given["state"]):
        wrong.append(f"it is {entry.name}, {entry.state}, and was {given['name']}, {given['state']}")
    names, rows = ledger.rows(entry.id, "epochs")
    for metric, values in given["history"].items():
        found = rows[:, 1 + names.index(metric)] if metric in names else np.array([])
        if not np.array_equal(found, values):
            wrong.append(f"{metric} is {found}, and was {values}")
    last = ledger.load_checkpoint(entry.id, "last") if "last" in ledger.checkpoints(entry.id) else None
    if last is not None:
        weights = float(sum(np.abs(array).sum() for array in last.arrays[: last.facts["parts"][0]] if array.dtype == "float32"))
        if not np.isclose(weights, given["weights"], rtol=1e-4):
            wrong.append(f"its last weights sum up to {weights}, and were {given['weights']}")
    return wrong


def main() -> None:
    """Print what went wrong, and the figures."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else MINUTES
    with tempfile.TemporaryDirectory() as place:
        end = time.monotonic() + 60 * minutes
        students = [Student(Path(place), name, lambda: time.monotonic() > end) for name in NETWORKS]
        for student in students:
            student.start()
        for student in students:
            student.join()
        size = (Path(place) / FILE).stat().st_size / 1e6
        ledger = Ledger(Path(place) / FILE)
        wrong = problems_of(ledger, students)
        kept = sum("last" in ledger.checkpoints(entry.id) for entry in ledger.entries())
        with closing(sqlite3.connect(Path(place) / FILE)) as connection:
            whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        beside = sorted(path.name for path in Path(place).iterdir() if "sqlite" in path.name)
    for line in wrong:
        sys.stdout.write(f"{line}\n")
    runs = ", ".join(f"{len(student.known)} of {student.network}" for student in students)
    sys.stdout.write(
        f"{minutes:g} minutes, runs: {runs}; last weights kept of {kept}; integrity check: {whole}; {size:.1f} MB, files {beside}; "
        f"{len(wrong)} problems\n"
    )


if __name__ == "__main__":
    main()
