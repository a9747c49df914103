"""What cards and panels look like is their own business, whatever the page around them says of tables, buttons and code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

CELL = """%load_ext seqmagic
import seqmagic
from IPython.display import HTML, display
display(HTML("<table class='plain'><tr><td>1</td></tr></table>"))
%sequential styled input 4 -> dense 3 relu -> dense 2 softmax
%runs
try:
    seqmagic.build("input 4 -> dense 3 rleu")
except seqmagic.SeqmagicError as error:
    from seqmagic.widgets.error_card import ErrorCard
    display(ErrorCard(error))
display(seqmagic.Dashboard(styled))"""
# Heavier than what JupyterLab says, and later: so it is after a change of theme, when its styles are loaded once more.
HOSTILE = """
.jp-Notebook.jp-Notebook.jp-Notebook :is(tr, td, th, code, pre, button, select) { background: red; }
.jp-Notebook.jp-Notebook.jp-Notebook :is(td, th, code, button, select) { padding: 33px; }
.jp-Notebook.jp-Notebook.jp-Notebook :is(td, th) { text-align: center; vertical-align: bottom; }
.jp-Notebook.jp-Notebook.jp-Notebook :is(td, th, button, select) { border: 3px solid red; }
.jp-Notebook.jp-Notebook.jp-Notebook :is(code, button, select) { color: red; font-size: 30px; }
.jp-Notebook.jp-Notebook.jp-Notebook :is(button, select) { height: 60px; margin: 20px; }
.jp-Notebook.jp-Notebook.jp-Notebook [hidden] { display: block; }
"""
PROPERTIES = "backgroundColor border color display fontSize height margin padding textAlign verticalAlign"
LOOKS = """(properties) => [...document.querySelectorAll(
  '.seqmagic-card :is(tr, td, th, code), .seqmagic-panel :is(button, select, code, [hidden])')].map((element) => {
    const style = getComputedStyle(element);
    return [element.tagName, element.textContent, ...properties.map((name) => `${name}: ${style[name]}`)];
  })"""
# The looks of each card with the sheets of its own output alone; another output's sheets may be deleted, or come later.
ALONE = """(properties) => [...document.querySelectorAll('.seqmagic-card')].flatMap((card) => {
    const others = [...document.querySelectorAll('.jp-OutputArea-output style')].filter((sheet) => !card.parentElement.contains(sheet));
    const look = (element) => {
      const style = getComputedStyle(element);
      return [element.tagName, element.textContent, ...properties.map((name) => `${name}: ${style[name]}`)];
    };
    const looks = () => [card, ...card.querySelectorAll('caption, h4, tr, td, th, code, small, p')].map(look);
    const together = looks();
    for (const sheet of others) sheet.disabled = true;
    const alone = looks();
    for (const sheet of others) sheet.disabled = false;
    return alone.map((one, place) => [one, together[place]]);
  })"""
PLAIN = "() => getComputedStyle(document.querySelector('.plain td')).paddingTop"


def test_the_styles_of_the_page_around_change_nothing(notebook: Callable[..., NotebookPage], browser: Any) -> None:
    page = notebook(CELL)
    page.run_all()
    page.panel().locator(".seqmagic-lines code").wait_for()
    page.wait_for_cells()
    before, plain = page.page.evaluate(LOOKS, PROPERTIES.split()), page.page.evaluate(PLAIN)
    assert {"TR", "TD", "TH", "CODE", "BUTTON", "SELECT"} <= {tag for tag, *_ in before}
    page.page.add_style_tag(content=HOSTILE)
    wait_until(page, lambda: page.page.evaluate(PLAIN), "33px")  # What is not ours did change.
    assert plain != "33px"
    assert page.page.evaluate(LOOKS, PROPERTIES.split()) == before
    for alone, together in page.page.evaluate(ALONE, [*PROPERTIES.split(), "maxWidth", "opacity"]):
        assert alone == together, "a later card changes an earlier one"
