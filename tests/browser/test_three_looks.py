"""Three looks in a narrow page: each is there when it is scrolled to."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

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


def test_three_looks_are_seen_in_a_narrow_notebook(notebook: Callable[..., NotebookPage]) -> None:
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
    # The slider of a look marks its epoch in the curves of the run.
    panel, slider = (".seqmagic-panel .seqmagic-training", "[data-control=epoch]")
    for key, epoch in (("Home", 0), ("ArrowRight", 1), ("End", 3)):
        control = look_of(page.page, LOOKS[0], slider)
        expect(control).to_be_visible()  # A press does not wait for it.
        control.press(key)
        chart = look_of(page.page, 1, panel).locator(".seqmagic-chart").first
        expect(chart).to_contain_text(f"look: epoch {epoch}")
        expect(chart.locator("canvas")).to_have_attribute("aria-label", re.compile(rf" The look shows epoch {epoch}\."))
