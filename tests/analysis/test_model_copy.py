"""The copy of a model gives what the model gave, for every kind of model, and leaves that alone."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import seqmagic
from seqmagic.analysis.model_copy import ModelCopy
from seqmagic.errors import DataError

RANDOM = np.random.default_rng(0)
OFFSET = 3.0


class Scaling(layers.Layer):  # type: ignore[misc]  # Keras ships no types.
    """A layer of the notebook's own, which nobody has registered."""

    def build(self, shape: Any) -> None:
        self.scale = self.add_weight(shape=(shape[-1],), initializer="ones", name="scale")

    def call(self, x: Any) -> Any:
        return x * self.scale


class Secretive(Scaling):
    """One that does not tell what it was made with."""

    def __init__(self, secret: int) -> None:
        super().__init__()
        self.secret = secret

    def get_config(self) -> dict[str, Any]:
        return {}


class Changing(Scaling):
    """One whose config is not all of it."""

    factor = 1.0

    def call(self, x: Any) -> Any:
        return x * self.scale * self.factor


def own_loss(y: Any, p: Any) -> Any:
    return keras.ops.mean(keras.ops.square(y - p))


def chain() -> Any:
    text = "input 8x8x1\nconv 4 3x3 relu -> bn -> dropout 0.5 -> maxpool 2\nflatten -> dense 3 softmax\ncompile adam {loss} {metric}"
    return seqmagic.build(text.replace("{loss}", "own_loss").replace("{metric}", "accuracy"), {"own_loss": own_loss})


def with_a_function() -> Any:
    return keras.Sequential([keras.Input((4,)), layers.Lambda(lambda x: x + OFFSET), Scaling(), layers.Dense(2)])


def in_a_chain() -> Any:
    inner = keras.Sequential([keras.Input((4,)), layers.Dense(3), layers.Lambda(lambda x: x * OFFSET)], name="inner")
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(2)])


def with_two_inputs() -> Any:
    one, other = keras.Input((4,), name="one"), keras.Input((4,), name="other")
    shared = layers.Dense(3)
    joined = layers.Concatenate()([shared(one), shared(other)])
    return keras.Model({"one": one, "other": other}, [layers.Dense(1, name="a")(joined), layers.Dense(2, name="b")(joined)])


def of_words() -> Any:
    model = keras.Sequential(
        [keras.Input((5,), dtype="int32"), layers.Embedding(20, 4), layers.Bidirectional(layers.GRU(3)), layers.Dense(1)]
    )
    model.compile("sgd", "mse")
    return model


def of_texts() -> Any:
    words = layers.TextVectorization(20, output_sequence_length=4)
    words.adapt(["a good film", "a bad film"])
    kinds = keras.Sequential([keras.Input((1,), dtype="string"), words, layers.Embedding(20, 3)], name="kinds")
    return keras.Sequential([keras.Input((1,), dtype="string"), kinds, layers.GlobalAveragePooling1D(), layers.Dense(1)])


def rows(*shape: int) -> np.ndarray:
    return RANDOM.random((6, *shape)).astype("float32")


CASES: dict[str, tuple[Callable[[], Any], Any]] = {
    "chain": (chain, rows(8, 8, 1)),
    "function": (with_a_function, rows(4)),
    "in a chain": (in_a_chain, rows(4)),
    "two inputs": (with_two_inputs, {"one": rows(4), "other": rows(4)}),
    "texts": (of_texts, tf.constant(["a good film", "bad", "an unknown one"])),
    "words": (of_words, RANDOM.integers(0, 20, (6, 5))),
}


@pytest.mark.parametrize("name", CASES)
def test_a_copy_gives_what_the_model_gave_with_the_weights_that_it_gets(name: str) -> None:
    make, x = CASES[name]
    model = make()
    state, before = random.getstate(), [np.array(weight) for weight in model.get_weights()]
    copy = ModelCopy(model, x)
    assert random.getstate() == state, "seeds are drawn from elsewhere"
    other = [np.asarray(RANDOM.random(weight.shape), dtype="float32") for weight in before]
    copy.put(other)
    given = keras.tree.flatten(copy.model.predict(x, verbose=0))
    assert all(np.array_equal(one, two) for one, two in zip(before, model.get_weights(), strict=True)), "the model is as it was"
    assert len(getattr(model.layers[-1], "_inbound_nodes", [None])) == 1
    model.set_weights(other)
    for one, two in zip(given, keras.tree.flatten(model.predict(x, verbose=0)), strict=True):
        np.testing.assert_array_equal(one, two)


def test_layers_that_can_not_be_made_again_are_refused_in_a_sentence() -> None:
    secretive = keras.Sequential([keras.Input((4,)), Secretive(3)], name="mine")
    with pytest.raises(DataError, match=r"because its layers can't be created a second time\. TypeError: "):
        ModelCopy(secretive, rows(4))
    changing = keras.Sequential([keras.Input((4,)), Changing()])
    changing.layers[0].factor = 2.0
    with pytest.raises(DataError, match="A second copy gave different outputs"):
        ModelCopy(changing, rows(4))


def test_a_model_of_own_code_is_refused() -> None:
    class Own(keras.Model):  # type: ignore[misc]  # As above.
        def __init__(self) -> None:
            super().__init__()
            self.inner = layers.Dense(2)

        def call(self, x: Any) -> Any:
            return self.inner(x)

    model = Own()
    model(rows(4))
    with pytest.raises(DataError, match="can't be shown as it was in earlier epochs"):
        ModelCopy(model, rows(4))
