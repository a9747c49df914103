"""Kernels that are killed in the middle of a training, at random moments: another one goes on, to the very same weights."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.digits import DIGITS, READ_AND_WATCH
from tests.support.kernel import Kernel, running_kernel

pytestmark = pytest.mark.kernel

KILLS = int(os.environ.get("SEQMAGIC_KILLS", "2"))
NETWORK = "%%sequential digits --quiet\nseed 7\n" + DIGITS.replace("flatten", "flatten -> dropout 0.3 -> batchnorm")
FIT = "%fit digits x y epochs=12 batch_size=16 validation_split=0.1"
# Every number of the model and its optimizer, bit for bit.
HASH = """
from seqmagic.ledger.current import current_ledger
def seqmagic_runs():
    return current_ledger().entries()
import hashlib
def state():
    digest = hashlib.sha256()
    for variable in [*digits.variables, *digits.optimizer.variables]:
        digest.update(variable.value.numpy().tobytes())
    return digest.hexdigest()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def survivor(folder: Path) -> Iterator[tuple[Kernel, str]]:
    """A kernel that goes on with what others began, and what a training comes to that is never cut."""
    with running_kernel(folder) as kernel:
        kernel.run(READ_AND_WATCH + HASH)
        kernel.run(NETWORK)
        kernel.run(FIT, live=False)
        yield kernel, kernel.value("state()")


@pytest.mark.timeout(400)
@pytest.mark.parametrize("number", range(KILLS))
def test_a_killed_kernel_loses_nothing(folder: Path, survivor: tuple[Kernel, str], number: int) -> None:
    kernel, uncut = survivor
    batches = random.Random(number).randrange(1, 1100)
    with running_kernel(folder) as victim:
        victim.run(READ_AND_WATCH)
        victim.run(NETWORK)
        victim.run(FIT)
        run = "from seqmagic.training.current_runs import last_run_of\nlen(last_run_of(globals()['digits']).record.batches)"
        while int(victim.value(run)) < batches:
            time.sleep(0.01)
        victim.manager.signal_kernel(9)
    assert "died" in kernel.run("%runs digits").text
    epoch = int(kernel.value("current_ledger().load_checkpoint(seqmagic_runs()[-1].id, 'last').facts['moment'][0]"))
    kernel.run(NETWORK)
    resumed = kernel.run("%fit digits --resume", live=False)
    assert "Done" in resumed.text
    assert kernel.value("state()") == uncut
    assert kernel.value("seqmagic_runs()[-1].position") == "12.0"
    # What had been kept was not done again.
    assert int(kernel.value("len(digits.history.epoch)")) == 12 - epoch


@pytest.mark.timeout(400)
def test_rows_that_were_drawn_stay_aside_in_another_kernel(folder: Path, survivor: tuple[Kernel, str]) -> None:
    fit = "%fit digits x y epochs=12 batch_size=16 validation_split=0.2 stratified class_weight=balanced"
    own_runs = '%config SeqMagics.ledger = "drawn.sqlite"'
    kernel, _ = survivor
    kernel.run(own_runs)
    kernel.run(NETWORK)
    outcome = kernel.run(fit, live=False)
    assert "360 of 1,797 rows are held out" in outcome.text + outcome.printed
    uncut = kernel.value("state()")
    with running_kernel(folder) as victim:
        victim.run(READ_AND_WATCH)
        victim.run(own_runs)
        victim.run(NETWORK)
        victim.run(fit)
        run = "from seqmagic.training.current_runs import last_run_of\nlen(last_run_of(globals()['digits']).record.batches)"
        while int(victim.value(run)) < 150:
            time.sleep(0.01)
        victim.manager.signal_kernel(9)
    assert "died" in kernel.run("%runs digits").text
    kernel.run(NETWORK)
    assert "are held out" in kernel.run("%fit digits --resume", live=False).text
    assert kernel.value("state()") == uncut
    assert kernel.value("{run.settings['fit']['split'] for run in seqmagic_runs()}") == "{'stratified'}"
    code = kernel.run("%sequential digits --python").printed
    assert "held_out[order[: len(order) - int(len(order) * (1 - 0.2))]] = True" in code
    assert "class_weight=class_weight" in code
