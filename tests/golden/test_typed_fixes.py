"""Every fix that is offered for a cell is typed in, in a notebook, and works: those of the pages, and those of cells with several slips.

SEQMAGIC_FUZZ_FACTOR=9 python -m pytest tests/golden/test_typed_fixes.py    tries about 250 broken cells
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from seqmagic.errors import SeqmagicError
from tests.support.broken_cells import BrokenCell, break_cell
from tests.support.golden_pages import name_of, of_kind
from tests.support.notebook_shell import NotebookShell, notebook_shell
from tests.support.typed_fixes import type_fix

HEAD = "%%sequential net --quiet"
MOST_SHOWN_FIXES = 2
BROKEN = round(28 * float(os.environ.get("SEQMAGIC_FUZZ_FACTOR", "1")))
PER_TEST = 14
OFFERING = [(page, case) for page, case in of_kind("seqmagic") if "Type instead" in case["message"]]


@pytest.fixture(scope="module")
def notebook() -> Iterator[NotebookShell]:
    generator = np.random.default_rng(0)
    rows = generator.random((40, 8)).astype("float32")
    names = {"width": 8, "rows": rows, "amounts": np.arange(40.0), "x_train": rows[:, :6], "y_train": np.arange(40) % 3}
    with notebook_shell(**names, images=generator.random((40, 8, 8, 1))) as running:
        yield running


@pytest.mark.parametrize(("page", "case"), OFFERING, ids=name_of)
def test_every_fix_of_the_pages_works(notebook: NotebookShell, page: Path, case: re.Match[str]) -> None:
    cell = f"{HEAD}\n{case['cause'].rstrip()}"
    errors = notebook.run(cell).errors
    assert any(error.fixes for error in errors)
    for error in errors:
        for fix in error.fixes[:MOST_SHOWN_FIXES]:
            *before, typed = type_fix(cell, error.span, fix)
            assert [notebook.run(one).error for one in before] == [None] * len(before)
            left = notebook.run(typed).errors
            assert problems(left) <= problems(errors) - {summary_of(error)}, (fix, left)


def summary_of(error: SeqmagicError) -> str:
    """An error, wherever its line has moved."""
    return re.sub(r"line \d+", "line", error.problem)


def problems(errors: list[SeqmagicError]) -> set[str]:
    return set(map(summary_of, errors))


@pytest.mark.parametrize("first", range(0, BROKEN, PER_TEST))
def test_every_fix_of_cells_with_several_slips_works(notebook: NotebookShell, first: int) -> None:
    failures = [failure for number in range(first, first + PER_TEST) for failure in failures_of(break_cell(number), notebook)]
    assert failures == []


def failures_of(broken: BrokenCell, notebook: NotebookShell) -> Iterator[str]:
    """What goes wrong when the fixes of a broken cell are typed, each alone: with the other slips undone, the cell has to work."""
    cell = "\n".join([HEAD, *broken.lines])
    for error in notebook.run(cell).errors:
        for fix in error.fixes[:MOST_SHOWN_FIXES]:
            *before, typed = type_fix(cell, error.span, fix)
            assert [notebook.run(one).error for one in before] == [None] * len(before), (cell, fix)
            if (error.problem, line_of(error)) in [(left.problem, line_of(left)) for left in notebook.run(typed).errors]:
                yield f"{cell}\n{error}\n=> {fix!r} leaves it"
            own = cell.split("\n")[line_of(error)]
            whole = "\n".join(undo_others(typed.split("\n"), own, broken))
            left = notebook.run(whole).errors
            if left:
                yield f"{cell}\n{error}\n=> {fix!r} gives\n{whole}\n{left[0]}"


def line_of(error: SeqmagicError) -> int:
    return error.span.line if error.span is not None else 0


def undo_others(typed: list[str], own: str, broken: BrokenCell) -> list[str]:
    """A cell in which a fix was typed, with each other line as it was meant.

    own: the line that the error points at: that one is the fix's to mend.
    """
    meant = {line: right for line, right in zip(broken.lines, broken.right, strict=True) if line not in (right, own)}
    return [meant.get(line, line) for line in typed]


def test_fixes_are_offered(notebook: NotebookShell) -> None:
    """Nothing is proved by a message without a fix: most slips have one."""
    errors = [error for number in range(PER_TEST) for error in notebook.run("\n".join([HEAD, *break_cell(number).lines])).errors]
    assert sum(bool(error.fixes) for error in errors) > len(errors) / 2
