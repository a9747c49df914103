"""What the notebooks have saved: nothing of ours is in English in a translated one; and with SEQMAGIC_NOTEBOOKS=all, no sentence is an old one.

Words change often, and notebooks take minutes to run anew: so the second is tested each week and before a release.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import nbformat
import pytest

from seqmagic.editor import vocabulary
from tests.notebooks.translation import ENGLISH, translations
from tests.support.translations import PATHS, read
from tests.widgets.test_all_in_words import Shown

HOW = "run it anew: python -m tests.notebooks.rerun NOTEBOOK, with SEQMAGIC_LANGUAGE of its folder"
IS_WHOLE = os.environ.get("SEQMAGIC_NOTEBOOKS") == "all"
every_translation = pytest.mark.parametrize("path", translations(), ids=lambda path: f"{path.parent.name}-{path.stem}")
FIELD = re.compile(r"\{[^{}]*\}")
OUR_CARDS = "seqmagic-card"
UNSEEN = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)
CHINESE = re.compile(r"[一-鿿]")
# Code and numbers: no words.
CODE = re.compile(r"\S*[\d_=.(){}\[\]×→/@]\S*")
FEW = 2  # Words that nobody says may be names in the data, such as those of classes.


@cache
def said_in(language: str) -> tuple[str, ...]:
    """The pieces of all texts around what is put into them, the longest first; English for the language "en"."""
    pieces = set()
    for message in read(PATHS[0] if language == "en" else next(path for path in PATHS if path.parts[-3] == language)):
        texts = message.id if language == "en" else message.string
        for text in texts if isinstance(texts, (list, tuple)) else (texts,):
            pieces |= {" ".join(piece.split()) for piece in FIELD.split(text or "")}
    return tuple(sorted(filter(None, pieces), key=len, reverse=True))


@cache
def words_of_the_language() -> frozenset[str]:
    entries = json.loads(Path(vocabulary.__file__).with_name("words.json").read_text("utf-8"))["entries"]
    return frozenset(word for entry in entries for word in re.findall(r"[a-z]+", json.dumps(entry).lower()))


def outputs_of(path: Path) -> Iterator[tuple[str, str]]:
    """The kind and the text of all outputs."""
    for cell in nbformat.read(path, 4).cells:
        for output in cell.get("outputs", ()):
            yield from (output.get("data") or {"text/plain": output.get("text", "")}).items()


def texts_of_cards(path: Path) -> Iterator[str]:
    """What our cards show or read aloud."""
    for kind, text in outputs_of(path):
        if kind == "text/html" and OUR_CARDS in text:
            page = Shown()
            page.feed(UNSEEN.sub("", text))
            yield from (" ".join(shown.split()) for shown in page.texts)


def left_of(text: str, pieces: tuple[str, ...]) -> str:
    """A text without what is said today."""
    for piece in pieces:
        if piece in text:
            before, after = (r"(?<![A-Za-z])" if piece[0].isalpha() else "", r"(?![A-Za-z])" if piece[-1].isalpha() else "")
            text = re.sub(f"{before}{re.escape(piece)}{after}", " | ", text)
    return text


def old_words(text: str) -> list[str]:
    """The words of an English text that nothing says today."""
    words = re.findall(r"[A-Za-z]{3,}", left_of(CODE.sub(" | ", left_of(text, said_in("en"))), said_in("en")))
    return sorted({word for word in words if word.lower() not in words_of_the_language()})


@pytest.mark.skipif(not IS_WHOLE, reason="SEQMAGIC_NOTEBOOKS=all looks for old sentences")
@pytest.mark.parametrize("path", sorted(ENGLISH.glob("*.ipynb")), ids=lambda path: path.stem)
def test_an_english_notebook_has_no_sentence_of_before(path: Path) -> None:
    found = {text: left for text in set(texts_of_cards(path)) if len(left := old_words(text)) > FEW}
    assert found == {}, HOW


@pytest.mark.skipif(not IS_WHOLE, reason="SEQMAGIC_NOTEBOOKS=all looks for old sentences")
@every_translation
def test_a_translated_notebook_has_no_sentence_of_before(path: Path) -> None:
    assert old_chinese(path) == {}, HOW


@every_translation
def test_a_translated_notebook_has_no_sentence_in_english(path: Path) -> None:
    assert english_in(path) == [], HOW


def old_chinese(path: Path) -> dict[str, list[str]]:
    """The texts of cards with Chinese words that nothing says today, and that are not in the notebook's own cells."""
    language = path.parent.name
    source = "".join(cell.source for cell in nbformat.read(path, 4).cells)
    old = {}
    for text in set(texts_of_cards(path)):
        left = text
        for piece in said_in(language):
            left = left.replace(piece, " | ")
        found = [part for part in re.findall(r"[一-鿿，。；：（）]{3,}", left) if part not in source]
        if found:
            old[text] = found
    return old


def english_in(path: Path) -> list[str]:
    """The pieces of our English texts in the outputs, style sheets included: they may show a text, too. Data of the cells may be English."""
    written = " ".join(cell.source for cell in nbformat.read(path, 4).cells)
    sentences = [piece for piece in said_in("en") if len(re.findall(r"[A-Za-z]{2,}", piece)) >= 2 and not CODE.search(piece.rstrip("."))]
    whole = "\n".join(" ".join(text.split()) for kind, text in outputs_of(path) if kind in ("text/plain", "text/html"))
    found = [piece for piece in sentences if piece in whole and piece not in written]
    return [piece for piece in found if re.search(rf"(?<!\w){re.escape(piece)}(?!\w)", whole)]


def test_the_rules_themselves_find_old_words() -> None:
    assert old_words("Last: loss 0.5, val_loss 0.6 · dense 3 relu") == []
    assert len(old_words("Yesterday nobody would have written such a sentence about 3 epochs.")) > FEW
    assert len(said_in("zh")) > 1000
    assert all(map(CHINESE.search, [piece for piece in said_in("zh") if "训练" in piece]))
