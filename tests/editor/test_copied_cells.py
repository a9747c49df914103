"""Cells with characters that are not seen, from pages and word processors: what is marked is the word as it stands in the cell."""

from __future__ import annotations

import pytest

from seqmagic.editor.answers import check_cell, language_problems
from seqmagic.editor.check import Checker
from seqmagic.editor.flow import Memory

CELLS = {
    "a mark of the file's beginning": "%%sequential net\n\ufeffinput 8\ndense 4 rleu\ndense 2",
    "blanks without a width": "%%sequential net\ninput 8\nden\u200bse 4\u200b rleu -> dr\u00adopout 0.5\ndense 2",
    "lines of a word processor": "%%sequential net\ninput 8\vdense 4 rleu\vdense 2",
    "lines of a page, behind another": "%%sequential net\ninput 8\u2028dense 4 \u2060rleu\u2029dense 2",
    "letters of two units": "%%sequential net\ninput 8  # \U0001f600 \u200b\u2028dense 4 rleu\ndense 2",
}


def checked(cell: str, *, with_fixes: bool = False) -> dict[str, list[dict[str, object]]]:
    memory = Memory()
    return check_cell(cell, lambda network: Checker({}, memory), with_fixes=with_fixes)


def units(line: str, start: object, end: object) -> str:
    """A piece of a line, by JavaScript's columns."""
    return line.encode("utf-16-le")[2 * int(str(start)) : 2 * int(str(end))].decode("utf-16-le")


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_what_is_marked_is_the_word_as_it_is_written(cell: str) -> None:
    (problem,) = checked(cell)["problems"]
    assert "rleu" in str(problem["message"])
    assert units(cell.split("\n")[int(str(problem["line"])) - 1], problem["start"], problem["end"]) == "rleu"


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_shapes_stand_at_lines_that_are_there(cell: str) -> None:
    good = cell.replace("rleu", "relu")
    lines = checked(good)["lines"]
    assert [line["shape"] for line in lines] == ["8", "4", "2"]
    written = good.split("\n")
    assert all(str(line["params"] or "input 8") and 1 < int(str(line["line"])) <= len(written) for line in lines)


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_fix_is_told_but_puts_no_line_in_the_place_of_another(cell: str) -> None:
    (problem,) = checked(cell, with_fixes=True)["problems"]
    assert problem["fixes"] == [{"title": fix["title"]} for fix in problem["fixes"]]  # type: ignore[attr-defined]
    assert "relu" in str(problem["fixes"])


def test_a_fault_of_the_form_is_marked_where_it_is_written() -> None:
    cell = "%%sequential net\ninput 8\vdense 4 -> )"
    (problem,) = language_problems(cell)
    assert units(cell.split("\n")[1], problem["start"], problem["end"]) == ")"
