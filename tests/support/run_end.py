"""The end of a run: waits much longer than it can take, and on failure reports what every thread is doing."""

from __future__ import annotations

import faulthandler
import tempfile
import time

import pytest

from seqmagic.training.run import Run

SECONDS = 240.0  # On two busy cores everything takes ten times as long.


def end_of(run: Run, seconds: float = SECONDS) -> Run:
    """Wait for a run's end; raises the error that ended it, as `run.wait()` does."""
    began = time.process_time()
    run.wait(seconds)
    if not run.ended:
        # A process that has used no CPU time waits for a lock; one that has used much computes, or collects garbage.
        used = time.process_time() - began
        pytest.fail(f"{run!r} has not ended in {seconds:g} s, of which the process has used {used:.0f} s. Its threads:\n{all_threads()}")
    return run


def all_threads() -> str:
    """The Python stacks of all threads of this process."""
    with tempfile.TemporaryFile("w+") as file:
        faulthandler.dump_traceback(file, all_threads=True)
        file.seek(0)
        return file.read()
