"""A class on one dask: each student sends a training or a sweep of two tries at the same moment, and later stops a long one.

    python -m tests.soak.class_machines [students] [workers] [processes]

The scheduler and its workers are started as docs/class-machines.md says, with TLS, at loopback; the students are so many connections of their own in
a few processes that stand for their kernels. What is printed: seconds until a student's first run had a worker, and until all that was asked for
had ended, half of them, 19 of 20 and the longest; seconds from a press on Stop to the end of the run, of those that trained and of those that
waited; and memory. Nothing else should run on the machine.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path
from threading import BrokenBarrierError
from typing import Any

import psutil

from tests.soak.whole_class import quantiles
from tests.support.dask_class import class_machines

STUDENTS, WORKERS, PROCESSES, TRIALS = 30, 2, 2, 2
PATIENCE = 3600.0
LOOK = 0.02  # Seconds between two looks at what is under way.
FAMILY = """
input 64 -> dense choice(16, 32, 64) relu -> dropout between(0.1, 0.5) -> dense 10 softmax
compile adam(log(1e-4, 1e-2)) sparse_categorical_crossentropy accuracy
"""
TEXT = "input 64 -> dense 32 relu -> dropout 0.3 -> dense 10 softmax\ncompile adam(1e-3) sparse_categorical_crossentropy accuracy"
OPTIONS: dict[str, Any] = {"validation_split": 0.2, "epochs": 10, "batch_size": 16}
RULES = {"runs": TRIALS, "seconds": 600}


@dataclass
class Worked:
    """What came of one student's work, in seconds.

    sweeps: whether it was a sweep of two tries, and not one training.
    waited: until the first run had a worker. took: until all had ended.
    stop: from the press to the end of a long run. trained: whether that had a worker when it was pressed.
    """

    sweeps: bool
    waited: float = 0.0
    took: float = 0.0
    stop: float = 0.0
    trained: bool = True
    problems: list[str] = field(default_factory=list)


@dataclass
class Student:
    """One connection of a class, with what is sent by it."""

    number: int
    cluster: Any
    data: tuple[Any, Any]

    def work(self, line_up: Callable[[], object]) -> Worked:
        """Send what is to be trained, when all do, and wait; later stop a long run."""
        import seqmagic
        from seqmagic.language import parse
        from seqmagic.sweeps.family import Family
        from seqmagic.sweeps.sweep import Sweep
        from seqmagic.sweeps.task import Settings, make_task
        from seqmagic.training.run import Run

        done = Worked(sweeps=self.number % 2 == 1)
        task = make_task(Family(parse(FAMILY), {}), Settings(TRIALS, self.number, prune=False), self.data, OPTIONS)
        model = seqmagic.build(TEXT)
        line_up()
        began = time.monotonic()
        asked: Any
        if done.sweeps:
            asked = Sweep(task, f"net{self.number}", machines=self.cluster).start()
            self._await(lambda: asked.ended or any(outcome.where for one in asked.trials for outcome in one.outcomes))
        else:
            asked = Run(model, *self.data, on=self.cluster, **OPTIONS).start()
            self._await(lambda: asked.ended or asked.where)
        done.waited = time.monotonic() - began
        asked.wait()
        done.took = time.monotonic() - began
        if asked.state != "done" or (done.sweeps and [one.state for one in asked.trials] != ["done"] * TRIALS):
            done.problems.append(f"{self.number}: {asked!r}")
        line_up()
        self._stop(done, Run(seqmagic.build(TEXT), *self.data, on=self.cluster, epochs=1_000_000, batch_size=16))
        line_up()
        return done

    def _stop(self, done: Worked, run: Any) -> None:
        chance = random.Random(self.number)
        run.start()
        if self.number % 3:  # The others press while they wait, most of them.
            self._await(lambda: run.progress.batches)
        time.sleep(chance.random())
        done.trained = bool(run.where)
        pressed = time.monotonic()
        run.stop().wait()
        done.stop = time.monotonic() - pressed
        if run.state != "stopped":
            done.problems.append(f"{self.number}: {run!r}")

    @staticmethod
    def _await(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError
            time.sleep(LOOK)


def be_students(address: str, numbers: list[int], barrier: Any) -> tuple[list[Worked], int]:
    """Be some of the class, in a process of their own: what each did, and the bytes of the process."""
    from sklearn.datasets import load_digits

    import seqmagic
    from seqmagic.classroom.current import follow
    from seqmagic.classroom.rules import ClassRules
    from seqmagic.ledger.current import name_ledger
    from seqmagic.machines.cluster import Cluster

    x, y = load_digits(return_X_y=True)
    follow(ClassRules(machines=RULES))
    try:
        with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(len(numbers)) as pool:
            seqmagic.keep_runs(Path(folder) / "runs.sqlite")
            students = []
            for number in numbers:
                cluster = Cluster(address, f"student {number}")
                cluster.check()
                students.append(Student(number, cluster, (x / 16 + number * 1e-6, y)))  # Data of each student's own.
            here = threading.Barrier(len(numbers), action=barrier.wait)
            futures = [pool.submit(student.work, here.wait) for student in students]

            def tell_others(one: Future[Worked]) -> None:
                if (error := one.exception()) is not None:
                    if not isinstance(error, BrokenBarrierError):
                        traceback.print_exception(error)
                    here.abort()
                    barrier.abort()

            for future in futures:
                future.add_done_callback(tell_others)
            worked = [future.result() for future in futures]
            for student in students:
                student.cluster.close()
            name_ledger(None)
            return worked, psutil.Process().memory_info().rss
    except BrokenBarrierError:
        barrier.abort()
        raise


def memory_of(processes: list[Any]) -> tuple[int, list[int]]:
    """The bytes of the scheduler, and those of each worker."""
    scheduler, nannies = (psutil.Process(process.pid) for process in processes)
    workers = [one for one in nannies.children(recursive=True) if "spawn_main" in " ".join(one.cmdline())]
    return scheduler.memory_info().rss, [one.memory_info().rss for one in workers]


def warm_up(address: str, workers: int) -> None:
    """Let each worker load TensorFlow before the class comes."""

    def load() -> None:
        import seqmagic.machines.task  # noqa: F401

    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, 300)
        client.run(load)


def tell(class_: list[Worked]) -> None:
    """Print what became of the class."""
    lines = [f"{len(class_)} students"]
    for what, those in (
        ("one training", [one for one in class_ if not one.sweeps]),
        (f"sweep of {TRIALS}", [one for one in class_ if one.sweeps]),
    ):
        if those:
            lines += [
                f"{what}, until it has a worker: {quantiles([one.waited for one in those], 's', 1)}",
                f"{what}, until its end:         {quantiles([one.took for one in those], 's', 1)}",
            ]
    for what, stops in (
        ("training", [one.stop for one in class_ if one.trained]),
        ("waiting", [one.stop for one in class_ if not one.trained]),
    ):
        if stops:
            lines.append(f"Stop while {what}: {quantiles(stops, 's')} ({len(stops)} presses)")
    problems = [problem for one in class_ for problem in one.problems]
    sys.stdout.write("\n".join([*lines, *problems, "all done" if not problems else "NOT ALL DONE", ""]))


def main(arguments: list[str]) -> None:
    """Be a class."""
    students, workers, processes = [*map(int, arguments), *(STUDENTS, WORKERS, PROCESSES)[len(arguments) :]][:3]
    os.environ |= {"TF_NUM_INTRAOP_THREADS": "1", "OMP_NUM_THREADS": "1", "TF_CPP_MIN_LOG_LEVEL": "3"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["DASK_CONFIG"] = name
        with class_machines(folder, workers) as (address, started):
            context = get_context("spawn")
            with context.Manager() as manager, context.Pool(processes) as pool:
                barrier = manager.Barrier(processes)
                groups = [list(range(students))[first::processes] for first in range(processes)]
                pool.apply(warm_up, (address, workers))
                found = pool.starmap(be_students, [(address, group, barrier) for group in groups], chunksize=1)
            scheduler, each = memory_of(started)
        tell([one for group, _ in found for one in group])
        kernels = max(size for _, size in found) / 1e6
        lines = [
            f"memory: scheduler {scheduler / 1e6:.0f} MB; workers {', '.join(f'{size / 1e6:.0f}' for size in each)} MB",
            f"a process of {len(groups[0])} students {kernels:.0f} MB",
        ]
        sys.stdout.write("\n".join([*lines, ""]))


if __name__ == "__main__":
    main(sys.argv[1:])
