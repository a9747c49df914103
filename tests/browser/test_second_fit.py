"""A second `%fit` of a model in training, in a real page: its panel shows what it waits for, and its three buttons do what they say."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage, wait_for_more_points, wait_until

pytestmark = pytest.mark.browser

FIRST, SECOND = 2, 3  # The cells.
BUTTONS = ("Instead", "After it", "Not at all")
OVERFLOW = "node => node.scrollWidth - node.clientWidth"


def choice(page: NotebookPage) -> Any:
    """The row of buttons, in the panel of the second."""
    return page.panel(1).get_by_role("group", name="Waiting training")


def ask_twice(page: NotebookPage) -> None:
    """Run the first `%fit`, and while it trains the second."""
    page.run_cell(FIRST)
    page.wait_for_state("running")
    page.run_cell(SECOND)
    expect(choice(page)).to_be_visible()


def test_the_three_buttons_of_a_second_fit(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=100000", "%fit digits x y epochs=2")
    page.command("application:toggle-left-area")
    page.run_cell(0)
    page.run_cell(1)
    ask_twice(page)
    expect(choice(page)).to_contain_text("The training of this cell (2 epochs) starts after this one.")
    expect(choice(page).get_by_role("button", pressed=True)).to_have_text(["After it"])
    page.page.set_viewport_size({"width": 360, "height": 1000})
    wait_until(page, lambda: choice(page).evaluate(OVERFLOW), 0)  # Nothing is cut off in a narrow window.
    page.page.set_viewport_size({"width": 1280, "height": 1000})
    wait_for_more_points(page, page.points(1))  # The second panel shows the first training.

    page.press("Not at all", 1)
    expect(choice(page)).to_be_hidden()
    expect(page.panel(1)).to_contain_text("The training of this cell was cancelled before it started.")
    wait_for_more_points(page, page.points())

    page.run_cell(SECOND)
    expect(choice(page)).to_be_visible()
    page.press("Instead", 1)
    page.wait_for_state("stopped")
    page.wait_for_state("done", 1)
    expect(choice(page)).to_be_hidden()
    assert page.status(1).startswith("Done 2 of 2 epochs"), page.status(1)

    ask_twice(page)
    page.press("After it", 1)
    page.press("Stop")
    page.wait_for_state("stopped")
    page.wait_for_state("done", 1)
    assert page.status(1).startswith("Done 2 of 2 epochs"), page.status(1)
