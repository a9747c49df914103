"""Multiply-adds and activation memory are what TensorFlow's profiler counts, for every layer that has a formula."""

from __future__ import annotations

import random
import re
from math import prod
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

import seqmagic
from seqmagic.describe.plan_of_model import survey
from seqmagic.network.multiply_adds import FORMULAS, NO_FORMULA, OPEN_LENGTH, WITHOUT_PRODUCTS, Work, multiply_adds
from seqmagic.network.row import size_of

v1 = tf.compat.v1
# What multiplies and adds. The profiler also counts what biases, activations and poolings cost, which nobody calls multiply-adds.
PRODUCTS = ("MatMul", "BatchMatMulV2", "Conv2D", "Conv3D", "DepthwiseConv2dNative", "Conv2DBackpropInput")
CASES: list[tuple[Any, list[tuple[int, ...]]]] = [
    (layers.Dense(5), [(7,)]),
    (layers.Dense(5, use_bias=False), [(3, 2, 7)]),
    (layers.EinsumDense("abc,cd->abd", output_shape=(5, 6), bias_axes="d"), [(5, 3)]),
    (layers.EinsumDense("abc,bcd->ad", output_shape=6), [(5, 3)]),
    (layers.Conv1D(4, 3, padding="causal"), [(9, 2)]),
    (layers.Conv2D(4, (3, 2), strides=2), [(9, 11, 2)]),
    (layers.Conv2D(4, 3, padding="same"), [(9, 9, 2)]),
    (layers.Conv3D(4, 2, strides=2, padding="same"), [(5, 5, 5, 2)]),
    (layers.DepthwiseConv1D(3, padding="same"), [(9, 2)]),
    (layers.DepthwiseConv2D(3, depth_multiplier=2), [(9, 9, 2)]),
    (layers.SeparableConv1D(4, 3, strides=2), [(9, 2)]),
    (layers.SeparableConv2D(4, 3, depth_multiplier=2), [(9, 9, 2)]),
    (layers.Conv1DTranspose(4, 3, strides=2, padding="same"), [(6, 2)]),
    (layers.Conv2DTranspose(4, 3, strides=2, padding="same"), [(5, 6, 2)]),
    (layers.SimpleRNN(4, unroll=True), [(5, 3)]),
    (layers.LSTM(4, unroll=True, return_sequences=True), [(5, 3)]),
    (layers.GRU(4, unroll=True), [(5, 3)]),
    (layers.GRU(4, unroll=True, reset_after=False), [(5, 3)]),
    (layers.Bidirectional(layers.LSTM(4, unroll=True)), [(5, 3)]),
    (layers.Bidirectional(layers.GRU(4, unroll=True), backward_layer=layers.LSTM(4, unroll=True, go_backwards=True)), [(5, 3)]),
    (layers.TimeDistributed(layers.Dense(4)), [(5, 3)]),
    (layers.TimeDistributed(layers.Conv2D(2, 3)), [(4, 5, 5, 3)]),
    (layers.MultiHeadAttention(2, 3, value_dim=5), [(6, 8), (4, 7)]),
    (layers.MultiHeadAttention(2, 4), [(6, 8), (6, 8)]),
    (keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(2, 3), layers.Flatten(), layers.Dense(3)]), [(6, 6, 1)]),
]


def call(layer: Any, tensors: list[Any]) -> Any:
    spread = len(tensors) == 1 or isinstance(layer, layers.MultiHeadAttention)
    return layer(*tensors) if spread else layer(tensors)


def put_together(layer: Any, shapes: list[tuple[int, ...]]) -> Work:
    given = call(layer, [keras.Input(shape) for shape in shapes])
    return multiply_adds(layer, shapes, tuple(given.shape[1:]))


