"""Pasted Keras: what is ours and what is Python's, and old Keras read as today's, held against today's own classes."""

from __future__ import annotations

import json
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import seqmagic
from seqmagic.describe.configs import fingerprint
from seqmagic.errors import LanguageError
from seqmagic.language import parse, print_program
from seqmagic.network.old_keras import read_as_today
from seqmagic.network.pasted import read_pasted


def focal(gamma: float = 2.0) -> Any:
    return lambda y_true, y_pred: keras.ops.mean((y_true - y_pred) ** gamma)


class Own(layers.Layer):
    pass


NAMES = {
    "np": np,
    "tf": tf,
    "hub": json,
    "config": 3,
    "leaky": focal,
    "make_block": focal,
    "my": focal,
    "mine": focal,
    "keras": keras,
    "focal": focal,
    "Own": Own,
    "base": layers.Dense(3),
    "width": 8,
}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Dense(len(columns))", "Dense {len(columns)}"),
        ("Dense(max(3, n), activation=tf.nn.relu)", "Dense {max(3, n)} activation=tf.nn.relu"),
        ("Dense(np.prod(shape))", "Dense {np.prod(shape)}"),
        ("Dense(config.units, 'relu')", "Dense {config.units} 'relu'"),
        (
            "Dense(units=int(n), kernel_regularizer=keras.regularizers.l2(0.01))",
            "Dense units={int(n)} kernel_regularizer=keras.regularizers.l2(0.01)",
        ),
        ("Dense(4, activation=leaky(0.1))", "Dense 4 activation={leaky(0.1)}"),
        ("Dense(4, activation=LeakyReLU(0.1))", "Dense 4 activation=LeakyReLU(0.1)"),
        ("Dense(4, dtype=tf.float16)", "Dense 4 dtype=tf.float16"),
        ("Bidirectional(LSTM(int(n)))", "Bidirectional LSTM({int(n)})"),
        ("Lambda(tf.nn.relu)", "Lambda {tf.nn.relu}"),
        ("Reshape(target_shape=(x.size, 2))", "Reshape target_shape={x.size},2"),
        ("model.add(Own(2))", "Own 2"),
        ("model.add(hub.KerasLayer('url'))", "{hub.KerasLayer('url')}"),
        ("model.add(make_block(3))", "{make_block(3)}"),
        ("model.add(base)", "base"),
        ("model.add(keras.layers.Dense(3))", "keras.layers.Dense 3"),
    ],
)
def test_what_no_word_of_ours_says_is_left_to_python(line: str, found: str) -> None:
    assert print_program(read_pasted(parse(line), NAMES)).strip() == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("model.compile(optimizer=keras.optimizers.Adam(1e-3), loss='mse')", "compile optimizer=keras.optimizers.Adam(0.001) loss='mse'"),
        ("model.compile('adam', loss=focal(gamma=3.))", "compile 'adam' loss={focal(gamma=3.)}"),
        (
            "model.compile('adam', 'mse', metrics=[keras.metrics.AUC(), my.metric])",
            "compile 'adam' 'mse' metrics=[keras.metrics.AUC(), {my.metric}]",
        ),
        (
            "model.fit(x.train, y[:3], callbacks=[EarlyStopping(patience=3), mine()])",
            "fit {x.train} {y[:3]} callbacks=[EarlyStopping(patience=3), {mine()}]",
        ),
        ("model.fit(np.array(x), y, epochs=int(3.5))", "fit {np.array(x)} y epochs={int(3.5)}"),
    ],
)
def test_compile_and_fit_are_settled_the_same_way(line: str, found: str) -> None:
    program = read_pasted(parse(f"Dense(1)\n{line}"), NAMES)
    step = program.compile or program.fit
    assert step is not None
    assert print_program(program).splitlines()[-1] == found
    if "{" in found:
        assert step.text == found  # What is kept of it shows what was evaluated.


@pytest.mark.parametrize("line", ["Dense(3, input_dim=X.shape[1])", "Dense(len(x))", "Dense(units=make())", "Dense(cfg.n)", "Dense(n * 2)"])
def test_without_a_live_cell_python_is_refused_with_the_reason(line: str) -> None:
    with pytest.raises(LanguageError, match="is Python code, which is evaluated only in a live cell"):
        seqmagic.build(f"{line}\nDense(1)")


