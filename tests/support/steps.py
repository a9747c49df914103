"""Runs that are stopped at a known batch, in the middle of an epoch."""

from __future__ import annotations

import time

from seqmagic.training.run import Run


def stop_in_third_epoch(run: Run, *, batches: int = 1) -> Run:
    """Train a run for two epochs and some batches of the third, and stop it there."""
    for press in (run.step_epoch, run.step_epoch, *([run.step_batch] * batches)):
        before = len(run.record.batches)
        press()
        while len(run.record.batches) == before or not run.paused:
            time.sleep(0.001)
    return run.stop().wait()
