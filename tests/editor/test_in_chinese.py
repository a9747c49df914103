"""Tab and Shift-Tab in Chinese: every meaning has its translation, and the words that are typed stay."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import seqmagic
from seqmagic.editor import page_texts
from seqmagic.editor.inspection import describe_word
from seqmagic.editor.offers import KINDS
from seqmagic.editor.option_problems import option_problems
from seqmagic.editor.options import OPTIONS
from seqmagic.translation import gettext
from tests.editor.test_completion import EDITOR  # With Keras loaded.
from tests.support.languages import speaking

HEAD = "%%sequential digits\n"
NAMES = {"x": np.zeros((40, 64), "float32"), "width": 8}
# Words of English that stand for themselves, and what Keras calls things.
SENTENCE = re.compile(r"\b(?:the|of|and|with|for|what|each|is|are)\b")
EXTENSION = Path(seqmagic.__file__).with_name("labextension")


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    with speaking("zh"):
        yield


def tab(text: str) -> dict[str, str]:
    found = EDITOR.complete(text, len(text), NAMES)
    assert found is not None
    return {offer.text: offer.detail for offer in found.offers}


def shift_tab(text: str, word: str) -> str:
    found = EDITOR.inspect(text, text.rindex(word) + 1, NAMES)
    assert found is not None
    return found.text


def test_every_word_is_described_without_a_sentence_of_english() -> None:
    for entry in EDITOR.vocabulary.entries:
        shown = describe_word(entry, entry.word)
        assert shown.startswith(f"{entry.word} 是")
        assert SENTENCE.findall(shown.replace(entry.name, "")) == [], shown


def test_every_option_and_kind_has_its_word() -> None:
    texts = [*KINDS, *(text for options in OPTIONS.values() for text in options.values())]
    assert [text for text in texts if gettext(text) == text] == []


@pytest.mark.parametrize(
    ("typed", "word", "detail"),
    [
        ("input 8x8x1\ncon", "conv", "层：让窗口在输入上移动，学会该寻找什么"),
        ("input 8x8x1\ndense 3 rel", "relu", "激活函数：0 以下一律取 0"),
        ("input 8\ndense 3 acti", "activation=", "参数：默认值 none；每个数最后要经过的函数"),
        ("input 8\ndense wid", "width", "变量：你的数，8"),
        ("input 8\ncomp", "compile", "行首：优化器、损失函数，然后是指标"),
    ],
)
def test_tab_says_what_a_word_is(typed: str, word: str, detail: str) -> None:
    assert tab(HEAD + typed)[word] == detail


def test_shift_tab_says_what_comes_in_and_out() -> None:
    text = f"{HEAD}input 64\ndense 10 relu"
    for _ in range(300):  # What was asked for before may still be worked out.
        shown = shift_tab(text, "dense")
        if "输入：" in shown:
            break
        time.sleep(0.1)
    assert shown.startswith(
        "dense 是层：每个单元都看到全部输入。\n\n输入：64\n输出：10，650 个参数\n\n例子：\n    input 10\n    dense 64 relu\n\n参数：\n"
    )
    assert "  units：输出多少个数" in shown
    assert shift_tab(f"{HEAD}input 64\ndense ?", "?") == "还没有填写：dense 的 units：输出多少个数。必须给出。"
    assert shift_tab("%fit digits --find-rate", "find") == "--find-rate：试一试不同的学习率，模型保持原样。"


def test_an_option_that_is_none_is_told_in_the_same_words() -> None:
    (problem,) = option_problems("%fit digits x y --anwe")
    assert problem["message"] == "'%fit' 没有叫 '--anwe' 的选项。\n最接近的有：--anew。"


def test_the_kernel_tells_the_extension_of_jupyterlab_all_that_it_says() -> None:
    """Its sources are no part of an installed package, so that the texts stand in a list besides."""
    sources = "".join(path.read_text("utf-8") for path in sorted((EXTENSION / "src").glob("*.js")))
    said = {json.loads(text) for text in re.findall(r'\bgettext\(\s*("(?:[^"\\]|\\.)*")', sources)}
    assert said == set(page_texts.TEXTS)
    assert set(page_texts.page_texts()) == set(page_texts.TEXTS)
    with speaking("en"):
        assert page_texts.page_texts() == {}
