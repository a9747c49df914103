"""Real assignments of nbgrader and otter-grader: generated, submitted right, wrong and empty, and graded.

Both want packages that no other test does, in versions of their own (otter-grader an older wrapt), and bring extensions of JupyterLab along. So
they have an environment of their own, on top of that of the tests: `SEQMAGIC_GRADERS` names its Python, and `.ci/run` makes it.
"""

from __future__ import annotations

import json
import os
import subprocess
from contextlib import closing
from pathlib import Path
from typing import Any

import nbformat
import pytest

from seqmagic.commands.lab_versions import students_version
from seqmagic.ledger.current import DEFAULT_FILE
from seqmagic.ledger.ledger import Ledger
from tests.support.ledgers import begin

PYTHON = os.environ.get("SEQMAGIC_GRADERS", "")
pytestmark = [
    pytest.mark.skipif(not PYTHON, reason="SEQMAGIC_GRADERS names no Python with nbgrader and otter-grader"),
    pytest.mark.timeout(1800),
]

DATA = """%load_ext seqmagic
from sklearn.datasets import load_digits
x, y = load_digits(return_X_y=True)
x = (x / 16).reshape(-1, 8, 8, 1)"""
SOLUTION = "flatten -> dense 16 relu\ndense 10 softmax"
ANSWERS = {"right": SOLUTION, "wrong": "flatten -> dense 200 relu\ndense 12 softmax", "empty": None}
LAST = "compile adam sparse_categorical_crossentropy accuracy\nfit x y epochs=2"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def run(*words: str, folder: Path) -> str:
    """A command of the graders' environment."""
    environment = {**os.environ, "PATH": os.pathsep.join([str(Path(PYTHON).parent), os.environ["PATH"]]), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run([PYTHON, *words], cwd=folder, env=environment, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-6000:]
    return done.stdout


def save(folder: Path, name: str, cells: list[Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}, "language_info": {"name": "python"}}
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), folder / name)
    return folder / name


def answer_of(stub: str, answer: str | None, solution: str) -> str:
    """The cell of a student: what stands in the stub's place, or the stub."""
    return stub if answer is None else solution.replace(SOLUTION, answer)


# nbgrader.


def graded(source: str, grade_id: str, **marks: Any) -> Any:
    facts = {"schema_version": 3, "grade_id": grade_id, "grade": False, "solution": False, "locked": False, "task": False, **marks}
    return nbformat.v4.new_code_cell(source, metadata={"nbgrader": facts})


NETWORK = f"%%sequential digits\ninput 8x8x1\n{BEGIN}\n{SOLUTION}\n{END}\n{LAST}"
COURSE = """
c = get_config()
c.CourseDirectory.course_id = "course"
# By itself the default of 30 s is enough: the cell with the network takes 7 s of the processor (it waits for Keras), the first one 3, those with the
# tests 0.0 (measured in this environment). Where several suites share two cores, the clock shows ten times that.
c.ExecutePreprocessor.timeout = 600
"""
SCORES = """
import json
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    print(json.dumps({one.student.id: [grade.auto_score for grade in one.notebooks[0].grades] for one in book.assignment_submissions("ps1")}))
"""


