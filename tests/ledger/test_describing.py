"""The entry of a run says what was trained, how, and on what."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest

from seqmagic import build
from seqmagic.ledger.describe import describe_run, fit_line, hash_of_network
from tests.support.digits import DIGITS


def test_an_entry_holds_everything_that_decides_the_training(digits_model: Any, digits_data: tuple[Any, Any]) -> None:
    x, y = digits_data
    options = {
        "epochs": 3,
        "batch_size": 64,
        "validation_split": 0.2,
        "callbacks": [keras.callbacks.TerminateOnNaN()],
        "class_weight": {0: 2},
    }
    entry = describe_run(digits_model, x, y, options=options, seed=3, data_names=("x_train", "y_train"), cell=DIGITS, continues=7)
    assert entry.text == "input 8x8x1\nconv 16 3x3 relu same\nmaxpool\nconv 32 3x3 relu\nflatten\ndropout 0.3\ndense 10 softmax\n"
    assert (entry.compile, entry.cell, entry.continues) == ("compile adam sparse_categorical_crossentropy accuracy", DIGITS, 7)
    assert entry.fit == "fit x_train y_train epochs=3 batch_size=64 validation_split=0.2 callbacks={...} class_weight={...}"
    assert (entry.seed, entry.epochs, entry.name) == (3, 3, digits_model.name)
    assert entry.settings["optimizer"]["learning_rate"] == 0.001
    assert entry.settings["fit"] == {
        "epochs": 3,
        "batch_size": 64,
        "validation_split": 0.2,
        "callbacks": ["TerminateOnNaN"],
        "class_weight": {"0": 2.0},
    }
    assert entry.data["x"] | {"hash": ""} == {"name": "x_train", "kind": "array", "shape": [1797, 8, 8, 1], "dtype": "float64", "hash": ""}
    assert entry.versions["keras"] == keras.__version__
    assert {"python", "seqmagic", "numpy"} < set(entry.versions)
    json.dumps([entry.settings, entry.versions, entry.data])


def test_networks_that_can_share_weights_have_one_hash() -> None:
    model = build(DIGITS)
    assert hash_of_network(model) == hash_of_network(build(DIGITS)), "whatever numbers Keras puts behind the names"
    assert hash_of_network(model) == hash_of_network(build(DIGITS.replace("adam(1e-3)", "sgd")))
    assert hash_of_network(model) != hash_of_network(build(DIGITS.replace("conv 32", "conv 33")))
    assert hash_of_network(model) != hash_of_network(build(DIGITS.replace("dropout 0.3", "dropout 0.4")))
    grows = build("dense 3\ncompile adam mse")
    before = hash_of_network(grows)
    grows.build((None, 4))
    assert hash_of_network(grows) == before
    functional = [keras.Model(shape, keras.layers.Dense(2)(shape)) for shape in (keras.Input((4,)), keras.Input((4,)))]
    assert hash_of_network(functional[0]) == hash_of_network(functional[1])


class Odd(keras.layers.Layer):
    def call(self, x: Any) -> Any:
        return x

    def get_config(self) -> dict[str, Any]:
        raise NotImplementedError


def test_a_model_that_can_not_be_described_can_be_trained_all_the_same() -> None:
    shape = keras.Input((4,))
    for model in (keras.Model(shape, keras.layers.Dense(2)(shape)), keras.Sequential([keras.Input((4,)), Odd(), keras.layers.Dense(2)])):
        model.compile(keras.optimizers.SGD(keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.5)), "mse")
        entry = describe_run(model, np.zeros((8, 4)), np.zeros((8, 2)))
        assert entry.network
        assert entry.settings["optimizer"]["class"] == "SGD"
        json.dumps(entry.settings)


@pytest.mark.parametrize(
    ("options", "line"),
    [
        ({}, "fit x y"),
        ({"epochs": 10, "shuffle": True, "batch_size": None}, "fit x y epochs=10 shuffle=true batch_size=none"),
        (
            {"validation_data": (1, 2), "verbose": "auto", "until": "val_accuracy > 0.98"},
            "fit x y validation_data={...} verbose=auto until='val_accuracy > 0.98'",
        ),
    ],
)
def test_a_fit_line_is_put_together_from_options(options: dict[str, Any], line: str) -> None:
    assert fit_line(options) == line
