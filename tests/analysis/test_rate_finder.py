"""The learning-rate finder: what it shows is what Keras's own steps give, and the model is afterwards as it was."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.datasets import load_digits

import seqmagic
from seqmagic.analysis.rate_finder import _has_diverged, find_rate, suggest_rate
from seqmagic.errors import DataError
from seqmagic.training.state import Moment, capture
from tests.support.renewed import keras_renewed

NETWORK = "input 64 -> dense 32 relu -> dropout 0.2 -> bn -> dense 10 softmax"
LOSS = "sparse_categorical_crossentropy accuracy"
X, Y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")


def network(optimizer: str = "adam", text: str = NETWORK, loss: str = LOSS) -> keras.Sequential:
    return seqmagic.build(f"{text}\ncompile {optimizer} {loss}\nseed 3")


@pytest.mark.parametrize("optimizer", ["adam", "sgd(momentum=0.9)", "rmsprop(centered=true)"])
def test_a_model_is_as_it_was_and_trains_as_if_nothing_had_been(optimizer: str) -> None:
    searched, plain = network(optimizer), network(optimizer)
    before = capture(searched, Moment())
    find_rate(searched, X, Y, batch_size=64)
    after = capture(searched, Moment())
    for one, other in zip(before.model, after.model, strict=True):
        np.testing.assert_array_equal(one, other)
    runs = [seqmagic.fit(model, X, Y, epochs=2, seed=1).wait() for model in (searched, plain)]
    assert runs[0].history == runs[1].history
    for one, other in zip(searched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_what_an_optimizer_has_learned_stays_too() -> None:
    searched, plain = network(), network()
    for model in (searched, plain):
        seqmagic.fit(model, X, Y, epochs=1, seed=1).wait()
    find_rate(searched, X, Y)
    for model in (searched, plain):
        seqmagic.fit(model, X, Y, epochs=1, seed=2).wait()
    for one, other in zip(searched.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_losses_are_those_of_each_batch_alone() -> None:
    text = "input 64 -> dense 10 softmax"
    curve = find_rate(network("sgd", text), X, Y, batch_size=50)
    model, order = network("sgd", text), np.random.default_rng(0).permutation(len(X))
    values = []
    for step, rate in enumerate(curve.rates[:30]):
        rows = order[50 * step : 50 * step + 50]
        model.optimizer.learning_rate = rate
        predicted = model(X[rows])
        values.append(float(keras.ops.mean(keras.losses.sparse_categorical_crossentropy(Y[rows], predicted))))
        model.train_on_batch(X[rows], Y[rows])
    np.testing.assert_allclose(curve.losses[:30], values, rtol=1e-5)


@pytest.mark.parametrize("optimizer", ["adam", "sgd", "rmsprop"])
def test_the_suggested_rate_learns_more_than_a_tenth_and_ten_times_as_much(optimizer: str) -> None:
    text = "input 64 -> dense 32 relu -> dense 10 softmax"
    rate = find_rate(network(optimizer, text), X, Y).suggestion
    assert rate is not None
    lost = {}
    for factor in (0.1, 1, 10):
        model = keras_renewed(network(optimizer, text))
        model.optimizer.learning_rate = factor * rate
        lost[factor] = model.fit(X, Y, epochs=2, verbose=0).history["loss"][-1]
    assert lost[1] < lost[0.1]
    assert lost[1] < 1.1 * lost[10]


KINDS: dict[str, Any] = {
    "a table": lambda: (pd.DataFrame(X), pd.Series(Y)),
    "tensors": lambda: (tf.constant(X), tf.constant(Y)),
    "a dataset": lambda: (tf.data.Dataset.from_tensor_slices((X, Y)).batch(32), None),
    "a list": lambda: (X.tolist(), Y.tolist()),
    "fewer rows than a batch": lambda: (X[:20], Y[:20]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_any_data_that_can_be_gone_through_again_is_searched(kind: str) -> None:
    x, y = KINDS[kind]()
    curve = find_rate(network("sgd", "input 64 -> dense 10 softmax"), x, y)
    assert curve.suggestion is not None
    assert 1e-3 < curve.suggestion < 10


def test_weights_of_classes_and_rows_count() -> None:
    def losses(**options: Any) -> np.ndarray:
        return find_rate(network("sgd", "input 64 -> dense 10 softmax"), X, Y, **options).losses[:10]

    plain = losses()
    np.testing.assert_allclose(losses(sample_weight=np.full(len(X), 3.0)), 3 * plain, rtol=1e-3)
    np.testing.assert_allclose(losses(class_weight=dict.fromkeys(range(10), 2.0)), 2 * plain, rtol=1e-3)
    assert not np.allclose(losses(class_weight="balanced"), plain)


def test_the_rows_of_a_validation_are_left_out() -> None:
    labels = Y.copy()
    labels[-300:] = 0
    curves = [find_rate(network("sgd", "input 64 -> dense 10 softmax"), X, y, validation_split=0.2) for y in (Y, labels)]
    np.testing.assert_array_equal(curves[0].losses, curves[1].losses)


def test_what_cannot_be_searched_is_said() -> None:
    def batches() -> Any:
        while True:
            yield X[:32], Y[:32]

    with pytest.raises(seqmagic.SeqmagicError, match="only once"):
        find_rate(network(), batches(), steps_per_epoch=3)
    with pytest.raises(seqmagic.SeqmagicError, match="set by a schedule or a function"):
        find_rate(network("adam(exponential_decay(0.1, 100, 0.9))"), X, Y)
    with pytest.raises(seqmagic.SeqmagicError, match="not compiled"):
        find_rate(seqmagic.build(NETWORK), X, Y)
    with pytest.raises(seqmagic.SeqmagicError, match="64"):
        find_rate(network(), X[:, :5], Y)


def test_a_model_in_training_is_left_alone() -> None:
    model = network()
    run = seqmagic.fit(model, X, Y, epochs=10_000)
    try:
        with pytest.raises(seqmagic.SeqmagicError, match="is training"):
            find_rate(model, X, Y)
    finally:
        run.stop().wait()


def test_a_curve_that_says_nothing_gives_no_rate() -> None:
    rates = np.geomspace(1e-6, 10, 140)
    noise = np.random.default_rng(1).normal(1, 0.2, 140)
    assert suggest_rate(rates, noise)[0] is None
    assert suggest_rate(rates, np.full(140, np.nan))[0] is None
    labels = np.random.default_rng(2).integers(0, 10, len(X))  # Nothing can be learned of these.
    curve = find_rate(network("sgd", "input 64 -> dense 10 softmax"), np.zeros_like(X), labels)
    assert curve.suggestion is None
    assert "At no learning rate" in curve.reason
    assert curve.line == ""


def test_a_negative_loss_is_followed_until_it_is_too_high() -> None:
    inputs, labels = X[:, :20], X[:, 20:23] - 0.5
    model = seqmagic.build("input 20 -> dense 8 tanh -> dense 3\ncompile sgd cosine_similarity\nseed 3")
    curve = find_rate(model, inputs, labels)
    assert curve.losses.min() < -0.5
    assert len(curve.losses) > 100
    assert curve.suggestion is not None
    rates = np.geomspace(1e-6, 10, 140)
    falls = -1 - np.tanh(rates / 0.02)
    for shift in (0.0, 3.0):
        diverging = (falls + shift + 10 * (rates > 1)).tolist()
        assert [_has_diverged(diverging[:end]) for end in (60, 119, 140)] == [False, False, True]


@pytest.mark.parametrize(
    ("end", "words"),
    [
        ([0.4] * 30, "which is the highest rate tried."),
        ([0.4] * 20 + [np.nan] * 10, "and is NaN or infinite beyond that."),
        ([0.4] * 29 + [np.inf], "and is NaN or infinite beyond that."),
        ([0.4] * 20 + [3.0] * 9 + [np.inf], "and rises beyond that."),
    ],
)
def test_what_comes_after_the_lowest_loss_is_said(end: list[float], words: str) -> None:
    losses = np.r_[np.full(30, 1.0), np.linspace(1, 0.41, 80), np.array(end) - np.linspace(0, 0.01, 30)]
    rate, reason = suggest_rate(np.geomspace(1e-6, 10, 140), losses)
    assert rate is not None
    assert reason.endswith(words)


class NoBatches(keras.utils.PyDataset):
    """A dataset of the user's own that has nothing in it."""

    def __len__(self) -> int:
        return 0

    def __getitem__(self, index: int) -> Any:
        raise IndexError


@pytest.mark.parametrize("kind", ["filtered", "own"])
def test_a_search_without_a_batch_ends(kind: str) -> None:
    model = seqmagic.build("input 64 -> dense 1 sigmoid\ncompile adam bce")
    rows = tf.data.Dataset.from_tensor_slices((np.zeros((8, 64)), np.zeros(8)))
    empty = rows.filter(lambda *_: False).batch(4) if kind == "filtered" else NoBatches()
    with pytest.raises(DataError, match="is empty"):
        find_rate(model, empty)
