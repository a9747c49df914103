"""Three looks in a narrow page: each is there when it is scrolled to, live, after a reload, and in a saved notebook without a kernel."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.support.notebook_page import NotebookPage

pytestmark = pytest.mark.browser

LOAD = """%load_ext seqmagic
import numpy as np, seqmagic
rows = np.random.RandomState(0).rand(40, 4)
yes, price = np.arange(40) % 2, rows.sum(axis=1)
one = seqmagic.build("input 4 -> dense 2 softmax\\ncompile adam sparse_categorical_crossentropy")
two = seqmagic.build("input 2 -> dense 1 sigmoid\\ncompile adam binary_crossentropy")
three = seqmagic.build("input 4 -> dense 1\\ncompile adam mse")"""
LOOKS = (3, 4, 5)  # Their cells.
TITLES = ("Looking at one", "Looking at two", "Looking at three")


def look_of(page: Page, cell: int, kind: str) -> Any:
    """The look of a cell, scrolled to: JupyterLab leaves out what is out of sight, whose text is then empty."""
    shown = page.locator(".jp-CodeCell").nth(cell)
    shown.evaluate("cell => cell.scrollIntoView()")
    return shown.locator(kind)


def test_three_looks_are_seen_in_every_state_of_a_narrow_notebook(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(
        LOAD, "%fit one rows yes epochs=3", "pass", "%look one rows yes", "%look two {rows[:, :2]} yes", "%look three rows price"
    )
    page.page.set_viewport_size({"width": 800, "height": 900})
    page.run_all()
    for cell, title in zip(LOOKS, TITLES, strict=True):
        live = look_of(page.page, cell, ".seqmagic-panel .seqmagic-look")
        expect(live.get_by_role("tab", name="Samples")).to_be_visible(timeout=120_000)
        expect(live.get_by_role("heading", name=title)).to_be_visible()
        expect(live.get_by_role("tabpanel")).to_contain_text("40 samples")
        assert live.evaluate("look => look.scrollWidth <= look.clientWidth"), "nothing is cut off"

    # The slider of the first tells its epoch to the charts of the panel above.
    slider = look_of(page.page, LOOKS[0], "[data-control=epoch]")
    slider.press("ArrowLeft")
    chart = look_of(page.page, 1, ".seqmagic-chart").first
    expect(chart.locator("figcaption")).to_contain_text("look: epoch 2")
    expect(chart.locator("canvas")).to_have_attribute("aria-label", re.compile("The look shows epoch 2"))

    page.wait_for_kernel()
    for cell in LOOKS:
        page.page.locator(".jp-CodeCell").nth(cell).locator(".seqmagic-card.seqmagic-look section").last.wait_for(state="attached")
    page.save()
    page.page.reload(wait_until="domcontentloaded")
    for cell, title in zip(LOOKS, TITLES, strict=True):
        live = look_of(page.page, cell, ".seqmagic-panel .seqmagic-look")
        expect(live.get_by_role("heading", name=title)).to_be_visible(timeout=120_000)
        expect(live.get_by_role("tabpanel")).to_contain_text("40 samples")

    saved = nbformat.read(page.file, 4)
    saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
    nbformat.write(saved, page.file.with_name("three-saved.ipynb"))
    again = NotebookPage(page.page.context.new_page(), page.address, "three-saved.ipynb").open()
    again.page.set_viewport_size({"width": 800, "height": 900})
    for cell, title in zip(LOOKS, TITLES, strict=True):
        still = look_of(again.page, cell, ".seqmagic-card.seqmagic-look")
        expect(still.get_by_role("heading", name=title)).to_be_visible()
        expect(still).to_contain_text("40 samples")
    assert again.complaints == []
    again.page.close()
    page.page.bring_to_front()
    page.open().wait_for_kernel()
