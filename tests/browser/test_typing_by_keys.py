"""All that the pointer does with what would be refused, keys do as well, and a screen reader hears it; and nothing outlives the kernel that said it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.test_as_you_type import LISTEN, NETWORK, SHAPES, loaded
from tests.support.cell_editor import CellEditor
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

SELECTED = "() => String(getSelection())"
FOCUSED = "() => document.activeElement.closest('.cm-panel-lint, .cm-content')?.className.match(/cm-(panel-lint|content)/)[1]"


def heard(page: NotebookPage) -> str:
    """What a screen reader was told since the last time."""
    said = str(page.page.evaluate("window.heard"))
    page.page.evaluate("window.heard = ''")
    return said


def wait_to_hear(page: NotebookPage, *words: str) -> None:
    """Wait until a screen reader has been told all of it."""
    wait_until(page, lambda: [word for word in words if word not in page.page.evaluate("window.heard")], [])
    heard(page)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_keys_lead_to_what_would_be_refused_and_put_the_fix_in(notebook: Callable[..., NotebookPage], app: str) -> None:
    page, cell = loaded(notebook, NETWORK, app=app)
    page.page.evaluate(LISTEN, cell.cell)
    panel = page.page.locator(".cm-panel-lint")
    wait_until(page, cell.shapes, SHAPES)
    cell.go(5).type("\ndense 10 sofmax\nactivation rleu", delay=30)
    wait_until(page, cell.waves, ["sofmax", "rleu"])
    wait_to_hear(page, "Line 6: ", "sofmax")
    cell.go(1).press("F8")
    wait_until(page, lambda: page.page.evaluate(SELECTED), "sofmax")
    cell.press("F8")
    wait_until(page, lambda: page.page.evaluate(SELECTED), "rleu")
    wait_to_hear(page, "Line 7: ", "Instead: activation relu.")
    cell.press("Shift+F8")
    wait_until(page, lambda: page.page.evaluate(SELECTED), "sofmax")
    cell.press("F8")
    wait_until(page, lambda: page.page.evaluate(SELECTED), "rleu")
    cell.press("Control+Shift+m")
    selected = panel.locator("[aria-selected]")
    expect(panel.get_by_role("option")).to_have_count(2)
    expect(selected, "the list begins at the cursor").to_contain_text("rleu")
    cell.press("ArrowUp")
    expect(selected).to_contain_text("sofmax")
    expect(panel.get_by_role("listbox")).to_have_attribute("aria-activedescendant", str(selected.get_attribute("id")))
    cell.press("Enter")
    wait_until(page, lambda: cell.text.splitlines()[-2:], ["dense 10 softmax", "activation rleu"])
    wait_to_hear(page, "Line 6: dense 10 softmax")
    wait_until(page, cell.waves, ["rleu"])
    wait_until(page, lambda: page.page.evaluate(FOCUSED), "content")
    cell.press("Control+Shift+m")
    wait_until(page, lambda: page.page.evaluate(FOCUSED), "panel-lint")
    cell.press("Tab", "Enter")  # Its button.
    wait_until(page, lambda: cell.text.splitlines()[-1], "activation relu")
    cell.press("Control+z")
    wait_until(page, lambda: cell.text.endswith("activation rleu"), expected=True)
    if "sofmax" not in cell.text:  # JupyterLab takes back together what was changed within half a second.
        cell.press("Control+z")
    wait_until(page, lambda: cell.text.splitlines()[-2:], ["dense 10 sofmax", "activation rleu"])


def test_the_list_leaves_the_notebook_as_it_was(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, NETWORK, "1 + 1")
    wait_until(page, cell.shapes, SHAPES)
    cell.go(3).press("Control+Shift+m")
    panel = page.page.locator(".cm-panel-lint")
    expect(panel.get_by_role("option")).to_have_text(["No problems."])
    cell.press("d", "d", "x", "Escape")
    expect(panel).to_have_count(0)
    wait_until(page, lambda: page.page.evaluate(FOCUSED), "content")
    cell.type(" ")
    wait_until(page, lambda: cell.text, NETWORK.replace("maxpool 2", "maxpool 2 "))
    python = CellEditor(page, 2)
    python.go().press("Control+Shift+m")
    expect(panel).to_have_count(0)


def test_what_a_cell_makes_changes_what_others_mean_until_a_restart(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, NETWORK.replace("dense 10", "dense {depth}"), "depth = 7", "%%sequential other\ninput 8\ndense {dep")
    other = CellEditor(page, 3)
    known = {line: shape for line, shape in SHAPES.items() if line < 5}
    wait_until(page, cell.shapes, known)
    page.run_cell(2)
    wait_until(page, cell.shapes, {**known, 5: "7"})
    other.go().complete_until(lambda: other.text.endswith("dense {depth"))
    other.press("Backspace", "Backspace")
    page.restart()
    wait_until(page, lambda: (cell.shapes(), cell.waves()), ({}, []))
    page.wait_for_kernel()
    page.run_cell(0)
    wait_until(page, cell.shapes, known)
    assert cell.waves() == []
    other.go().press("Tab")
    page.page.wait_for_timeout(1500)
    assert other.text.endswith("dense {dep"), "the new kernel has no such variable yet"
    page.run_cell(2)
    page.wait_for_cells()
    other.go().complete_until(lambda: other.text.endswith("dense {depth"))
