"""A network that breaks off is drawn up to the joint that fails, and each button holds a text that was tried and builds."""

from __future__ import annotations

import html
import re
import subprocess
import sys

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError, ShapeError
from seqmagic.network.fixes import FixTrial
from seqmagic.network.plan import BreakOff
from seqmagic.widgets.error_card import LONGEST_TEXT, ErrorCard

BREAKS = {
    "input 8x8x1\nconv 8 3x3 relu -> maxpool 2\nlstm 16\ndense 10": (["input", "conv", "maxpool"], "3×3×8", "two axes"),
    "input 28x28\nconv 32 3x3\nflatten\ndense 10": (["input"], "28×28", "three axes"),
    "input 28x28x1 -> conv 8 3 -> maxpool 4\nconv 8 9x9\nflatten -> dense 3": (["input", "conv", "maxpool"], "6×6×8", "at least 9x9"),
    "input 12\nreshape 3x5\ndense 2": (["input"], "12", "12 values"),
    "input 10x3\nlstm 4\nlstm 4\ndense 1": (["input", "lstm"], "4", "two axes"),
}


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine, too, everything is tried that may be a fix."""
    monkeypatch.setattr(FixTrial, "is_late", False)


def error_of(text: str) -> SeqmagicError:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(text)
    return caught.value


@pytest.mark.parametrize("text", BREAKS)
def test_the_drawing_ends_at_the_joint_that_fails_with_both_shapes(text: str) -> None:
    words, gets, needs = BREAKS[text]
    error = error_of(text)
    assert isinstance(error, ShapeError)
    assert isinstance(error.breaks_off, BreakOff)
    page = html.unescape(ErrorCard(error)._repr_html_())
    drawn = re.findall(r'class="cell block[^>]*>.*?<b>(\w+)</b>', page)
    assert drawn == [*words, error.breaks_off.layer.word.text]
    assert re.search(rf'<span class="needs">gets {gets}<br>needs [^<]*{needs}', page)


@pytest.mark.parametrize("text", [*BREAKS, "input 8\ndense 3 rleu", "input 8\ndense 3 -> dropout 20", "input 8\ndesne 3\ndense 2 rleu"])
def test_each_button_holds_the_text_as_it_is_and_one_that_is_mended(text: str) -> None:
    error = error_of(text)
    page = ErrorCard(error)._repr_html_()
    pairs = [tuple(map(html.unescape, pair)) for pair in re.findall(r'data-old="([^"]*)" data-new="([^"]*)"', page)]
    assert pairs
    assert len(pairs) == page.count('class="fix"')
    for old, new in pairs:
        assert old == text
        try:
            seqmagic.build(new)
        except SeqmagicError as left:
            # Of several errors a fix mends its own.
            assert str(left) != str(error)
            assert len(pairs) > 1


def test_an_error_that_no_shape_explains_has_no_drawing() -> None:
    assert 'class="drawing"' not in ErrorCard(error_of("input 8\ndense 3 rleu"))._repr_html_()


@pytest.mark.parametrize("text", ["input 8\ndense 3 rleu\t# a tab", "input 8\ndense 3 rleu\n" + "# long\n" * (LONGEST_TEXT // 7)])
def test_a_text_that_a_page_would_not_give_back_has_no_button(text: str) -> None:
    page = ErrorCard(error_of(text))._repr_html_()
    assert "dense 3 relu" in page
    assert "<button" not in page


def test_a_button_is_out_of_sight_and_has_no_words_where_nothing_answers_it() -> None:
    page = ErrorCard(error_of("input 8\ndense 3 rleu"))._repr_html_()
    for button in re.findall(r"<button[^>]*>(.*?)</button>", page):
        assert button == ""
    assert page.count("<button") == len(re.findall(r"<button[^>]* hidden[ =>]", page)) > 0


def test_markup_in_a_text_stays_text_in_its_button() -> None:
    page = ErrorCard(error_of("input 8\ndense 3 rleu name='<img src=x>' # \"><script>"))._repr_html_()
    assert "<img" not in page
    assert "<script" not in page


def test_an_error_that_is_shown_before_keras_is_there_does_not_wait_for_it() -> None:
    code = """
import sys
from seqmagic.errors import SeqmagicError
from seqmagic.widgets.error_card import ErrorCard
ErrorCard(SeqmagicError("There is no network here."))._repr_html_()
print("keras" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"
