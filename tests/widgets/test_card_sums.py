"""Each sum on the card is true: it is read, worked out, and held against the number that stands beside it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import Any

import keras
import pytest
from keras import layers

from seqmagic.describe.plan_of_model import survey
from seqmagic.errors import SeqmagicError
from seqmagic.language import parse
from seqmagic.network.plan import make_plan
from seqmagic.network.shape_math import shape_arithmetic
from seqmagic.widgets.network_card import NetworkCard
from tests.support.networks import BUILDABLE, choices_of, parameters_of, snake

SUM = re.compile(r"(?P<sum>[\d ()×÷+−]+) (?P<sign>[=≈]) (?P<value>[\d.]+)(, rounded (?P<way>up|down): (?P<whole>\d+))?")
STAYS = re.compile(r"(\d+) stays (\d+)")


def worked_out(text: str) -> int:
    """What one printed sum comes to; fails where it isn't true."""
    if stays := STAYS.fullmatch(text):
        assert stays[1] == stays[2]
        return int(stays[1])
    found = SUM.fullmatch(text)
    assert found, text
    python = re.sub(r"\d+", r"Fraction(\g<0>)", found["sum"]).translate(str.maketrans("×÷−", "*/-"))
    exact = eval(python)  # noqa: S307  # Nothing but digits, brackets and signs came through the pattern.
    shown = Fraction(found["value"])
    if found["sign"] == "=":
        assert shown == exact, text
    else:
        assert shown != exact, text
        assert abs(shown - exact) <= Fraction(5, 1000), text
    if found["way"] is None:
        assert exact.denominator == 1, f"not said how it is rounded: {text}"
        return int(exact)
    assert exact.denominator != 1, f"nothing to round: {text}"
    whole = int(found["whole"])
    assert (whole - 1 < exact < whole) if found["way"] == "up" else (whole < exact < whole + 1), text
    return whole


def read_card(card: NetworkCard) -> Iterator[tuple[list[int], list[int]]]:
    """For each layer that has sums: what they come to, and the numbers beside them. Parameters are checked on the way."""
    for line in card.lines():
        if line.parameter_sum and line.parameters != "?":
            terms = line.parameter_sum.split(" + ")
            assert sum(prod(map(int, term.split("×"))) for term in terms) == int(line.parameters.replace(",", ""))
        if line.work and line.work_sum:
            python = line.work_sum.replace("×", "*")
            assert re.fullmatch(r"[\d ()*+]+", python)
            assert eval(python) == int(line.work.replace(",", ""))  # noqa: S307  # Nothing but digits, brackets and signs.
        if line.shape_sum:
            yield [worked_out(text) for text in line.shape_sum.split("; ")], [int(dim) for dim in line.shape.split("x") if dim != "?"]


def sums_of(text: str) -> list[tuple[list[int], list[int]]]:
    plan = make_plan(parse(text), {})
    return list(read_card(NetworkCard("net", plan, [""] * len(plan.rows))))


SPATIAL = {1: ("9", "16"), 2: ("9x14", "16x7"), 3: ("9x14x8",)}
SETTINGS = [
    dict(zip(("window", "strides", "padding", "dilation_rate"), combination, strict=True))
    for combination in itertools.product((1, 2, 3), (1, 2, 3), ("valid", "same", "causal"), (1, 2))
]


WINDOWED = [
    *(
        layers.Conv1D,
        layers.Conv2D,
        layers.Conv3D,
        layers.SeparableConv1D,
        layers.SeparableConv2D,
        layers.DepthwiseConv1D,
        layers.DepthwiseConv2D,
    ),
    *(layers.ConvLSTM1D, layers.ConvLSTM2D, layers.ConvLSTM3D, layers.MaxPooling1D, layers.MaxPooling2D, layers.MaxPooling3D),
    *(layers.AveragePooling1D, layers.AveragePooling2D, layers.AveragePooling3D),
]


def texts_for(target: Any) -> Iterator[tuple[str, int]]:
    """Networks of one layer with every window, stride, padding, dilation and data format, each with how many axes it moves over."""
    known, rank = parameters_of(target), int(target.__name__[-2])
    first = "filters=2, " if "filters" in known else ""
    size = "pool_size" if "pool_size" in known else "kernel_size"
    time = "3x" if target.__name__.startswith("ConvLSTM") else ""
    ends = ["", ", return_sequences=true"] if time else [""]
    # A recurrent layer is traced for a second, and its window is that of the convolution inside.
    for shape, chosen, order, end in itertools.product(SPATIAL[rank], SETTINGS[3::5] if time else SETTINGS, ("last", "first"), ends):
        if (chosen["dilation_rate"] > 1 and ("dilation_rate" not in known or chosen["strides"] > 1)) or (
            chosen["padding"] == "causal" and target.__name__ not in ("Conv1D", "SeparableConv1D", "DepthwiseConv1D")
        ):
            continue
        more = f", dilation_rate={chosen['dilation_rate']}" if "dilation_rate" in known else ""
        flow = f"{time}{shape}x4" if order == "last" else f"{time}4x{shape}"
        line = f"{first}{size}={chosen['window']}, strides={chosen['strides']}, padding={chosen['padding']}"
        yield f"input {flow}\n{snake(target.__name__)}({line}, data_format=channels_{order}{more}{end})", rank


