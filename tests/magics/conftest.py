"""One kernel, which begins anew with each module: the tests of a module are in order, and each leaves no run behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.digits import DIGITS, READ_AND_WATCH
from tests.support.kernel import Kernel, running_kernel


@pytest.fixture(scope="session")
def shared_kernel() -> Iterator[Kernel]:
    """A kernel for all modules in which nothing depends on its being a fresh one."""
    with running_kernel() as running:
        yield running


@pytest.fixture(scope="module")
def kernel(shared_kernel: Kernel) -> Kernel:
    shared_kernel.reset()
    assert shared_kernel.run(READ_AND_WATCH).status == "ok"
    return shared_kernel


@pytest.fixture
def digits(kernel: Kernel) -> Iterator[Kernel]:
    """The kernel with a fresh model `digits`."""
    assert kernel.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
    yield kernel
    kernel.run("for run in active(): run.stop().wait_quietly()")
