"""Whatever fails in what is shown while one types: the text arrives, Python is completed, and cells run."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_as_you_type import LOAD, NETWORK, SHAPES, loaded
from tests.support.cell_editor import CellEditor
from tests.support.extension_page import replace_extension
from tests.support.notebook_page import BUILT, NotebookPage, wait_until

pytestmark = pytest.mark.browser

PYTHON = "print(6 * 7)\nisinstan"
# Where the extension throws, by the beginning of a function of its own.
FAULTS = {
    "asking": (r"schedule\(\){", r"readMagic\(\){", r"marks:"),
    "answering": (r"onData\(\w+\){",),
    "drawing": (r"dress\(\w+\){", r"place\({state:\w+}\){"),
    "measuring": (r"read:\(\{scrollDOM:\w+,defaultCharacterWidth:\w+\}\)=>",),
    "listing": (
        r"find\(\){(?=const{manager)",
        r"take\(\w+\){(?=const \w+=this\.context)",
        r"completionItems\(\);return \w+\(\"list\",\(\)=>",
        r"\"offers\",\(\)=>(?=document)",
    ),
    "showing": (r"put\(\w+,\w+\){(?=const{view)",),
}
NONSENSE = """checks = get_ipython().seqmagic_checks
def nonsense(comm, data):
    one = {"type": "check", "id": data["id"], "final": True}
    for told in (None, 7, [], {"type": 3}, one, {**one, "lines": None, "problems": 3}, {"type": "words", "kinds": 7}, {"type": "words"},
                 {**one, "lines": [{"line": 99, "shape": 5}, {"line": 2}], "problems": [{"line": "x"}, {"line": 3, "fixes": 4}, None]}):
        comm.send(told)
checks._take = nonsense"""


def check_that_one_can_work(page: NotebookPage, python: int) -> None:
    """Type in both kinds of cells, complete, and run."""
    cell = CellEditor(page, 1).go()
    cell.type("\ndense 3 # x", delay=20)
    wait_until(page, lambda: cell.text, f"{NETWORK}\ndense 3 # x")
    other = CellEditor(page, python).go()
    other.complete_until(lambda: other.text.endswith("isinstance"))
    page.run_cell(python)
    page.page.get_by_text("42", exact=True).wait_for()
    page.run_cell(1)
    page.page.locator(".jp-Notebook .jp-CodeCell").nth(1).locator(".jp-OutputArea-output").first.wait_for()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_page_stops_nothing(notebook: Callable[..., NotebookPage], browser: Any, fault: str) -> None:
    (module,) = Path(BUILT, "static").glob("1.*.js")
    text = module.read_text("utf-8")
    for pattern in FAULTS[fault]:
        text, count = re.subn(f"({pattern})", r"\1THROW", text)
        assert count == 1, pattern
    for end, thrown in (("{THROW", "{throw new Error('on purpose');"), ("THROW", "(()=>{throw new Error('on purpose')})()+")):
        text = text.replace(end, thrown)
    replace_extension(browser, text)
    values: list[str] = []
    browser.on("console", lambda message: values.append(message.text))
    page = notebook(LOAD, NETWORK, PYTHON)
    page.meant = ("on purpose",)
    page.run_cell(0)
    page.wait_for_cells()
    wait_until(page, lambda: any("on purpose" in one for one in [*values, *page.complaints]), expected=True)
    check_that_one_can_work(page, 2)
    cell = CellEditor(page, 1).go(3)
    cell.type(" -> dropo")
    cell.complete_until(lambda: cell.text.splitlines()[2].endswith("-> dropout"))


def test_nonsense_from_the_kernel_and_a_closed_comm_stop_nothing(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, NETWORK, NONSENSE, PYTHON, "del checks._take  # seqmagic", "%config SeqMagics.check_while_typing = False")
    wait_until(page, cell.shapes, SHAPES)
    page.run_cell(2)
    page.wait_for_cells()
    check_that_one_can_work(page, 3)
    wait_until(page, lambda: len({cell.colours().get(word) for word in ("conv", "same")} - {None}), 2)  # The words of the release.
    page.run_cell(4)
    wait_until(page, lambda: cell.shapes().get(6), "3")
    page.run_cell(5)
    wait_until(page, cell.shapes, {})
    cell.go().press("Control+z")
    wait_until(page, lambda: cell.text != f"{NETWORK}\ndense 3 # x", expected=True)
    before = cell.text
    cell.type("y")
    wait_until(page, lambda: cell.text, f"{before}y")
