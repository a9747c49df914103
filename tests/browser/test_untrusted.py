"""A stranger's notebook, which the page doesn't trust: what seqmagic saved is seen in its static form, and nothing in it is run."""

from __future__ import annotations

from collections.abc import Callable

import nbformat
import pytest
from playwright.sync_api import expect

from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage, picture_is_drawn

pytestmark = pytest.mark.browser

HIT = "window.hits=(window.hits||0)+1"
TRAPS = (
    {"text/html": f"<script>{HIT}</script><img src=x onerror={HIT}><svg onload={HIT}></svg>", "text/plain": ""},
    {"text/html": f'<div class="seqmagic-card"><table><tr><td onclick={HIT}><img src=x onerror={HIT}></td></tr></table></div>'},
    {"application/javascript": HIT, "text/plain": ""},
    {"image/svg+xml": f'<svg xmlns="http://www.w3.org/2000/svg" onload="{HIT}"><script>{HIT}</script></svg>', "text/plain": ""},
)


def test_a_strangers_notebook_shows_its_results_and_runs_nothing(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=2 batch_size=256", "%runs")
    page.run_all()
    page.wait_for_state("done")
    page.page.locator(".seqmagic-runs").wait_for()
    page.wait_for_cells()
    page.page.locator(".jp-RenderedImage img").first.wait_for(state="attached")
    saved = page.saved(lambda saved: "2 of 2 epochs" in str(saved.cells[2].outputs) and saved.cells[3].outputs)
    saved.cells.append(nbformat.v4.new_code_cell("traps", outputs=[nbformat.v4.new_output("display_data", data) for data in TRAPS]))
    saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
    nbformat.write(saved, page.file.with_name("stranger.ipynb"))

    again = NotebookPage(page.page.context.new_page(), page.address, "stranger.ipynb").open()
    assert picture_is_drawn(again)
    cards = again.page.locator(".seqmagic-card")
    expect(cards.first).to_contain_text("3×3×1×16 + 16")
    expect(again.page.locator(".seqmagic-runs")).to_contain_text("digits")
    expect(again.shown(2)).to_contain_text("2 of 2 epochs")
    assert "model not found" not in again.page.inner_text("body").lower()
    again.page.wait_for_timeout(1000)
    assert again.page.evaluate("() => window.hits || 0") == 0
    assert again.complaints == []
    # The traps work: who trusts the notebook runs them.
    again.page.evaluate("() => void window.jupyterapp.commands.execute('notebook:trust')")
    again.page.locator(".jp-Dialog .jp-mod-accept").last.click()
    again.page.wait_for_function("() => window.hits > 0")
