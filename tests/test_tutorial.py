"""Everything that the introduction to the Sequential model says, said here: each test is named after the tutorial's own line."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqmagic
from seqmagic.describe.configs import fingerprint
from seqmagic.errors import LanguageError
from seqmagic.language import parse
from seqmagic.recipes.recipe import add_to, make_recipe


def mean_pred(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(y_pred)


def same_layers(ours: keras.Sequential, theirs: keras.Sequential) -> bool:
    return fingerprint(ours.get_config()["layers"]) == fingerprint(theirs.get_config()["layers"]) and ours.input_shape == theirs.input_shape


FIRST = keras.Sequential([keras.Input((784,)), layers.Dense(32), layers.Activation("relu"), layers.Dense(10), layers.Activation("softmax")])


@pytest.mark.parametrize(
    "text",
    [
        "input 784\ndense 32\nactivation relu\ndense 10\nactivation softmax",
        "Sequential([\n   Dense(32, input_shape=(784,)),\n   Activation('relu'),\n   Dense(10),\n   Activation ('softmax')])",
        "from tensorflow.keras.models import Sequential\nfrom tensorflow.keras.layers import Dense, Activation\n\n"
        "model = Sequential([\n   Dense(32, input_shape=(784,)),\n   Activation('relu'),\n   Dense(10),\n   Activation ('softmax')])",
        "dense 32 input_shape=784 -> activation relu -> dense 10 -> activation softmax",
        "tf.keras.layers.Dense(32, input_dim=784),\nkeras.layers.Activation('relu'),\nlayers.Dense(10),\nActivation(tf.nn.softmax)",
    ],
)
def test_sequential_of_a_list_of_layers(text: str) -> None:
    assert same_layers(seqmagic.build(text), FIRST)


def test_an_activation_may_stand_with_its_layer() -> None:
    model = seqmagic.build("input 784\ndense 32 relu\ndense 10 softmax")
    assert [layer.activation.__name__ for layer in model.layers] == ["relu", "softmax"]


def test_model_add() -> None:
    model = seqmagic.build("model= Sequential ()\nmodel.add( Dense(32, input_dim=784))\nmodel.add(Activation('relu'))")
    assert same_layers(model, keras.Sequential([keras.Input((784,)), layers.Dense(32), layers.Activation("relu")]))


def test_model_add_to_a_model_that_is_there() -> None:
    model = keras.Sequential()
    add_to(model, parse("dense 32 input_dim=784"), {})
    add_to(model, parse("activation relu -> dense 10 -> activation softmax"), {})
    assert same_layers(model, FIRST)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("model = Sequential()\nmodel.add(Dense(32, input_shape=(784, )))", (None, 784)),
        ("model = Sequential()\nmodel.add(Dense(32, input_dim=784))", (None, 784)),
        ("input 784\ndense 32", (None, 784)),
        ("dense 32 input_shape=(784)", (None, 784)),
        ("lstm 32 input_dim=8", (None, None, 8)),
        ("LSTM(32, input_dim=8, input_length=6)", (None, 6, 8)),
        ("embedding 1000 64 input_length=10", (None, 10)),
        ("Embedding(1000, 64)\nflatten", None),
        ("input ?x16\nlstm 4", (None, None, 16)),
        ("conv 8 3 input_shape=28x28x1", (None, 28, 28, 1)),
        ("Conv1D(8, 3, input_shape=(None, 4))", (None, None, 4)),
        ("Dense(32, batch_size=32, input_shape=(6, 8))", (32, 6, 8)),
        ("Dense(32, batch_input_shape=(32, 6, 8))", (32, 6, 8)),
        ("input 6x8 batch=32\nlstm 32 stateful", (32, 6, 8)),
        ("LSTM(32, stateful=True, batch_size=32, input_shape=(6, 8))", (32, 6, 8)),
        ("keras.Input(shape=(28, 28, 1), batch_size=2)\nFlatten()", (2, 28, 28, 1)),
        ("InputLayer(shape=(3,))\ndense 1", (None, 3)),
    ],
)
def test_the_shape_of_the_input(text: str, shape: tuple[int | None, ...] | None) -> None:
    model = seqmagic.build(text)
    assert (tuple(model.input_shape) if model.built else None) == shape


@pytest.mark.parametrize(
    ("line", "optimizer", "loss"),
    [
        ("compile rmsprop categorical_crossentropy metrics=accuracy", "RMSprop", "categorical_crossentropy"),
        ("compile rmsprop binary_crossentropy accuracy", "RMSprop", "binary_crossentropy"),
        ("compile optimizer=rmsprop loss=mse", "RMSprop", "mean_squared_error"),
        ("compile adagrad mse", "Adagrad", "mean_squared_error"),
        ("compile SGD(0.01, momentum=0.9) mse", "SGD", "mean_squared_error"),
        (
            "model.compile(optimizer='rmsprop',\n         loss='binary_crossentropy',\n         metrics=['accuracy'])",
            "RMSprop",
            "binary_crossentropy",
        ),
        ("compile sgd(exponential_decay(0.1, 1000, 0.9)) mse", "SGD", "mean_squared_error"),
        ("model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=1e-2), loss=tf.keras.losses.Huber())", "Adam", "Huber"),
    ],
)
def test_compile(line: str, optimizer: str, loss: str) -> None:
    model = seqmagic.build(f"input 4 -> dense 2 sigmoid\n{line}")
    assert type(model.optimizer).__name__ == optimizer
    assert loss in (model.loss, type(model.loss).__name__)


def test_compile_with_an_optimizer_and_a_loss_of_the_notebook() -> None:
    mine = keras.optimizers.SGD(0.5)
    model = seqmagic.build("input 4 -> dense 1\ncompile mine mean_pred", {"mine": mine, "mean_pred": mean_pred})
    assert model.optimizer is mine
    assert model.loss is mean_pred


@pytest.mark.parametrize(
    "line",
    [
        "compile rmsprop binary_crossentropy metrics=accuracy,mean_pred",
        "model.compile(optimizer='rmsprop',\n         loss='binary_crossentropy',\n         metrics=['accuracy', mean_pred])",
    ],
)
def test_metrics_of_ones_own(line: str) -> None:
    model = seqmagic.build(f"input 4 -> dense 1 sigmoid\n{line}", {"mean_pred": mean_pred})
    history = model.fit(np.zeros((8, 4)), np.zeros((8, 1)), verbose=0).history
    assert {"accuracy", "mean_pred"} <= set(history)


BINARY = """
model = Sequential()
model.add(Dense(32, activation='relu', input_dim=100))
model.add(Dense(1, activation='sigmoid'))
model.compile(optimizer='rmsprop',
         loss='binary_crossentropy',
         metrics=['accuracy'])

