"""Three models in one kernel: trained after one another and at once they learn what each learns alone, and Stop ends the right one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.kernel import Kernel

NAMES = ("plain", "dropped", "wide")
LAYERS = {"plain": "dense 10 softmax", "dropped": "dropout 0.3 -> dense 10 softmax", "wide": "dense 64 relu -> dense 10 softmax"}
TEXT = "seed 5\ninput 8x8x1\nflatten -> {layers}\ncompile adam(1e-3) sparse_categorical_crossentropy accuracy"
FIT = "epochs=4 batch_size=64 shuffle=False validation_split=0.2"
# What Keras's own fit makes of each, alone.
ALONE = f"""
import numpy as np, seqmagic
from seqmagic.training.current_runs import last_run_of
from seqmagic.widgets.training_panel import TrainingPanel
panels = {{}}
attach = TrainingPanel.attach
def note_and_attach(panel, run):
    panels[run.name] = panel
    attach(panel, run)
TrainingPanel.attach = note_and_attach
texts = {{name: {TEXT!r}.replace("{{layers}}", layers) for name, layers in {LAYERS!r}.items()}}
alone = {{}}
for name, text in texts.items():
    model = seqmagic.build(text)
    history = model.fit(x, y, epochs=4, batch_size=64, shuffle=False, validation_split=0.2, verbose=0).history
    alone[name] = model.get_weights(), history
def is_as_alone(name):
    weights, history = alone[name]
    model = globals()[name]
    return all(map(np.array_equal, model.get_weights(), weights)) and last_run_of(model).history == history
def states():
    return [last_run_of(globals()[name]).state for name in texts]
"""


@pytest.fixture(scope="module")
def three(kernel: Kernel) -> Iterator[Kernel]:
    assert kernel.run(ALONE).error == []
    yield kernel
    kernel.run("TrainingPanel.attach = attach")  # The next module begins anew, but for what is imported.


def make(kernel: Kernel) -> None:
    for name in NAMES:
        assert kernel.run(f"%%sequential {name} --quiet\n{TEXT.format(layers=LAYERS[name])}").error == []


@pytest.mark.parametrize("live", [True, False], ids=["at once", "after one another"])
def test_each_learns_what_it_learns_alone(three: Kernel, live: bool) -> None:  # noqa: FBT001
    make(three)
    for name in NAMES:
        assert three.run(f"%fit {name} x y {FIT}", live=live).error == []
    for name in NAMES:
        three.run(f"{name}.name")
    assert three.value("states()") == str(["done"] * 3)
    assert three.value("[is_as_alone(name) for name in texts]") == str([True] * 3)
    assert three.value("len({last_run_of(globals()[name]).number for name in texts})") == "3"


def test_stop_ends_its_own_run_and_the_interrupt_all(three: Kernel) -> None:
    make(three)
    for name in NAMES:
        assert three.run(f"%fit {name} x y epochs=100000").error == []
    three.wait_until("states() == ['running'] * 3")
    three.press(three.value("panels['dropped'].view.model_id").strip("'"), "stop")
    three.wait_until("states() == ['running', 'stopped', 'running']")
    three.press(three.value("panels['wide'].view.model_id").strip("'"), "pause")
    three.wait_until("states() == ['running', 'stopped', 'paused']")
    assert three.value("[panels[name].view.header()['state'] for name in texts]") == "['running', 'stopped', 'paused']"
    three.manager.interrupt_kernel()
    three.wait_until("states() == ['stopped'] * 3")
