"""The path of a student through a real JupyterLab: run, watch, press, reload, save, come back without a kernel."""

from __future__ import annotations

import re
import time
from collections.abc import Callable

import nbformat
import pytest
from playwright.sync_api import expect

from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage, picture_is_drawn, wait_for_more_points

pytestmark = pytest.mark.browser

ROWS = """import json, struct
block = panel.view.whole()
part = json.loads(block[4 : 4 + struct.unpack("<I", block[:4])[0]])["tables"][0]
part["length"] // (len(part["names"]) + 1)"""
Open = Callable[..., NotebookPage]


def test_the_first_notebook_runs_from_top_to_bottom(notebook: Open) -> None:
    page = notebook(copy="1-first-network.ipynb")
    page.run_all()
    page.wait_for_state("done")
    card = page.page.locator(".seqmagic-card")
    expect(card).to_contain_text("Conv2D")
    expect(card).to_contain_text("3×3×1×32 + 32")
    page.panel(1).get_by_role("button", name="Train").click()
    page.wait_for_state("done", 1)
    page.wait_for_cells()
    accuracy = float(page.page.locator(".jp-OutputArea-executeResult").last.inner_text().split("'")[1].rstrip("%"))
    assert accuracy >= 95


def test_train_shows_points_and_stop_stops(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=1000")
    page.run_all()
    train = page.panel().get_by_role("button", name="Train")
    train.click()
    page.wait_for_state("running")
    before = wait_for_more_points(page, 0)
    wait_for_more_points(page, before)
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped")
    assert page.status().startswith("Stopped in epoch")
    expect(train).to_be_enabled()


def test_pause_holds_and_continue_goes_on(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=1000")
    page.run_all()
    page.wait_for_state("running")
    wait_for_more_points(page, 0)
    page.panel().get_by_role("button", name="Pause").click()
    page.wait_for_state("paused")
    held = page.points()
    time.sleep(0.5)
    assert page.points() == held
    page.panel().get_by_role("button", name="Continue").click()
    wait_for_more_points(page, held)
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped")


def test_the_interrupt_button_ends_a_run_that_no_cell_waits_for(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=1000")
    page.run_all()
    page.wait_for_state("running")
    wait_for_more_points(page, 0)
    page.command("notebook:interrupt-kernel")
    page.wait_for_state("stopped")
    assert page.status().startswith("Stopped in epoch")


def test_a_cell_that_uses_the_model_waits_and_another_does_not(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=1000", "'free'", "len(digits.weights)")
    page.run_all()
    page.page.wait_for_function("() => document.body.innerText.includes('Waiting for the training of digits')")
    expect(page.shown(3)).to_contain_text("'free'")
    page.command("notebook:interrupt-kernel")
    page.wait_for_state("stopped")
    page.page.wait_for_function("() => !document.body.innerText.includes('Waiting for the training of digits')")
    page.wait_for_cells()
    expect(page.shown(4)).to_have_text(re.compile(r"^\s*Interrupted: The training of digits was stopped, so this cell did not run\.\s*$"))
    page.run_cell(4)
    expect(page.page.locator(".jp-Notebook .jp-CodeCell").nth(4).locator(".jp-Cell-outputArea")).to_contain_text(":6")


def test_a_reload_in_the_middle_of_a_run_finds_the_curve_going_on(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=1000")
    page.run_all()
    page.panel().get_by_role("button", name="Train").click()
    page.wait_for_state("running")
    before = wait_for_more_points(page, 0)
    page.save()
    page.open()
    page.wait_for_state("running")
    wait_for_more_points(page, before - 1)
    wait_for_more_points(page, page.points())
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped")
    expect(page.panel()).to_contain_text("reloaded")


LOSING = """
import time
send, panel.view.send = panel.view.send, lambda *lost, **also: None
panel.run.learning_rate = 0.002
time.sleep(1)
panel.view.send = send
"""


def test_a_page_that_lost_some_of_what_was_sent_asks_for_all(notebook: Open) -> None:
    page = notebook(
        FIRST_CELL,
        NETWORK_CELL,
        "import seqmagic\npanel = seqmagic.Dashboard(digits, x, y, epochs=1000)\npanel",
        LOSING,
    )
    for cell in range(3):
        page.run_cell(cell)
    page.panel().get_by_role("button", name="Train").click()
    before = wait_for_more_points(page, 0)
    page.run_cell(3)
    page.wait_for_cells()
    wait_for_more_points(page, before)
    rate = page.panel().get_by_label("Learning rate", exact=True).last
    expect(rate).to_have_value("0.002")
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped")
    page.wait_for_cells()
    count = page.add_cell(ROWS)
    page.run_cell(count)
    page.wait_for_cells()
    expect(page.shown(count)).to_have_text(re.compile(r"\d"))
    rows = page.output(count).split()[-1]
    expect(page.panel().locator(".seqmagic-training")).to_have_attribute("data-rows", rows)


def test_errors_are_short_and_keep_the_old_model(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%%sequential digits\ninput 8x8x1\ndense 10 relv", "digits.count_params()")
    page.run_cell(0)
    page.run_cell(1)
    page.run_cell(2)
    page.page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").wait_for()
    page.wait_for_cells()
    expect(page.shown(2)).to_contain_text("Line 2: 'dense' has no word 'relv'.")
    assert "Traceback" not in page.output(2)
    page.run_cell(3)
    page.page.wait_for_function("() => document.body.innerText.includes('6090')")


def test_a_saved_notebook_shows_card_and_curves_without_a_kernel(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=3")
    page.run_all()
    page.wait_for_state("done")
    page.wait_for_last_picture(2, "3 of 3 epochs")
    saved = page.saved(lambda saved: "3 of 3 epochs" in str(saved.cells[2].outputs))
    picture, text = (output.data for output in saved.cells[2].outputs[-2:])
    assert set(picture) == {"image/png", "text/plain"}
    assert "3 of 3 epochs" in text["text/plain"]
    saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
    nbformat.write(saved, page.file.with_name("saved.ipynb"))
    for app in ("lab", "notebook"):
        again = NotebookPage(page.page.context.new_page(), page.address, "saved.ipynb", app).open()
        assert picture_is_drawn(again), app
        expect(again.page.locator(".seqmagic-card")).to_contain_text("Conv2D")
