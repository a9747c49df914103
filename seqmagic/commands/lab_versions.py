"""The versions of a lab: the solution, and the student version. It reads the markers of nbgrader and of otter-grader."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from typing import Any

BEGIN, END = re.compile(r"\bBEGIN SOLUTION\b"), re.compile(r"\bEND SOLUTION\b")
HIDDEN = re.compile(r"^\s*#+\s*BEGIN HIDDEN TESTS\b.*?^\s*#+\s*END HIDDEN TESTS\b[^\n]*\n?", re.MULTILINE | re.DOTALL)
MARKED_LINE = re.compile(r"^(\s*)(?:([^\n#=]*?)=(?!=))?[^\n]*?#\s*SOLUTION\b[^\n]*$", re.MULTILINE)
PROMPT = re.compile(r"^\s*#\s*BEGIN PROMPT\s*\n(.*?)^\s*#\s*END PROMPT[^\n]*$", re.MULTILINE | re.DOTALL)
OF_OTTER = re.compile(r"^\s*#\s*ASSIGNMENT CONFIG\b", re.MULTILINE)
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")


def students_version(notebook: Any) -> tuple[Any, list[int]]:
    """The student version of a notebook, and the indices of the cells that had a solution; the notebook itself is not changed.

    Args:
        notebook: an nbformat notebook.
    """
    made = copy.deepcopy(notebook)
    otter = any(cell.cell_type == "raw" and OF_OTTER.search(cell.source) for cell in made.cells)
    solved = []
    for index, cell in enumerate(made.cells):
        if cell.cell_type != "code":
            continue
        before = cell.source
        is_answer = cell.metadata.get("nbgrader", {}).get("solution", False) and not cell.metadata["nbgrader"].get("task", False)
        if is_answer and not BEGIN.search(before):
            cell.source = "\n".join(STUB)
        else:
            cell.source = take_out_solutions(before, stub=() if otter else STUB)
        if cell.source != before:
            solved.append(index)
        cell.source = HIDDEN.sub("", cell.source)
    return made, solved


def take_out_solutions(source: str, stub: tuple[str, ...] = STUB) -> str:
    r"""A cell without its solutions.

    >>> take_out_solutions("%%sequential net\ninput 8\n### BEGIN SOLUTION\ndense 4\n### END SOLUTION")
    '%%sequential net\ninput 8\n# YOUR CODE HERE\nraise NotImplementedError()'
    >>> take_out_solutions("units = 32  # SOLUTION")
    'units = ...'

    Args:
        stub: the lines that replace the text between the markers.
    """
    text = "\n".join(_outside(source.split("\n"), stub))
    text = MARKED_LINE.sub(lambda found: f"{found[1]}{found[2].rstrip()} = ..." if found[2] else f"{found[1]}...", text)
    return PROMPT.sub(lambda found: re.sub(r"^\s*(\"\"\"|''')\s*\n?|(\"\"\"|''')\s*$", "", found[1]), text)


def _outside(lines: list[str], stub: tuple[str, ...]) -> Iterator[str]:
    inside = False
    for line in lines:
        if not inside and BEGIN.search(line):
            inside = True
            indent = line[: len(line) - len(line.lstrip())]
            yield from (indent + part for part in stub)
        elif inside and END.search(line):
            inside = False
        elif not inside:
            yield line
