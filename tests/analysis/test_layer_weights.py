"""Filters and histograms: what Keras's layers hold, number for number."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import layers

from seqmagic.analysis.layer_weights import filters_of, histograms_of, spread, why_no_weights
from tests.support.rounding import CLOSE


def built(layer: keras.Layer, shape: tuple[int, ...]) -> keras.Layer:
    layer.build((None, *shape))
    return layer


def test_a_filter_is_what_the_layer_multiplies_a_patch_with() -> None:
    patch = np.random.default_rng(0).normal(size=(1, 3, 3, 2)).astype("float32")
    conv = built(layers.Conv2D(4, 3, use_bias=False), (3, 3, 2))
    filters = filters_of(conv)
    assert filters is not None
    np.testing.assert_allclose((filters * patch).sum(axis=(1, 2, 3)), np.asarray(conv(patch)).reshape(4), **CLOSE)
    depthwise = built(layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False), (3, 3, 2))
    filters = filters_of(depthwise)
    assert filters is not None
    by_channel = patch[0].transpose(2, 0, 1).repeat(2, axis=0)[..., None]
    np.testing.assert_allclose((filters * by_channel).sum(axis=(1, 2, 3)), np.asarray(depthwise(patch)).reshape(4), **CLOSE)


def test_a_transposed_filter_is_what_one_pixel_becomes() -> None:
    layer = built(layers.Conv2DTranspose(2, 3, use_bias=False), (1, 1, 5))
    filters = filters_of(layer)
    assert filters is not None
    for channel in range(5):
        pixel = np.eye(5, dtype="float32")[channel].reshape(1, 1, 1, 5)
        np.testing.assert_allclose(np.asarray(layer(pixel))[0], filters[..., channel].transpose(1, 2, 0), **CLOSE)


@pytest.mark.parametrize("layer", [layers.Dense(3), layers.Flatten(), layers.Conv1D(3, 3), layers.Conv2D(3, 3)])
def test_other_layers_have_no_filters(layer: keras.Layer) -> None:
    assert filters_of(layer) is None


def test_histograms_are_numpys_of_each_weight() -> None:
    layer = built(layers.Bidirectional(layers.LSTM(3, name="lstm")), (5, 4))
    found = histograms_of(layer)
    assert [histogram.name for histogram in found[2:4]] == ["forward_lstm/lstm_cell/bias", "backward_lstm/lstm_cell/kernel"]
    assert len({histogram.name for histogram in found}) == len(layer.weights) == len(found)
    for histogram, weight in zip(found, layer.get_weights(), strict=True):
        assert histogram.counts.sum() == weight.size
        np.testing.assert_array_equal(histogram.counts, np.histogram(weight, 30)[0])
        assert histogram.mean == pytest.approx(weight.mean(), rel=1e-5, abs=1e-6)
    normal = built(layers.BatchNormalization(), (4,))
    assert [histogram.trainable for histogram in histograms_of(normal)] == [True, True, False, False]
    assert "moving_mean: 4 numbers from 0 to 0, mean 0, standard deviation 0; not trainable; 4 are exactly 0." in [
        histogram.sentence for histogram in histograms_of(normal)
    ]


def test_what_is_no_number_is_counted_and_said() -> None:
    found = spread(np.array([1.0, np.nan, np.inf, -1.0]), "kernel")
    assert found.sentence == "kernel: 4 numbers from -1 to 1, mean 0, standard deviation 1; 2 are NaN or infinite."
    assert spread(np.array([np.nan]), "k").sentence == "k: no finite number; 1 is NaN or infinite."
    assert spread(np.zeros((0, 3)), "k").sentence == "k, 0×3: no finite number."
    assert [spread(np.array(values), "k").sentence for values in (2.0, [0.0])] == ["k: 2.", "k: 0."]


def test_a_layer_without_weights_says_why() -> None:
    assert histograms_of(layers.Dropout(0.5)) == []
    assert why_no_weights(built(layers.Flatten(), (2, 3))) == "It has no weights to learn."
    assert why_no_weights(layers.Dense(3)) == "It has no weights yet: they are created when the model first sees data."