def profile(layer: Any, shapes: list[tuple[int, ...]]) -> tuple[int, int, set[int], int]:
    """For one sample: the operations in products, those in `Mul`, the bytes that the parts of the graph give, and those of the result."""
    traced = tf.function(lambda *tensors: call(layer, list(tensors))).get_concrete_function(*[tf.TensorSpec((1, *s)) for s in shapes])
    frozen, metadata = convert_variables_to_constants_v2(traced), v1.RunMetadata()
    with v1.Session(graph=frozen.graph) as session:
        fed = {tensor.name: np.zeros(tensor.shape, "float32") for tensor in frozen.inputs}
        trace = v1.RunOptions(trace_level=v1.RunOptions.FULL_TRACE)
        (result,) = session.run([tensor.name for tensor in frozen.outputs], fed, options=trace, run_metadata=metadata)
    options = v1.profiler.ProfileOptionBuilder().with_empty_output().select(["float_ops", "output_bytes"]).build() | {"max_depth": 1000}
    root = v1.profiler.profile(frozen.graph, run_meta=metadata, cmd="scope", options=options)
    nodes = {node.name: node for node in nodes_below(root)}
    kinds = {operation.name: operation for operation in frozen.graph.get_operations()}
    products = sum(nodes[name].float_ops for name, operation in kinds.items() if operation.type in PRODUCTS)
    products += sum(2 * einsum_products(operation) for operation in kinds.values() if operation.type == "Einsum")
    single = sum(nodes[name].float_ops for name, operation in kinds.items() if operation.type == "Mul")
    return products, single, {node.output_bytes for node in nodes.values()}, result.nbytes


def nodes_below(node: Any) -> list[Any]:
    return [node, *(below for child in node.children for below in nodes_below(child))]


def einsum_products(operation: Any) -> int:
    """The profiler has no figure for this operation; its equation has."""
    letters: dict[str, int] = {}
    for term, tensor in zip(operation.get_attr("equation").decode().partition("->")[0].split(","), operation.inputs, strict=True):
        letters |= dict(zip(term, tensor.shape, strict=True))
    return prod(letters.values())


def worked_out(text: str) -> int:
    assert re.fullmatch(r"[\d ()×+]+", text)
    return int(eval(text.replace("×", "*")))  # noqa: S307  # Nothing but digits, brackets and signs came through the pattern.


@pytest.mark.parametrize(("layer", "shapes"), CASES, ids=[type(layer).__name__ for layer, _ in CASES])
def test_a_formula_gives_what_the_profiler_counts(layer: Any, shapes: list[tuple[int, ...]]) -> None:
    work = put_together(layer, shapes)
    products, _, given, size = profile(layer, shapes)
    assert work.count
    assert 2 * work.count == products
    assert not work.sum or worked_out(work.sum) == work.count
    assert size in given
    if len(shapes) == 1:
        model = keras.Sequential([keras.Input(shapes[0]), layer])
        row = survey(model).rows[-1]
        assert (row.output_bytes, row.work) == (size, work)


def test_a_window_that_jumps_without_padding_is_counted_where_it_stands() -> None:
    """The profiler reckons a transposed convolution by what comes out, and there counts the edge as if it were full."""
    layer = layers.Conv2DTranspose(4, 3, strides=2)
    assert put_together(layer, [(5, 5, 2)]).count == 5 * 5 * 3 * 3 * 4 * 2


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_a_transposed_convolution_costs_what_the_one_that_it_turns_round_does(dimensions: int) -> None:
    there, back = getattr(layers, f"Conv{dimensions}D"), getattr(layers, f"Conv{dimensions}DTranspose")
    given = put_together(back(4, 2, strides=2), [(3,) * dimensions + (2,)])
    products, *_ = profile(there(2, 2, strides=2), [(6,) * dimensions + (4,)])
    assert given.count is not None
    assert 2 * given.count == products


def test_a_window_with_holes_costs_what_one_without_does() -> None:
    """TensorFlow takes such a picture apart and fills it up; what the profiler counts is that."""
    products, *_ = profile(layers.Conv2D(4, 3, padding="same"), [(9, 9, 2)])
    assert 2 * (put_together(layers.Conv2D(4, 3, padding="same", dilation_rate=2), [(9, 9, 2)]).count or 0) == products


