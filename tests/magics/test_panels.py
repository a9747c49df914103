"""Panels go with the cell that showed them, and see what other cells start."""

from __future__ import annotations

import pytest

from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel
SETUP = """import numpy as np
from ipywidgets.widgets.widget import _instances
from seqmagic.widgets import dashboard
x, y = np.random.default_rng(1).random((64, 4)), np.arange(64) % 3
%sequential net input 4 -> dense 3 softmax --quiet
net.compile("adam", "sparse_categorical_crossentropy")"""


@pytest.fixture(scope="module")
def kernel(shared_kernel: Kernel) -> Kernel:
    shared_kernel.reset()
    assert shared_kernel.run(SETUP).status == "ok"
    return shared_kernel


def in_cell(kernel: Kernel, cell: str, code: str) -> None:
    """Run code as a page would, which says which cell it is."""
    content = {"code": code, "silent": False, "store_history": True, "user_expressions": {}, "allow_stdin": True, "stop_on_error": True}
    message = kernel.client.session.msg("execute_request", content)
    message["metadata"]["cellId"] = cell
    kernel.client.shell_channel.send(message)
    assert kernel.finish(message["header"]["msg_id"]).status == "ok"


def test_a_cell_that_runs_again_closes_what_it_showed(kernel: Kernel) -> None:
    before = kernel.value("len(_instances)")
    in_cell(kernel, "a", "%dashboard net x y")
    once = kernel.value("len(_instances)")
    in_cell(kernel, "a", "%dashboard net x y")
    in_cell(kernel, "b", "%fit net x y")
    kernel.run("net.count_params()")
    in_cell(kernel, "b", "'something else'")
    assert kernel.value("len(_instances)") == once
    in_cell(kernel, "a", "1")
    assert kernel.value("len(_instances)") == before


def test_a_dashboard_shows_a_run_that_a_later_cell_starts(kernel: Kernel) -> None:
    in_cell(kernel, "a", "%dashboard net x y")
    in_cell(kernel, "b", "%fit net x y epochs=100000")
    assert kernel.value("next(iter(dashboard._open)).run.state") == "'running'"
    in_cell(kernel, "b", "'the run goes on'")
    kernel.run("from seqmagic.training.registry import active_runs\nactive_runs()[0].stop()")
    assert kernel.value("next(iter(dashboard._open)).view.header()['state']") in ("'stopped'", "'running'")
    kernel.run("net.count_params()")
    assert kernel.value("next(iter(dashboard._open)).view.header()['state']") == "'stopped'"
    in_cell(kernel, "a", "1")
