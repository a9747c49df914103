"""The sweep panel in a page: charts side by side or below each other, in the colours of the theme, and nothing cut off where it is narrow."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.screenshots import THEMES
from tests.support.digits import FIRST_CELL
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser
FAMILY = """%%sequential digits
input 8x8x1
choice(maxpool 2, avgpool 2, none)
flatten -> dropout between(0.1, 0.5)
dense choice(16, 32) relu
dense 10 softmax
compile adam(log(1e-4, 1e-2)) sparse_categorical_crossentropy accuracy"""
SWEEP = "%sweep digits x y validation_split=0.2 epochs=1 batch_size=choice(64, 128) trials=3 prune=false"
COLUMNS = "panel => new Set([...panel.querySelectorAll('img.chart')].map((one) => Math.round(one.getBoundingClientRect().left))).size"
CUT_OFF = (
    """panel => [...panel.querySelectorAll('.wide, .seqmagic-card, pre')].filter((one) => one.scrollWidth > one.clientWidth + 1).length"""
)


def test_a_sweep_fits_its_page_and_its_theme(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(FIRST_CELL, FAMILY, SWEEP)
    page.page.set_viewport_size({"width": 1280, "height": 1200})
    page.run_all()
    panel = page.panel()
    expect(panel).to_contain_text("done, 3 of 3 trials")
    expect(panel.locator("img.chart")).to_have_count(4)
    wait_until(page, lambda: panel.evaluate(COLUMNS), 2)
    assert panel.evaluate(CUT_OFF) == 0
    head = panel.locator("thead")
    assert head.bounding_box()["height"] > 10
    page.meant = ("removeChild",)  # JupyterLab's own splash, where one theme follows the other too soon.
    style = "image => getComputedStyle(image).filter"
    change = "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})"
    assert panel.locator("img.chart").first.evaluate(style) == "none"
    try:
        page.page.evaluate(change, THEMES["dark"])
        wait_until(page, lambda: panel.locator("img.chart").first.evaluate(style), "invert(1) hue-rotate(180deg)")
    finally:
        page.page.evaluate(change, THEMES["light"])
    page.command("application:toggle-left-area")
    page.page.set_viewport_size({"width": 400, "height": 1200})
    wait_until(page, lambda: panel.evaluate(COLUMNS), 1)
    wait_until(page, lambda: panel.evaluate(CUT_OFF), 0)
    expect(panel.locator("tbody tr").first).to_contain_text("epoch")
    assert head.bounding_box()["height"] <= 1, "each value has its name next to it instead"
