"""The path of a student through a real JupyterLab: run, watch, press, reload, save, come back without a kernel."""

from __future__ import annotations

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
    assert "Conv2D" in card.inner_text()
    assert "3×3×1×32 + 32" in card.inner_text()
    page.panel(1).get_by_role("button", name="Train").click()
    page.wait_for_state("done", 1)
    page.page.wait_for_function("() => !document.body.innerText.includes('Waiting for the training')")
    accuracy = float(page.page.locator(".jp-OutputArea-executeResult").last.inner_text().split("'")[1].rstrip("%"))
    assert accuracy >= 95


def test_train_shows_points_and_stop_stops(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=1000")
    page.run_all()
    train = page.panel().get_by_role("button", name="Train")
    train.click(timeout=120_000)
    page.wait_for_state("running")
    before = wait_for_more_points(page, 0)
    wait_for_more_points(page, before)
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped", timeout=60_000)
    assert page.status().startswith("Stopped in epoch")
    assert train.is_enabled()


def test_pause_holds_and_continue_goes_on(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=1000")
    page.run_all()
    page.wait_for_state("running", timeout=120_000)
    wait_for_more_points(page, 0)
    page.panel().get_by_role("button", name="Pause").click()
    page.wait_for_state("paused", timeout=60_000)
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
    page.wait_for_state("running", timeout=120_000)
    wait_for_more_points(page, 0)
    page.command("notebook:interrupt-kernel")
    page.wait_for_state("stopped", timeout=60_000)
    assert page.status().startswith("Stopped in epoch")


def test_a_cell_that_uses_the_model_waits_and_another_does_not(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=1000", "'free'", "len(digits.weights)")
    page.run_all()
    page.page.wait_for_function("() => document.body.innerText.includes('Waiting for the training of digits')", timeout=120_000)
    assert "'free'" in page.output(3)
    page.command("notebook:interrupt-kernel")
    page.wait_for_state("stopped", timeout=60_000)
    page.page.wait_for_function("() => !document.body.innerText.includes('Waiting for the training of digits')")
    page.wait_for_kernel()
    assert page.output(4).strip() == "Interrupted: The training of digits was stopped, and this cell did not run."
    page.run_cell(4)
    expect(page.page.locator(".jp-Notebook .jp-CodeCell").nth(4).locator(".jp-Cell-outputArea")).to_contain_text(":6")


def test_a_reload_in_the_middle_of_a_run_finds_the_curve_going_on(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=1000")
    page.run_all()
    page.panel().get_by_role("button", name="Train").click(timeout=120_000)
    page.wait_for_state("running")
    before = wait_for_more_points(page, 0)
    page.save()
    page.open()
    page.wait_for_state("running")
    assert page.points() >= before
    wait_for_more_points(page, page.points())
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped", timeout=60_000)
    assert "reloaded" in page.panel().inner_text()


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
    page.panel().get_by_role("button", name="Train").click(timeout=120_000)
    before = wait_for_more_points(page, 0)
    page.run_cell(3)
    page.wait_for_kernel()
    wait_for_more_points(page, before)
    rate = page.panel().get_by_label("Learning rate", exact=True).last
    expect(rate).to_have_value("0.002")
    page.panel().get_by_role("button", name="Stop").click()
    page.wait_for_state("stopped")
    page.wait_for_kernel()
    count = page.add_cell(ROWS)
    page.run_cell(count)
    page.page.wait_for_function("n => document.querySelectorAll('.jp-OutputArea-executeResult').length >= n", arg=1, timeout=60_000)
    rows = int(page.output(count).split()[-1])
    assert int(page.panel().locator(".seqmagic-training").get_attribute("data-rows")) == rows


def test_errors_are_short_and_keep_the_old_model(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%%sequential digits\ninput 8x8x1\ndense 10 relv", "digits.count_params()")
    page.run_cell(0)
    page.run_cell(1)
    page.run_cell(2)
    page.page.locator(".jp-RenderedText[data-mime-type='application/vnd.jupyter.stderr']").wait_for(timeout=120_000)
    shown = page.output(2)
    assert "Line 2: 'dense' has no word 'relv'." in shown
    assert "Traceback" not in shown
    page.run_cell(3)
    page.page.wait_for_function("() => document.body.innerText.includes('6090')", timeout=60_000)


def test_a_saved_notebook_shows_card_and_curves_without_a_kernel(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=3")
    page.run_all()
    page.wait_for_state("done", timeout=120_000)
    page.wait_for_picture()
    page.save()
    page.page.wait_for_timeout(500)
    saved = nbformat.read(page.file, 4)
    picture, text = (output.data for output in saved.cells[2].outputs[-2:])
    assert set(picture) == {"image/png", "text/plain"}
    assert "3 of 3 epochs" in text["text/plain"]
    saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
    nbformat.write(saved, page.file.with_name("saved.ipynb"))
    for app in ("lab", "notebook"):
        again = NotebookPage(page.page.context.new_page(), page.address, "saved.ipynb", app).open()
        assert picture_is_drawn(again), app
        assert "Conv2D" in again.page.locator(".seqmagic-card").inner_text(), app
