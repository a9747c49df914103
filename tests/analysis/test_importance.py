"""Gradients equal TensorFlow's own and finite differences; permutation importance equals scikit-learn's."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from sklearn.base import BaseEstimator
from sklearn.datasets import load_diabetes, load_wine
from sklearn.inspection import permutation_importance
from sklearn.metrics import accuracy_score, r2_score

import seqmagic
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.input_gradients import Explanation, explain
from seqmagic.analysis.permutation import columns_of, find_importances, rank_columns, score_of
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.samples import gather
from seqmagic.data.held_out import take_rows
from tests.support.rounding import CLOSE
from tests.support.special_models import Plain
from tests.support.walked_models import KINDS, walked_model


def explained(model: Any, x: Any, chosen: int | None = None) -> Explanation:
    found = explain(model, x, chosen)
    assert isinstance(found, Explanation), found
    return found


def test_a_gradient_is_that_of_the_score_before_softmax() -> None:
    keras.utils.set_random_seed(2)
    parts = [layers.Conv2D(3, 3, activation="tanh"), layers.Flatten(), layers.Dense(4)]
    model = keras.Sequential([keras.Input((6, 6, 2)), *parts, layers.Activation("softmax")])
    scores = keras.Sequential([keras.Input((6, 6, 2)), *parts])
    x = tf.constant(np.random.default_rng(0).normal(size=(1, 6, 6, 2)), "float32")
    for chosen in range(4):
        with tf.GradientTape() as tape:
            tape.watch(x)
            score = scores(x)[0, chosen]
        found = explained(model, x.numpy(), chosen)
        assert found.score == pytest.approx(float(score), rel=1e-5)
        np.testing.assert_allclose(found.gradients[0].values, tape.gradient(score, x)[0], **CLOSE)
        assert found.gradients[0].strengths.shape == (6, 6)
    assert explained(model, x.numpy()).chosen == int(tf.argmax(scores(x)[0]))


def test_a_gradient_is_what_a_small_step_changes() -> None:
    model, x = walked_model("graph")
    one = take_rows(x, np.arange(1))
    found = explained(model, one, 1)
    by_name = {gradient.name: gradient.values for gradient in found.gradients}
    for name, place in (("left", (0, 2)), ("right", (0, 3, 1))):
        scores = []
        for step in (-0.01, 0.01):
            moved = {key: value.copy() for key, value in one.items()}
            moved[name][place] += step
            scores.append(float(model(moved)[0][0, 1]))
        values = by_name[name]
        assert values is not None
        assert values[place[1:]] == pytest.approx((scores[1] - scores[0]) / 0.02, rel=0.02, abs=1e-4)


def test_tokens_have_the_length_of_the_gradient_at_their_embedding() -> None:
    model, x = walked_model("masked")
    one = x[:1]
    found = explained(model, one)
    assert [gradient.are_tokens for gradient in found.gradients] == [False, True]
    assert "so it has no gradient" in found.gradients[0].reason
    embedding, *others = model.layers
    with tf.GradientTape() as tape:
        vectors = embedding(one)
        tape.watch(vectors)
        outputs = vectors
        for layer in others:
            outputs = layer(outputs)
        score = outputs._keras_logits[0, 0]  # noqa: SLF001
    expected = np.linalg.norm(np.asarray(tape.gradient(score, vectors))[0], axis=-1)
    np.testing.assert_allclose(found.gradients[1].values, expected, rtol=1e-4, atol=1e-7)


@pytest.mark.parametrize("kind", KINDS)
def test_each_input_has_a_gradient_or_a_reason(kind: str) -> None:
    model, x = walked_model(kind)
    for gradient in explained(model, take_rows(x, np.arange(1))).gradients:
        assert (gradient.values is None) == bool(gradient.reason)
        assert gradient.values is None or np.isfinite(gradient.values).all()


def test_a_model_that_is_its_own_code_says_so() -> None:
    assert "custom code" in str(explain(Plain(), np.zeros((1, 6), "float32")))


def predictions_of(text: str, x: np.ndarray, y: np.ndarray, epochs: int) -> Predictions:
    model = seqmagic.build(f"{text}\nseed 4")
    model.fit(x, y, epochs=epochs, verbose=0, batch_size=16)
    return predict(model, gather(model, x, y))


class AsEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn ships no types.
    """A model as scikit-learn wants it."""

    def __init__(self, model: Any = None) -> None:
        self.model = model

    def fit(self, x: Any, y: Any) -> AsEstimator:
        return self

    def predict(self, x: Any) -> Any:
        outputs = np.asarray(self.model(x.astype("float32")))
        return outputs.argmax(axis=1) if outputs.shape[1] > 1 else outputs[:, 0]


WINE = load_wine()
DIABETES = load_diabetes()
SCALED = ((WINE.data - WINE.data.mean(axis=0)) / WINE.data.std(axis=0)).astype("float32")


@pytest.mark.parametrize("kind", ["classes", "amounts"])
def test_importances_are_scikit_learns(kind: str) -> None:
    if kind == "classes":
        text, score, x, y = (
            "input 13 -> dense 3 softmax\ncompile adam(0.05) sparse_categorical_crossentropy",
            accuracy_score,
            SCALED,
            WINE.target,
        )
    else:
        x, y = DIABETES.data[:150].astype("float32") * 20, DIABETES.target[:150] / 100
        text, score = "input 10 -> dense 1\ncompile adam(0.05) mse", r2_score
    predictions = predictions_of(text, x, y, 5)
    assert score_of(predictions) == pytest.approx(score(y, AsEstimator(predictions.model).predict(x)))
    scoring = "accuracy" if kind == "classes" else "r2"
    expected = permutation_importance(AsEstimator(predictions.model), x, y, scoring=scoring, n_repeats=5, random_state=7)
    drawn = np.random.RandomState(7).randint(np.iinfo(np.int32).max + 1)

    def ours(changed: np.ndarray) -> float:
        return float(score(y, AsEstimator(predictions.model).predict(changed)))

    found = list(find_importances(ours, columns_of(x, predictions.samples.parts), x, len(x), seed=drawn))
    np.testing.assert_allclose([importance.drops for importance in found], expected.importances, rtol=1e-4, atol=1e-6)
    ranked = rank_columns(predictions)
    assert not isinstance(ranked, str)
    assert [importance.mean for importance in ranked] == sorted((importance.mean for importance in ranked), reverse=True)
    assert len(ranked) == x.shape[1]
    assert ranked[0].std == pytest.approx(ranked[0].drops.std())


def test_a_column_that_nothing_comes_of_matters_nothing_and_one_that_all_comes_of_all() -> None:
    model = keras.Sequential([keras.Input((3,)), layers.Dense(1, use_bias=False)])
    model.compile("sgd", "mse")
    model.layers[0].set_weights([np.array([[0.0], [2.0], [0.0]])])
    x = np.random.default_rng(1).normal(size=(60, 3)).astype("float32")
    ranked = rank_columns(predict(model, gather(model, x, 2 * x[:, 1])))
    assert not isinstance(ranked, str)
    assert [(importance.name, round(importance.mean, 6)) for importance in ranked[1:]] == [("column 0", 0), ("column 2", 0)]
    assert ranked[0].name == "column 1"
    assert 1.5 < ranked[0].mean < 2.5  # R² falls from 1 to about -1.


def test_several_inputs_are_dealt_out_by_column_channel_or_whole() -> None:
    model, x = walked_model("graph")
    columns = columns_of(x, gather(model, x).parts)
    assert [column.name for column in columns] == [
        *(f"left column {place}" for place in range(6)),
        *(f"right channel {place}" for place in range(3)),
    ]
    order = np.arange(8)[::-1]
    dealt = columns[-1].deal(order)
    np.testing.assert_array_equal(dealt["left"], x["left"])
    np.testing.assert_array_equal(dealt["right"][..., 2], x["right"][::-1, :, 2])
    np.testing.assert_array_equal(dealt["right"][..., :2], x["right"][..., :2])


def test_what_can_not_be_ranked_says_why() -> None:
    model, x = walked_model("chain")
    assert rank_columns(predict(model, gather(model, x))) == "Finding out which columns matter needs labels."
    rows = np.random.default_rng(0).normal(size=(20, 3))
    broken = seqmagic.build("input 3 -> dense 1\ncompile adam mse")
    broken.set_weights([weight * np.nan for weight in broken.get_weights()])
    sentence = "The model outputs NaN or infinity for every sample, so the columns can't be compared."
    assert rank_columns(predict(broken, gather(broken, rows, rows[:, 0]))) == sentence
    same = seqmagic.build("input 3 -> dense 2\ncompile adam mse")
    assert (
        rank_columns(predict(same, gather(same, rows, np.full((20, 2), 0.1))))
        == "All labels are the same, so the columns can't be compared."
    )
    steps = seqmagic.build("input 4x3 -> dense 1\ncompile adam mse")
    series = rows.repeat(4, axis=0).reshape(20, 4, 3)
    found = rank_columns(predict(steps, gather(steps, series, series[..., :1])))
    assert found == "Which columns matter can't be found out for an output of this shape."


def test_a_column_of_equal_labels_does_not_spoil_the_score_of_the_others() -> None:
    rows = np.random.default_rng(0).normal(size=(40, 3))
    model = seqmagic.build("input 3 -> dense 2\ncompile adam mse")
    predictions = predict(model, gather(model, rows, np.c_[rows[:, 0], np.full(40, 0.1)]))
    assert score_of(predictions) == pytest.approx(r2_score(rows[:, 0], predictions.rows[:, 0]))
