"""What a cell shows while somebody writes it: the shape behind each line, and what would be refused, with its fix."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.metadata import version

import pytest
from playwright.sync_api import expect

from tests.support.cell_editor import CellEditor
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

LOAD = "%load_ext seqmagic\nimport keras\nwidth = 12"
NETWORK = "%%sequential digits\ninput 8x8x1\nconv 16 3x3 relu same -> maxpool 2\nflatten\ndense 10 softmax"
SHAPES = {2: "8x8x1", 3: "4x4x16", 4: "256", 5: "10"}


def loaded(notebook: Callable[..., NotebookPage], *cells: str, app: str = "lab") -> tuple[NotebookPage, CellEditor]:
    """A notebook whose kernel knows seqmagic and has loaded Keras, and the editor of its second cell."""
    page = notebook(LOAD, *cells, app=app)
    page.run_cell(0)
    return page, CellEditor(page, 1)


# A kernel that takes its time to start a subshell, and to end it. JupyterLab then gives the second comm that of the first one, and ends it.
SLOW_SUBSHELLS = """import asyncio
kernel, may_end, asked, started, ended = get_ipython().kernel, False, False, False, False
create, delete = (kernel.control_handlers[f"{what}_subshell_request"] for what in ("create", "delete"))
async def create_late(*arguments):
    global asked, started
    asked = True
    await asyncio.sleep(3)
    await create(*arguments)
    started = True
async def delete_late(*arguments):
    global ended
    while not may_end:
        await asyncio.sleep(0.05)
    await delete(*arguments)
    ended = True
kernel.control_handlers.update(create_subshell_request=create_late, delete_subshell_request=delete_late)"""


@pytest.mark.skipif(int(version("ipykernel").partition(".")[0]) < 7, reason="ipykernel has subshells since 7.")
def test_a_subshell_that_ends_takes_no_questions_along(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(SLOW_SUBSHELLS, LOAD, "'asked', asked", "'started', started", "may_end = True; 'ended', ended", own_kernel=True)
    page.run_cell(0)
    page.wait_for_cells()
    cell = CellEditor(page, page.add_cell(NETWORK))

    def is_true(number: int) -> bool:
        page.run_cell(number)  # After each cell everything is asked again.
        page.wait_for_cells()
        return "True" in page.output(number)

    wait_until(page, lambda: is_true(2), expected=True)
    page.page.wait_for_timeout(1000)  # In the meantime the cell is asked about, and refused.
    page.run_cell(1)
    wait_until(page, cell.shapes, SHAPES)
    for number in (3, 4):
        wait_until(page, lambda number=number: is_true(number), expected=True)
        page.page.wait_for_timeout(1000)
    cell.go().type("\ndense 3")
    wait_until(page, lambda: cell.shapes().get(6), "3")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_shapes_and_problems_come_and_go_as_one_types(notebook: Callable[..., NotebookPage], app: str) -> None:
    page, cell = loaded(notebook, NETWORK, app=app)
    wait_until(page, cell.shapes, SHAPES)
    assert cell.waves() == []
    cell.go(3).type(" -> conv 8 3x3 rleu", delay=30)
    wait_until(page, cell.waves, ["rleu"])
    problem = cell.problem(holding="button")
    assert "rleu" in problem.inner_text()
    fixed = problem.get_by_role("button").first.inner_text()
    problem.get_by_role("button").first.click()
    mended = NETWORK.replace("conv 16 3x3 relu same -> maxpool 2", fixed)
    wait_until(page, lambda: cell.text, mended)
    wait_until(page, cell.waves, [])
    wait_until(page, lambda: cell.shapes().get(3), "2x2x8")
    cell.press("Control+z")
    wait_until(page, lambda: cell.text, NETWORK.replace("maxpool 2", "maxpool 2 -> conv 8 3x3 rleu"))
    wait_until(page, cell.waves, ["rleu"])
    saved = page.saved(lambda saved: saved.cells[1].source == cell.text).cells[1]
    assert saved.outputs == []
    assert "4x4x16" not in json.dumps(saved), "nothing of it is saved"


# Keeps what a screen reader is told.
LISTEN = """(cell) => {
  const editor = document.querySelectorAll('.jp-Notebook .jp-CodeCell')[cell].querySelector('[aria-live=polite]');
  window.heard = '';
  new MutationObserver(() => (window.heard += editor.textContent)).observe(editor, { childList: true, subtree: true, characterData: true });
}"""


# What a click in the settings does, and gives whether it holds.
SET = """async (value) => {
  const { service } = window.jupyterapp.pluginRegistry._plugins.get('@jupyterlab/apputils-extension:settings');
  await service.set('seqmagic:plugin', 'asYouType', value);
  return (await service.get('seqmagic:plugin', 'asYouType')).composite;
}"""


def test_one_setting_turns_it_off(notebook: Callable[..., NotebookPage]) -> None:
    page, cell = loaded(notebook, NETWORK)
    wait_until(page, cell.shapes, SHAPES)
    assert page.page.evaluate(SET, False) is False  # noqa: FBT003  # Playwright's own.
    try:
        wait_until(page, cell.shapes, {})
        cell.go().type("\nrelo", delay=20)
        page.page.wait_for_timeout(2000)  # Longer than any pause after which something could be asked.
        assert (cell.shapes(), cell.waves()) == ({}, [])
    finally:
        page.page.evaluate(SET, True)  # noqa: FBT003
    wait_until(page, cell.waves, ["relo"])


# Whether the second begins where the first ends, so that each meaning stays on its line.
ONE_BELOW_THE_OTHER = """(elements) => {
  const [first, second] = elements.map((element) => element.getBoundingClientRect());
  return first.bottom <= second.top + 1;
}"""


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_tab_offers_words_with_their_meaning_and_says_them(notebook: Callable[..., NotebookPage], app: str) -> None:
    page, cell = loaded(notebook, NETWORK, app=app)
    page.page.evaluate(LISTEN, cell.cell)
    cell.go(3).type(" -> flatt", delay=30)
    cell.complete_until(lambda: cell.text.splitlines()[2].endswith("-> flatten"))
    cell.type(" -> conv")
    items = page.page.locator(".jp-Completer:visible .jp-Completer-item")
    cell.complete_until(lambda: items.count() > 1)
    chosen = page.page.locator(".jp-Completer-item.jp-mod-active")
    wait_until(page, lambda: items.evaluate_all(ONE_BELOW_THE_OTHER), expected=True)
    drawn = items.nth(2).evaluate("item => getComputedStyle(item, '::after').content")
    assert drawn in ("attr(title)", json.dumps(items.nth(2).get_attribute("title"))), "as it is written, with its capitals"
    expect(items.nth(2).locator(".jp-Completer-typeExtended")).to_be_hidden()
    wait_until(page, lambda: f"{chosen.get_attribute('data-value')}, layer" in page.page.evaluate("window.heard"), expected=True)
    cell.press("ArrowDown")
    wait_until(page, lambda: f"{chosen.get_attribute('data-value')}, layer" in page.page.evaluate("window.heard"), expected=True)
    word = chosen.get_attribute("data-value")
    cell.press("Enter")
    wait_until(page, lambda: cell.text.splitlines()[2].endswith(f"-> {word}"), expected=True)
    cell.press("Shift+Tab")
    expect(page.page.locator(".jp-Tooltip")).to_contain_text(str(word))
