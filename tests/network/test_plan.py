"""The plan knows shapes, parameters and memory before anything is allocated, and says at which word something doesn't fit."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import pytest

from seqmagic.errors import ArgumentError, LanguageError, MemoryLimitError, SeqmagicError, ShapeError, UnknownNameError
from seqmagic.language import parse
from seqmagic.network.builder import Draft
from seqmagic.network.catalogue import INITIALIZERS, LAYERS, REGISTRIES, SPECIAL_METRICS, snake
from seqmagic.network.memory import format_bytes
from seqmagic.network.plan import Plan, make_plan
from tests.support.digits import DIGITS

NETWORKS = [
    DIGITS,
    "input 28x28x1\nconv 20 5x5 relu -> maxpool 2\nconv 50 5x5 relu -> maxpool 2\nflatten -> dense 500 relu\ndense 10 softmax",
    "input 10x2 batch=4\nlstm 64 stateful return_sequences\nlstm 64 stateful\ndense 1",
    "input ?x16\nbidirectional lstm(8)\nbn -> dense 1 sigmoid",
    "input 100x8 -> conv 4 3 causal -> gap -> dense 2",
    "input 30 -> embedding 1000 64 -> time_distributed dense(3) -> flatten",
    "input 8x8x8x1 -> conv 2 3 -> Conv3D 2 3 -> avgpool 2",
    "input 16x16x3 -> separable_conv2d 8 3 -> depthwise_conv_2d 3 -> ConvTranspose 4 3 strides=2 -> upsampling 2",
    "input 6 -> Dense(4, activation='relu') -> reshape 2x2 -> permute 2x1 -> layer_normalization -> gru 3 reset_after=false",
]


def plan_of(text: str) -> Plan:
    return make_plan(parse(text), {})


def model_of(text: str, names: dict[str, object] | None = None) -> keras.Sequential:
    with Draft(parse(text), names or {}) as draft:
        return draft.build()


@pytest.mark.parametrize("text", NETWORKS)
def test_the_plan_is_what_keras_builds(text: str) -> None:
    plan = plan_of(text)
    model = model_of(text)
    assert plan.parameters() == model.count_params()
    for row, layer in zip(plan.rows, model.layers, strict=True):
        assert row.after == tuple(layer.output.shape[1:])
        assert row.parameters == layer.count_params()
        assert row.kind == type(layer).__name__


def test_the_arithmetic_is_shown() -> None:
    rows = plan_of("input 8x8x1 -> conv 16 3x3 same -> maxpool 2 -> conv 32 3 strides=2 -> flatten -> dense 10").rows
    assert [row.shape_sum for row in rows] == ["8 stays 8", "8 ÷ 2 = 4", "(4 − 3) ÷ 2 + 1 = 1.5, rounded down: 1", "1×1×32 = 32", ""]
    assert [row.parameter_sum for row in rows] == ["3×3×1×16 + 16", "", "3×3×16×32 + 32", "", "32×10 + 10"]


@pytest.mark.parametrize("spelling", ["Conv2D", "conv2d", "conv_2d", "CONV_2D", "conv", "keras.layers.Conv2D"])
def test_a_layer_goes_by_any_of_its_spellings(spelling: str) -> None:
    assert plan_of(f"input 8x8x1 -> {spelling} 4 3").rows[0].kind == "Conv2D"


def is_layer(thing: object) -> bool:
    return isinstance(thing, type) and issubclass(thing, keras.layers.Layer) and thing is not keras.layers.Layer


def test_every_layer_of_keras_is_known_by_its_own_name() -> None:
    classes = [name for name in dir(keras.layers) if is_layer(getattr(keras.layers, name))]
    assert len(classes) > 100
    for name in classes:
        assert LAYERS.find(name) is getattr(keras.layers, name)
        assert LAYERS.find(snake(name)) is getattr(keras.layers, name)


def test_words_find_their_argument() -> None:
    model = model_of("input 10x4 -> conv1d 8 3 relu same strides=2 -> lstm 3 return_sequences dropout=0.5 -> dense 2 name=out")
    conv, lstm, dense = model.layers
    assert (conv.filters, conv.kernel_size, conv.activation.__name__, conv.padding, conv.strides) == (8, (3,), "relu", "same", (2,))
    assert (lstm.units, lstm.return_sequences, lstm.dropout) == (3, True, 0.5)
    assert dense.name == "out"


def test_the_own_things_of_the_notebook_go_by_their_names() -> None:
    class Double(keras.layers.Layer):
        def call(self, inputs: object) -> object:
            return inputs * 2  # type: ignore[operator]

    def wave(x: object) -> object:
        return keras.ops.sin(x)

    model = model_of("input 3 -> Double -> dense 2 wave", {"Double": Double, "wave": wave})
    assert isinstance(model.layers[0], Double)
    assert model.layers[1].activation is wave


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        (
            "desne 10",
            UnknownNameError,
            "Line 1: There is no layer called 'desne'.\n    desne 10\n    ^^^^^\nClosest matches: dense.",
        ),
        (
            "input 3\ndense 10 rleu",
            UnknownNameError,
            "Line 2: 'dense' has no word 'rleu'.\n    dense 10 rleu\n             ^^^^\nClosest matches: relu, relu6.",
        ),
        (
            "dense 10 activaton=relu",
            UnknownNameError,
            "Line 1: 'dense' has no argument 'activaton'.\n    dense 10 activaton=relu\n             ^^^^^^^^^\nClosest matches: activation.",
        ),
        (
            "input 10x3 -> lstm 4\nlstm 4",
            ShapeError,
            "Line 2: 'lstm' can't work on 4, the output of 'lstm' in line 1.\n    lstm 4\n    ^^^^^^\n"
            "Expected: two axes, such as 10x64 (steps x features).\nThe shapes up to here: input 10x3 -> lstm 4",
        ),
        (
            "input 4x4x1 -> conv 3 5x5",
            ShapeError,
            "Line 1: A window of 5x5 does not fit into 4x4x1, the input.\n    input 4x4x1 -> conv 3 5x5\n                   ^^^^^^^^^^\n"
            "Expected: an input of at least 5x5 along its first axes.",
        ),
        ("dense", ArgumentError, "Line 1: 'dense' needs a value for 'units'.\n    dense\n    ^^^^^\nType instead: dense 32"),
        (
            "adam 3",
            UnknownNameError,
            "Line 1: There is no layer called 'adam'.\n    adam 3\n    ^^^^\n"
            "'adam' is an optimizer: write it first on the compile line, as in `compile adam mse`.",
        ),
        (
            "input 10x10 -> reshape 3x3",
            ShapeError,
            "Line 1: 10x10, the input, has 100 values; 3x3 needs 9.\n    input 10x10 -> reshape 3x3\n                   ^^^^^^^^^^^\n"
            "Expected: a shape with 100 values.",
        ),
    ],
)
def test_what_does_not_fit_is_reported_whole(text: str, kind: type[SeqmagicError], message: str) -> None:
    with pytest.raises(kind) as caught:
        plan_of(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", LanguageError),
        ("conv 3 3", LanguageError),
        ("input 0", ArgumentError),
        ("input 28 28", ArgumentError),
        ("dense -3", ArgumentError),
        ("dropout 20", ArgumentError),
        ("dense 10 relu sigmoid", ArgumentError),
        ("dense 10 same", UnknownNameError),
        ("dense 10 kernel_initializer=he_norml", UnknownNameError),
        ("flatten dense 3", UnknownNameError),
        ("input 10 -> add", ArgumentError),
        ("input 10 -> dense 3 -> input 3", LanguageError),
        ("input 3x3 -> flatten -> conv 3 3", ShapeError),
        ("input 3 -> dense true", ArgumentError),
        ("input 3 -> dense 3 use_bias=no", ArgumentError),
        ("input 784 batch=0 -> dense 3", ArgumentError),
        ("input 784 -> compile", LanguageError),
        ("input 4x8 -> time_distributed conv(3, 3)", ShapeError),
        ("input 10x2 -> lstm 3 stateful", ArgumentError),
        ("input 3 -> dense 3 name=a -> dense 3 name=a", ArgumentError),
        ("input 28x28x3 -> upsample 100000000000", MemoryLimitError),
    ],
)
def test_mistakes_are_refused_at_their_place(text: str, kind: type[SeqmagicError]) -> None:
    with pytest.raises(kind) as caught:
        plan_of(text)
    assert text == "" or caught.value.span is not None


def test_a_layer_that_no_machine_can_hold_is_refused_before_anything_is_allocated() -> None:
    with pytest.raises(MemoryLimitError) as caught:
        plan_of("input 224x224x3 -> flatten -> dense 1000000")
    assert caught.value.needed > 600e9 > caught.value.available
    assert "150528×1000000 + 1000000 = 150,529,000,000 parameters, 602 GB" in str(caught.value)


def test_a_function_of_the_notebook_never_takes_a_word_of_the_language() -> None:
    def same(x: object) -> object:
        return x

    names = {"same": same, "Dropout": keras.layers.Dropout}
    layer = model_of("input 8x8x1 -> conv 3 3 same", names).layers[0]
    assert (layer.padding, layer.activation.__name__) == ("same", "linear")
    with pytest.raises(UnknownNameError):
        make_plan(parse("input 3 -> dense 3 Dropout"), names)


def test_every_word_that_is_offered_is_known() -> None:
    for registry in (*REGISTRIES, INITIALIZERS):
        assert [word for word in registry.words() if not (registry.find(word) or word in SPECIAL_METRICS)] == []


def test_planning_leaves_no_trace() -> None:
    keras.utils.clear_session()
    random.seed(1)
    first = random.random()
    random.seed(1)
    plan_of(DIGITS)
    assert random.random() == first
    assert keras.layers.Dense(1).name == "dense"


def test_bytes_in_words() -> None:
    assert [format_bytes(n) for n in (0, 999, 1000, 57_640, 999_600, 10**15)] == ["0 B", "999 B", "1 kB", "57.6 kB", "1 MB", "1e+03 TB"]


@pytest.mark.parametrize("text", ["input 8\nshared\nshared", "input 8\nshared * 3", "input 8\nshared -> relu\ndense 8\nshared\ndense 2"])
@pytest.mark.parametrize("made", [lambda: keras.layers.Dense(8), lambda: keras.Sequential([keras.layers.Dense(8), keras.layers.ReLU()])])
def test_a_layer_of_the_notebook_that_is_used_twice_counts_once(text: str, made: Callable[[], Any]) -> None:
    names = {"shared": made()}
    plan = make_plan(parse(text), names)
    with Draft(parse(text), names) as draft:
        count = draft.build().count_params()
    assert (plan.parameters(), plan.weight_bytes) == (count, 4 * count)
