"""The drawing in a card, and the button that puts a fix into its cell: in JupyterLab and in Notebook, and without either."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from seqmagic.errors import SeqmagicError
from seqmagic.recipes.recipe import build
from seqmagic.widgets.error_card import ErrorCard
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser
Open = Callable[..., NotebookPage]

LOAD = "%load_ext seqmagic"
BROKEN = "%%sequential digits\ninput 8x8x1\nconv 8 3x3 relu -> maxpool 2   # mine\nlstm 16\ndense 10 softmax"
LINE = "before = 1\n%sequential chain input 4 -> dense 3 rleu\nafter = before + 1"
SOURCE = "n => window.jupyterapp.shell.currentWidget.content.widgets[n].model.sharedModel.getSource()"
SET = "([n, s]) => window.jupyterapp.shell.currentWidget.content.widgets[n].model.sharedModel.setSource(s)"
FOOT = "element => getComputedStyle(element, '::after').content"


def run_until_mended(page: NotebookPage, number: int) -> Any:
    """Run a cell until its error has a fix, and give its button: what takes longer than a second to be tried on a busy machine isn't offered."""
    cell = page.page.locator(".jp-Notebook .jp-CodeCell").nth(number)
    for _ in range(20):
        page.run_cell(number)
        page.wait_for_cells()
        cell.locator(".seqmagic-error").wait_for()
        if cell.locator(".seqmagic-fix").count():
            return cell.locator(".seqmagic-fix").first
    raise AssertionError(cell.inner_text())


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_button_puts_a_fix_into_its_cell(notebook: Open, app: str) -> None:
    page = notebook(LOAD, BROKEN, LINE, app=app)
    page.run_cell(0)
    cells = page.page.locator(".jp-Notebook .jp-CodeCell")
    buttons = [run_until_mended(page, cell) for cell in (1, 2)]
    assert "3×3×8" in cells.nth(1).locator(".broken").inner_text()
    buttons[0].click()
    wait_until(page, lambda: page.page.evaluate(SOURCE, 1), BROKEN.replace("lstm 16\n", ""))
    # Where the focus is now, the editor's own undo brings it back.
    page.page.keyboard.press("Control+z")
    wait_until(page, lambda: page.page.evaluate(SOURCE, 1), BROKEN)
    buttons[1].press("Enter")
    wait_until(page, lambda: page.page.evaluate(SOURCE, 2), LINE.replace("rleu", "relu"))
    page.run_cell(2)
    cells.nth(2).locator(".seqmagic-network").wait_for()
    # What somebody has typed since stays.
    mine = BROKEN.replace("lstm 16", "gru 16")
    page.page.evaluate(SET, [1, mine])
    buttons[0].click()
    expect(buttons[0]).to_have_attribute("data-state", "changed")
    assert page.page.evaluate(SOURCE, 1) == mine


def test_a_layer_shows_its_sums_when_pointed_at_or_reached_by_tab(notebook: Open) -> None:
    page = notebook(LOAD, "%sequential net input 8x8x1 -> conv 4 3x3 -> flatten -> dense 2")
    page.run_all()
    blocks = page.page.locator(".seqmagic-network .block")
    blocks.first.wait_for()
    blocks.nth(1).hover()
    found = "conv 4 3x3: 8×8×1 → 6×6×4, (3×3×1 + 1)×4 = 40 parameters, 8 − 3 + 1 = 6, 1,296 multiply-adds, 576 B of output"
    wait_until(page, lambda: blocks.nth(1).evaluate(FOOT), f'"{found}"')
    page.page.mouse.move(0, 0)
    blocks.nth(1).focus()
    page.page.keyboard.press("Tab")
    wait_until(page, lambda: blocks.nth(2).evaluate(FOOT).startswith('"flatten: 6×6×4 → 144'), expected=True)
    wait_until(page, lambda: blocks.nth(1).evaluate(FOOT), "none")


@pytest.mark.parametrize("width", [360, 800, 1400])
def test_a_card_is_whole_at_any_width(browser: Any, width: int) -> None:
    from seqmagic.language import parse
    from seqmagic.network.plan import make_plan
    from seqmagic.widgets.network_card import NetworkCard

    text = "input 224x224x3\nconv 64 7x7 strides=2 same -> bn -> maxpool 3 strides=2\nconv 128 3x3 relu\ngap\ndense 1000 softmax"
    plan = make_plan(parse(text), {})
    shown = NetworkCard("net", plan, [f"a_long_name_of_a_layer_{number}" for number in range(len(plan.rows))])._repr_html_()
    page = browser
    page.set_viewport_size({"width": width, "height": 900})
    page.set_content(f"<body style='margin: 0'>{shown}</body>")
    sizes = page.evaluate(
        "() => { const card = document.querySelector('.seqmagic-card');"
        " return [card.scrollWidth - card.clientWidth, document.documentElement.scrollWidth - innerWidth,"
        " ...[...card.querySelectorAll('.sum')].map((sum) => sum.getClientRects().length - 1)]; }"
    )
    assert set(sizes) == {0}, "nothing is cut off, nothing sticks out, and no sum breaks in its middle"


def test_without_the_extension_a_button_is_not_there(browser: Any) -> None:
    with pytest.raises(SeqmagicError) as caught:
        build("input 8\ndense 3 rleu")
    page = browser
    page.set_content(ErrorCard(caught.value)._repr_html_())
    assert page.locator(".seqmagic-fix").count() == 2
    assert not page.locator(".seqmagic-fix").first.is_visible()
    assert page.locator("code.fix").first.inner_text() == "dense 3 relu"
