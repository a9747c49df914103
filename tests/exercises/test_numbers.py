"""What an exercise counts, beside what Keras has: layers that are shared, epochs that began late, numbers that are infinite."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import seqmagic
from seqmagic.errors import ExpectationError
from tests.support.run_end import end_of

X = np.random.default_rng(0).normal(size=(40, 4)).astype("float32")
Y = X[:, :1]


def shared() -> keras.Model:
    inputs, twice = keras.Input((4,)), layers.Dense(4)
    return keras.Model(inputs, layers.Dense(1)(twice(twice(inputs)) + inputs))


def branched() -> keras.Model:
    a, b = keras.Input((4,)), keras.Input((4,))
    return keras.Model([a, b], layers.Add()([layers.Dense(3)(a), layers.Dense(3)(b)])[:, :1] * 2.0)


def nested() -> keras.Model:
    inner = keras.Sequential([layers.Dense(4), layers.Dropout(0.5)])
    return keras.Sequential([keras.Input((4,)), inner, layers.Dense(1)])


def written() -> keras.Model:
    return seqmagic.build("input 4 -> dense 3 relu -> dropout 0.5 -> dense 1")


MODELS: dict[str, tuple[Callable[[], keras.Model], int, int]] = {
    "shared": (shared, 2, 2),
    "branched": (branched, 3, 2),
    "nested": (nested, 2, 2),
    "written": (written, 3, 2),
}


@pytest.mark.parametrize("case", MODELS)
def test_layers_are_counted_as_keras_lists_them(case: str) -> None:
    make, count, dense = MODELS[case]
    model = make()
    assert count == sum(not isinstance(layer, layers.InputLayer) for layer in model.layers)
    seqmagic.check(model, f"expect layers == {count}\nexpect layers dense == {dense}\nexpect params == {model.count_params()}")
    with pytest.raises(ExpectationError, match=rf"There are {count} layers; expected: {count + 1}"):
        seqmagic.check(model, f"expect layers == {count + 1}")


def compiled(*metrics: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((4,)), layers.Dense(1)])
    model.compile("sgd", "mse", metrics=list(metrics))
    return model


def by_keras(model: keras.Model, **options: Any) -> None:
    model.fit(X, Y, verbose=0, **options)


def by_seqmagic(model: keras.Model, **options: Any) -> None:
    end_of(seqmagic.fit(model, X, Y, **options))


@pytest.mark.parametrize("fit", [by_keras, by_seqmagic])
@pytest.mark.parametrize(("options", "epochs"), [({"epochs": 3}, 3), ({"epochs": 1}, 1), ({"initial_epoch": 10, "epochs": 12}, 2)])
def test_epochs_are_those_that_were_trained(fit: Callable[..., None], options: dict[str, int], epochs: int) -> None:
    model = compiled()
    fit(model, **options)
    assert int(model.optimizer.iterations) == epochs * math.ceil(len(X) / 32)
    seqmagic.check(model, f"expect epochs == {epochs}")
    with pytest.raises(ExpectationError, match=rf"loss is .* after epoch {options['epochs']}; expected"):
        seqmagic.check(model, "expect loss < 0")


def test_epochs_of_runs_in_a_row_add_up() -> None:
    model = compiled()
    run = end_of(seqmagic.fit(model, X, Y, initial_epoch=10, epochs=12))
    end_of(run.more(epochs=3))
    assert int(model.optimizer.iterations) == 5 * 2
    seqmagic.check(model, "expect epochs == 5")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("sign", ["<", ">", "!="])
def test_a_number_that_is_not_finite_passes_no_check(value: float, sign: str) -> None:
    model = compiled(keras.metrics.MeanMetricWrapper(lambda labels, _: keras.ops.zeros_like(labels) + value, name="odd"))
    by_seqmagic(model)
    with pytest.raises(ExpectationError, match="odd became NaN or infinite"):
        seqmagic.check(model, f"expect odd {sign} 0.5")
