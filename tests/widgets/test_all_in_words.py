"""All that a look and a table of runs say, show and read aloud goes through the catalogue: spoken in brackets, nothing is left outside of them."""

from __future__ import annotations

import gettext as gnu
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather
from seqmagic.ledger.entry import RunEntry
from seqmagic.translation import catalogue
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tabs import tabs_for
from seqmagic.widgets.run_card import RunCard
from seqmagic.widgets.run_comparison import RunComparison
from seqmagic.widgets.run_table import RunTable

RANDOM = np.random.RandomState(2)
ROWS, PICTURES, TOKENS = RANDOM.rand(40, 2), RANDOM.rand(40, 6, 6, 1), RANDOM.randint(0, 9, (40, 5))
CLASSES = np.arange(40) % 2
MODELS: dict[str, tuple[str, Any, Any]] = {
    "pictures": ("input 6x6x1 -> conv 2 3x3 relu -> flatten -> dense 3 softmax", PICTURES, RANDOM.randint(0, 3, 40)),
    "yes or no": ("input 2 -> dense 3 tanh -> dense 1 sigmoid", ROWS, CLASSES),
    "labels": ("input 2 -> dense 3 sigmoid", ROWS, RANDOM.randint(0, 2, (40, 3))),
    "amounts": ("input 2 -> batchnorm -> dense 1", ROWS, 500 * ROWS[:, 0]),
    "several amounts": ("input 2 -> dense 2", ROWS, ROWS),
    "tokens": ("input 5 -> embedding 9 2 -> globalavgpool -> dense 1 sigmoid", TOKENS, CLASSES),
    "no labels": ("input 2 -> dense 2 softmax", ROWS, None),
}
# What is the same in every language: names of Keras and of the notebook, and what only Python calls so.
NAMES = re.compile(r"\b(?:conv2d|flatten|dense|batch_normalization|embedding|global_average_pooling1d)(?:_\d+)?\b")
WORDS = re.compile(
    r"\b(?:Conv2D|Flatten|Dense|BatchNormalization|Embedding|GlobalAveragePooling1D|kernel|bias|embeddings|gamma|beta|F1|R2|y|net|loss|input|optimizer|metrics|epochs)\b"
)
MORE = re.compile(r"\bmoving_(?:mean|variance)\b|\d[eE][+-]?\d+|\bnan\b|(?<=\d)x(?=\d)")
LETTERS = re.compile(r"[^\W\d_]+")


class Bracketed(gnu.NullTranslations):
    """Another language, in which each text is itself in brackets."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


class Shown(HTMLParser):
    """What of markup is seen or read aloud."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def handle_data(self, data: str) -> None:
        if not data.startswith("<!--"):  # A style sheet.
            self.texts.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name in ("alt", "title", "aria-label")]
        for name, value in attrs:
            assert name != "class" or "⟦" not in str(value), "a class is no text"


@pytest.fixture
def brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_texts", lambda language: Bracketed())


def outside(texts: list[str]) -> Iterator[str]:
    """The texts with words outside of brackets."""
    for text in texts:
        rest, before = text, ""
        while rest != before:
            rest, before = re.sub(r"⟦[^⟦⟧]*⟧", " ", rest), rest
        for known in (NAMES, WORDS, MORE):
            rest = known.sub(" ", rest)
        if LETTERS.search(rest):
            yield text


@pytest.mark.usefixtures("brackets")
@pytest.mark.parametrize("kind", MODELS)
def test_every_word_of_every_tab_is_translated(kind: str) -> None:
    text, x, y = MODELS[kind]
    loss = {"amounts": "mse", "several amounts": "mse", "pictures": "sparse_categorical_crossentropy"}.get(kind, "binary_crossentropy")
    model = seqmagic.build(f"{text}\ncompile adam {loss}")
    tabs = tabs_for(LookState(predict(model, gather(model, x, y))))
    missed = {}
    for tab in tabs:
        page = Shown()
        for live in (True, False):
            page.feed("".join(map(str, tab.body(live=live))))
        found = sorted(set(outside([tab.sentence(), *tab.lines(), *page.texts])))
        if found:
            missed[tab.name] = found
    assert missed == {}


@pytest.mark.usefixtures("brackets")
def test_every_word_of_runs_is_translated() -> None:
    entries = [
        RunEntry(id=number, name="net", epochs=2, text=f"input {number}\n", numbers={"loss": 0.5}, user="net") for number in (1, 2, 3)
    ]
    cards = [RunTable(entries, name="net", best="loss"), RunComparison(*entries[:2]), RunComparison(*entries), RunCard(entries[0], {})]
    for shown in cards:
        page = Shown()
        page.feed(shown._repr_html_())
        assert sorted(set(outside([repr(shown), *page.texts]))) == [], type(shown)
