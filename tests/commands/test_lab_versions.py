"""What a student gets of a lab: as nbgrader and otter-grader take its solutions out."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest

from seqmagic.commands.lab_versions import STUB, students_version, take_out_solutions
from seqmagic.commands.network_watch import programs_in

CELL = "%%sequential net\ninput 8\n  ### BEGIN SOLUTION\n  dense 4\n  dense 2\n  ### END SOLUTION\nexpect output 2"


def test_a_block_becomes_a_stub_with_its_indent() -> None:
    assert take_out_solutions(CELL).split("\n")[2:] == [f"  {STUB[0]}", f"  {STUB[1]}", "expect output 2"]
    assert take_out_solutions(CELL, stub=()).split("\n")[2:] == ["expect output 2"]


@pytest.mark.parametrize(
    ("line", "left"),
    [
        ("units = 32  # SOLUTION", "units = ..."),
        ("    dense 10  # SOLUTION", "    ..."),
        ("if a == b:  # SOLUTION", "..."),
        ("units = 32  # the SOLUTIONS", "units = 32  # the SOLUTIONS"),
        ("print('SOLUTION')", "print('SOLUTION')"),
    ],
)
def test_marked_lines_are_taken_out_as_otter_does(line: str, left: str) -> None:
    assert take_out_solutions(line) == left


def cell(source: str, **marks: Any) -> Any:
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": marks} if marks else {})


def test_hidden_tests_and_whole_answers_go_and_the_notebook_stays_as_it_is() -> None:
    tests = "assert net\n### BEGIN HIDDEN TESTS\nassert secret\n### END HIDDEN TESTS\nassert more"
    cells = [cell("x = 1"), cell("answer = 42", solution=True), cell(CELL), cell(tests, grade=True)]
    notebook = nbformat.v4.new_notebook(cells=cells)
    before = [one.source for one in notebook.cells]
    made, solved = students_version(notebook)
    assert solved == [1, 2]
    assert made.cells[1].source == "\n".join(STUB)
    assert made.cells[3].source == "assert net\nassert more"
    assert [one.source for one in notebook.cells] == before


def test_an_assignment_of_otter_leaves_nothing_in_the_place_of_a_block() -> None:
    raw = nbformat.v4.new_raw_cell("# ASSIGNMENT CONFIG\nname: week3")
    made, _ = students_version(nbformat.v4.new_notebook(cells=[raw, cell(CELL)]))
    assert made.cells[1].source == "%%sequential net\ninput 8\nexpect output 2"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("!pip install pandas", ["pip install pandas"]),
        ("%pip install -q pandas", ["pip install -q pandas"]),
        ("!{sys.executable} -m pip install x", ["pip install x"]),
        ("x = 1\n  !wget http://a.b/c.csv", ["wget http://a.b/c.csv"]),
        ("pip = 3", []),
        ("!ls", []),
    ],
)
def test_programs_that_need_a_network_are_known_by_their_names(line: str, found: list[str]) -> None:
    assert list(programs_in(line)) == found
