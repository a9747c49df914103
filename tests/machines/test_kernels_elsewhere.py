"""Real kernels, and a scheduler with a worker outside of them: the lines of a notebook, the panel, and a kernel that is killed and comes again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dask_class import class_machines
from tests.support.kernel import Kernel, running_kernel

pytest.importorskip("distributed")
pytestmark = pytest.mark.kernel

LONG = 600.0
NETWORK = (
    "%%sequential net --quiet\nseed 7\ninput 8 -> dense 8 relu -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy accuracy"
)
FAMILY = NETWORK.replace("net --quiet", "found").replace("dense 8", "dense choice(4, 8)")
READ = """
import numpy as np
x = np.random.RandomState(0).rand(120, 8).astype("float32")
y = (x.sum(axis=1) > 4).astype("int64")
from seqmagic.training.current_runs import last_run_of
from seqmagic.ledger.current import current_ledger
from seqmagic.widgets.status import describe_resumption
def run(): return last_run_of(net)
"""


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with class_machines(tmp_path_factory.mktemp("machines"), 1, encrypted=False) as (address, _):
        yield address


def opened(kernel: Kernel) -> Kernel:
    """A notebook's first cells."""
    for cell in (READ, NETWORK):
        assert kernel.run(cell).status == "ok"
    return kernel


@pytest.mark.timeout(900)
def test_a_killed_kernel_finds_its_run_under_way_and_its_sweep_has_a_panel(machines: str, tmp_path: Path) -> None:
    with running_kernel(tmp_path) as victim:
        opened(victim)
        ready = "import time\nfrom seqmagic.errors import SeqmagicError\nfrom seqmagic.machines.cluster import find\nfound_it = False"
        assert (
            victim.run(
                f"{ready}\nwhile not found_it:\n    try: found_it = bool(find({machines!r}))\n    except SeqmagicError: time.sleep(0.2)"
            ).status
            == "ok"
        )
        begun = victim.run(f"%fit net x y epochs=1000000 on={machines}")
        assert begun.status == "ok"
        assert any("application/vnd.jupyter.widget-view+json" in data for data in begun.displayed)
        victim.wait_until("current_ledger().load_checkpoint(run().number, 'last') is not None and len(run().record.epochs) > 3", LONG)
        told = str(victim.value("describe_resumption(run())")).strip("'")
        assert f"The training goes on at {machines}" in told
        line = told.partition(", then ")[2]
        seen, place = int(victim.value("len(run().record.epochs)")), victim.value("run().where")
        victim.manager.signal_kernel(9)
    with running_kernel(tmp_path) as kernel:
        opened(kernel)
        assert line.startswith("%fit net --resume=")
        assert line.endswith(f" on={machines}")
        assert kernel.run(line).status == "ok"
        kernel.wait_until(f"len(run().record.epochs) > {seen + 5}", LONG)
        assert (kernel.value("run().where"), kernel.value("run().warnings")) == (place, "[]")
        kernel.run("run().stop().wait()")
        assert kernel.value("bool((np.diff(run().record.epochs.rows_from()[1][:-1, 0]) == 1).all())") == "True"
        assert kernel.value("net.evaluate(x, y, verbose=0)[0] < run().history['loss'][0]") == "True"
        kernel.run(FAMILY)
        swept = kernel.run(f"%sweep found x y epochs=2 trials=2 on={machines}", live=False, timeout=LONG)
        assert swept.status == "ok"
        assert f"On 1 worker of {machines}" in swept.text
        assert kernel.value("found.count_params() in (54, 90)") == "True"
