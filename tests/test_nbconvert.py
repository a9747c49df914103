"""nbconvert over a notebook with a cell that fails: nothing hangs, the exit code tells, and what was learned before is kept."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import pytest

from seqmagic.ledger.ledger import Ledger
from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.forking_server import forking
from tests.support.notebook_page import write_notebook

pytestmark = pytest.mark.kernel

BACKGROUND = (
    "import seqmagic\nother = seqmagic.build('input 8x8x1 -> flatten -> dense 10 softmax\\ncompile adam sparse_categorical_crossentropy')\n"
)
CELLS = (
    FIRST_CELL,
    NETWORK_CELL,
    "%fit digits x y epochs=2 batch_size=128",
    # It trains on while the cells below fail.
    f"{BACKGROUND}import time\nrun = seqmagic.fit(other, x, y, epochs=1_000_000)\nwhile not len(run.record.epochs): time.sleep(0.01)",
    "%fit digits x_trian y",
    "round(float(digits.evaluate(x, y, verbose=0)[1]), 3)",
)
SECONDS = 240


@dataclass
class Conversion:
    """An nbconvert that goes on, over a notebook in a folder of its own."""

    path: Path
    process: subprocess.Popen[str]
    printed: str = ""

    def end(self) -> int:
        """Wait for its end; gives the exit code."""
        self.printed = self.process.communicate(timeout=SECONDS)[1]
        return self.process.returncode


def begin(folder: Path, *options: str, forks: bool = False) -> Conversion:
    write_notebook(path := folder / "given.ipynb", *CELLS)
    command = ["nbconvert", "--to", "notebook", "--execute", "--output", "done", *options, str(path)]
    arguments, environment = forking(*command) if forks else (["-m", *command], dict(os.environ))
    return Conversion(path, subprocess.Popen([sys.executable, *arguments], stderr=subprocess.PIPE, text=True, env=environment))


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Conversion, Conversion]]:
    """Both at once, for each waits now and then: one that ends at an error, and one that goes on behind it, in a kernel with Keras imported."""
    both = begin(tmp_path_factory.mktemp("ends")), begin(tmp_path_factory.mktemp("goes-on"), "--allow-errors", forks=True)
    yield both
    for one in both:
        one.process.kill()


def runs_beside(path: Path) -> list[tuple[str, str]]:
    return [(entry.name, entry.state) for entry in Ledger(path.with_name("seqmagic-runs.sqlite")).entries()]


def shown(cell: Any) -> str:
    return "".join(str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", "")) for output in cell.outputs)


@pytest.mark.timeout(2 * SECONDS)
def test_a_failing_cell_ends_it(conversions: tuple[Conversion, Conversion]) -> None:
    done, path = conversions[0], conversions[0].path
    assert done.end() == 1
    assert "UnknownNameError" in done.printed
    assert "x_trian" in done.printed
    assert not path.with_name("done.ipynb").exists(), "nbconvert writes no notebook that failed"
    (_, first), (_, second) = runs_beside(path)
    assert first == "done"
    assert second in ("died", "stopped"), "it ended with the kernel, and can be resumed"


@pytest.mark.timeout(2 * SECONDS)
def test_with_errors_allowed_the_others_keep_what_they_show(conversions: tuple[Conversion, Conversion]) -> None:
    done, path = conversions[1], conversions[1].path
    assert done.end() == 0, done.printed
    cells = nbformat.read(path.with_name("done.ipynb"), 4).cells
    assert "Done: 2 of 2 epochs" in shown(cells[2])
    assert any("image/png" in output.get("data", {}) for output in cells[2].outputs)
    (error,) = cells[4].outputs
    assert error.ename == "UnknownNameError"
    assert len(error.traceback[0].splitlines()) <= 6
    assert 0.1 < float(shown(cells[5])) <= 1
    assert [cell.execution_count for cell in cells] == [1, 2, 3, 4, 5, 6]
