"""The error card: the message laid out, escaped, with Keras's own words folded away."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.widgets.error_card import ErrorCard


def card_of(text: str) -> ErrorCard:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.build(text)
    return ErrorCard(caught.value)


def test_the_word_is_marked_and_the_fixes_are_shown() -> None:
    html = card_of("input 8\ndense 3 rleu")._repr_html_()
    assert "<b>Line 2: </b>&#x27;dense&#x27; has no word &#x27;rleu&#x27;." in html
    assert "<pre>dense 3 <mark>rleu</mark></pre>" in html
    assert '<p>Type instead: <code class="fix">dense 3 relu</code> <button ' in html
    assert html.count("Type instead") == 1


def test_several_errors_stand_one_below_the_other() -> None:
    assert card_of("desne 3\ndense 3 rleu")._repr_html_().count("<section>") == 2


def test_what_keras_says_is_folded_away() -> None:
    html = card_of("input 8\nreshape (3, -7)")._repr_html_()
    assert "<details><summary>What Keras says</summary>" in html


def test_the_text_is_the_whole_message_and_nothing_is_markup() -> None:
    card = card_of("input 8\ndense 3 name='<b>' units='<img src=x>'")
    assert repr(card) == f"{type(card.error).__name__}: {card.error}"
    assert "<img" not in card._repr_html_()


def test_an_error_that_a_page_shows_ends_in_one_line() -> None:
    card = card_of("input 8\ndense 3 rleu")
    card.error.is_shown = True
    (found,) = card.error._render_traceback_()
    assert found.endswith("Line 2: 'dense' has no word 'rleu'.")


def test_the_shapes_that_led_to_a_joint_are_folded_away() -> None:
    html = card_of("input 8x8x1\nconv 4 3x3 -> maxpool 2\nlstm 3")._repr_html_()
    assert "<summary>The shapes up to here</summary><p>input 8×8×1 → conv 6×6×4 → maxpool 3×3×4</p>" in html.replace("\n", "")


def test_code_in_a_sentence_is_code_and_no_line_ends_inside_an_arrow() -> None:
    html = card_of("input 8\nrelu -> softmax 3 -> adam")._repr_html_()
    assert "<code>compile adam mse</code>" in html
    assert "`" not in html
    lenet = card_of("lenet")._repr_html_()
    arrow = '<span class="arrow">-&gt;</span>'
    assert f"avgpool 2 {arrow} conv 16 5 tanh {arrow} " in lenet
    assert "-&gt;" not in lenet.replace(arrow, "").partition("data-new")[0].partition("aria-label")[0]


def test_a_single_backquote_is_text() -> None:
    error = SeqmagicError("It is wrong.", expected="a ` b")
    assert "Expected: a ` b." in ErrorCard(error)._repr_html_()
