"""The dashboard in a real page: choosing, stepping, reading curves, keys; in JupyterLab and in Notebook."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat.sign import NotebookNotary
from playwright.sync_api import expect

from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage, picture_is_drawn, voila_server, wait_for_more_points, wait_until, write_notebook

pytestmark = pytest.mark.browser
Open = Callable[..., NotebookPage]
UNCOMPILED = NETWORK_CELL.partition("compile")[0]


def control(page: NotebookPage, name: str) -> Any:
    return page.panel().locator(f"[data-control='{name}']")


def fill(page: NotebookPage, name: str, value: str) -> None:
    control(page, name).fill(value)
    control(page, name).press("Enter")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_the_path_of_a_student_from_choosing_to_a_notebook_without_a_kernel(notebook: Open, app: str) -> None:
    page = notebook(FIRST_CELL, UNCOMPILED, "%dashboard digits x y epochs=3000 validation_split=0.2", app=app)
    page.run_all()
    lines = page.panel().locator(".seqmagic-lines code")
    lines.wait_for()
    # Choose: what can't work is said at once, and one press takes what fits.
    control(page, "loss").select_option("categorical_crossentropy")
    page.panel().get_by_text("expects one column for each of the 10 classes").wait_for()
    control(page, "propose").click()
    control(page, "optimizer").select_option("sgd")
    fill(page, "optimizer.momentum", "0.9")
    page.page.wait_for_function(
        "() => document.querySelector('.seqmagic-lines code').textContent.startsWith("
        "'compile sgd(0.01, momentum=0.9) sparse_categorical_crossentropy accuracy')"
    )
    # Train, hold, go on batch by batch, change the learning rate, go on.
    page.press("Train")
    page.wait_for_state("running")
    wait_for_more_points(page, 0)
    page.press("Pause")
    page.wait_for_state("paused")
    held = page.points()
    page.press("Step: batch")
    wait_for_more_points(page, held)
    assert page.points() == held + 1
    rate = page.panel().get_by_label("Learning rate", exact=True).last
    rate.fill("0.003")
    rate.press("Enter")
    page.press("Continue")
    wait_for_more_points(page, held + 1)
    # Reload in the middle; stop; go on for a few epochs.
    page.save()
    page.open()
    page.wait_for_state("running")
    wait_for_more_points(page, held)
    page.press("Stop")
    page.wait_for_state("stopped")
    assert "NaN" not in page.panel().inner_text(), "an epoch that was cut has no validation"
    lines.filter(has_text="compile sgd(0.003, momentum=0.9)").wait_for()
    page.press("Change options")
    fill(page, "fit.epochs", "2")
    page.press("Train more")
    page.wait_for_state("done")
    assert page.status().startswith("Done 2 of 2 epochs")
    keeping = page.add_cell("%dashboard digits x y")
    page.run_cell(keeping)
    page.wait_for_state("done", 1)
    page.wait_for_cells().wait_for_picture()
    page.saved(lambda saved: "compile sgd(0.003, momentum=0.9) sparse_categorical_crossentropy accuracy" in words_of(saved.cells[-1]))
    page.shut_down()
    saved_by_the_page(page)
    saved_without_a_kernel(page, trusted=True)
    saved_without_a_kernel(page, trusted=False)


REACHED_BY_FOCUS = """panel => [...panel.querySelectorAll("button, input, select, textarea, summary")]
  .filter((one) => (one.focus(), document.activeElement === one))
  .map((one) => one.closest(".seqmagic-controls, .seqmagic-form, .seqmagic-tools, .seqmagic-numbers").className)"""


def test_after_a_restart_the_panel_says_that_its_kernel_is_gone(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=100000")
    page.run_all()
    page.press("Train")
    wait_for_more_points(page, 200)
    page.restart()
    page.page.locator(".seqmagic-panel.jupyter-widgets-disconnected").wait_for()
    content = "panel => getComputedStyle(panel, '::before').content"
    wait_until(page, lambda: "then %fit digits --resume=" in page.panel().evaluate(content), expected=True)
    # The keyboard passes over what does nothing any more. What is in the page can still be looked at.
    places = {"seqmagic-tools", "seqmagic-controls", "seqmagic-form"}
    wait_until(page, lambda: places & set(page.panel().evaluate(REACHED_BY_FOCUS)), {"seqmagic-tools"})
    page.panel().get_by_label("Log scale").check()
    page.panel().locator("summary", has_text="Values of each epoch").click()
    page.panel().locator("td").first.wait_for()  # The table is filled in a moment after it opens.
    resuming = page.add_cell(page.panel().evaluate(content).strip('"').partition(", then ")[2])
    for cell in (0, 1, resuming):
        page.run_cell(cell)
    page.wait_for_state("running", 1)
    page.press("Stop", 1)
    page.wait_for_state("stopped", 1)
    listing = page.add_cell("%runs digits")
    page.run_cell(listing)
    expect(page.shown(listing)).to_contain_text("continues run ")


def test_a_chart_with_values_below_0_says_that_it_stays_linear(notebook: Open) -> None:
    read = "%load_ext seqmagic\nfrom sklearn.datasets import load_diabetes\nx, y = load_diabetes(return_X_y=True)"
    network = "%%sequential net\ninput 10 -> dense 8 relu -> dense 1\ncompile adam mse r2_score"
    page = notebook(read, network, "%fit net x y epochs=5")  # The mean of y is 152: a network that begins near 0 is worse than that.
    page.run_all()
    page.wait_for_state("done")
    page.panel().get_by_label("Log scale").check()
    page.panel().locator(".seqmagic-chart", has_text="r2_score").locator("text=linear, because there are values below 0").wait_for()
    assert "linear" not in page.panel().locator(".seqmagic-chart", has_text="loss").inner_text()


def test_the_panel_trains_in_voila(chromium: str, browser: Any, tmp_path: Path) -> None:
    write_notebook(tmp_path / "voila.ipynb", FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=3000")
    with voila_server(tmp_path / "voila.ipynb") as address:
        page = NotebookPage(browser, address, "voila.ipynb")
        browser.goto(address)
        page.panel().get_by_role("button", name="Train", exact=True).click()
        page.wait_for_state("running")
        wait_for_more_points(page, 0)
        page.press("Pause")
        page.wait_for_state("paused")
        held = page.points()
        page.press("Continue")
        wait_for_more_points(page, held)
        page.press("Stop")
        page.wait_for_state("stopped")
        page.press("Change options")
        fill(page, "fit.epochs", "2")
        page.press("Train more")
        page.wait_for_state("done")
        assert browser.locator(".jp-OutputArea-child pre:visible", has_text="Not trained yet").count() == 0
        assert page.complaints == []


def test_a_panel_in_an_output_widget_is_seen(notebook: Open) -> None:
    shown = "import ipywidgets, seqmagic\nout = ipywidgets.Output()\ndisplay(out)\nwith out:\n    display(seqmagic.Dashboard(digits, x, y))"
    page = notebook(FIRST_CELL, UNCOMPILED, shown)
    page.run_all()
    page.panel().get_by_role("button", name="Train", exact=True).wait_for(state="visible")
    assert page.panel().is_visible()


def test_a_panel_that_was_never_used_is_saved_as_its_words(notebook: Open) -> None:
    page = notebook(FIRST_CELL, UNCOMPILED, "%dashboard digits x y")
    page.run_all()
    page.panel().locator(".seqmagic-lines code").wait_for()
    assert "Not trained yet" not in page.output(2)
    page.wait_for_cells().saved(lambda saved: "Not trained yet." in words_of(saved.cells[2]))
    page.shut_down()
    again = NotebookPage(page.page.context.new_page(), page.address, page.path).open().wait_for_kernel()
    again.page.wait_for_timeout(3_000)  # A widget that isn't found is looked for that long.
    lines = [
        "compile adam(0.001) sparse_categorical_crossentropy accuracy",
        "fit x y epochs=10 batch_size=32",
        "Not trained yet.",
    ]
    wait_until(again, lambda: again.output(2).strip().splitlines(), lines)


def words_of(cell: Any) -> str:
    """What a saved cell shows as text."""
    return "".join(output.data.get("text/plain", "") for output in cell.outputs)


def saved_by_the_page(page: NotebookPage) -> None:
    """The very file that the page wrote, which it trusts, with a kernel that knows nothing of it."""
    text = words_of(nbformat.read(page.file, 4).cells[-1])
    assert "compile sgd(0.003, momentum=0.9) sparse_categorical_crossentropy accuracy" in text
    assert page.file.stat().st_size < 200_000
    again = NotebookPage(page.page.context.new_page(), page.address, page.path, page.app).open().wait_for_kernel()
    shows_what_was_saved(again)
    again.page.close()


def saved_without_a_kernel(page: NotebookPage, *, trusted: bool) -> None:
    saved = nbformat.read(page.file, 4)
    saved.metadata.kernelspec = {"name": "none-such", "display_name": "None", "language": "python"}
    saved.cells = saved.cells[-1:]
    path = page.file.with_name(f"saved-{page.app}-{trusted}.ipynb")
    nbformat.write(saved, path)
    if trusted:
        NotebookNotary().sign(nbformat.read(path, 4))
    again = NotebookPage(page.page.context.new_page(), page.address, path.name, page.app).open()
    shows_what_was_saved(again)
    again.page.close()


def shows_what_was_saved(page: NotebookPage) -> None:
    """One picture, the lines, the numbers as a table, and no word of a widget that isn't there."""
    assert picture_is_drawn(page)
    page.page.wait_for_timeout(3_000)  # A widget that isn't found is looked for that long.
    shown = page.page.locator(".jp-CodeCell").last.locator(".jp-Cell-outputArea")
    expect(shown.locator("img:visible")).to_have_count(1)
    expect(shown).to_contain_text("compile sgd(0.003")
    lines = shown.inner_text().strip().splitlines()
    assert lines[0].startswith("compile sgd(0.003, momentum=0.9) sparse_categorical_crossentropy accuracy")
    assert [line.split()[:2] for line in lines if line.strip().startswith("epoch ")] == [["epoch", "loss"]]
    assert lines[-1].split()[0].isdecimal()


