"""The hidden space is scikit-learn's PCA, signs included, of what Keras gives for the layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers
from sklearn.datasets import load_digits, load_iris
from sklearn.decomposition import PCA

from seqmagic.analysis.hidden_space import HiddenSpace, find_hidden_space, principal_components
from seqmagic.analysis.layer_outputs import places_of
from tests.support.walked_models import walked_model

DIGITS = (load_digits().data / 16).astype("float32")


@pytest.mark.parametrize(
    "values",
    [load_iris().data, DIGITS[:200], DIGITS[:20], np.random.default_rng(0).normal(size=(30, 5000)), load_iris().data + 1e3],
    ids=["iris", "digits", "few", "wide", "far from 0"],
)
def test_components_are_scikit_learns(values: np.ndarray) -> None:
    points, shares = principal_components(values)
    expected = PCA(2, svd_solver="full").fit(values)
    np.testing.assert_allclose(points, expected.transform(values), rtol=1e-3, atol=1e-4 * np.abs(points).max())
    np.testing.assert_allclose(shares, expected.explained_variance_ratio_, rtol=1e-4)


def test_the_outputs_of_a_layer_are_reduced() -> None:
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((8, 8, 1)), layers.Conv2D(3, 3, activation="relu"), layers.Flatten(), layers.Dense(4, "softmax")])
    x = DIGITS.reshape(-1, 8, 8, 1)
    found = find_hidden_space(model, x, places_of(model)[0])
    assert isinstance(found, HiddenSpace)
    assert len(found.rows) == 500
    outputs = np.asarray(model.layers[0](x[found.rows])).reshape(500, -1)
    expected = PCA(2, svd_solver="full").fit(outputs)
    np.testing.assert_allclose(found.points, expected.transform(outputs), rtol=1e-3, atol=1e-4)
    held = expected.explained_variance_ratio_.sum()
    assert found.sentence.startswith(f"500 samples; these two axes explain {held:.0%} of the variance of 108 values each")


def test_what_can_not_be_reduced_says_why() -> None:
    model, x = walked_model("chain")
    assert (
        find_hidden_space(model, x[:2], places_of(model)[0])
        == "A plot in two dimensions needs at least three samples with at least two values each."
    )
    assert find_hidden_space(model, x[[0, 0, 0, 0]], places_of(model)[0]) == "It outputs the same values for every sample."
    assert find_hidden_space(model, x * np.nan, places_of(model)[0]) == "It outputs NaN or infinity for some samples."
    text, words = walked_model("texts")
    assert isinstance(find_hidden_space(text, words, places_of(text)[2]), HiddenSpace)
