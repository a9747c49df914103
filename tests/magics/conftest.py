"""A kernel for all tests of a module: they are in order, and each leaves no run behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import DIGITS
from tests.kernel import Kernel, running_kernel

DATA = """
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x = (x / 16).reshape(-1, 8, 8, 1)
def active():
    from seqmagic.training.run import active_runs
    return active_runs()
"""


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as running:
        assert running.run(DATA).status == "ok"
        yield running


@pytest.fixture
def digits(kernel: Kernel) -> Iterator[Kernel]:
    """The kernel with a fresh model `digits`."""
    assert kernel.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
    yield kernel
    kernel.run("for run in active(): run.stop().wait_quietly()")
