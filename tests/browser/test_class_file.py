"""A class file in a real page: what is locked can't be changed, what is hidden isn't there, and a bound is said with its hint."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage

pytestmark = pytest.mark.browser
CLASS_CELL = """from pathlib import Path
Path("class.toml").write_text('''
hide = ["look", "network"]
[bounds]
epochs = 3
[lock]
optimizer = "adam(1e-3)"
loss = "sparse_categorical_crossentropy"
batch_size = 32
[hints]
BoundError = "Slide 12 says why."
''')
%config SeqMagics.class_file = "class.toml"
"""
UNCOMPILED = NETWORK_CELL.partition("compile")[0]
CHANGEABLE = """form => [...form.querySelectorAll("[data-control]")]
  .filter((one) => !one.disabled && one.tagName !== "SUMMARY").map((one) => one.dataset.control)"""


def test_what_a_class_locks_bounds_and_hides(notebook: Callable[..., NotebookPage]) -> None:
    cells = (FIRST_CELL, CLASS_CELL, UNCOMPILED, "%dashboard digits x y epochs=3 validation_split=0.2")
    page = notebook(*cells, own_kernel=True)  # What holds for a class must not hold for other tests.
    page.run_all()
    panel = page.panel()
    form = panel.locator(".seqmagic-form")
    expect(form.get_by_text("class.toml sets optimizer, loss, batch size for this class.")).to_be_visible(timeout=120_000)
    expect(page.page.locator(".seqmagic-card")).to_have_count(0)
    of_fit = [f"fit.{name}" for name in ("epochs", "validation_split", "split", "patience", "until", "class_weight")]
    assert form.evaluate(CHANGEABLE) == ["fold", "metrics.remove.0", "metrics.add", *of_fit]
    # More than the class trains at a time: the sentence, what to type, and the teacher's hint.
    form.locator("[data-control='fit.epochs']").fill("50")
    page.press("Train")
    for sentence in ("epochs=50 is more than this class allows.", "at most 3, the limit in class.toml", "Slide 12 says why."):
        expect(panel.get_by_text(sentence)).to_be_visible()
    form.locator("[data-control='fit.epochs']").fill("2")
    page.press("Train")
    page.wait_for_state("done")
    expect(panel.get_by_role("button", name="Train more")).to_be_visible()
    expect(panel.get_by_role("button", name="Look inside")).to_have_count(0)
    expect(panel.get_by_label("Learning rate", exact=True).locator("visible=true")).to_have_count(0)