def test_keys_reach_the_panel_and_not_the_notebook(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=3000")
    page.run_all()
    page.panel().get_by_role("button", name="Train").focus()
    cells = page.page.locator(".jp-Notebook .jp-Cell").count()
    for key, state in (("b", "paused"), ("p", "running"), ("p", "paused"), ("e", "paused"), ("s", "stopped")):
        page.page.keyboard.press(key)
        page.wait_for_state(state)
        if key == "e":
            page.page.wait_for_function("() => Number(document.querySelector('[data-points]').dataset.points) % 57 === 0")
    page.wait_for_last_picture(2, "Stopped in epoch")
    page.page.wait_for_function(
        "() => document.activeElement?.tagName === 'BUTTON' && document.activeElement.textContent.includes('Train')"
    )
    page.page.keyboard.press("l")
    page.page.wait_for_function("() => document.querySelector('[data-points] input[type=checkbox]').checked")
    expect(page.panel().get_by_label("Log scale")).to_be_checked()
    assert page.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_keys_in_the_panel_edit_no_cell_and_enter_sends_the_learning_rate(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=100000")
    page.run_all()
    wait_for_more_points(page, 0)
    cells = page.page.locator(".jp-Notebook .jp-Cell")
    before = cells.count()
    for place in (page.panel().locator("canvas").first, page.panel().get_by_role("button", name="Pause")):
        place.focus()
        for key in "adxzd":
            page.page.keyboard.press(key)
    assert cells.count() == before
    rate = page.panel().locator(".seqmagic-rate input[type=text]")
    rate.select_text()
    page.page.keyboard.type("0.5")
    page.page.keyboard.press("Enter")
    page.page.wait_for_function("() => document.querySelector('.seqmagic-rate input[type=range]').getAttribute('aria-valuetext') === '0.5'")
    rate.select_text()
    page.page.keyboard.type("0")
    page.page.keyboard.press("Enter")
    page.panel().get_by_text("Expected: a number above 0").wait_for()
    page.page.keyboard.press("Tab")
    page.page.wait_for_function("() => document.querySelector('.seqmagic-rate input[type=text]').value === '0.5'")
    page.press("Stop")


# Two learning rates in one breath; then what stands in the box, frame by frame.
TWO_RATES = """box => new Promise((done) => {
  const seen = new Set();
  const frame = () => {
    seen.add(box.value);
    if (performance.now() < end) requestAnimationFrame(frame);
    else done([...seen]);
  };
  const end = performance.now() + 1400;  // As long as the page is patient with a kernel that has yet to answer.
  const set = (value) => {
    box.value = value;
    box.dispatchEvent(new Event("change"));
  };
  set("0.02");
  setTimeout(() => (set("0.03"), frame()), 30);
})"""


def test_the_learning_rate_that_was_asked_for_last_is_the_one_that_is_shown(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=100000")
    page.run_all()
    wait_for_more_points(page, 0)
    number, slider = (page.panel().locator(f".seqmagic-rate input[type={kind}]") for kind in ("text", "range"))
    assert number.evaluate(TWO_RATES) == ["0.03"]
    page.page.wait_for_timeout(1_500)
    expect(number).to_have_value("0.03")
    # A slider that goes back to where it was sends nothing: the box then tells the rate that holds.
    number.fill("0.0123")
    number.press("Enter")
    page.page.wait_for_timeout(2_000)  # The page's patience is over,
    expect(number).to_have_value("0.0123")  # and the kernel has taken it over.
    slider.focus()
    slider.evaluate("slider => slider.dispatchEvent(new Event('input'))")
    expect(number).to_have_value("0.013")
    number.focus()
    expect(number).to_have_value("0.0123")
    page.press("Stop")


def test_what_somebody_is_writing_stays_when_the_form_is_drawn_anew(notebook: Open) -> None:
    page = notebook(FIRST_CELL, UNCOMPILED, "%dashboard digits x y")
    page.run_all()
    lines = page.panel().locator(".seqmagic-lines code")
    lines.wait_for()
    batch = control(page, "fit.batch_size")
    batch.select_text()
    page.page.keyboard.type("1")
    control(page, "loss.from_logits").evaluate("box => box.click()")
    lines.filter(has_text="from_logits=true").wait_for()
    page.page.keyboard.type("2")
    expect(batch).to_have_value("12")
    page.page.keyboard.press("Tab")
    lines.filter(has_text="batch_size=12").wait_for()
    control(page, "loss").select_option("mse")
    control(page, "propose").press("Enter")
    page.panel().get_by_text("Fits best, and is chosen").wait_for()
    wait_until(page, lambda: page.panel().evaluate("panel => panel.contains(document.activeElement)"), expected=True)


def test_curves_are_read_and_looked_at_closer(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=6 validation_split=0.2")
    page.run_all()
    page.wait_for_state("done")
    page.wait_for_last_picture(2, "6 of 6 epochs")
    chart = page.panel().locator("canvas").first
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    chart.hover(position={"x": 46 + (box["width"] - 60) / 2, "y": 60})
    key = page.panel().locator("figcaption").first
    key.get_by_text("epoch 3").wait_for()
    assert {"batch", "training", "validation"} <= set(key.inner_text().replace("\n", " ").split())
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 80, steps=4)
    page.page.mouse.up()
    everything = page.panel().get_by_role("button", name="Show all")
    everything.wait_for()
    everything.click()
    everything.wait_for(state="hidden")
    chart.focus()
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("ArrowRight")
    expect(page.panel().locator(".seqmagic-spoken")).to_have_text(re.compile("^loss, epoch 2: training "))
    expect(chart).to_have_attribute("aria-label", re.compile("Best: "))
    page.panel().get_by_text("Values of each epoch").click()
    expect(page.panel().locator("tbody tr")).to_have_count(6)


def test_how_curves_are_shown_is_there_again_after_a_reload(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=3")
    page.run_all()
    page.wait_for_state("done")
    page.wait_for_last_picture(2, "3 of 3 epochs")
    page.panel().get_by_label("Log scale").check()
    page.panel().get_by_label("Smooth").fill("0.5")
    page.run_cell(page.add_cell("'kept'"))  # The kernel takes one thing after the other.
    page.wait_for_cells().save()
    page.open()
    page.wait_for_state("done")
    expect(page.panel().get_by_label("Log scale")).to_be_checked()
    expect(page.panel().get_by_label("Smooth")).to_have_value("0.5")


def test_a_cell_that_runs_again_leaves_one_panel_in_the_kernel(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%fit digits x y epochs=1", "%dashboard digits x y")
    page.run_all()
    page.wait_for_state("done", 1)
    first = widgets_in_the_kernel(page, 1)
    for _ in range(3):
        page.run_cell(2)
        page.run_cell(3)
    assert widgets_in_the_kernel(page, 2) == first


def widgets_in_the_kernel(page: NotebookPage, times: int) -> str:
    """How many there are, when all cells have run."""
    page.run_cell(
        page.add_cell("from ipywidgets.widgets.widget import _instances\nf'{len(digits.layers)} layers, {len(_instances)} widgets'")
    )
    results = page.page.locator(".jp-OutputArea-executeResult").filter(has_text="widgets")
    results.nth(times - 1).wait_for()
    return str(results.nth(times - 1).inner_text().split(",")[-1])


@pytest.mark.parametrize("width", [360, 1400])
def test_nothing_is_wider_than_its_place(notebook: Open, width: int) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y epochs=2")
    page.command("application:toggle-left-area")
    page.page.set_viewport_size({"width": width, "height": 1200})
    page.run_all()
    page.press("Train")
    page.wait_for_state("done")
    page.wait_for_cells()
    wider = page.panel().evaluate(
        "panel => [...panel.querySelectorAll('*')].filter(part => !part.closest('.seqmagic-spoken') && !part.matches('option, optgroup')"
        " && part.getBoundingClientRect().right > panel.getBoundingClientRect().right + 1).map(part => part.className || part.tagName)"
    )
    assert wider == [], wider