def test_groups_cost_what_as_many_small_convolutions_do() -> None:
    products, *_ = profile(layers.Conv2D(2, 3), [(9, 9, 3)])
    assert 2 * (put_together(layers.Conv2D(4, 3, groups=2), [(9, 9, 6)]).count or 0) == 2 * products


def reused(make: Any, *shapes: tuple[int, ...]) -> keras.Model:
    """A model around a layer that another model, on the first shape, has called before."""
    layer = make()
    models = [keras.Model(x, layers.Flatten()(layer(x))) for x in map(keras.Input, shapes)]
    return models[-1]


def shared(times: int) -> keras.Model:
    x, layer = keras.Input((4,)), layers.Dense(4)
    y = x
    for _ in range(times):
        y = layer(y)
    return keras.Model(x, y)


def twice(inner: keras.Model) -> keras.Model:
    x = keras.Input((4,))
    return keras.Model(x, inner(inner(x)))


# Models whose layers are called several times, or in several models: what each costs, from the text of its own calls.
CALLED_AGAIN = {
    "a layer called three times": (lambda: shared(3), (4,), 3 * 4 * 4),
    "a layer that another model had on smaller pictures": (
        lambda: reused(lambda: layers.Conv2D(4, 3, padding="same"), (8, 8, 1), (16, 16, 1)),
        (16, 16, 1),
        16 * 16 * 9 * 4,
    ),
    "a model in a model, called twice": (lambda: twice(shared(2)), (4,), 2 * 2 * 4 * 4),
}


@pytest.mark.parametrize("case", CALLED_AGAIN)
@pytest.mark.parametrize("nested", [False, True])
def test_each_call_of_a_layer_is_counted_with_its_own_shape(case: str, *, nested: bool) -> None:
    make, shape, expected = CALLED_AGAIN[case]
    model = make()
    if nested:
        x = keras.Input(shape)
        model = keras.Model(x, layers.Dense(1, use_bias=False)(model(x)))
        expected += model.layers[-1].kernel.shape[0]
    operations, *_ = profile(model, [shape])
    assert sum(row.work.count or 0 for row in survey(model).rows) == expected == operations // 2
    assert survey(model).parameters() == model.count_params()


def test_a_model_that_is_used_on_another_shape_than_its_own_is_not_counted() -> None:
    inner = keras.Sequential([layers.Conv2D(2, 3)])
    inner(keras.Input((8, 8, 1)))
    assert multiply_adds(inner, [(8, 8, 1)], (6, 6, 2)).count == 36 * 18
    assert multiply_adds(inner, [(16, 16, 1)], (14, 14, 2)) == Work(None, NO_FORMULA)


def test_a_sum_without_terms_is_not_shown() -> None:
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(2, 3), layers.Flatten()])
    assert put_together(layers.TimeDistributed(inner), [(5, 8, 8, 1)]) == Work(5 * 36 * 18, "")


def with_states() -> keras.Model:
    x = keras.Input((5, 3))
    return keras.Model(x, layers.Concatenate()(layers.LSTM(4, return_state=True)(x)))


def with_scores() -> keras.Model:
    x = keras.Input((5, 8))
    return keras.Model(x, layers.MultiHeadAttention(2, 3)(x, x, return_attention_scores=True))


def with_two_ends() -> keras.Model:
    x = keras.Input((4,))
    return keras.Model(x, keras.Model(x, [layers.Dense(2)(x), layers.Dense(3, dtype="float16")(x)])(x))


SEVERAL_OUTPUTS = {
    "states": (with_states, 4 * (5 * 3 + (4 + 4 + 4) + 12)),
    "attention scores": (with_scores, 4 * (5 * 8 + (5 * 8 + 2 * 5 * 5))),
    "a nested model": (with_two_ends, 4 * 4 + (4 * 2 + 2 * 3)),
}