@pytest.mark.parametrize("target", WINDOWED, ids=lambda target: target.__name__)
def test_every_window_stride_padding_dilation_and_data_format_comes_to_the_shape_beside_it(target: Any) -> None:
    seen = 0
    for text, rank in texts_for(target):
        try:
            found = sums_of(text)
        except SeqmagicError:
            continue  # Keras has no such layer: causal and channels_first, for one.
        assert len(found) == 1, text
        results, shape = found[0]
        # Sums that are word for word the same stand there once.
        at = [shape[i : i + rank] for i in range(len(shape) - rank + 1)]
        assert any(list(dict.fromkeys(axes)) == list(dict.fromkeys(results)) for axes in at), (text, results, shape)
        seen += 1
    assert seen >= 6


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("input 28x28x1 -> conv 8 3x3 strides=2", "(28 − 3) ÷ 2 + 1 = 13.5, rounded down: 13"),
        ("input 7x7x1 -> conv 8 3x3 same strides=2", "7 ÷ 2 = 3.5, rounded up: 4"),
        ("input 7x8x1 -> maxpool 2", "7 ÷ 2 = 3.5, rounded down: 3; 8 ÷ 2 = 4"),
        ("input 8x8x1 -> maxpool 3", "8 ÷ 3 ≈ 2.67, rounded down: 2"),
        ("input 5x16x16x1 -> conv_lstm2d 4 3 return_sequences", "16 − 3 + 1 = 14"),
        ("input 5x16x12x1 -> conv_lstm2d 4 3", "16 − 3 + 1 = 14; 12 − 3 + 1 = 10"),
        ("input ?x8 -> conv 4 3", ""),
        ("input ?x9x8 -> conv 4 3", "9 − 3 + 1 = 7"),
        ("input 4x3x2 -> flatten", "4×3×2 = 24"),
    ],
)
def test_the_sums_read_as_one_would_write_them(text: str, expected: str) -> None:
    assert make_plan(parse(text), {}).rows[-1].shape_sum == expected


def test_whatever_else_of_keras_shows_a_sum_shows_a_true_one() -> None:
    seen = 0
    for target in BUILDABLE:
        required = [p for p in parameters_of(target).values() if p.default is p.empty]
        words = ", ".join(f"{p.name}={(choices_of(p) or ['1'])[-1]}" for p in required)
        for shape in ("6x4", "8x8x3", "5x6x6x2"):
            try:
                found = sums_of(f"input {shape}\n{snake(target.__name__)}({words})")
            except SeqmagicError:
                continue
            for results, dims in found:
                assert set(results) <= set(dims), (target, shape, results, dims)
                seen += 1
    assert seen > 15


def test_a_window_that_is_used_otherwise_shows_no_sum() -> None:
    class Keeps(layers.Layer):
        kernel_size, strides, padding = (3,), (1,), "valid"

        def call(self, x: Any) -> Any:
            return x

    assert shape_arithmetic(Keeps(), (8, 2), (8, 2)) == ""
    assert shape_arithmetic(Keeps(), (8, 2), (6, 2)) == "8 − 3 + 1 = 6"
    assert shape_arithmetic(Keeps(), (8,), (8,)) == ""


def test_the_sums_of_a_model_that_is_there_are_those_of_its_text() -> None:
    model = keras.Sequential(
        [keras.Input((9, 14, 2)), layers.Conv2D(3, 3, strides=2), layers.AveragePooling2D(2, padding="same"), layers.Flatten()]
    )
    plan = make_plan(parse("input 9x14x2 -> conv 3 3x3 strides=2 -> avgpool 2 same -> flatten"), {})
    found = survey(model)
    assert [row.shape_sum for row in found.rows] == [row.shape_sum for row in plan.rows]
    assert [row.after for row in found.rows] == [row.after for row in plan.rows]
    assert len(list(read_card(NetworkCard("net", found, ["", "", ""])))) == 3


def test_an_open_length_is_seen_in_any_of_several_outputs() -> None:
    x = keras.Input((None, 3))
    plan = survey(keras.Model(x, layers.LSTM(4, return_state=True, return_sequences=True)(x)))
    assert f"at least {4 * (3 + 4 + 4 + 4)} B of outputs for each sample" in repr(NetworkCard("net", plan, plan.layer_names))
