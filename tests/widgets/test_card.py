"""The card as HTML and as text; whatever reaches HTML is escaped."""

from __future__ import annotations

from seqmagic.language import parse, parse_step
from seqmagic.network.plan import make_plan
from seqmagic.widgets.network_card import NetworkCard


def card(text: str, name: str = "net") -> NetworkCard:
    plan = make_plan(parse(text), {})
    return NetworkCard(name, plan, [f"layer{i}" for i in range(len(plan.rows))], parse_step("compile adam mse"))


def test_the_text_twin_shows_everything() -> None:
    assert repr(card("input 8x8x1 -> conv 4 3x3 relu -> flatten -> dense 10 softmax")) == (
        "net\n"
        "layer    name    settings    output                 parameters               multiply-adds  memory\n"
        "Input                        8x8x1\n"
        "Conv2D   layer0  4 3x3 relu  6x6x4   8 − 3 + 1 = 6          40  3×3×1×4 + 4          1,296   576 B\n"
        "Flatten  layer1              144     6×6×4 = 144             0                           0   576 B\n"
        "Dense    layer2  10 softmax  10                          1,450  144×10 + 10          1,440    40 B\n"
        "1,490 parameters, 5.96 kB of weights, 2,736 multiply-adds and 1.19 kB of outputs for each sample\n"
        "compile adam mse"
    )


def test_html_is_a_table_with_the_same_numbers() -> None:
    html = card("input 4 -> dense 3 relu")._repr_html_()
    assert '<th scope="row"><b>Dense</b><br><small>layer0</small></th>' in html
    assert '<td data-head="Parameters">15<br><small><span class="sum">4×3</span> <span class="sum">+ 3</span></small></td>' in html
    assert '<td data-head="Multiply-adds">12<br><small><span class="sum">4×3</span></small></td>' in html
    assert "<code>3 relu</code>" in html


def test_a_network_without_input_says_what_is_missing() -> None:
    assert "add an input line" in repr(card("dense 3"))


def test_markup_is_escaped_everywhere() -> None:
    attack = "<img src=x onerror=alert(1)>"
    network = card(f'input 4 -> dense 3 name="{attack}"', attack)
    network.layer_names = (attack,)
    html = network._repr_html_()
    assert "<img" not in html
    # The names of model and layer, the caption, and the layer's settings in the table, the drawing and its sentence.
    assert html.count("&lt;img") == 6


def test_frozen_numbers_are_counted_apart() -> None:
    assert "64 not trainable" in repr(card("input 32 -> bn"))


def test_the_memory_of_an_unknown_length_is_given_by_the_step() -> None:
    text = repr(card("input ?x3 -> conv 4 3 -> gap -> dense 2"))
    assert "16 B × ?\n" in text
    assert "and at least 40 B of outputs for each sample" in text
    assert "(not counted: 1 of 3 layers)" in text
