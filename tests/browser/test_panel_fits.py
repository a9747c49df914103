"""The panel fits the screen while a model trains, stays aligned and in the colours of the theme, and asks before it gives anything up."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.screenshots import THEMES
from tests.support.digits import FIRST_CELL, NETWORK_CELL
from tests.support.notebook_page import NotebookPage, wait_for_more_points, wait_until

pytestmark = pytest.mark.browser
Open = Callable[..., NotebookPage]
METRICS = " sparse_top_k_categorical_accuracy(k=2)"
INSIDE = """() => {
  const panel = document.querySelector(".seqmagic-panel");
  panel.scrollIntoView();
  const shown = document.querySelector(".jp-WindowedPanel-outer, .jp-Notebook").getBoundingClientRect();
  const boxes = [...panel.querySelectorAll(".seqmagic-chart")].map((chart) => chart.getBoundingClientRect());
  const { top, bottom } = panel.getBoundingClientRect();
  return { room: shown.height, tall: bottom - top, charts: boxes.length, lowest: Math.max(...boxes.map((box) => box.bottom)) - top };
}"""
# How light the grey pixels of the first chart are: its numbers.
LIGHTNESS = """() => {
  const canvas = document.querySelector(".seqmagic-chart canvas");
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  let [sum, count] = [0, 0];
  for (let at = 0; at < data.length; at += 4) {
    const [red, green, blue, alpha] = data.slice(at, at + 4);
    if (alpha > 120 && Math.abs(red - green) < 9 && Math.abs(red - blue) < 9) [sum, count] = [sum + red, count + 1];
  }
  return count ? sum / count : NaN;
}"""


def tops(page: NotebookPage, selector: str) -> list[float]:
    script = """(panel, selector) => {
      const { top } = panel.getBoundingClientRect();
      return [...panel.querySelectorAll(selector)].map((one) => Math.round(one.getBoundingClientRect().top - top));
    }"""
    return list(page.panel().evaluate(script, selector))


def field(page: NotebookPage, name: str) -> Any:
    return page.panel().locator(f"[data-control='{name}']")


def test_the_panel_of_a_model_in_training(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL + METRICS, "%dashboard digits x y epochs=3000 validation_split=0.2")
    page.page.set_viewport_size({"width": 1280, "height": 900})
    page.run_all()
    page.panel().get_by_role("heading", name="digits", exact=True).wait_for()
    page.panel().get_by_role("group", name="digits: training", exact=True).wait_for()
    a_wrong_field_keeps_train_off(page)
    page.press("Train")
    page.wait_for_state("running")
    wait_for_more_points(page, 60)
    field(page, "fit.epochs").wait_for(state="detached")
    wait_until(page, lambda: (seen := page.page.evaluate(INSIDE))["charts"] == 3 and seen["tall"] < seen["room"], expected=True)
    expect(page.panel().get_by_label("Learning rate", exact=True)).to_have_count(1)
    the_legends_keep_the_charts_aligned(page)
    a_theme_recolours_what_is_drawn(page)
    first_asks_with_a_way_back(page)
    page.press("Stop")
    page.wait_for_state("stopped")
    # Both panels of a run that has ended offer the same.
    offered = page.panel().locator(".seqmagic-controls").locator("button:not([aria-disabled=true]):visible")
    wait_until(page, offered.all_inner_texts, ["Train more", "Batch", "Epoch", "First", "Best", "Look inside"])
    expect(page.panel().get_by_label("Learning rate", exact=True)).to_have_count(1)
    page.panel().get_by_role("button", name="Change options").click()
    field(page, "fit.epochs").wait_for()
    expect(page.panel().locator(".seqmagic-rate")).to_be_hidden()


def a_wrong_field_keeps_train_off(page: NotebookPage) -> None:
    neighbours = ".seqmagic-fit .seqmagic-field"
    before = tops(page, neighbours)
    widths = "panel => [...panel.querySelectorAll('.seqmagic-fit .seqmagic-field')].map((one) => one.getBoundingClientRect().left)"
    lefts = page.panel().evaluate(widths)
    field(page, "fit.patience").fill("soon")
    field(page, "fit.patience").press("Enter")
    page.panel().locator(".seqmagic-problem", has_text="patience is 'soon'").wait_for()
    train = page.panel().get_by_role("button", name="Train", exact=True)
    page.panel().get_by_text("You can train after this is fixed: Patience.").wait_for()
    expect(train).to_have_attribute("aria-disabled", "true")
    wait_until(page, lambda: (tops(page, neighbours), page.panel().evaluate(widths)), (before, lefts))
    expect(field(page, "fit.patience")).to_have_attribute("title", re.compile("."))
    field(page, "fit.patience").fill("")
    field(page, "fit.patience").press("Enter")
    page.panel().get_by_text("You can train after").wait_for(state="hidden")
    expect(train).to_have_attribute("aria-disabled", "false")


def the_legends_keep_the_charts_aligned(page: NotebookPage) -> None:
    wait_until(page, lambda: len(set(tops(page, ".seqmagic-chart canvas"))), 1)
    page.panel().evaluate("panel => { panel.querySelector('.seqmagic-chart .seqmagic-key').style.maxWidth = '60px'; }")
    wait_until(page, lambda: len(set(tops(page, ".seqmagic-chart canvas"))), 1)  # One legend takes several lines.


def a_theme_recolours_what_is_drawn(page: NotebookPage) -> None:
    page.meant = ("removeChild",)  # JupyterLab's own splash, where one theme follows the other too soon.
    page.press("Pause")
    page.wait_for_state("paused")
    change = "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})"
    page.page.wait_for_function(f"() => ({LIGHTNESS})() < 100")
    try:
        page.page.evaluate(change, THEMES["dark"])
        page.page.wait_for_function(f"() => ({LIGHTNESS})() > 150")
    finally:
        page.page.evaluate(change, THEMES["light"])
    page.page.wait_for_function(f"() => ({LIGHTNESS})() < 100")


def first_asks_with_a_way_back(page: NotebookPage) -> None:
    page.press("Restore weights: first")
    question = page.panel().get_by_role("group", name="Question")
    expect(question).to_contain_text("Put back the weights from before the first epoch?")
    expect(question.get_by_role("button", name="Keep the current weights")).to_be_focused()
    page.page.keyboard.press("Enter")  # The way back has the focus.
    question.wait_for(state="hidden")
    assert page.panel().get_by_text("were put back").count() == 0
    page.press("Restore weights: first")
    question.get_by_role("button", name="Put them back").click()
    page.panel().get_by_text("The weights from before the first epoch were put back.").wait_for()


# Remembers whether a control was there, however shortly.
WATCH_FOR = """(panel, name) => {
  new MutationObserver(() => (window.wasSeen ||= Boolean(panel.querySelector(`[data-control="${name}"]`)))).observe(panel, { childList: true, subtree: true });
}"""


def test_a_learning_rate_is_found_and_taken_over_by_buttons(notebook: Open) -> None:
    page = notebook(FIRST_CELL, NETWORK_CELL, "%dashboard digits x y", "1 + 1")
    page.run_all()
    find = page.panel().get_by_role("button", name="Find one")
    find.wait_for()
    page.panel().evaluate(WATCH_FOR, "search.stop")
    find.click()
    page.panel().get_by_role("button", name=re.compile("^Use ")).wait_for()
    assert page.page.evaluate("window.wasSeen"), "while it goes on, a button stops it"
    found = page.panel().get_by_role("group", name="The learning rate search")
    expect(found).to_contain_text("The model's previous weights were put back.")
    expect(found.get_by_role("img")).to_have_attribute("aria-label", re.compile("^Loss over learning rate. The loss falls fastest near"))
    use = page.panel().get_by_role("button", name=re.compile("^Use "))
    rate = use.inner_text().removeprefix("Use ")
    use.click()
    page.panel().locator(".seqmagic-lines code", has_text=f"compile adam({rate})").wait_for()
    found.wait_for(state="detached")
