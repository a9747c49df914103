"""The templates for nbconvert: pictures with their words in JupyterLab's page and in Markdown, and cards as text in the latter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter, MarkdownExporter
from PIL import Image

import seqmagic
from seqmagic.widgets.html import card, element
from seqmagic.widgets.saved import picture_words, static_bundle, style_sheet

TEMPLATES = str(Path(seqmagic.__file__).parent / "exports")
WORDS = 'Charts of "a" [1]: Done & <well>'


def exported(exporter: type[Any], template: str, tmp_path: Path) -> str:
    Image.new("L", (2, 2)).save(tmp_path / "picture.png")
    shown = [
        nbformat.v4.new_output("display_data", {"text/html": str(style_sheet("saved", class_="seqmagic-saved"))}),
        nbformat.v4.new_output(
            "display_data",
            static_bundle((tmp_path / "picture.png").read_bytes(), ""),
            metadata={"image/png": {"alt": WORDS, "width": 20}},
        ),
        nbformat.v4.new_output("display_data", {"text/html": card(element("p", "drawn")), "text/plain": "in words\n[2]  3"}),
        nbformat.v4.new_output("display_data", {"text/html": "<i>another's</i>", "text/plain": "hidden"}),
    ]
    cell = nbformat.v4.new_code_cell("%runs", outputs=shown)
    text, _ = exporter(template_name=template, extra_template_basedirs=[TEMPLATES]).from_notebook_node(
        nbformat.v4.new_notebook(cells=[cell])
    )
    return str(text)


def test_the_page_of_jupyterlab_has_the_words_of_each_picture(tmp_path: Path) -> None:
    page = BeautifulSoup(exported(HTMLExporter, "seqmagic", tmp_path), "html.parser")
    (image,) = page("img")
    assert (image["alt"], image["width"]) == (WORDS, "20")
    assert "drawn" in page.get_text()
    assert page.select_one(".jp-Notebook") is not None


def test_in_markdown_cards_are_their_text_and_pictures_have_their_words(tmp_path: Path) -> None:
    text = exported(MarkdownExporter, "seqmagic-markdown", tmp_path)
    assert '![Charts of "a" (1): Done & <well>](' in text
    assert "    in words\n    [2]  3" in text
    assert "<i>another's</i>" in text
    assert not any(unread in text for unread in ("drawn", "<style", "<div", "hidden", "![png]"))


def test_the_words_of_a_picture_are_those_that_the_saved_views_give() -> None:
    assert picture_words([static_bundle(b"", "digits: Done.\n\nepoch")]) == {"image/png": {"alt": "Charts of digits: Done."}}
