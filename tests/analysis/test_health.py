"""Dead and saturated units are counted as by hand, gradients are those of Keras's own step, and a look changes nothing."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from seqmagic.analysis.gradient_flow import LayerGradient, follow_gradients, loss_gradients
from seqmagic.analysis.layer_outputs import as_tensors
from seqmagic.analysis.unit_health import NEAR_LIMIT, check_units, ends_of
from tests.support.special_models import Plain
from tests.support.walked_models import KINDS, walked_model

RNG = np.random.default_rng(3)
X = RNG.normal(size=(64, 6)).astype("float32")
Y = RNG.integers(0, 3, 64)


def variables_of(model: Any) -> list[np.ndarray]:
    return [
        keras.ops.convert_to_numpy(variable).copy() for variable in [*model.variables, *model.optimizer.variables, *model.metrics_variables]
    ]


@pytest.mark.parametrize("activation", ["relu", "relu6"])
def test_dead_units_are_those_that_give_0_for_every_sample(activation: str) -> None:
    model = keras.Sequential([keras.Input((6,)), layers.Dense(5, activation), layers.Dense(3, "softmax")])
    kernel, bias = model.layers[0].get_weights()
    bias[[1, 3]] = -100
    model.layers[0].set_weights([kernel, bias])
    (found,) = check_units(model, X)
    assert found.word == "dead"
    np.testing.assert_array_equal(found.ill, (np.asarray(model.layers[0](X)) == 0).all(axis=0))
    assert found.sentence == (
        "2 of 5 units are dead: they output 0 for all 64 samples and learn nothing from them. A few of these do no harm."
    )
    assert not found.is_ill
    model.layers[0].set_weights([kernel, bias - 100])
    assert check_units(model, X)[0].is_ill


def test_channels_of_pictures_are_units_and_activations_may_stand_alone() -> None:
    model = keras.Sequential(
        [
            keras.Input((5, 5, 1)),
            layers.Conv2D(3, 3),
            layers.BatchNormalization(),
            layers.Activation("relu"),
            layers.Flatten(),
            layers.Dense(2),
        ]
    )
    model.layers[1].set_weights([np.ones(3), np.array([0, -50, 0]), np.zeros(3), np.ones(3)])
    (found,) = check_units(model, RNG.normal(size=(40, 5, 5, 1)).astype("float32"))
    assert (found.place.kind, found.ill.tolist()) == ("Activation", [False, True, False])


@pytest.mark.parametrize(("activation", "low", "high"), [("tanh", -1, 1), ("sigmoid", 0, 1), ("hard_sigmoid", 0, 1)])
def test_saturated_units_are_at_a_limit_in_nine_of_ten_cases(activation: str, low: int, high: int) -> None:
    model = keras.Sequential([keras.Input((6,)), layers.Dense(20, activation), layers.Dense(3, "softmax")])
    kernel, bias = model.layers[0].get_weights()
    model.layers[0].set_weights([kernel * np.logspace(-1, 3, 20), bias])
    (found,) = check_units(model, X)
    outputs = np.asarray(model.layers[0](X))
    reach = NEAR_LIMIT * (high - low)
    expected = ((outputs <= low + reach) | (outputs >= high - reach)).mean(axis=0) >= 0.9
    np.testing.assert_array_equal(found.ill, expected)
    assert 0 < expected.sum() < 20


def test_near_a_limit_the_slope_is_below_a_twentieth_of_the_largest() -> None:
    for activation, limits in ((keras.activations.sigmoid, (0, 1)), (keras.activations.tanh, (-1, 1))):
        at = tf.Variable(np.linspace(-8, 8, 20001).astype("float32"))
        with tf.GradientTape() as tape:
            outputs = activation(at)
        slopes = np.asarray(tape.gradient(outputs, at))
        near = (np.asarray(outputs) - limits[0]) / (limits[1] - limits[0]) < NEAR_LIMIT
        assert slopes[near].max() / slopes.max() == pytest.approx(1 / 20, rel=0.01)


@pytest.mark.parametrize(
    ("activation", "expected"),
    [
        *((name, "cuts off") for name in ("relu", "relu6")),
        *((name, "limits") for name in ("sigmoid", "tanh", "hard_sigmoid", "softsign", "hard_tanh")),
        *(
            (name, "nowhere")
            for name in ("linear", "softmax", "elu", "gelu", "selu", "swish", "leaky_relu", "softplus", "mish", "exponential")
        ),
    ],
)
def test_where_activations_are_flat(activation: str, expected: str) -> None:
    ends = ends_of(layers.Dense(3, activation))
    assert ends == ends_of(layers.TimeDistributed(layers.Dense(3, activation))) == ends_of(layers.Activation(activation))
    assert ("cuts off" if ends.cuts_off else "limits" if ends.limits else "nowhere") == expected


@pytest.mark.parametrize("kind", KINDS)
def test_units_of_every_kind_of_model_are_checked_and_it_stays_as_it_is(kind: str) -> None:
    model, x = walked_model(kind)
    before = [keras.ops.convert_to_numpy(variable).copy() for variable in model.variables]
    for found in check_units(model, x):
        assert found.samples == 8
        assert "8 samples are too few to be sure" in found.sentence or not found.ill.any()
    for variable, then in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), then)


def trained(*parts: Any) -> Any:
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((6,)), *parts, layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(1.0), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def test_a_gradient_is_what_keras_own_step_takes_off_the_weights() -> None:
    dense = layers.Dense(4, "relu", kernel_regularizer="l2", activity_regularizer="l1")
    model = trained(dense, layers.BatchNormalization(), layers.Dense(5, "tanh"))
    before = variables_of(model)
    loss, gradients = loss_gradients(model, as_tensors(X), as_tensors(Y))
    for one, other in zip(variables_of(model), before, strict=True):
        np.testing.assert_array_equal(one, other)
    weights = [keras.ops.convert_to_numpy(variable).copy() for variable in model.trainable_variables]
    found = model.train_on_batch(X, Y)
    assert loss == pytest.approx(float(found[0]), rel=1e-5)
    for weight, variable, gradient in zip(weights, model.trainable_variables, gradients, strict=True):
        np.testing.assert_allclose(weight - keras.ops.convert_to_numpy(variable), gradient, rtol=1e-3, atol=1e-6)


def flow(model: Any, x: Any = X, y: Any = Y) -> list[LayerGradient]:
    found = follow_gradients(model, x, y)
    assert not isinstance(found, str), found
    return found


def test_the_strength_is_the_root_mean_square_over_the_batches() -> None:
    model = trained(layers.Dense(4, "tanh"))
    squares: Any = 0
    for first in (0, 32):
        _, gradients = loss_gradients(model, as_tensors(X[first : first + 32]), as_tensors(Y[first : first + 32]))
        squares = squares + np.concatenate([np.asarray(gradient).reshape(-1) for gradient in gradients[:2]]) ** 2
    one, other = flow(model)
    assert one.strength == pytest.approx(np.sqrt(squares.mean() / 2), rel=1e-4)
    assert max(one.share, other.share) == 1
    assert not one.is_ill
    assert "neither vanishing nor very large" in one.sentence


def test_gradients_vanish_through_many_sigmoids_and_not_through_relu_or_batch_normalization() -> None:
    deep = flow(trained(*(layers.Dense(8, "sigmoid") for _ in range(8))))
    assert deep[0].vanishes
    assert not deep[-1].is_ill
    assert deep[0].sentence.startswith("The gradient vanishes")
    assert not any(found.is_ill for found in flow(trained(*(layers.Dense(16, "relu", kernel_initializer="he_normal") for _ in range(8)))))
    normal = [part for _ in range(4) for part in (layers.Dense(8), layers.BatchNormalization(), layers.Activation("sigmoid"))]
    assert not any(found.is_ill for found in flow(trained(*normal)))


def test_gradients_are_very_large_with_large_first_weights_and_nan_is_reported() -> None:
    large = keras.initializers.RandomNormal(stddev=2.0, seed=1)
    found = flow(trained(*(layers.Dense(16, "relu", kernel_initializer=large) for _ in range(6))))
    assert any(layer.is_large for layer in found)
    assert "times the size of the weights" in next(layer.sentence for layer in found if layer.is_large)
    assert all("NaN or infinite" in layer.sentence for layer in flow(trained(layers.Dense(4, "tanh")), X * np.nan))


def test_behind_dead_units_no_gradient_arrives() -> None:
    model = trained(layers.Dense(4, "relu", bias_initializer=keras.initializers.Constant(-99)))
    assert (
        flow(model)[0].sentence
        == "No gradient reaches this layer, so it learns nothing from these samples. Look for dead units in later layers."
    )


def test_each_layer_once_frozen_ones_never_and_own_code_by_its_parts() -> None:
    model = trained(layers.Dense(4, "relu", trainable=False), layers.Dropout(0.5), layers.Dense(5))
    assert [found.place.layer for found in flow(model)] == model.layers[2:]
    own = Plain()
    own.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    own(X)
    assert [found.place.label for found in flow(own)] == [own.hidden.name, own.head.name]


def test_what_has_no_gradients_says_why() -> None:
    assert follow_gradients(walked_model("chain")[0], X, Y) == "Gradients need a loss, so compile the model first."
    model = trained(layers.Dense(4))
    assert str(follow_gradients(model, X, np.eye(5)[Y])).startswith("The loss can't be computed with these labels: ")
    model.trainable = False
    assert follow_gradients(model, X, Y) == "This model has no trainable weights."