# train the model, 32 samples a batch
model.fit(data, labels, epochs=10, batch_size=32)
"""
TEN_CLASSES = """
input 100
dense 32 relu
dense 10 softmax

compile rmsprop {loss} accuracy
fit data labels epochs=10 batch_size=32
"""


def trained(text: str, labels: Any) -> dict[str, list[float]]:
    data = np.random.default_rng(0).random((1000, 100))
    recipe = make_recipe(parse(text), {"data": data, "labels": labels})
    assert recipe.fit is not None
    assert recipe.fit.options == {"epochs": 10, "batch_size": 32}
    return dict(seqmagic.Run(recipe.model, recipe.fit.x, recipe.fit.y, **recipe.fit.options).start().wait().history)


def test_fit_with_two_classes() -> None:
    history = trained(BINARY, np.random.default_rng(1).integers(0, 2, (1000, 1)))
    assert len(history["loss"]) == 10
    assert "accuracy" in history


def test_fit_with_ten_classes_one_hot() -> None:
    labels = keras.utils.to_categorical(np.random.default_rng(1).integers(0, 10, (1000, 1)), num_classes=10)
    assert len(trained(TEN_CLASSES.format(loss="categorical_crossentropy"), labels)["accuracy"]) == 10


def test_fit_with_ten_classes_as_numbers() -> None:
    labels = np.random.default_rng(1).integers(0, 10, (1000, 1))
    assert len(trained(TEN_CLASSES.format(loss="sparse_categorical_crossentropy"), labels)["accuracy"]) == 10


# The slips that the tutorial itself has, and what is said of them.
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "model = Sequential([\n   Dense(32, input_shape=(784,))\n   Activation('relu')\n   Dense(10)\n   Activation ('softmax')])",
            "Line 2: A comma is missing before 'Activation'.\n       Dense(32, input_shape=(784,))\n"
            "                                    ^\nExpected: a comma.\nType instead: Dense(32, input_shape=(784,)),",
        ),
        (
            "model= Sequential O\nmodel.add( Dense(32, input_dim=784))",
            "Line 1: 'Sequential' needs brackets.\n    model= Sequential O\n           ^^^^^^^^^^\nExpected: ().\nType instead: model = Sequential()",
        ),
        (
            "dense 1\nmodel.compile(optimizer=''rmsprop',\n         loss='binary_crossentropy',\n         metrics=['accuracy', mean_pred])",
            "Line 2: There is one ' too many before 'rmsprop'.\n    model.compile(optimizer=''rmsprop',\n"
            "                            ^^^^^^^^^^\nExpected: one '.\nType instead: 'rmsprop'",
        ),
        (
            "model = Sequential()\nmodel.add(Dense(32, activation='relu', input_dim=100)\nmodel.add(Dense(1, activation='sigmoid'))",
            "Line 2: A closing ) is missing.\n    model.add(Dense(32, activation='relu', input_dim=100)\n"
            "                                                         ^\nExpected: ) at the end.\n"
            "Type instead: model.add(Dense(32, activation='relu', input_dim=100))",
        ),
        (
            "model.add(Dense(1, activation=sigmoid'))",
            "Line 1: A ' is missing before 'sigmoid'.\n    model.add(Dense(1, activation=sigmoid'))\n"
            "                                  ^^^^^^^^\nExpected: ' on both sides.\nType instead: 'sigmoid'",
        ),
    ],
)
def test_a_slip_of_the_tutorial_is_reported_with_what_is_missing_where(text: str, message: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(text)
    assert str(caught.value) == message
