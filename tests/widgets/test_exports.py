"""What leaves the notebook: pictures say what they show, cards say their language, and no style sheet is read as text."""

from __future__ import annotations

import re
from typing import Any

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter, MarkdownExporter

import seqmagic
from seqmagic.history import History
from seqmagic.widgets import saved
from seqmagic.widgets.html import card, element
from seqmagic.widgets.saved import show_still


def exported(exporter: Any, *outputs: Any) -> str:
    cell = nbformat.v4.new_code_cell("%runs", outputs=list(outputs))
    text, _ = exporter.from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    return str(text)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The outputs that are displayed, as a notebook keeps them."""
    outputs: list[Any] = []

    def keep(data: Any, *, metadata: Any = None, **_: Any) -> None:
        outputs.append(nbformat.v4.new_output("display_data", data, metadata=metadata or {}))

    monkeypatch.setattr(saved, "display", keep)
    return outputs


def record() -> History:
    made = History()
    made.epochs.add(1, {"loss": 1.0})
    made.epochs.add(2, {"loss": 0.5})
    return made


def test_an_exported_picture_says_what_it_shows(shown: list[Any]) -> None:
    show_still(seqmagic.plot(record())._repr_png_()[0], 'digits "A": Done: 2 of 2 epochs.\nloss 0.5\n\nepoch  loss\n1      1')
    page = exported(HTMLExporter(template_name="classic"), *shown)  # That of JupyterLab asks for no words.
    assert [image["alt"] for image in BeautifulSoup(page, "html.parser")("img")] == ['Charts of digits "A": Done: 2 of 2 epochs. loss 0.5']


def test_a_figure_that_a_cell_ends_with_says_it_as_well() -> None:
    from IPython.core.formatters import DisplayFormatter

    data, metadata = DisplayFormatter().format(seqmagic.plot(record()), include=["image/png"])
    assert metadata["image/png"]["alt"] == "Charts of Last: loss 0.5. Best: loss 0.5 in epoch 2 (ring)."
    assert data["image/png"]


def test_a_card_says_that_it_is_english() -> None:
    assert '<div class="seqmagic-card seqmagic-error" lang="en">' in card(element("p", "text"), kind="error")


def read_without_tags(text: str) -> str:
    """What is read where a page knows no style sheets and takes all tags away, as GitHub does."""
    return re.sub(r"<[^>]+>", "", re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL))


@pytest.mark.parametrize("kind", ["", "network", "runs", "error"])
def test_in_markdown_no_style_sheet_is_read(kind: str) -> None:
    markup = card(element("p", "what it says"), kind=kind)
    text = exported(MarkdownExporter(), nbformat.v4.new_output("display_data", {"text/html": markup, "text/plain": "plain"}))
    message = read_without_tags(text)
    assert "what it says" in message
    assert "{" not in message
    assert not any(len(line) > 200 for line in message.splitlines())
