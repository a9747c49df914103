"""All that `keras.layers` holds is sayable, or refused with the reason."""

from __future__ import annotations

import inspect
from typing import Any

import keras
import numpy as np
import pytest

from seqmagic.errors import ArgumentError, LanguageError
from seqmagic.language import parse
from seqmagic.network.builder import Draft
from seqmagic.network.catalogue import LAYERS, NOT_IN_A_SEQUENCE, parameters_of

# What a layer that needs a value is given, by the name of its parameter.
VALUES = {
    "units": "4", "filters": "4", "kernel_size": "3", "rate": "0.3", "input_dim": "10", "output_dim": "4", "output_size": "2",
    "layer": "dense 3", "height": "4", "width": "4", "factor": "0.2", "stddev": "0.1", "num_bins": "4", "n": "3", "dims": "(2, 1)",
    "scale": "0.5", "target_shape": "(5, 2)", "activation": "relu", "cell": "gru_cell 3", "layers": "[rescaling 2, flatten]",
    "height_factor": "0.1", "width_factor": "0.1", "equation": "'ab,bc->ac'", "output_shape": "3", "function": "halve", "pool_size": "2",
}  # fmt: skip
LINES = {
    "Bidirectional": "bidirectional lstm 3",
    "CategoryEncoding": "category_encoding 10",
    "Discretization": "discretization num_bins=4",
    "GroupNormalization": "group_normalization groups=2",
    "RandomPosterization": "random_posterization 4",
    "STFTSpectrogram": "stft_spectrogram frame_length=4 frame_step=2 fft_length=4",
}
INPUTS = ["10", "10x4", "8x8x3", "4x8x8x3", "3x4x8x8x3", "10 dtype=int32", "2 dtype=string", "400x1"]
NAMES = sorted(name for name in dir(keras.layers) if inspect.isclass(getattr(keras.layers, name)) and name not in ("InputSpec", "Layer"))


def halve(x: Any) -> Any:
    return x / 2


def line_of(target: Any, word: str) -> str:
    needed = [name for name, p in parameters_of(target).items() if p.default is p.empty]
    return " ".join([word, *(VALUES.get(name, f"{name}=1") for name in needed)])


def test_there_are_as_many_as_keras_has() -> None:
    assert len(NAMES) > 150


@pytest.mark.parametrize("name", NAMES)
def test_every_layer_builds_in_a_sequence_or_says_why_none_can_hold_it(name: str) -> None:
    target = getattr(keras.layers, name)
    line = LINES.get(target.__name__, line_of(target, name))
    if target is keras.layers.InputLayer:
        with pytest.raises(LanguageError, match="There is an input line after a layer"):
            Draft(parse(f"input 3\n{line}"), {})
        return
    if target in NOT_IN_A_SEQUENCE:
        with pytest.raises(ArgumentError) as caught:
            Draft(parse(f"input 10\n{line}"), {"halve": halve})
        assert NOT_IN_A_SEQUENCE[target] in caught.value.problem
        assert caught.value.span is not None
        return
    assert any(builds(f"input {shape}\n{line}", target) for shape in INPUTS)


def builds(text: str, target: Any) -> bool:
    try:
        with Draft(parse(text), {"halve": halve}) as draft:
            return type(draft.build().layers[0]) is target
    except (ArgumentError, LanguageError):
        return False
    except Exception as error:
        assert type(error).__module__.startswith("seqmagic.errors.")
        return False


def test_a_reason_is_given_only_where_keras_has_one_input_too_few() -> None:
    for target in NOT_IN_A_SEQUENCE:
        assert target is LAYERS.find(target.__name__) or target.__name__.startswith("Grouped")


@pytest.mark.parametrize(
    "cell", ["gru_cell 4", "lstm_cell 4", "simple_rnn_cell(4)", "[gru_cell 4, lstm_cell(3)]", "stacked_rnn_cells([gru_cell 4])"]
)
def test_the_steps_of_recurrent_layers_stand_after_rnn(cell: str) -> None:
    assert builds(f"input 5x2\nrnn {cell} return_sequences", keras.layers.RNN)


@pytest.mark.parametrize(
    ("line", "inner", "shape"),
    [
        ("bidirectional lstm 32", "LSTM", (None, 64)),
        ("bidirectional lstm 32 return_sequences merge_mode=sum", "LSTM", (None, 10, 32)),
        ("bidirectional gru(8, return_sequences, dropout=0.1) merge_mode=ave", "GRU", (None, 10, 8)),
        ("time_distributed dense 10 relu", "Dense", (None, 10, 10)),
        ("TimeDistributed(Dense(10))", "Dense", (None, 10, 10)),
        ("spectral_normalization conv 32 3", "Conv1D", (None, 8, 32)),
        ("spectral_normalization conv 32 3 power_iterations=2", "Conv1D", (None, 8, 32)),
        ("time_distributed bidirectional(rnn gru_cell 3)", "Bidirectional", None),
    ],
)
def test_a_wrapper_takes_the_layer_behind_it(line: str, inner: str, shape: tuple[Any, ...] | None) -> None:
    text = f"input {'10x4' if shape else '5x10x4'}\n{line}"
    with Draft(parse(text), {}) as draft:
        (layer,) = draft.build().layers
    assert type(getattr(layer, "forward_layer", layer.layer if hasattr(layer, "layer") else None)).__name__ == inner
    assert shape is None or tuple(layer.output.shape) == shape


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ("input 3\nnormalization adapt=data", np.array([[1.0, 2, 3], [3, 2, 7]])),
        ("input 1 dtype=string\ntext_vectorization adapt=data output_sequence_length=4", np.array([["a b"], ["b c"]])),
        ("input 1 dtype=string\nstring_lookup adapt=data", np.array([["a"], ["b"]])),
        ("input 1\ndiscretization num_bins=2 adapt=data", np.array([[1.0], [2.0], [9.0]])),
    ],
)
def test_a_layer_looks_at_data_first(line: str, data: Any) -> None:
    with Draft(parse(line), {"data": data}) as draft:
        layer = draft.build().layers[0]
    if isinstance(layer, keras.layers.Normalization):
        np.testing.assert_allclose(layer.mean, [[2, 2, 5]])
    elif isinstance(layer, keras.layers.Discretization):
        assert len(layer.bin_boundaries) == 1
    else:
        assert {"a", "b"} <= set(layer.get_vocabulary())


def test_arguments_nest() -> None:
    text = "input 8\ndense 4 kernel_initializer=random_normal(stddev=0.1) kernel_regularizer=l1_l2(l1=0.1) kernel_constraint=max_norm(2) dtype=mixed_float16 trainable=false name=deep"
    with Draft(parse(text), {}) as draft:
        layer = draft.build().layers[0]
    assert (layer.kernel_initializer.stddev, layer.kernel_constraint.max_value, layer.trainable, layer.name) == (0.1, 2, False, "deep")
    assert layer.dtype_policy.name == "mixed_float16"
    np.testing.assert_allclose(layer.kernel_regularizer.l1, 0.1)