@pytest.mark.parametrize("case", SEVERAL_OUTPUTS)
def test_the_memory_of_outputs_is_that_of_all_outputs_of_a_layer(case: str) -> None:
    make, size = SEVERAL_OUTPUTS[case]
    assert survey(make()).sample_bytes == size


def random_steps(draw: random.Random, x: Any) -> Any:
    """One of the layers for sequences, or a model around one."""
    kind = draw.randrange(8)
    recurrent = draw.choice([layers.LSTM, layers.GRU, layers.SimpleRNN])(3, unroll=True, return_sequences=True)
    if kind == 0:
        return layers.Conv1D(4, 3, padding=draw.choice(["same", "causal"]), strides=draw.choice([1, 2]))(x)
    if kind == 1:
        return layers.SeparableConv1D(4, 2, padding="same", depth_multiplier=2)(x)
    if kind == 2:
        return layers.Bidirectional(recurrent, merge_mode=draw.choice(["concat", "sum"]))(x)
    if kind == 3:
        return layers.TimeDistributed(layers.Dense(3))(recurrent(x))
    if kind == 4:
        return layers.MultiHeadAttention(2, 3, value_dim=draw.choice([None, 2]), output_shape=draw.choice([None, 5]))(x, x)
    if kind == 5:
        return layers.Conv1DTranspose(3, 2, strides=2, padding="same")(x)
    if kind == 6:
        again = layers.Dense(x.shape[-1])
        return layers.Add()([again(again(x)), x])
    inputs = keras.Input(x.shape[1:])
    inner = keras.Model(inputs, random_steps(draw, inputs))
    return inner(inner(x)) if inner.output_shape[1:] == x.shape[1:] else inner(x)


def random_pictures(draw: random.Random, x: Any) -> Any:
    """One of the layers for pictures, or a model around one."""
    kind = draw.randrange(6)
    if kind == 0:
        return layers.Conv2D(4, (3, 2), padding=draw.choice(["same", "valid"]), strides=draw.choice([1, 2]))(x)
    if kind == 1:
        return layers.SeparableConv2D(4, 3, padding="same", depth_multiplier=2)(x)
    if kind == 2:
        return layers.Conv2DTranspose(4, 2, strides=2, padding="same")(x)
    if kind == 3:
        return layers.Concatenate()([layers.DepthwiseConv2D(3, padding="same", depth_multiplier=2)(x), layers.Dense(3)(x)])
    if kind == 4:
        again = layers.Conv2D(x.shape[-1], 3, padding="same")
        return layers.Add()([again(again(x)), x])
    inputs = keras.Input(x.shape[1:])
    return keras.Model(inputs, random_pictures(draw, inputs))(x)


@pytest.mark.parametrize("number", range(6))
def test_any_mixture_costs_what_the_profiler_counts(number: int) -> None:
    draw = random.Random(number)
    block, shape = (random_steps, (6, 4)) if number % 2 else (random_pictures, (8, 8, 2))
    x = inputs = keras.Input(shape)
    for _ in range(4):
        x = block(draw, x)
    plan = survey(model := keras.Model(inputs, x))
    operations, *_ = profile(model, [shape])
    assert sum(row.work.count or 0 for row in plan.rows) == operations // 2
    assert plan.parameters() == model.count_params()


WEIGHTS_SHARED = {
    "inside of two models": lambda a, b, c: [[a, b], [a, c]],
    "inside of a model and outside": lambda a, b, _: [[a, b], a],
    "outside and inside of a model": lambda a, b, _: [a, [a, b]],
}


