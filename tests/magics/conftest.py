"""A kernel for all tests of a module: they are in order, and each leaves no run behind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.digits import DIGITS, READ_AND_WATCH
from tests.support.kernel import Kernel, running_kernel


@pytest.fixture(scope="module")
def kernel() -> Iterator[Kernel]:
    with running_kernel() as running:
        assert running.run(READ_AND_WATCH).status == "ok"
        yield running


@pytest.fixture
def digits(kernel: Kernel) -> Iterator[Kernel]:
    """The kernel with a fresh model `digits`."""
    assert kernel.run(f"%%sequential digits --quiet\n{DIGITS}").status == "ok"
    yield kernel
    kernel.run("for run in active(): run.stop().wait_quietly()")
