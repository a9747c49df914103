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

ENOUGH_MEMORY = 1_000_000_000  # Bytes: the least that a JupyterHub gives a student.
LONGEST_TITLE = 40
HANDED_OUT = (
    "{file} is beside the notebook: nbgrader would hand it out. It stays closed for other users, but its file is theirs to read; "
    "add {file!r} to c.CourseDirectory.ignore."
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
        titles = [cell.title[:LONGEST_TITLE] for cell in self.solution]
        width = max(map(len, [*titles, "what"]), default=0)
        head = f"cell  {'what':<{width}}  seconds   memory  "
        yield head + (f"{'solution':<18}  student's" if self.students is not None else "outcome")
        for index, cell in enumerate(self.solution):
            line = f"{cell.number:>4}  {titles[index]:<{width}}  {cell.seconds:>7.1f}  {format_bytes(cell.memory):>7}  "
            outcome = _outcome(cell)
            yield line + (f"{outcome:<18}  {_outcome(self.students[index])}" if self.students is not None else outcome)

    def _summary(self) -> Iterator[str]:
        seconds = sum(cell.seconds for cell in self.solution)
        most = max((cell.memory for cell in self.solution), default=0)
        line = f"{self.name}: {len(self.solution)} cells in {seconds:.0f} s, at most {format_bytes(most)}."
        if self.students is None:
            line += " Nothing in it is marked as a solution (### BEGIN SOLUTION ... ### END SOLUTION)."
        yield line
        yield from (f"Note: {note}" for note in self.notes)
        yield from (f"Fault: {fault}" for fault in self.faults)
        if not self.faults:
            yield "Nothing is wrong with it."


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
        raise FileError("A lab is read by nbformat, which is not installed.", instead='python -m pip install "seqmagic[lab]"') from error
    try:
        return nbformat.read(path, as_version=4)
    except OSError as error:
        raise FileError(f"{path} can't be read: {error.strerror or error}.", expected="a notebook, such as week-3.ipynb") from error
    except Exception as error:  # nbformat raises many types of exceptions.
        raise FileError(f"{path} is no notebook: {str(error).splitlines()[0][:200]}", expected="a file that ends in .ipynb") from error


def _is_graded(cell: Any) -> bool:
    """Whether a cell contains a check or a graded test."""
    return bool(cell.metadata.get("nbgrader", {}).get("grade")) or "\nexpect " in f"\n{cell.source}"


def _faults_of_solution(cells: list[CellRun]) -> Iterator[str]:
    for cell in cells:
        if cell.error and not cell.expected:
            yield f"cell {cell.number} of the solution fails: {cell.error}: {cell.message}"


def _faults_of_students(cells: list[CellRun], solved: set[int], graded: set[int]) -> Iterator[str]:
    """Faults of the student version: cells that fail before any blank, and checks that pass without a solution."""
    first = min(solved)
    for place, cell in enumerate(cells):
        if cell.error and not cell.expected and not cell.is_unfilled and place < first:
            yield f"cell {cell.number} fails for a student before anything is to be filled in: {cell.error}: {cell.message}"
        if place in solved and cell.error and not cell.is_unfilled:
            yield f"cell {cell.number} tells a student who has filled in nothing something else: {cell.error}: {cell.message}"
        if place in graded and place >= first and not cell.error:
            yield f"cell {cell.number} passes although nothing is filled in: it grades nothing."


def _notes(cells: list[CellRun], folder: Path) -> Iterator[str]:
    for cell in cells:
        if cell.hosts:
            yield f"cell {cell.number} needs a network: {', '.join(cell.hosts)}"
    most = max(cells, key=lambda cell: cell.memory, default=None)
    if most is not None and most.memory > ENOUGH_MEMORY:
        yield f"cell {most.number} takes {format_bytes(most.memory)}: a hub that gives 1 GB ends its kernel."
    if (folder / DEFAULT_FILE).exists():
        yield HANDED_OUT.format(file=DEFAULT_FILE)


def _outcome(cell: CellRun) -> str:
    outcome = "passes" if not cell.error else "not filled in yet" if cell.is_unfilled else cell.error
    return f"{outcome} (meant)" if cell.error and cell.expected and not cell.is_unfilled else outcome
