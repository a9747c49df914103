"""The drawing of a network: any graph is drawn whole, to scale, with repeats folded, and nothing in it is markup."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import keras
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras import layers

from seqmagic.describe.plan_of_model import survey
from seqmagic.language import parse
from seqmagic.network.plan import make_plan
from seqmagic.widgets.drawing.block import LayerBlock, blocks_of, sentence_of
from seqmagic.widgets.drawing.glyph import HEIGHT, glyph
from seqmagic.widgets.drawing.network_drawing import CELL, OUT, draw
from seqmagic.widgets.drawing.segments import Segment, cut, fold


def drawn(text: str) -> str:
    return str(draw(make_plan(parse(text), {})))


@st.composite
def graphs(make: st.DrawFn) -> list[LayerBlock]:
    """Graphs of any shape: each block takes none, one or several of those before it."""
    takes = [
        tuple(make(st.lists(st.integers(0, place - 1), max_size=3, unique=True))) if place else ()
        for place in range(make(st.integers(1, 14)))
    ]
    return [LayerBlock(f"b{place}", "", (4,), f"sentence {place}", before) for place, before in enumerate(takes)]


def points_of(segments: list[Segment]) -> list[tuple[int, str, int, int]]:
    return [(number, block.word, column, lane) for number, segment in enumerate(segments) for block, column, lane in segment.places]


@given(graphs())
def test_a_graph_of_any_shape_has_each_block_once_and_each_way_from_one_to_the_next(blocks: list[LayerBlock]) -> None:
    segments = cut(blocks)
    points = points_of(segments)
    assert sorted(word for _, word, *_ in points) == sorted(block.word for block in blocks)
    assert len({(number, column, lane) for number, _, column, lane in points}) == len(points), "two in one place"
    assert sum(len(segment.paths) for segment in segments) == sum(len(block.takes) for block in blocks)
    for number, segment in enumerate(segments):
        stands = {(column, lane): block for block, column, lane in segment.places}
        last_before = segments[number - 1].places[-1][0] if number else None
        for path in segment.paths:
            begins, ends = stands.get(path[0], last_before), stands[path[-1]]
            assert begins is not None
            assert blocks.index(begins) in ends.takes
            assert [column for column, _ in path] == list(range(path[0][0], path[-1][0] + 1)), "it goes on without a jump"
            assert not any(point in stands for point in path[1:-1]), "it runs through another block"


@given(graphs())
def test_folding_loses_nothing(blocks: list[LayerBlock]) -> None:
    segments = cut(blocks)
    unfolded = [segment for repeat in fold(segments) for _ in range(repeat.times) for segment in repeat.segments]
    assert [len(segment.places) for segment in unfolded] == [len(segment.places) for segment in segments]


def test_what_repeats_itself_is_drawn_once_and_how_often() -> None:
    page = drawn("input 64\n(dense 64 relu -> bn -> dropout 0.1) * 66\ndense 10 softmax")
    assert page.count('role="img"') == 5
    assert "66 times" in page


def test_layers_that_differ_in_anything_are_not_folded() -> None:
    assert "times" not in drawn("input 8 -> dense 8 -> dense 8 relu -> dense 8 -> dense 8 relu -> dense 4")
    # The first of them has another input, and other sums.
    assert drawn("input 784 -> dense 64 relu * 4").count("3 times") == 1


def test_two_hundred_layers_that_all_differ_are_seen_a_part_at_a_time() -> None:
    page = drawn("input 64\n" + "\n".join(f"dense {units}" for units in range(1, 201)))
    assert page.count('role="img"') == 201
    assert 'class="flow long"' in page


def residual() -> Any:
    start = end = keras.Input((8, 8, 4))
    for _ in range(3):
        end = layers.Add()([layers.Conv2D(4, 3, padding="same")(end), end])
    return keras.Model(start, layers.Flatten()(end))


def shared() -> Any:
    """One layer in two places, and an operator."""
    left, right, layer = keras.Input((4,)), keras.Input((4,)), layers.Dense(3)
    return keras.Model([left, right], layer(left) + layer(right))


def two_ends() -> Any:
    start = keras.Input((4,))
    middle = layers.Dense(3)(start)
    return keras.Model(start, [layers.Dense(1)(middle), layers.Dense(2)(middle)])


@pytest.mark.parametrize(("make", "blocks", "folded"), [(residual, 4, "3 times"), (shared, 5, ""), (two_ends, 4, "")])
def test_a_functional_model_is_drawn_with_its_branches(make: Any, blocks: int, folded: str) -> None:
    page = str(draw(survey(make())))
    assert page.count('role="img"') == blocks
    assert folded in page


@pytest.mark.parametrize(("make", "outputs"), [(residual, 1), (shared, 1), (two_ends, 2)])
def test_what_a_model_gives_leads_out_of_the_drawing(make: Any, outputs: int) -> None:
    ends = [int(end) for end in re.findall(r"H(\d+)M\d+ [\d.]+l5 3.5", str(draw(survey(make()))))]
    assert len([end for end in ends if (end + OUT) % CELL == 0]) == outputs


def test_inputs_are_told_apart_by_the_names_that_somebody_gave_them() -> None:
    picture, table, other = keras.Input((4, 4, 1), name="picture"), keras.Input((4,), name="a<b"), keras.Input((4,))
    several = keras.Model([picture, table, other], layers.Concatenate()([layers.Flatten()(picture), table, other]))
    found = [(block.settings, block.sentence) for block in blocks_of(survey(several)) if block.word == "input"]
    assert sorted(found) == [("", "input: 4"), ("a<b", "input a<b: 4"), ("picture", "input picture: 4×4×1")]
    assert "a<b" not in str(draw(survey(several)))
    alone = keras.Input((4,), name="alone")
    assert blocks_of(survey(keras.Model(alone, [layers.Dense(1)(alone), layers.Dense(1)(alone)])))[0].settings == ""


def test_a_model_without_known_shapes_has_no_drawing() -> None:
    assert draw(make_plan(parse("dense 3 -> dense 2"), {})) is None


def test_a_layer_that_is_used_twice_takes_from_the_right_places() -> None:
    blocks = blocks_of(survey(shared()))
    inputs = [place for place, block in enumerate(blocks) if block.word == "input"]
    uses = [place for place, block in enumerate(blocks) if block.word == "dense"]
    assert sorted(source for place in uses for source in blocks[place].takes) == sorted(inputs)
    assert set(blocks[-1].takes) == set(uses)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "input 62x62x50 -> conv 50 3x3",
            "conv 50 3x3: 62×62×50 → 60×60×50, (3×3×50 + 1)×50 = 22,550 parameters, 62 − 3 + 1 = 60, 81,000,000 multiply-adds, 720 kB of output",
        ),
        ("input 4 -> dropout 0.5", "dropout 0.5: 4 → 4, no parameters, 0 multiply-adds, 16 B of output"),
        (
            "input 6x3 -> lstm 4",
            "lstm 4: 6×3 → 4, 3×16 + 4×16 + 16 = 128 parameters, 672 multiply-adds, 16 B of output",
        ),
        (
            "input ?x3 -> conv 4 3",
            "conv 4 3: ?×3 → ?×4, (3×3 + 1)×4 = 40 parameters, multiply-adds: depends on the sequence length, 16 B × ? of output",
        ),
        (
            "input 8 -> layer_normalization",
            "layer_normalization: 8 → 8, 8 + 8 = 16 parameters, multiply-adds: no formula, 32 B of output",
        ),
    ],
)
def test_a_sentence_describes_a_layer_with_its_sums(text: str, sentence: str) -> None:
    assert sentence_of(make_plan(parse(text), {}).rows[-1]) == sentence


@pytest.mark.parametrize(
    "text", ["dense 3 use_bias=false", "separable_conv 4 3", "depthwise_conv 3 depth_multiplier=2", "conv 4 3 groups=2"]
)
def test_the_sum_with_a_bias_for_each_unit_is_true(text: str) -> None:
    row = make_plan(parse(f"input 8x8x4 -> {text}"), {}).rows[-1]
    written = re.search(r"([\d×() +]+) = ([\d,]+) parameters", sentence_of(row))
    assert written
    assert eval(written[1].replace("×", "*")) == int(written[2].replace(",", "")) == row.parameters  # noqa: S307  # Digits and signs.


def size_of(markup: str) -> list[float]:
    """How far the front of a glyph reaches along and across the flow."""
    front = re.search(r"h([\d.]+)v([\d.]+)h", markup)
    assert front
    return [float(front[1]), float(front[2])]


@pytest.mark.parametrize("pair", [((8, 8, 4), (16, 16, 4)), ((10,), (784,)), ((7, 8), (14, 8)), ((2, 8, 8, 1), (2, 16, 8, 1))])
def test_what_is_larger_is_drawn_larger(pair: tuple[tuple[int, ...], tuple[int, ...]]) -> None:
    smaller, larger = (size_of(str(glyph(shape)[0])) for shape in pair)
    assert larger[1] > smaller[1]


def test_each_doubling_of_the_channels_adds_as_much_thickness() -> None:
    thick = [size_of(str(glyph((8, 8, channels))[0]))[0] for channels in (1, 2, 4, 8, 16)]
    steps = [after - before for before, after in pairwise(thick)]
    assert max(steps) - min(steps) < 0.11  # Written with one decimal.


@given(st.lists(st.none() | st.integers(0, 10**7), max_size=6))
def test_no_shape_breaks_its_frame(dims: list[int | None]) -> None:
    markup, width = glyph(tuple(dims))
    assert width <= 72
    numbers = [float(number) for number in re.findall(r"M0 (-?[\d.]+)", str(markup))]
    assert all(0 <= number <= HEIGHT for number in numbers)
    assert size_of(str(markup))[1] <= HEIGHT


def test_names_and_settings_in_a_drawing_are_text() -> None:
    attack = '"><img src=x onerror=alert(1)>'
    block = LayerBlock(attack, attack, (3,), attack, (), attack)
    from seqmagic.widgets.drawing.network_drawing import draw_blocks

    assert "<img" not in str(draw_blocks([block]))


def test_where_a_page_drops_svg_and_styles_the_words_read_in_order() -> None:
    page = drawn("input 8x8x1 -> conv 4 3x3 -> flatten -> dense 2 softmax")
    words = " ".join(re.sub(r"<[^>]*>", " ", page).split())
    assert words == "input 8×8×1 conv 4 3x3 6×6×4 flatten 144 dense 2 softmax 2"
