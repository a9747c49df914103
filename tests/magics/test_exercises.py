"""Exercises in a real kernel: live they are shown and updated, headless they are raised."""

from __future__ import annotations

from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from seqmagic.widgets.saved import WIDGET_VIEW
from tests.support.forked_kernel import manager_class
from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel
CELL = """%%sequential marked --quiet
input 8x8x1
flatten
dense 10 softmax   # out=10 params=651
compile adam sparse_categorical_crossentropy accuracy
fit x y epochs=2
expect params < 10k
expect accuracy > 1%
expect epochs = 2"""


def test_in_a_live_notebook_nothing_is_raised_and_the_list_is_brought_up_to_date(kernel: Kernel) -> None:
    outcome = kernel.run(CELL)
    assert outcome.error == []
    assert any("has not been trained yet" in str(data.get("text/plain")) for data in outcome.displayed)
    # Expect lines alone wait for the training that they ask about.
    later = kernel.run("%%sequential marked\nexpect epochs = 2\nexpect accuracy > 1%")
    assert "The model has trained for 2 epochs." in later.text
    assert "All checks have passed." in later.text
    assert kernel.value("len(active())") == "0"
    shown = kernel.value("[str(w.value) for w in __import__('ipywidgets').Widget.widgets.values() if type(w).__name__ == 'HTML'][-1]")
    assert "The model has trained for 2 epochs." in shown
    assert "Not right. It is 64×10 + 10; compute that." in shown
    assert WIDGET_VIEW in {kind for data in outcome.displayed for kind in data}


def test_a_failed_check_of_a_live_notebook_is_shown_and_not_raised(kernel: Kernel) -> None:
    kernel.run("%sequential small input 8 -> dense 2 --quiet")
    outcome = kernel.run("%sequential small expect params < 3")
    assert outcome.error == []
    assert "The check has not passed." in outcome.text
    assert "<table>" in outcome.displayed[-1]["text/html"]


def test_a_grader_gets_an_error_and_sees_the_list(kernel: Kernel) -> None:
    outcome = kernel.run(CELL, live=False)
    assert outcome.error[0] == "ExpectationError"
    assert "3 of 5" in outcome.text or "4 of 5" in outcome.text
    assert "Traceback" not in outcome.error[2]
    assert kernel.run(CELL.replace("651", "650"), live=False).error == []


def test_attempts_are_kept_in_the_file_of_runs(kernel: Kernel) -> None:
    kernel.run("import seqmagic\n%sequential tried input 8 -> dense 2 --quiet")
    kernel.run("%sequential tried expect params < 3")
    kernel.run("%sequential tried expect params < 30")
    assert kernel.value("list(seqmagic.attempts().query('network == \"tried\"').passed)") == "[0, 1]"


def cell(source: str, *tags: str) -> Any:
    return nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)})


def test_nbclient_stops_at_what_is_not_filled_in_unless_it_allows_errors() -> None:
    blank = "%%sequential net\ninput 8\ndense ? relu"
    notebook = nbformat.v4.new_notebook(cells=[cell("%load_ext seqmagic"), cell(blank, "raises-exception"), cell(blank), cell("1 + 1")])
    with pytest.raises(CellExecutionError, match="Not filled in yet"):
        NotebookClient(notebook, timeout=120, kernel_manager_class=manager_class()).execute()
    assert [bool(one.outputs) for one in notebook.cells[1:]] == [True, True, False]