@pytest.mark.parametrize("case", WEIGHTS_SHARED)
@pytest.mark.parametrize("joined", [False, True])
def test_weights_that_layers_share_are_counted_once(case: str, *, joined: bool) -> None:
    parts = WEIGHTS_SHARED[case](*(layers.Dense(4) for _ in range(3)))
    made = [keras.Sequential([keras.Input((4,)), *part]) if isinstance(part, list) else part for part in parts]
    x = keras.Input((4,))
    model = keras.Model(x, layers.Concatenate()([part(x) for part in made])) if joined else keras.Sequential([x, *made])
    found = survey(model)
    assert found.parameters() == model.count_params() < sum(sum(map(prod, (w.shape for w in part.weights))) for part in made)
    assert found.weight_bytes == 4 * model.count_params()


def test_a_normalization_multiplies_each_number_once() -> None:
    work = put_together(layers.BatchNormalization(), [(6, 6, 3)])
    _, single, *_ = profile(layers.BatchNormalization(), [(6, 6, 3)])
    assert work == Work(108, "6×6×3")
    assert work.count == single - 2 * 3  # Gamma and beta are made ready once for each channel.


def test_layers_that_are_multiplied_take_one_product_for_each_number() -> None:
    shapes = [(5, 3)] * 3
    _, single, *_ = profile(layers.Multiply(), shapes)
    assert put_together(layers.Multiply(), shapes) == Work(single, "2 × 5×3")


@pytest.mark.parametrize("kind", WITHOUT_PRODUCTS, ids=lambda kind: kind.__name__)
def test_what_counts_as_nothing_has_no_products(kind: Any) -> None:
    poolings = {f"AveragePooling{rank}D": [2] for rank in (1, 2, 3)}
    arguments = poolings | {"Embedding": [9, 4], "RepeatVector": [2], "Reshape": [(-1,)], "Permute": [(1,)], "Activation": ["relu"]}
    several = (layers.Concatenate, layers.Add, layers.Subtract, layers.Average, layers.Maximum, layers.Minimum)
    rank = next((int(name) for name in re.findall(r"(\d)D$", kind.__name__)), 0)
    if kind is layers.InputLayer:
        return
    layer = kind(*arguments.get(kind.__name__, [0.5] if "ropout" in kind.__name__ or "Noise" in kind.__name__ else []))
    shapes = [(6,) * rank + (6,)] * (2 if kind in several else 1)
    assert put_together(layer, shapes) == Work(0)
    assert profile(layer, shapes)[0] == 0


def test_every_formula_is_tried_here() -> None:
    tried = {type(layer) for layer, _ in CASES} | {layers.BatchNormalization, layers.Multiply, layers.Conv3DTranspose}
    assert set(FORMULAS) <= tried


def test_where_there_is_no_formula_it_says_so() -> None:
    class Own(layers.Dense):
        """It may do anything."""

    def twice(query: Any, mask: Any) -> Any:
        return layers.MultiHeadAttention(1, 2)(query, query, attention_mask=mask)

    assert put_together(Own(3), [(4,)]) == put_together(layers.LayerNormalization(), [(4,)]) == Work(None, NO_FORMULA)
    assert multiply_adds(layers.Dense(3), [(4,)], (3,)) == Work(None, NO_FORMULA), "it isn't built"
    query, mask = keras.Input((6, 6)), keras.Input((6, 6))
    assert survey(keras.Model([query, mask], twice(query, mask))).rows[-1].work == Work(None, NO_FORMULA)


def test_an_unknown_length_leaves_the_count_open() -> None:
    row = survey(seqmagic.build("input ?x3 -> conv 4 3")).rows[-1]
    assert row.work == Work(None, OPEN_LENGTH)


def test_memory_counts_the_bytes_of_the_numbers_that_come_out() -> None:
    assert [size_of(kind) for kind in ("float64", "float32", "bfloat16", "int8", "string")] == [8, 4, 2, 1, 0]
    model = seqmagic.build("input 8 -> dense 4 dtype=mixed_float16 -> dense 2 dtype=float64")
    assert [row.output_bytes for row in survey(model).rows] == [8, 16]
