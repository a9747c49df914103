"""The look view in a page: tabs with the mouse and the keyboard, a cell of the matrix that opens its samples, and what a saved notebook shows."""

from __future__ import annotations

import re
from collections.abc import Callable

import nbformat
import pytest
from playwright.sync_api import expect

from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

LOAD = """%load_ext seqmagic
import numpy as np, seqmagic
x, y = np.random.RandomState(0).rand(60, 2), np.arange(60) % 2
net = seqmagic.build("input 2 -> dense 4 relu -> dense 1 sigmoid\\ncompile adam binary_crossentropy")"""
FITS = "plot => plot.scrollWidth <= plot.clientWidth && plot.closest('.seqmagic-look').scrollWidth <= innerWidth"
PLANE = """plot => {
  const [all, plane] = ["svg", "img.plane"].map(part => plot.querySelector(part).getBoundingClientRect());
  return [(plane.x - all.x) / all.width, (plane.y - all.y) / all.height, plane.width / all.width, plane.height / all.height];
}"""
FOCUSED = "() => document.activeElement.textContent"


def test_tabs_keys_cells_and_the_saved_notebook(notebook: Callable[..., NotebookPage]) -> None:
    page = notebook(LOAD, "%look net x y")
    page.run_all()
    look = page.page.locator(".seqmagic-panel .seqmagic-look")
    look.get_by_role("tab", name="Samples").wait_for()
    tabs = ["Samples", "Confusion", "Thresholds", "Boundary"]
    wait_until(page, lambda: look.get_by_role("tab").all_inner_texts()[:4], tabs)
    expect(look.get_by_role("tabpanel")).to_have_text(re.compile(r"^\s*60 samples"))

    # The arrows go from tab to tab, and no cell of the notebook is cut or left.
    look.get_by_role("tab", name="Samples").focus()
    for key, title in (
        ("ArrowRight", "Confusion"),
        ("End", look.get_by_role("tab").last.inner_text()),
        ("Home", "Samples"),
        ("x", "Samples"),
    ):
        page.page.keyboard.press(key)
        wait_until(page, lambda: page.page.evaluate(FOCUSED), title)
        look.locator(f"[role=tab][aria-selected=true]:has-text('{title}')").wait_for()
    assert page.page.locator(".jp-Notebook .jp-CodeCell").count() == 2

    look.get_by_role("tab", name="Confusion").click()
    cell = look.locator(".matrix td button").first
    text = str(cell.get_attribute("aria-label"))
    count = int(text.rpartition(": ")[2].split()[0])
    cell.press("Enter")
    look.locator(".where", has_text=f"of {count}: is ").wait_for()
    wait_until(page, lambda: page.page.evaluate(FOCUSED), "Samples")  # The keyboard goes along.
    look.get_by_role("button", name="All samples").click()
    look.locator(".where", has_text="of 60").wait_for()

    # A slider says where it is, and keeps the keyboard.
    look.get_by_role("tab", name="Thresholds").click()
    slider = look.locator("[data-control=threshold]")
    slider.focus()
    slider.press("ArrowRight")
    look.get_by_text("above 0.51").wait_for()
    wait_until(page, lambda: page.page.evaluate("() => document.activeElement.dataset.control"), "threshold")
    look.get_by_role("tab", name="Boundary").click()
    wait_until(page, lambda: look.locator("img.plane").evaluate("image => image.complete && image.naturalWidth > 50"), expected=True)

    # In a narrow page the plane shrinks with its axes, and nothing has to be scrolled sideways.
    page.command("application:toggle-left-area")
    size = dict(page.page.viewport_size or {})
    for width in (360, size["width"]):
        page.page.set_viewport_size({"width": width, "height": size["height"]})
        wait_until(page, lambda: look.locator(".plot.wide").evaluate(FITS), expected=True)
        left, top, across, up = look.locator(".plot.wide").evaluate(PLANE)
        assert [left, top, across, up] == pytest.approx([52 / 480, 8 / 420, 416 / 480, 372 / 420], abs=0.01)

    page.wait_for_cells()
    page.page.locator(".jp-CodeCell").last.locator(".seqmagic-card.seqmagic-look section").last.wait_for(state="attached")
    saved = page.saved(lambda saved: all(f"<h4>{tab}</h4>" in str(saved.cells[-1].outputs) for tab in tabs))
    saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
    nbformat.write(saved, page.file.with_name("looked.ipynb"))
    again = NotebookPage(page.page.context.new_page(), page.address, "looked.ipynb").open()
    still = again.page.locator(".seqmagic-card.seqmagic-look")
    still.wait_for(state="visible")
    wait_until(again, lambda: still.locator("section h4").all_inner_texts()[:4], tabs)
    expect(still.locator("button")).to_have_count(0)
    assert "model not found" not in again.page.inner_text("body").lower()
    assert again.complaints == []
