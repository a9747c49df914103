"""A seeded training comes to the same bits in a live notebook, in a headless one and in a script, whatever is pressed."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

import seqmagic
from tests.support.digits import DIGITS
from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel

NETWORK = "seed 7\n" + DIGITS.replace("flatten", "flatten -> batchnorm")
FIT = "epochs=3 batch_size=16 validation_split=0.1"
HASH = """
import hashlib, time
def state():
    digest = hashlib.sha256()
    for variable in [*digits.variables, *digits.optimizer.variables]:
        digest.update(variable.value.numpy().tobytes())
    return digest.hexdigest()
def hold(run):
    while not (run.paused or run.ended): time.sleep(0.002)
    return run
"""
PRESS = """
run = hold(active()[0].pause())
hold(run.step_batch()); hold(run.step_epoch()); run.resume()
"""


def digest_of(model: Any) -> str:
    digest = hashlib.sha256()
    for variable in [*model.variables, *model.optimizer.variables]:
        digest.update(variable.value.numpy().tobytes())
    return digest.hexdigest()


def train_in_kernel(kernel: Kernel, *presses: str, live: bool) -> str:
    assert kernel.run(f"%%sequential digits --quiet\n{NETWORK}").status == "ok"
    assert kernel.run(f"%fit digits x y {FIT}", live=live).status == "ok"
    for press in presses:
        assert kernel.run(press).status == "ok"
    kernel.run("digits.name")  # A cell that waits for the training's end.
    return kernel.value("print(state())")


def test_live_headless_and_in_a_script(kernel: Kernel, digits_data: Any) -> None:
    script = seqmagic.build(NETWORK)
    seqmagic.fit(script, *digits_data, epochs=3, batch_size=16, validation_split=0.1).wait()
    wanted = digest_of(script)
    assert kernel.run(HASH).status == "ok"
    assert train_in_kernel(kernel, live=False) == wanted
    assert train_in_kernel(kernel, live=True) == wanted
    assert train_in_kernel(kernel, PRESS, live=True) == wanted
