"""A kernel that answers nonsense, or late: nothing stops, and nothing wrong is shown."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.cell_editor import CellEditor
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

NETWORK = "%%sequential digits\ninput 8x8x1\ndense 10 softmax"
NONSENSE = """
from IPython import get_ipython
def target(comm, message):
    for data in (None, 7, [], {}, {"type": "words"}, {"type": "words", "kinds": 3, "statements": {}}, {"type": "check"}):
        comm.send(data)
    @comm.on_msg
    def answer(message):
        id = message["content"]["data"]["id"]
        line = {"line": 2, "start": 0, "end": 1, "severity": "error", "message": "<b>x</b>", "fixes": []}
        for problems in (7, [None], [{**line, "line": 99}], [{**line, "start": "x"}], [{**line, "message": None, "fixes": 3}], [line]):
            for lines in (None, [{}], [{"line": -1, "shape": 3}], [{"line": 2, "shape": "<i>"}]):
                comm.send({"type": "check", "id": id, "final": True, "lines": lines, "problems": problems})
get_ipython().kernel.comm_manager.register_target("seqmagic.lines", target)  # seqmagic
"""


def test_a_kernel_that_answers_nonsense_stops_nothing(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(NONSENSE, NETWORK, own_kernel=True)
    page.run_cell(0)
    cell = CellEditor(page, 1)
    wait_until(page, lambda: cell.shapes().get(2), "<i>")
    assert cell.problem().locator("b").count() == 0, "a message is text"
    cell.go().type("\nrelu", delay=20)
    wait_until(page, lambda: cell.text, NETWORK + "\nrelu")
    page.add_cell("print(6 * 7)")
    page.run_cell(2)
    page.page.get_by_text("42", exact=True).wait_for()


LATE = """
import threading
from IPython import get_ipython
def target(comm, message):
    comm.send({"type": "words"})
    @comm.on_msg
    def answer(message):
        data = message["content"]["data"]
        line = {"line": 2, "shape": str(len(data["text"]))}
        threading.Timer(1.5, comm.send, [{"type": "check", "id": data["id"], "final": True, "lines": [line], "problems": []}]).start()
get_ipython().kernel.comm_manager.register_target("seqmagic.lines", target)  # seqmagic
"""
# Keeps each shape that is shown as true while the text is another.
WATCH = """(cell) => {
  const { editor } = window.jupyterapp.shell.currentWidget.content.widgets[cell].editor;
  window.wrong = [];
  const look = () => editor.contentDOM.querySelectorAll('.cm-seqmagic-shape:not(.cm-seqmagic-stale)').forEach(({ dataset }) => {
    if (dataset.shape !== String(editor.state.doc.length)) window.wrong.push([dataset.shape, editor.state.doc.length]);
  });
  new MutationObserver(look).observe(editor.contentDOM, { childList: true, subtree: true, attributes: true });
}"""


def test_an_answer_to_an_older_text_is_not_shown(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(LATE, NETWORK, own_kernel=True)
    page.run_cell(0)
    cell = CellEditor(page, 1)
    wait_until(page, lambda: cell.shapes().get(2), str(len(NETWORK)))
    page.page.evaluate(WATCH, 1)
    for text in (" relu", "\nrelu"):
        cell.go(2).type(text)
        page.page.wait_for_timeout(700)  # Asked, and not yet answered.
    wait_until(page, lambda: cell.shapes().get(2), str(len(NETWORK) + 10))
    assert page.page.evaluate("window.wrong") == []