def test_nbgrader_grades_what_is_right_and_reports_what_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nbgrader_config.py").write_text(COURSE)
    monkeypatch.setenv("JUPYTERHUB_USER", "marina")
    cells = [
        nbformat.v4.new_code_cell(DATA),
        graded(NETWORK, "network", solution=True),
        graded("%%sequential digits\nexpect output 10 softmax", "output", grade=True, locked=True, points=1),
        graded("%%sequential digits\nexpect params < 2k\nexpect epochs = 2", "size", grade=True, locked=True, points=2),
    ]
    source = tmp_path / "source" / "ps1"
    save(source, "lab.ipynb", cells)
    with closing(Ledger(source / DEFAULT_FILE)) as ledger:
        begin(ledger, "solution")
    run("-m", "nbgrader", "generate_assignment", "ps1", "--create", folder=tmp_path)
    released = tmp_path / "release" / "ps1"
    handed_out = nbformat.read(released / "lab.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    assert "dense 16" not in json.dumps(handed_out)
    # What `seqmagic lab check` runs as a student's is what nbgrader makes.
    own, _ = students_version(nbformat.read(source / "lab.ipynb", as_version=4))  # type: ignore[no-untyped-call]
    assert [cell.source for cell in own.cells] == [cell.source for cell in handed_out.cells]
    # nbgrader hands out the teacher's runs; a student's kernel leaves them closed.
    monkeypatch.setenv("JUPYTERHUB_USER", "ana")
    with closing(Ledger(released / DEFAULT_FILE)) as ledger:
        assert ledger.entries() == []
    monkeypatch.setenv("JUPYTERHUB_USER", "marina")
    for student, answer in ANSWERS.items():
        handed_out.cells[1].source = answer_of(handed_out.cells[1].source, answer, NETWORK)
        folder = tmp_path / "submitted" / student / "ps1"
        folder.mkdir(parents=True)
        nbformat.write(handed_out, folder / "lab.ipynb")  # type: ignore[no-untyped-call]
        handed_out = nbformat.read(released / "lab.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    run("-m", "nbgrader", "autograde", "ps1", "--create", folder=tmp_path)
    scores = json.loads(run("-c", SCORES, folder=tmp_path))
    assert scores == {"right": [1, 2], "wrong": [0, 0], "empty": [0, 0]}
    shown = (tmp_path / "autograded" / "empty" / "ps1" / "lab.ipynb").read_text("utf-8")
    assert "Not filled in yet" in shown
    wrong = (tmp_path / "autograded" / "wrong" / "ps1" / "lab.ipynb").read_text("utf-8")
    assert "expect params < 2k" in wrong
    assert "15,412 parameters" in wrong


# otter-grader.


def raw(*lines: str) -> Any:
    return nbformat.v4.new_raw_cell("\n".join(lines))


MARKED = "%%sequential digits\ninput 8x8x1\nflatten -> dense 16 relu  # SOLUTION\ndense 10 softmax  # SOLUTION\n" + LAST
EMPTY = "%%sequential digits\ninput 8x8x1\n...\n...\n" + LAST
GRADE = """
import json, sys
from otter.api import grade_submission
scores = {}
for name in sys.argv[2:]:
    results = grade_submission(f"{name}.ipynb", sys.argv[1], quiet=True)
    scores[name] = results.total
print(json.dumps(scores))
"""


def test_otter_grades_what_is_right_and_wrong(tmp_path: Path) -> None:
    cells = [
        raw("# ASSIGNMENT CONFIG", "name: week3", "export_cell: false", "run_tests: false", "tests:", "    files: false"),
        nbformat.v4.new_code_cell(DATA),
        raw("# BEGIN QUESTION", "name: q1", "points: 2"),
        raw("# BEGIN SOLUTION"),
        nbformat.v4.new_code_cell(MARKED),
        raw("# END SOLUTION"),
        raw("# BEGIN TESTS"),
        nbformat.v4.new_code_cell('import seqmagic\nassert seqmagic.check(digits, "expect output 10 softmax")'),
        nbformat.v4.new_code_cell('# HIDDEN\nimport seqmagic\nassert seqmagic.check(digits, "expect params < 2k")'),
        raw("# END TESTS"),
        raw("# END QUESTION"),
    ]
    master = save(tmp_path, "lab.ipynb", cells)
    run("-m", "otter", "assign", "lab.ipynb", "dist", "--no-run-tests", "--no-pdfs", folder=tmp_path)
    handed_out = nbformat.read(tmp_path / "dist" / "student" / "lab.ipynb", as_version=4)  # type: ignore[no-untyped-call]
    place = next(number for number, cell in enumerate(handed_out.cells) if cell.source.startswith("%%sequential"))
    assert handed_out.cells[place].source == EMPTY
    own, solved = students_version(nbformat.read(master, as_version=4))  # type: ignore[no-untyped-call]
    assert [own.cells[index].source for index in solved] == [EMPTY]
    for student, answer in ANSWERS.items():
        handed_out.cells[place].source = EMPTY if answer is None else EMPTY.replace("...\n...", answer)
        nbformat.write(handed_out, tmp_path / f"{student}.ipynb")  # type: ignore[no-untyped-call]
    (archive,) = (tmp_path / "dist" / "autograder").glob("*.zip")
    assert json.loads(run("-c", GRADE, str(archive), *ANSWERS, folder=tmp_path)) == {"right": 2, "wrong": 0, "empty": 0}
