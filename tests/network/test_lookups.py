"""Layers that learn a vocabulary: what follows them knows how wide a row has become."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import seqmagic

WORDS = np.array([["red"], ["green"], ["blue"], ["red"]])
NUMBERS = np.array([[3], [5], [7], [3]])
FLOATS = np.array([[0.1], [0.4], [0.7], [0.9]], "float32")
LAYERS = {
    "string_lookup": (keras.layers.StringLookup, WORDS, "string"),
    "integer_lookup": (keras.layers.IntegerLookup, NUMBERS, "int64"),
    "discretization num_bins=3": (keras.layers.Discretization, FLOATS, "float32"),
}


@pytest.mark.parametrize("mode", ["one_hot", "multi_hot", "count", "int"])
@pytest.mark.parametrize("word", LAYERS)
def test_the_lines_below_know_the_width_as_keras_does(word: str, mode: str) -> None:
    kind, data, dtype = LAYERS[word]
    theirs: Any = kind(output_mode=mode, **({"num_bins": 3} if " " in word else {}))
    theirs.adapt(data)
    width = theirs(data).shape[-1]
    last = "embedding 9 2 -> flatten" if mode == "int" else "dense 2"
    model = seqmagic.build(f"input 1 dtype={dtype}\n{word} output_mode={mode} adapt=X\n{last}", {"X": data})
    assert np.array_equal(model.layers[0](data), theirs(data))
    if mode != "int":
        assert (model.layers[0].output.shape[-1], model.layers[-1].kernel.shape[0]) == (width, width)
