"""Networks from the whole catalogue, for properties that must hold for all of them."""

from __future__ import annotations

import inspect
from typing import Any

import keras
from hypothesis import strategies as st

from seqmagic.errors import SeqmagicError
from seqmagic.language import parse
from seqmagic.network.builder import Draft
from seqmagic.network.catalogue import COMMON_LAYER_PARAMETERS, LAYERS, NOT_IN_A_SEQUENCE, parameters_of, snake

INPUTS = ["7", "6x4", "?x4", "8x8x3", "4x6x6x2", "3x4x6x6x2", "5 dtype=int32", "6x4 batch=2"]
INITIALIZERS = [
    "he_normal",
    "zeros",
    "random_normal(stddev=0.2)",
    "variance_scaling(2, mode=fan_out)",
    "constant(0.5)",
    "orthogonal(seed=4)",
]
CHOICES: dict[str, list[str]] = {
    "units": ["1", "3", "8"],
    "filters": ["1", "4"],
    "kernel_size": ["1", "2", "3"],
    "pool_size": ["2", "3"],
    "strides": ["1", "2"],
    "size": ["2", "3"],
    "rate": ["0.25", "0.5"],
    "dropout": ["0.25"],
    "stddev": ["0.1"],
    "padding": ["same", "valid", "causal", "1"],
    "cropping": ["1"],
    "activation": ["relu", "gelu", "softmax", "tanh", "linear"],
    "recurrent_activation": ["hard_sigmoid"],
    "kernel_regularizer": ["l2", "l2(0.1)", "l1_l2(l1=0.2, l2=0.3)"],
    "activity_regularizer": ["l1(0.3)"],
    "kernel_constraint": ["max_norm(3)", "non_neg", "unit_norm(axis=0)"],
    "input_dim": ["9"],
    "output_dim": ["2"],
    "output_size": ["2"],
    "n": ["2"],
    "dims": ["(1,)", "(2, 1)"],
    "scale": ["0.5"],
    "target_shape": ["(-1,)", "(7, 1)"],
    "layer": ["dense(3)", "lstm(2)", "gru(2, return_sequences=true)", "conv2d(2, 2)", "rnn(gru_cell(3))"],
    "cell": ["gru_cell(3)", "[lstm_cell(2), gru_cell(3)]", "simple_rnn_cell(2, activation=relu)"],
    "layers": ["[rescaling(0.5), flatten]", "dense 3 relu -> dropout 0.5"],
    "merge_mode": ["sum", "concat", "ave"],
    "dtype": ["float32", "mixed_float16", "float16", "bfloat16"],
    "trainable": ["false", "true"],
    "name": ["stem", "'my-layer'", "head_1"],
    "negative_slope": ["0.2"],
    "max_value": ["6"],
    "axis": ["-1", "1"],
    "groups": ["1", "2"],
    "data_format": ["channels_last"],
    "interpolation": ["nearest", "bilinear"],
    "shared_axes": ["[1]"],
    "num_tokens": ["9"],
    "num_bins": ["4"],
    "factor": ["0.3", "(0.1, 0.2)"],
    "height": ["4"],
    "width": ["4"],
    "height_factor": ["0.2"],
    "width_factor": ["0.2"],
    "seed": ["3"],
    "equation": ["'ab,bc->ac'", "'abc,cd->abd'"],
    "output_shape": ["3", "(none, 3)"],
    "dilation_rate": ["2"],
    "depth_multiplier": ["2"],
    "mean": ["0.5"],
    "variance": ["2"],
    "mask_value": ["1"],
}
CLASSES = sorted(
    {thing for name in dir(keras.layers) if inspect.isclass(thing := getattr(keras.layers, name)) and LAYERS.find(name) is thing},
    key=lambda target: target.__name__,
)
BUILDABLE = [c for c in CLASSES if c not in NOT_IN_A_SEQUENCE and c not in (keras.layers.InputLayer, keras.layers.Lambda)]


def choices_of(parameter: inspect.Parameter) -> list[str]:
    """Strings that are valid values of a parameter."""
    if parameter.name in CHOICES:
        return CHOICES[parameter.name]
    if parameter.name.endswith("initializer"):
        return INITIALIZERS
    if isinstance(parameter.default, bool):
        return [str(not parameter.default).lower()]
    if isinstance(parameter.default, float):
        return [str(parameter.default / 2)]
    return []


@st.composite
def lines(draw: Any) -> str:
    """A line for some layer of Keras, with some of its arguments."""
    target = draw(st.sampled_from(BUILDABLE))
    words = []
    optional = []
    for name, parameter in parameters_of(target).items():
        choices = choices_of(parameter)
        if parameter.default is inspect.Parameter.empty:
            words.append(f"{name}={draw(st.sampled_from(choices))}" if choices else f"{name}=1")
        elif choices and name not in COMMON_LAYER_PARAMETERS:
            optional.append(parameter)
    chosen = draw(st.lists(st.sampled_from(optional), max_size=3, unique=True)) if optional else []
    words += [f"{p.name}={draw(st.sampled_from(choices_of(p)))}" for p in chosen]
    common = draw(st.sampled_from([None, None, None, None, "dtype", "trainable", "name"]))
    words += [f"{common}={draw(st.sampled_from(CHOICES[common]))}"] if common and common not in (p.name for p in chosen) else []
    # In brackets, because the value may be a chain.
    return f"{snake(target.__name__)}({', '.join(words)})"


wishes = st.tuples(st.sampled_from(INPUTS), st.lists(st.tuples(lines(), st.sampled_from([1, 1, 1, 2, 3])), min_size=1, max_size=5))


def network(wish: tuple[str, list[tuple[str, int]]]) -> str:
    """A text that builds: lines that don't fit the shape before them are left out."""
    shape, wanted = wish
    text = f"input {shape}"
    for line, count in wanted:
        attempts = (f"{text}\n{line} * {count}", f"{text}\n{line}")
        text = next((attempt for attempt in attempts if builds(attempt)), text)
    return text if builds(text) else "input 7\nflatten"


def builds(text: str) -> bool:
    """Whether a text builds."""
    try:
        with Draft(parse(text), {}) as draft:
            draft.build()
    except SeqmagicError:
        return False
    return True
