"""A cell of the language has colours of its own, in JupyterLab and Notebook, light and dark; Python cells stay what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support.cell_editor import CellEditor, named_colours
from tests.support.extension_page import replace_extension
from tests.support.notebook_page import NotebookPage, wait_until

pytestmark = pytest.mark.browser

NETWORK = """%%sequential digits --quiet
input 8x8x1
conv 16 3x3 relu -> Flatten
dense {width if True else 3} use_bias=false  # small
compile adam("mse")"""
PYTHON = """import math
%sequential other input 784 -> dense 10 softmax
%fit digits x_train epochs=15
rest = 1 if True else 2"""
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# What each word is seen as, by the names that JupyterLab's themes have for colours.
LOOKS = {
    "%%sequential": "meta",
    "digits": "variable-2",
    "--quiet": "attribute",
    "input": "keyword",
    "8x8x1": "number",
    "conv": "def",
    "relu": "string-2",
    "->": "operator",
    "Flatten": "def",
    "if": "keyword",
    "True": "keyword",
    "use_bias": "property",
    "# small": "comment",
    "adam": "string-2",
    '"mse"': "string",
}
PYTHON_LOOKS = {
    "import": "keyword",
    "%sequential": "meta",
    "other": "variable-2",
    "784": "number",
    "dense": "def",
    "softmax": "string-2",
    "%fit": "meta",
    "x_train": "variable",
    "epochs": "property",
    "else": "keyword",
}


def set_theme(page: NotebookPage, theme: str) -> None:
    """Change the theme, and wait until its colours are there."""
    page.page.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})", THEMES[theme])
    page.page.wait_for_function("light => document.body.dataset.jpThemeLight === light", arg=str(theme == "light").lower())
    page.page.wait_for_function(
        "light => (getComputedStyle(document.body).getPropertyValue('--jp-mirror-editor-number-color').trim() === '#080') === light",
        arg=theme == "light",
    )


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_words_have_the_colours_of_the_theme(notebook: Callable[..., NotebookPage], app: str) -> None:
    page = notebook(NETWORK, PYTHON, app=app)
    cells = [CellEditor(page, 0), CellEditor(page, 1)]
    cells[0].wait_for_language("seqmagic")
    cells[1].wait_for_language("python")
    for theme in THEMES:
        set_theme(page, theme)
        for cell, looks in zip(cells, (LOOKS, PYTHON_LOOKS), strict=True):
            named = named_colours(page, *looks.values())
            expected = {word: named[name] for word, name in looks.items()}
            wait_until(page, lambda: {word: colour for word, colour in cell.colours().items() if word in looks}, expected)  # noqa: B023
    set_theme(page, "light")


@pytest.mark.parametrize("app", ["lab", "notebook"])
def test_a_cell_changes_its_language_with_its_first_line(notebook: Callable[..., NotebookPage], app: str) -> None:
    page = notebook("", app=app)
    cell = CellEditor(page, 0)
    cell.go().type("%%sequential digits\ninput 8", delay=20)
    cell.wait_for_language("seqmagic")
    cell.type("\nblock vgg(f):\nconv f 3\nrelu")
    typed = "%%sequential digits\ninput 8\nblock vgg(f):\n    conv f 3\n    relu"  # A block's body goes in by itself.
    wait_until(page, lambda: cell.text, typed)
    cell.press("Control+z")
    wait_until(page, lambda: len(cell.text) < 60, expected=True)
    cell.press("Control+Shift+z")
    wait_until(page, lambda: cell.text, typed)
    cell.go(1).press("Home", "Delete")
    cell.wait_for_language("python")
    cell.press("Control+z")
    cell.wait_for_language("seqmagic")
    cell.go(2).press("Control+/")
    wait_until(page, lambda: cell.text.splitlines()[1], "# input 8")
    cell.clear()
    cell.type("# a comment may stand above\n\n%%sequential")
    cell.wait_for_language("seqmagic")
    saved = page.saved(lambda saved: saved.cells[0].source == cell.text).cells[0]
    assert set(saved) <= {"cell_type", "execution_count", "id", "metadata", "outputs", "source"}
    assert {key: value for key, value in saved.metadata.items() if key != "trusted"} == {}


def test_a_large_cell_takes_what_is_typed(notebook: Callable[..., NotebookPage]) -> None:
    lines = ["%%sequential large", "input 64x64x3", *(f"conv {number} 3x3 relu same -> batchnorm" for number in range(1, 299))]
    page = notebook("\n".join(lines))
    cell = CellEditor(page, 0)
    text = "\nconv 7 3x3 selu -> maxpool 2 # all of it"
    for line in (150, 2):
        cell.go(line).type(text)
    lines[150:150] = lines[2:2] = [text.strip()]
    wait_until(page, lambda: cell.text, "\n".join(lines))
    wait_until(page, lambda: cell.colours().get("selu"), named_colours(page, "string-2")["string-2"])


def test_a_broken_extension_stops_nothing(notebook: Callable[..., NotebookPage], browser: Any) -> None:
    replace_extension(browser, "throw new Error('broken on purpose');")
    page = notebook("print(6 * 7)\nisinstan", NETWORK)
    page.meant = ("broken on purpose",)
    CellEditor(page, 1).wait_for_language("python")
    cell = CellEditor(page, 0).go()
    cell.complete_until(lambda: cell.text.endswith("isinstance"))
    page.run_cell(0)
    page.page.get_by_text("42", exact=True).wait_for()
