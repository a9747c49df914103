"""Trainings of each kind that are killed by kill -9 in the middle of an epoch go on to the very numbers of one that never was.

SEQMAGIC_KILLS says how many of each kind; one by default.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqmagic.ledger.current import current_ledger, keep_runs, name_ledger
from seqmagic.training.run import Run
from seqmagic.training.state import model_variables
from tests.support.victims import EPOCHS, KINDS, fit, make, nursery

KILLS = int(os.environ.get("SEQMAGIC_KILLS", "1"))


@pytest.fixture(scope="module")
def kill_one() -> Iterator[Callable[..., int]]:
    with nursery() as kill:
        yield kill


@pytest.fixture(autouse=True)
def no_ledger_is_left() -> Iterator[None]:
    yield
    name_ledger(None)


def numbers(model: Any) -> list[np.ndarray]:
    return [variable.numpy() for variable in [*model_variables(model), *model.optimizer.variables]]


def history(run: Run) -> dict[str, list[float]]:
    return {name: np.asarray(values).tolist() for name, values in run.history.items()}


@pytest.mark.timeout(120 + 100 * KILLS)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="victims are forked")
@pytest.mark.parametrize("kind", KINDS)
def test_a_killed_training_goes_on_as_if_nothing_had_been(tmp_path: Path, kill_one: Callable[..., int], kind: str) -> None:
    uncut = make(kind)
    whole = fit(uncut, kind).wait()
    epochs = len(whole.history["loss"])
    steps = len(whole.record.batches) // epochs
    assert (epochs < EPOCHS) is (kind == "early stopping"), "what is to be carried over has to matter"
    for number in range(KILLS):
        batches = random.Random(f"{kind} {number}").randrange(steps + 1, (epochs - 1) * steps)
        ledger = tmp_path / f"{number}.sqlite"
        assert kill_one(kind, ledger, batches, pauses=number % 2 == 0) == 9
        keep_runs(ledger)
        (entry,) = current_ledger().entries()  # type: ignore[union-attr]
        assert entry.state == "died"
        model = make(kind)
        run = fit(model, kind, resume=True, only=("callbacks",)).wait()
        assert run.warnings == []
        assert history(run) == history(whole), (kind, number, batches)
        assert run.reason == whole.reason
        assert all(map(np.array_equal, numbers(model), numbers(uncut))), (kind, number, batches)
