"""What a Chinese or Japanese keyboard types is read as the plain characters that it stands for, where it is no text of the user's own."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmagic.errors import LanguageError
from seqmagic.language import parse
from seqmagic.language.full_width import PLAIN, read_full_width
from seqmagic.language.lines import Source
from seqmagic.language.printer import print_layer
from tests.fuzz.cells import SEEDS

WIDE = {plain: wide for wide, plain in PLAIN.items() if wide not in "、。｡､《》【】"}
KEPT = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*'|\{(?:[^{}]|\{[^{}]*\})*\}|\#[^\n]*)""")


def widen(text: str, choose: st.DataObject) -> str:
    """The same text with some of its characters full-width, but in quotes, comments and Python."""
    pieces, done = [], 0
    for kept in [*KEPT.finditer(text), None]:
        free = text[done : kept.start() if kept else len(text)]
        pieces += [WIDE[one] if one in WIDE and one not in "\"'{}#" and choose.draw(st.booleans()) else one for one in free]
        if kept:
            pieces.append(kept[0])
            done = kept.end()
    return "".join(pieces)


@given(st.sampled_from([text for text in SEEDS if "\\'" not in text]), st.data())
def test_a_text_typed_full_width_is_read_as_the_plain_one_character_for_character(text: str, choose: st.DataObject) -> None:
    assert read_full_width(widen(text, choose)) == text


@pytest.mark.parametrize(
    ("typed", "layers"),
    [
        ("input 3\ndense（10）", ["input 3", "dense 10"]),
        ("input ８x８x１ －＞ flatten", ["input 8x8x1", "flatten"]),
        ("input 3\ndense 10 activation＝“relu”", ["input 3", "dense 10 activation='relu'"]),
        ("input 3\ndense 10 activation＝‘relu’　", ["input 3", "dense 10 activation='relu'"]),
        ("input 3\ndropout 0。5 ＃ 你好，世界", ["input 3", "dropout 0.5"]),
        ("input 6\nreshape 【3、2】", ["input 6", "reshape [3, 2]"]),
        ("input 3\n（dense 4） ＊ 2", ["input 3", "dense 4", "dense 4"]),
        ("input 3\n隐藏层： dense 4", ["input 3", "隐藏层: dense 4"]),
    ],
)
def test_what_is_typed_full_width_is_the_network_that_is_meant(typed: str, layers: list[str]) -> None:
    assert [print_layer(layer) for layer in parse(typed).layers] == layers


@pytest.mark.parametrize(
    "text",
    [
        "dense 3 name='你好，世界'",
        'dense 3 name="（ｘ）"',
        "dense {宽，}",
        "# 注释（一）：，",
        "自定义层 3 -> 另一个",
        'text = """你好，\n世界（一）"""',
    ],
)
def test_texts_comments_python_and_names_stay_as_they_are(text: str) -> None:
    assert read_full_width(text) == text


def test_a_message_shows_what_was_typed_and_points_at_it() -> None:
    with pytest.raises(LanguageError) as caught:
        parse("input 3\ndense 10，relu")
    assert "Line 2: '，' is not expected here.\n    dense 10，relu\n            ＾" in str(caught.value)
    assert Source("dense（10，").span(5, 6).source == "dense（10，"
