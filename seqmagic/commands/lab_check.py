"""Checking a lab: runs its solution and the student version, and reports on the exercises."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqmagic.commands.lab_run import CellRun, run_cells
from seqmagic.commands.lab_versions import students_version
from seqmagic.errors import FileError
from seqmagic.ledger.current import DEFAULT_FILE
from seqmagic.network.memory import format_bytes
from seqmagic.translation import gettext, gettext_noop, ngettext
from seqmagic.widgets.text_table import pad, width_of

ENOUGH_MEMORY = 1_000_000_000  # Bytes: the least that a JupyterHub gives a student.
LONGEST_TITLE = 40
OUTCOME = 18  # Columns.
HANDED_OUT = gettext_noop(
    "{file} is next to the notebook, so nbgrader would hand it out. Other users can't open it as a file of runs, but "
    "they can read it; add {file!r} to c.CourseDirectory.ignore."
)


@dataclass(frozen=True)
class LabReport:
    """The results of checking a lab.

    Attributes:
        name: of its file.
        solution: the cells as they are. students: the student version; None if nothing is marked as a solution.
        faults: what a teacher should fix. notes: what a teacher should know.
    """

    name: str
    solution: tuple[CellRun, ...]
    students: tuple[CellRun, ...] | None
    faults: tuple[str, ...]
    notes: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([*self._table(), "", *self._summary()])

    def _table(self) -> Iterator[str]:
        outcomes = [gettext("solution"), gettext("student's")] if self.students is not None else [gettext("outcome")]
        rows = [(gettext("cell"), gettext("what"), gettext("seconds"), gettext("memory"), *outcomes)]
        for index, cell in enumerate(self.solution):
            ended = [_outcome(one) for one in (cell, *(self.students[index : index + 1] if self.students is not None else ()))]
            rows.append((str(cell.number), cell.title[:LONGEST_TITLE], f"{cell.seconds:.1f}", format_bytes(cell.memory), *ended))
        width = max(width_of(row[1]) for row in rows)
        for number, title, seconds, memory, outcome, *given in rows:
            line = f"{pad(number, 4, right=True)}  {pad(title, width)}  {pad(seconds, 7, right=True)}  {pad(memory, 7, right=True)}  "
            yield line + (f"{pad(outcome, OUTCOME)}  {given[0]}" if given else outcome)

    def _summary(self) -> Iterator[str]:
        seconds = sum(cell.seconds for cell in self.solution)
        most = max((cell.memory for cell in self.solution), default=0)
        line = ngettext(
            "{name}: {count} cells in {seconds:.0f} s, at most {most}.",
            "{name}: {count} cells in {seconds:.0f} s, at most {most}.",
            len(self.solution),
            name=self.name,
            seconds=seconds,
            most=format_bytes(most),
        )
        if self.students is None:
            line += gettext(" No part of it is marked as a solution (### BEGIN SOLUTION ... ### END SOLUTION).")
        yield line
        yield from (gettext("Note: {note}", note=note) for note in self.notes)
        yield from (gettext("Problem: {fault}", fault=fault) for fault in self.faults)
        if not self.faults:
            yield gettext("No problems found.")


def check_lab(path: Path, *, offline: bool = False, timeout: int = 600) -> LabReport:
    """Run a notebook with its solutions, and as the student version.

    Args:
        offline: refuse all network connections.
        timeout: seconds per cell.

    Raises:
        FileError: If it can't be read, or a package for running it is missing.
    """
    notebook, folder = _read(path), path.absolute().parent
    given, solved = students_version(notebook)
    solution = run_cells(notebook, folder, offline=offline, timeout=timeout)
    students = run_cells(given, folder, offline=offline, timeout=timeout) if solved else None
    code = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    places = {code.index(index) for index in solved}
    graded = {place for place, index in enumerate(code) if _is_graded(notebook.cells[index])}
    faults = [*_faults_of_solution(solution), *(_faults_of_students(students, places, graded) if students is not None else ())]
    return LabReport(path.name, tuple(solution), tuple(students) if students else None, tuple(faults), tuple(_notes(solution, folder)))


def _read(path: Path) -> Any:
    try:
        import nbformat
    except ImportError as error:
        problem = gettext("Checking a lab needs nbformat, which is not installed.")
        raise FileError(problem, instead='python -m pip install "seqmagic[lab]"') from error
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        problem = gettext("{path} can't be read: {reason}.", path=path, reason=error.strerror or error)
        raise FileError(problem, expected=gettext("a notebook, such as week-3.ipynb")) from error
    except Exception as error:  # nbformat raises many types of exceptions.
        problem = gettext("{path} is not a notebook: {reason}", path=path, reason=str(error).splitlines()[0][:200])
        raise FileError(problem, expected=gettext("a file that ends in .ipynb")) from error


def _is_graded(cell: Any) -> bool:
    """Whether a cell contains a check or a graded test."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade")) or "\nexpect " in f"\n{cell.source}"


def _faults_of_solution(cells: list[CellRun]) -> Iterator[str]:
    for cell in cells:
        if cell.error and not cell.expected:
            yield _told(gettext_noop("cell {number} of the solution fails: {error}: {message}"), cell)


def _faults_of_students(cells: list[CellRun], solved: set[int], graded: set[int]) -> Iterator[str]:
    """Faults of the student version: cells that fail before any blank, and checks that pass without a solution."""
    first = min(solved)
    for place, cell in enumerate(cells):
        if cell.error and not cell.expected and not cell.is_unfilled and place < first:
            yield _told(gettext_noop("cell {number} fails for a student before anything has to be filled in: {error}: {message}"), cell)
        if place in solved and cell.error and not cell.is_unfilled:
            yield _told(
                gettext_noop("cell {number} shows a different error to a student who has filled in nothing: {error}: {message}"), cell
            )
        if place in graded and place >= first and not cell.error:
            yield _told(gettext_noop("cell {number} passes although nothing is filled in, so it grades nothing."), cell)


def _told(text: str, cell: CellRun) -> str:
    return gettext(text, number=cell.number, error=cell.error, message=cell.message)


def _notes(cells: list[CellRun], folder: Path) -> Iterator[str]:
    for cell in cells:
        if cell.hosts:
            yield gettext("cell {number} needs a network connection: {hosts}", number=cell.number, hosts=", ".join(cell.hosts))
    most = max(cells, key=lambda cell: cell.memory, default=None)
    if most is not None and most.memory > ENOUGH_MEMORY:
        memory = format_bytes(most.memory)
        yield gettext("cell {number} needs {memory}: a hub with a limit of 1 GB would kill its kernel.", number=most.number, memory=memory)
    if (folder / DEFAULT_FILE).exists():
        yield gettext(HANDED_OUT, file=DEFAULT_FILE)


def _outcome(cell: CellRun) -> str:
    outcome = gettext("passes") if not cell.error else gettext("not filled in yet") if cell.is_unfilled else cell.error
    return gettext("{outcome} (intended)", outcome=outcome) if cell.error and cell.expected and not cell.is_unfilled else outcome
