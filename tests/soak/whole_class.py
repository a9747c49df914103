"""A whole class at once: each student's kernel builds a network, trains it, and is stopped by a press, all at the same moment.

    python -m tests.soak.whole_class [kernels] [presses of each]

Real kernels, each of which loads Keras itself. What is printed: seconds until all were ready and until the first card, both from the moment in which
all ran their first cell; seconds from a press on Stop to the end of the run, written and told to everybody, half of all presses and 19 of 20; and what
each kernel took of memory and of the processor. Nothing else should run on the machine. `taskset -c 0-3` in front keeps the class to four cores.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.manager import start_new_kernel

from tests.support.digits import DIGITS, READ
from tests.support.kernel import Kernel

KERNELS, PRESSES = 30, 5
LONGEST_WAIT = 3.0  # Seconds that somebody looks at the curves before a press.
PATIENCE = 1800.0  # For a cell: thirty kernels on two cores load Keras in some minutes.
CARD = f"%%sequential digits\n{DIGITS.strip()}"
# Notes which view is the newest, and when a run had come to its end.
WATCH = """
import time
from seqmagic.training.trainer import Trainer
from seqmagic.widgets.training_panel import TrainingPanel
ends, views = [], []
attach, finish = TrainingPanel.attach, Trainer.finish
def attach_and_note(panel, run):
    attach(panel, run)
    views.append(panel.view.model_id)
def finish_and_note(trainer, run, outcome, model):
    following = finish(trainer, run, outcome, model)
    ends.append(time.time())
    return following
TrainingPanel.attach, Trainer.finish = attach_and_note, finish_and_note
def batches():
    from seqmagic.training.registry import active_runs
    return sum(len(run.record.batches) for run in active_runs())
"""


@dataclass
class Student:
    """What one kernel did, in seconds and bytes.

    to_card: from the moment in which all began. processor_to_card: of the processor, until then.
    stops: from each press on Stop to the end of its run. share: of one core, while all train.
    """

    to_card: float = 0.0
    processor_to_card: float = 0.0
    stops: list[float] = field(default_factory=list)
    share: float = 0.0
    peak_bytes: int = 0
    own_bytes: int = 0


def processor_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


@contextmanager
def bare_kernel() -> Iterator[Kernel]:
    """A kernel in an empty folder that has loaded nothing yet."""
    with tempfile.TemporaryDirectory() as folder:
        manager, client = start_new_kernel(startup_timeout=PATIENCE, kernel_name="python3", cwd=folder)
        try:
            yield Kernel(manager, client, Path(folder))
        finally:
            client.stop_channels()
            manager.shutdown_kernel(now=True)


def work(number: int, presses: int, together: Callable[[], Any]) -> Student:
    """Be one of the class, from the first cell to the last press."""
    done, chance = Student(), random.Random(number)
    with bare_kernel() as kernel:
        process = psutil.Process(kernel.manager.provisioner.pid)
        together()
        began = time.monotonic()
        run(kernel, "%load_ext seqmagic")
        run(kernel, CARD)
        done.to_card, done.processor_to_card = time.monotonic() - began, processor_seconds(process)
        run(kernel, READ)
        run(kernel, WATCH)
        together()
        before, moment = processor_seconds(process), time.monotonic()
        for _ in range(presses):
            run(kernel, "ends.clear()")
            run(kernel, "%fit digits x y epochs=100000 validation_split=0.2")
            run(kernel, "while not batches(): time.sleep(0.1)")  # Asking from here would keep the kernel busy.
            time.sleep(chance.random() * LONGEST_WAIT)
            view = kernel.value("views[-1]").strip("'")
            pressed = time.time()
            kernel.press(view, "stop")
            run(kernel, "while not ends: time.sleep(0.1)")  # Its turn comes after the press.
            done.stops.append(float(kernel.value("ends[-1]")) - pressed)
        done.share = (processor_seconds(process) - before) / (time.monotonic() - moment)
        memory = process.memory_full_info()
        done.own_bytes, done.peak_bytes = memory.uss, peak_of(process)
        together()
    return done


def run(kernel: Kernel, code: str) -> None:
    outcome = kernel.run(code, timeout=PATIENCE)
    assert outcome.status == "ok", outcome.error


def peak_of(process: psutil.Process) -> int:
    """The most memory that it ever had, where the system tells; else what it has."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        return int(process.memory_info().rss)
    return next(1024 * int(line.split()[1]) for line in status.read_text().splitlines() if line.startswith("VmHWM:"))


def quantiles(values: list[float], unit: str, digits: int = 2) -> str:
    half, most = statistics.median(values), sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]
    return f"half {half:.{digits}f}, 19 of 20 {most:.{digits}f}, longest {max(values):.{digits}f} {unit}"


def tell(class_: list[Student], cores: int) -> None:
    stops = [seconds for student in class_ for seconds in student.stops]
    for line in (
        f"{len(class_)} kernels on {cores} cores",
        f"first card:        {quantiles([student.to_card for student in class_], 's', 1)}",
        f"processor to card: {quantiles([student.processor_to_card for student in class_], 's', 1)}",
        f"Stop to stopped:   {quantiles(stops, 's')} ({len(stops)} presses)",
        f"peak of a kernel:  {quantiles([student.peak_bytes / 1e6 for student in class_], 'MB', 0)}",
        f"its own memory:    {quantiles([student.own_bytes / 1e6 for student in class_], 'MB', 0)}; together {sum(one.own_bytes for one in class_) / 1e9:.1f} GB",
        f"share of a core:   {quantiles([student.share for student in class_], 'cores')}",
    ):
        sys.stdout.write(f"{line}\n")


def main(arguments: list[str]) -> None:
    kernels, presses = [*map(int, arguments), *(KERNELS, PRESSES)[len(arguments) :]][:2]
    # As docs/teachers.md has it set in a hub's image.
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    line_up = threading.Barrier(kernels)
    with ThreadPoolExecutor(kernels) as pool:
        futures = [pool.submit(work, number, presses, line_up.wait) for number in range(kernels)]
        for future in futures:
            future.add_done_callback(lambda one: line_up.abort() if one.exception() else None)
        tell(
            [future.result() for future in futures],
            len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        )


if __name__ == "__main__":
    main(sys.argv[1:])
