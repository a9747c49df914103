"""`%runs` in a real page: it fits into a narrow window, and no name in the ledger is ever run as markup."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screenshots import THEMES, set_theme
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

SETUP = """
%load_ext seqmagic
%config SeqMagics.ledger = "browser-runs.sqlite"
import numpy as np
from seqmagic.ledger.current import current_ledger
from seqmagic.ledger.entry import RunEntry
HIT = "<img src=x onerror='window.hits=(window.hits||0)+1'>"
def keep(name, **facts):
    run = current_ledger().begin(RunEntry(name=name, epochs=2, **facts))
    current_ledger().add_rows(run, "epochs", ["loss", "val_accuracy", "accuracy", HIT], np.array([[1, 0.91234, 0.81234, 0.5, 1], [2, 0.41234, 0.51234, 0.91234, 2]]))
    current_ledger().end(run, "stopped", reason=HIT)
keep("digits", text="input 64\\ndense 32 relu\\ndense 10 softmax\\n", compile="compile adam sparse_categorical_crossentropy accuracy")
keep("digits", text=f"input 64\\n{HIT}\\n", compile=HIT, fit=HIT, settings={"fit": {HIT: HIT}}, versions={HIT: HIT}, data={"x": {"kind": HIT}})
keep(HIT, cell=HIT)
for _ in range(97):
    keep("digits")
"""
LINES = """nodes => nodes.map(node => { const text = document.createRange(); text.selectNodeContents(node); return text.getClientRects().length; })"""
OVERFLOW = "nodes => nodes.map(node => node.scrollWidth - node.clientWidth)"


def test_runs_are_shown_in_a_narrow_page_and_nothing_in_them_is_run(notebook: Callable[..., NotebookPage], browser: Any) -> None:
    page = notebook(SETUP, "%runs", "%runs 1 2", "%runs 2", "%runs 3", own_kernel=True)
    page.command("application:toggle-left-area")
    page.page.set_viewport_size({"width": 360, "height": 4000})
    page.run_all()
    page.page.locator(".seqmagic-runs").nth(3).wait_for()
    page.wait_for_cells()
    page.page.locator("text=All settings").last.click()
    page.page.wait_for_timeout(500)
    assert page.page.evaluate("() => window.hits || 0") == 0
    assert page.page.locator(".seqmagic-runs img").count() == 0
    wait_until(page, lambda: page.page.locator(".seqmagic-runs").evaluate_all(OVERFLOW), [0] * 4)  # Nothing is cut off.
    numbers = page.page.locator(".seqmagic-runs th.run")
    expect(numbers.first).to_have_text("100")
    wait_until(page, lambda: set(numbers.evaluate_all(LINES)), {1})  # A number stays in one line.
    expect(page.shown(2)).to_contain_text("− dense 32 relu")
    expect(page.page.locator(".jp-OutputArea-output img"), "the curves of each").to_have_count(3)
    pictures = page.page.locator(".jp-OutputArea-output img")
    # Curves that would be too small to read are scrolled to, and they follow the theme.
    assert min(pictures.evaluate_all("images => images.map((one) => one.clientWidth)")) >= 520
    page.meant = ("removeChild",)  # JupyterLab's own splash, where one theme follows the other too soon.
    filters = "images => [...new Set(images.map((one) => getComputedStyle(one).filter))]"
    assert pictures.evaluate_all(filters) == ["none"]
    try:
        set_theme(page, THEMES["dark"])
        wait_until(page, lambda: pictures.evaluate_all(filters), ["invert(1) hue-rotate(180deg)"])
    finally:
        set_theme(page, THEMES["light"])
