"""Tab's list in a real page: the words that fit best come first, none is there that can't stand there, and Python's list is JupyterLab's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.test_as_you_type import NETWORK, SHAPES, loaded
from tests.support.cell_editor import CellEditor
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

PYTHON = "sofa, softer, soft = 1, 2, 3\n%fit digits x_train y_train \nso"


def items(page: NotebookPage) -> list[str]:
    """The words of the list that is seen."""
    return [str(item.get_attribute("data-value")) for item in page.page.locator(".jp-Completer:visible .jp-Completer-item").all()]


def offered(page: NotebookPage, cell: CellEditor) -> list[str]:
    """The words that Tab offers."""
    cell.complete_until(lambda: bool(items(page)))
    return items(page)


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_what_fits_best_comes_first_and_nothing_that_does_not_fit(notebook: Callable[..., NotebookPage], app: str) -> None:
    page, cell = loaded(notebook, NETWORK, PYTHON, app=app)
    wait_until(page, cell.shapes, SHAPES)
    cell.go().type("\ndense 5 s")
    assert offered(page, cell)[:4] == ["softmax", "sigmoid", "silu", "selu"]
    assert "same" not in items(page), "a word of the cell that can't stand here"
    listed = page.page.locator(".jp-Completer:visible").get_by_role("listbox", name="Suggestions for what to type here")
    expect(listed.get_by_role("option", selected=True)).to_have_count(1)
    cell.type("i")
    wait_until(page, lambda: items(page)[:2], ["sigmoid", "silu"])
    cell.press("Escape")
    cell.type("lu\ncompile c", delay=20)
    cell.press("Tab")  # No optimizer begins so; `conv` stands above.
    page.page.wait_for_timeout(1500)
    assert not {"conv", "compile"} & set(items(page))
    cell.press("Escape")
    python = CellEditor(page, 2).go(2)
    assert offered(page, python)[:3] == ["epochs=", "batch_size=", "validation_data="]
    python.press("Escape")
    assert [word for word in offered(page, python.go()) if word.startswith("so")][:3] == ["sofa", "soft", "softer"], "as JupyterLab has it"


def test_a_value_that_may_be_searched_is_put_in_by_tab(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, "%%sequential many\ninput 8\ndense ", "%sweep many x_train y_train batch_size=")
    wait_until(page, cell.shapes, {2: "8"})
    assert {"choice(", "between(", "log("} <= set(offered(page, cell.go()))
    cell.type("bet")
    wait_until(page, lambda: items(page), ["between("])
    cell.press("Enter")
    wait_until(page, lambda: "dense between(" in cell.text, expected=True)
    line = CellEditor(page, 2).go()
    assert {"choice(", "between(", "log("} <= set(offered(page, line))
    line.type("ch")
    wait_until(page, lambda: items(page), ["choice("])
    line.press("Enter")
    wait_until(page, lambda: line.text.startswith("%sweep many x_train y_train batch_size=choice("), expected=True)


def test_on_a_narrow_page_all_of_the_list_is_seen(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, NETWORK)
    wait_until(page, cell.shapes, SHAPES)
    before = page.page.viewport_size
    assert before is not None
    try:
        page.page.set_viewport_size({"width": 360, "height": before["height"]})
        cell.go(3).type(" -> conv 3 3 relu -> c", delay=20)
        offered(page, cell)

        def is_inside() -> bool:
            box = page.page.locator(".jp-Completer:visible").bounding_box()
            return box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360

        wait_until(page, is_inside, expected=True)
        cell.press("Escape")
    finally:
        page.page.set_viewport_size(before)
