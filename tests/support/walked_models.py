"""Models of every kind that can be walked through layer by layer, each with some rows of data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import layers

RNG = np.random.default_rng(5)
TABLE = RNG.normal(size=(8, 6)).astype("float32")
PICTURES = RNG.integers(0, 256, (8, 8, 8, 1)).astype("uint8")
SERIES = RNG.normal(size=(8, 5, 3)).astype("float32")
TOKENS = RNG.integers(0, 10, (8, 7))
WORDS = np.array([["good film"], ["bad"], ["so so"], ["bad film"]] * 2)


def chain() -> Any:
    hidden = [layers.Dense(5, "relu"), layers.Dropout(0.5), layers.BatchNormalization()]
    return keras.Sequential([keras.Input((6,)), *hidden, layers.Dense(3, "softmax")]), TABLE


def pictures() -> Any:
    inner = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(4, 3, activation="relu"), layers.MaxPooling2D()], name="inner")
    return keras.Sequential(
        [keras.Input((8, 8, 1)), layers.Rescaling(1 / 255), inner, layers.Flatten(), layers.Dense(3, "softmax")]
    ), PICTURES


def masked() -> Any:
    deep = [layers.Embedding(10, 4, mask_zero=True), layers.LSTM(4, return_sequences=True), layers.Bidirectional(layers.GRU(3))]
    return keras.Sequential([keras.Input((7,), dtype="int32"), *deep, layers.Dense(1, "sigmoid")]), TOKENS


def graph() -> Any:
    left, right = keras.Input((6,), name="left"), keras.Input((5, 3), name="right")
    shared = layers.Dense(4, "tanh", name="shared")
    one, other = shared(layers.Dense(6)(left)), shared(left)
    steps, _, state = layers.LSTM(4, return_sequences=True, return_state=True)(right)
    looked = layers.MultiHeadAttention(2, 2)(steps, value=steps, key=steps)
    joined = layers.Concatenate()([one + other, layers.Flatten()(looked), layers.LayerNormalization()(state)])
    return keras.Model({"left": left, "right": right}, [layers.Dense(3, name="a")(joined), layers.Dense(1, name="b")(joined)]), {
        "left": TABLE,
        "right": SERIES,
    }


def prepared() -> Any:
    scaled = layers.Normalization()
    scaled.adapt(TABLE)
    ages = keras.Input((6,), name="amounts")
    kinds = keras.Input((1,), dtype="string", name="kind")
    looked_up = layers.StringLookup(vocabulary=["a", "b"], output_mode="one_hot")(kinds)
    joined = layers.Concatenate()([scaled(ages), looked_up])
    return keras.Model([ages, kinds], layers.Dense(1)(joined)), [TABLE, np.array([["a"], ["b"]] * 4)]


def texts() -> Any:
    words = layers.TextVectorization(20, output_sequence_length=4)
    words.adapt(WORDS)
    deep = [words, layers.Embedding(20, 3), layers.GlobalAveragePooling1D(), layers.Dense(1, "sigmoid")]
    return keras.Sequential([keras.Input((1,), dtype="string"), *deep]), WORDS


def stateful() -> Any:
    return keras.Sequential([keras.Input((5, 3), batch_size=4), layers.LSTM(3, stateful=True), layers.Dense(1)]), SERIES


def half() -> Any:
    made = [layers.Dense(5, "relu", dtype="mixed_float16"), layers.Dense(3, "softmax", dtype="float32")]
    return keras.Sequential([keras.Input((6,)), *made]), TABLE


def without_an_input() -> Any:
    model = keras.Sequential([layers.TimeDistributed(layers.Dense(4, "relu")), layers.Dense(2)])
    model(SERIES)
    return model, SERIES


KINDS: dict[str, Callable[[], Any]] = {
    made.__name__: made for made in (chain, pictures, masked, graph, prepared, texts, stateful, half, without_an_input)
}
_made: dict[str, Any] = {}


def walked_model(kind: str) -> Any:
    """A model of a kind and its data; tests don't change it, so one of each kind is enough."""
    if kind not in _made:
        keras.utils.set_random_seed(3)
        _made[kind] = KINDS[kind]()
    return _made[kind]
