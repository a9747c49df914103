"""Data that take 40 % of the memory: how much a training takes beside them, each in a process of its own.

    python -m tests.soak.large_data [bytes of the machine]

The process takes the machine for one of that size, as a container says it. What is printed is the highest use of memory, as a multiple
of the data, the data themselves counted, and what Keras's own `fit` takes for the same.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

MACHINE = 4_000_000_000
SHARE = 0.4
COLUMNS, CLASSES = 784, 10
TEXT = f"input {COLUMNS} -> dense 16 relu -> dense {CLASSES} softmax\ncompile adam sparse_categorical_crossentropy accuracy"
# Type of the data, who trains, options; what is wrong with the data.
CASES: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("float32", "seqmagic", {}, ""),
    ("float32", "Keras", {}, ""),
    ("float64", "seqmagic", {}, ""),
    ("float64", "Keras", {}, ""),
    ("uint8", "seqmagic", {}, ""),
    ("uint8", "Keras", {}, ""),
    ("float32", "seqmagic", {"validation_split": 0.1}, ""),
    ("float32", "seqmagic", {}, "NaN"),
    ("float64", "seqmagic", {}, "NaN"),
    ("float32", "seqmagic", {}, "labels from 1"),
)


def status(name: str) -> int:
    """A number of bytes that the system tells of this process: VmRSS (now) or VmHWM (at most)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(name))


def make_data(dtype: str, count: int) -> np.ndarray:
    """So many bytes of data, made without a second copy."""
    x = np.empty((count // np.dtype(dtype).itemsize // COLUMNS, COLUMNS), dtype)
    chance = np.random.default_rng(1)
    for first in range(0, len(x), 10_000):
        part = x[first : first + 10_000]
        part[...] = chance.random(part.shape, "float32") * (255 if dtype == "uint8" else 1)
    return x


def measure(dtype: str, who: str, options: dict[str, Any], wrong: str, machine: int) -> dict[str, Any]:
    """Train in this process; gives the highest use as a multiple of the data, and what was said."""
    import seqmagic
    from seqmagic.network import memory

    Path("memory.max").write_text(str(machine))
    Path("groups").write_text("0::/")
    memory.GROUPS, memory.LIMITS = Path("groups"), {"": (Path(), "memory.max")}
    seqmagic.keep_runs("runs.sqlite")
    model = seqmagic.build(TEXT)
    few, labels = np.zeros((2048, COLUMNS), dtype), np.arange(2048) % CLASSES
    _fit(who, model, few, labels, options)  # What is loaded and traced once is no copy of the data.
    base = status("VmRSS")
    x = make_data(dtype, int(SHARE * machine))
    y = np.arange(len(x)) % CLASSES
    if wrong == "NaN":
        x[-1, -1] = np.nan
    elif wrong == "labels from 1":
        y += 1
    Path("/proc/self/clear_refs").write_text("5")  # The highest use is counted from here.
    said = _fit(who, model, x, y, options)
    return {"ratio": (status("VmHWM") - base) / (x.nbytes + y.nbytes), "peak": status("VmHWM"), "base": base, "said": said}


def _fit(who: str, model: Any, x: np.ndarray, y: np.ndarray, options: dict[str, Any]) -> str:
    import seqmagic

    try:
        if who == "Keras":
            loss = model.fit(x, y, batch_size=1024, verbose=0, **options).history["loss"]
        else:
            loss = seqmagic.fit(model, x, y, batch_size=1024, **options).wait().history["loss"]
    except (seqmagic.SeqmagicError, MemoryError) as error:
        return f"{type(error).__name__}: {error}".splitlines()[0]
    return f"loss {loss[-1]:.4f}"


def main() -> None:
    """Print a line for each case."""
    machine = int(float(sys.argv[1])) if len(sys.argv) > 1 else MACHINE
    for case in CASES:
        with tempfile.TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "tests.soak.large_data", str(machine), json.dumps(case)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")]))}
            done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
        dtype, who, options, wrong = case
        message = f"{dtype:<8} {who:<9} {' '.join(map(str, (*options, *options.values()))) or wrong:<22}"
        if done.returncode:
            sys.stdout.write(f"{message} ended with {done.returncode}: {done.stderr.strip()[-300:]}\n")
        else:
            found = json.loads(done.stdout.splitlines()[-1])
            ratio, peak, base = found["ratio"], found["peak"] / 1e9, found["base"] / 1e9
            sys.stdout.write(f"{message} {ratio:.2f} times the data (peak {peak:.2f} GB, {base:.2f} GB before)  {found['said']}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    if len(sys.argv) > 2:
        dtype, who, options, wrong = json.loads(sys.argv[2])
        sys.stdout.write(f"\n{json.dumps(measure(dtype, who, options, wrong, int(sys.argv[1])))}\n")
    else:
        main()