# Keras 1 and 2, and what the same is today.
OLD = {
    "Convolution2D(4, 3, 3, border_mode='same', subsample=(2, 2), init='uniform', dim_ordering='tf', input_shape=(8, 8, 1))": layers.Conv2D(
        4, (3, 3), padding="same", strides=(2, 2), kernel_initializer="random_uniform", data_format="channels_last"
    ),
    "Convolution2D(nb_filter=4, nb_row=3, nb_col=2, W_regularizer=l2(0.1), b_constraint=nonneg(), bias=True, input_shape=(8, 8, 1))": layers.Conv2D(
        4, (3, 2), kernel_regularizer=keras.regularizers.L2(0.1), bias_constraint="non_neg", use_bias=True
    ),
    "Convolution1D(4, 3, subsample_length=2, input_shape=(8, 2))": layers.Conv1D(4, 3, strides=2),
    "Convolution1D(nb_filter=4, filter_length=3, border_mode='valid', input_shape=(8, 2))": layers.Conv1D(4, 3, padding="valid"),
    "Convolution3D(4, 2, 2, 2, input_shape=(4, 4, 4, 1))": layers.Conv3D(4, (2, 2, 2)),
    "AtrousConvolution2D(4, 3, 3, atrous_rate=(2, 2), input_shape=(8, 8, 1))": layers.Conv2D(4, (3, 3), dilation_rate=(2, 2)),
    "keras.layers.convolutional.MaxPooling1D(pool_length=2, stride=2, input_shape=(8, 2))": layers.MaxPooling1D(2, strides=2),
    "keras.layers.core.Dense(output_dim=4, input_dim=3, init='he_normal', activation='relu')": layers.Dense(
        4, kernel_initializer="he_normal", activation="relu"
    ),
    "Dropout(p=0.25, input_shape=(3,))": layers.Dropout(0.25),
    "GaussianNoise(sigma=0.1, input_shape=(3,))": layers.GaussianNoise(0.1),
    "LeakyReLU(alpha=0.2, input_shape=(3,))": layers.LeakyReLU(negative_slope=0.2),
    "ELU(alpha=0.5, input_shape=(3,))": layers.ELU(alpha=0.5),
    "ThresholdedReLU(theta=0.7, input_shape=(3,))": layers.ReLU(threshold=0.7),
    "Reshape(dims=(3, 1), input_shape=(3,))": layers.Reshape((3, 1)),
    "LSTM(output_dim=4, inner_activation='sigmoid', inner_init='orthogonal', dropout_W=0.1, dropout_U=0.2, consume_less='gpu', input_shape=(5, 2))": layers.LSTM(
        4, recurrent_activation="sigmoid", recurrent_initializer="orthogonal", dropout=0.1, recurrent_dropout=0.2
    ),
    "CuDNNGRU(4, return_sequences=True, input_shape=(5, 2))": layers.GRU(4, return_sequences=True),
    "Embedding(10, 4, init='normal', input_length=5)": layers.Embedding(10, 4, embeddings_initializer="random_normal"),
    "TimeDistributedDense(4, activation='relu', input_shape=(5, 2))": layers.TimeDistributed(layers.Dense(4, activation="relu")),
    "BatchNormalization(mode=0, axis=1, input_shape=(3,))": layers.BatchNormalization(axis=1),
}


def plain(layer: Any, shape: tuple[Any, ...]) -> Any:
    """A layer's settings, as those of the only layer of a model."""
    return fingerprint(keras.Sequential([keras.Input(shape), layer]).get_config()["layers"])


@pytest.mark.parametrize("line", OLD, ids=lambda line: line.split("(")[0])
def test_a_layer_of_old_keras_is_the_same_today(line: str) -> None:
    model = seqmagic.build(line)
    assert fingerprint(model.get_config()["layers"]) == plain(OLD[line], model.input_shape[1:])


@pytest.mark.parametrize(
    "optimizer", ["SGD(lr=0.5, decay=0.1, momentum=0.9)", "RMSprop(lr=0.1, epsilon=None, decay=0.0)", "Adam(decay=1e-2)"]
)
def test_the_learning_rate_of_an_old_optimizer_falls_as_it_did(optimizer: str) -> None:
    model = seqmagic.build(f"Dense(1, input_dim=2)\nmodel.compile(optimizer={optimizer}, loss='mse')")
    written = dict(part.split("=") for part in optimizer.split("(")[1].rstrip(")").split(", "))
    start, decay = float(written.get("lr", 0.001)), float(written["decay"])
    for step in (0, 1, 7):
        model.optimizer.iterations.assign(step)
        assert float(model.optimizer.learning_rate) == pytest.approx(start / (1 + decay * step))


def test_old_compile_and_fit_lines_are_read_with_a_note() -> None:
    text = "Dense(1, input_dim=2)\nmodel.compile('sgd', 'mse', class_mode='binary')\nmodel.fit(x, y, nb_epoch=4, show_accuracy=True)"
    program = read_as_today(parse(text))
    assert print_program(program).splitlines()[2:] == ["compile 'sgd' 'mse'", "fit x y epochs=4"]
    assert program.notes == (
        "Old Keras code is translated to current Keras: class_mode is ignored, nb_epoch becomes epochs, show_accuracy is ignored.",
    )


@pytest.mark.parametrize("text", ["dense 3 init=uniform", "input 3\ndense 3\ncompile sgd(lr=0.1) mse", "fit x y nb_epoch=3\ndense 2"])
def test_only_pasted_calls_are_read_as_old_keras(text: str) -> None:
    with pytest.raises(seqmagic.SeqmagicError):
        seqmagic.build(text)


def test_todays_code_is_left_as_it_is() -> None:
    text = "Conv2D(4, 3, 3, input_shape=(8, 8, 1))\nEmbedding(3, output_dim=4)\nELU(alpha=0.1)"
    program = parse(text)
    assert read_as_today(program) is program


@pytest.mark.parametrize("line", ["BatchNormalization(mode=2, input_shape=(3,))", "LSTM(4, forget_bias_init='zero', input_shape=(5, 2))"])
def test_what_today_does_otherwise_is_not_left_out(line: str) -> None:
    with pytest.raises(seqmagic.SeqmagicError, match="has no argument"):
        seqmagic.build(line)
