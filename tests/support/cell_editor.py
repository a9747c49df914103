"""The editor of one cell on a notebook page: types into it, and reads what it shows."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Error

from tests.support.notebook_page import NotebookPage

ACTIVATE = """async ([cell, line]) => {
  const notebook = window.jupyterapp.shell.currentWidget.content;
  notebook.activeCellIndex = cell;
  notebook.mode = 'edit';
  await notebook.activeCell.ready;
  const view = notebook.activeCell.editor.editor;
  view.focus();
  view.dispatch({ selection: { anchor: line ? view.state.doc.line(line).to : view.state.doc.length }, scrollIntoView: true });
}"""
# Each piece of text with its colour.
COLOURS = """(element) => {
  const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  const found = [];
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (node.data.trim()) found.push([node.data.trim(), getComputedStyle(node.parentElement).color]);
  }
  return found;
}"""
NAMED = """(names) => Object.fromEntries(names.map((name) => {
  const probe = document.body.appendChild(document.createElement('i'));
  probe.style.color = `var(--jp-mirror-editor-${name}-color)`;
  const { color } = getComputedStyle(probe);
  probe.remove();
  return [name, color];
}))"""


class CellEditor:
    """The editor of one cell; cells count from 0 and lines from 1, as in Jupyter and in messages."""

    def __init__(self, page: NotebookPage, cell: int) -> None:
        self.page, self.cell = page, cell
        self.element = page.page.locator(".jp-Notebook .jp-CodeCell").nth(cell).locator(".cm-content")

    def go(self, line: int = 0) -> CellEditor:
        """Put the cursor at the end of a line, or of the cell."""
        self.page.page.evaluate(ACTIVATE, [self.cell, line])
        return self

    def type(self, text: str, delay: float = 0) -> None:
        """Type, with this many milliseconds between the keys."""
        self.page.page.keyboard.type(text, delay=delay)

    def press(self, *keys: str) -> None:
        """Press keys, such as 'Control+z'."""
        for key in keys:
            self.page.page.keyboard.press(key)

    def clear(self) -> None:
        """Delete all text."""
        self.go().press("Control+a", "Delete")

    def complete_until(self, done: Callable[[], bool]) -> None:
        """Press Tab until a condition holds: JupyterLab drops completions that take a kernel more than a second."""
        for _ in range(30):
            self.press("Tab")
            for _ in range(20):
                self.page.page.wait_for_timeout(200)
                if done():
                    return
        raise TimeoutError(self.text)

    @property
    def text(self) -> str:
        """The text in the notebook model, which is what is saved and run."""
        script = "c => window.jupyterapp.shell.currentWidget.content.model.sharedModel.cells[c].source"
        return str(self.page.page.evaluate(script, self.cell))

    def wait_for_language(self, name: str) -> None:
        """Wait until the cell is highlighted in that language."""
        self.page.page.locator(".jp-Notebook .jp-CodeCell").nth(self.cell).locator(f".cm-content[data-language={name}]").wait_for()

    def colours(self) -> dict[str, str]:
        """The colour of each piece of text; of equal pieces, that of the last."""
        return dict(self.element.evaluate(COLOURS))

    def shapes(self) -> dict[int, str]:
        """The visible shapes, by line."""
        script = """(element) => [...element.querySelectorAll('.cm-line')].map((line, index) =>
            [index + 1, line.querySelector('.cm-seqmagic-shape:not(.cm-seqmagic-stale)')?.dataset.shape]).filter(([, shape]) => shape)"""
        return {int(line): shape for line, shape in self.element.evaluate(script)}

    def waves(self) -> list[str]:
        """The pieces of text with a wavy underline."""
        return list(self.element.locator(".cm-lintRange").all_inner_texts())

    def problem(self, index: int = 0, holding: str = "*") -> Any:
        """The tooltip of a wavy underline, once it contains a text; a check that ends in the meantime closes the tooltip again."""
        tooltip = self.page.page.locator(".cm-tooltip-lint")
        for _ in range(30):
            self.element.locator(".cm-lintRange").nth(index).hover()
            with contextlib.suppress(Error):
                tooltip.locator(holding).first.wait_for(timeout=4000)
                return tooltip
            self.page.page.mouse.move(0, 0)
        raise AssertionError(self.text)


def named_colours(page: NotebookPage, *names: str) -> dict[str, str]:
    """The theme's colours for code, by JupyterLab's names."""
    return dict(page.page.evaluate(NAMED, list(names)))
