"""Every notebook runs from top to bottom without a screen, and keeps its results.

Those in another language do what the English ones do (test_translation.py): one of them runs each time, all of them where SEQMAGIC_NOTEBOOKS is `all`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert import HTMLExporter

from tests.notebooks.translation import ENGLISH, SOLUTION, translations
from tests.notebooks.usage import run

MOST_BYTES = 1_000_000_000  # Of a kernel: what a hub of a university gives to each of two hundred.
MOST_SECONDS = 30.0  # Of a cell, on one core.
# Where points lie in both classes' places, or a network is looked for in few tries, the best that can be had is less.
LEAST_ACCURACY = {"8-overfitting": 85, "10-comparing": 90}
MOST_SAVED = 700_000  # Of a notebook with its results, which GitHub still shows at once; five looks with all their tabs take most of that.
NOTEBOOKS = sorted(ENGLISH.glob("*.ipynb")) + translations()
# Of the translated ones a quick one with exercises.
RUN = [path for path in NOTEBOOKS if path.parent == ENGLISH or path.stem.startswith("7-") or os.environ.get("SEQMAGIC_NOTEBOOKS") == "all"]


def name_of(path: Path) -> str:
    return str(path.relative_to(ENGLISH).with_suffix(""))


def speaks_its_language(path: Path, page: str) -> bool:
    """Whether what seqmagic shows is in the language of a translated notebook."""
    return path.parent == ENGLISH or f'lang="{path.parent.name}"' in page


def exercises_of(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if "exercise" in cell.metadata.get("tags", ())]


def solutions_of(notebook: Any) -> list[Any]:
    found = [SOLUTION.search(cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    return [nbformat.v4.new_code_cell(match[1]) for match in found if match is not None]


@pytest.mark.kernel
@pytest.mark.parametrize("path", RUN, ids=name_of)
def test_a_notebook_runs_and_shows_its_results_without_a_kernel(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where this is set, a kernel doesn't show what C++ code writes; a student's kernel does.
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    notebook = nbformat.read(path, 4)
    exercises, solutions = exercises_of(notebook), solutions_of(notebook)
    assert len(exercises) == len(solutions)
    notebook.cells += solutions  # What is offered as a solution is one: its checks would raise.
    # In one of each language, the kernel loads Keras by itself.
    usage = run(notebook, path.parent, loads_keras=path.parent != ENGLISH or path == NOTEBOOKS[0])
    assert usage.peak_bytes < MOST_BYTES
    assert max(usage.cell_seconds) < MOST_SECONDS
    for exercise in exercises:
        names = [output.get("ename") for output in exercise.outputs if output.output_type == "error"]
        assert names in (["UnfilledError"], ["SeveralErrors"])
        assert re.search("Not (filled in|answered) yet|还没有(填写|回答)", str(exercise.outputs))
    bundles = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert not [output for cell in notebook.cells for output in cell.get("outputs", []) if output.get("name") == "stderr"]
    # All that is done there is done well: nothing needs a note.
    assert not [
        output for cell in notebook.cells for output in cell.get("outputs", []) if re.search("Note:|提示：", str(output.get("text", "")))
    ]
    assert any("image/png" in data for data in bundles)
    accuracy = next(float(data["text/plain"].strip("'%")) for data in bundles if data.get("text/plain", "").endswith("%'"))
    assert accuracy >= LEAST_ACCURACY.get(path.stem, 95)
    page, _ = HTMLExporter().from_notebook_node(notebook)
    assert "seqmagic-card" in page
    assert speaks_its_language(path, page)
    assert "data:image/png;base64" in page


@pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
def test_a_notebook_is_committed_with_its_results(path: Path) -> None:
    notebook = nbformat.read(path, 4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert any("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    assert path.stat().st_size < MOST_SAVED
    assert speaks_its_language(
        path, "".join(output.data["text/html"] for cell in code for output in cell.outputs if "text/html" in output.get("data", {}))
    )
