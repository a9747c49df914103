"""What is right is silent: healthy networks on healthy data of every form give neither an error nor a note."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn import datasets
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from seqmagic import Run
from seqmagic.recipes.recipe import Recipe, make_recipe, read

SPARSE, COLUMNS = "sparse_categorical_crossentropy", "categorical_crossentropy"
GENERATOR = np.random.default_rng(0)


def one_hot(labels: Any) -> Any:
    return keras.utils.to_categorical(labels)


def tables() -> Iterator[tuple[str, Any, Any]]:
    """Tables of scikit-learn as they are when they are fit to train on, with classes."""
    for load in (datasets.load_iris, datasets.load_wine, datasets.load_breast_cancer, datasets.load_digits):
        values, labels = load(return_X_y=True)
        for scaler in (StandardScaler(), MinMaxScaler()):
            yield load.__name__, scaler.fit_transform(values), labels
    yield "iris as it is", *datasets.load_iris(return_X_y=True)
    yield "digits as they are", *datasets.load_digits(return_X_y=True)
    labels = GENERATOR.integers(0, 3, 120)
    yield "counts", GENERATOR.poisson(4, (120, 5)), labels
    yield "ages and years of school", np.stack([GENERATOR.integers(18, 90, 120), GENERATOR.integers(8, 20, 120)], axis=1), labels
    yield "one-hot", one_hot(GENERATOR.integers(0, 6, 120)), labels
    yield "truth", GENERATOR.integers(0, 2, (120, 4)).astype(bool), labels
    yield "percentages", GENERATOR.uniform(0, 99, (120, 4)), labels
    yield "temperatures", GENERATOR.normal(12, 9, (120, 3)), labels


FORMS: dict[str, Callable[[Any], Any]] = {
    "array": np.asarray,
    "float32": lambda values: np.asarray(values, "float32"),
    "float64": lambda values: np.asarray(values, "float64"),
    "list": lambda values: np.asarray(values).tolist(),
    "pandas": lambda values: pd.DataFrame(values) if np.ndim(values) == 2 else pd.Series(values),
    "pandas with gaps in the index": lambda values: (pd.DataFrame if np.ndim(values) == 2 else pd.Series)(
        values, index=np.arange(len(values)) * 3 + 7
    ),
    "tensor": tf.constant,
}
LABELS: dict[str, Callable[[Any], Any]] = {
    "numbers": np.asarray,
    "uint8": lambda labels: labels.astype("uint8"),
    "floats": lambda labels: labels.astype("float32"),
    "a column": lambda labels: labels.reshape(-1, 1),
    "pandas": pd.Series,
    "list": lambda labels: labels.tolist(),
    "tensor": tf.constant,
}


def recipe_of(text: str, names: dict[str, Any] | None = None) -> Recipe:
    return make_recipe(read(text, names or {}), names or {})


def notes_with(recipe: Recipe, x: Any, y: Any, **options: Any) -> list[str]:
    """All that is said of a network and its data."""
    return [*recipe.advice, *Run(recipe.model, x, y, **options).advice]


def notes_on(text: str, x: Any, y: Any, names: dict[str, Any] | None = None, **options: Any) -> list[str]:
    """All that is said of a text and its data."""
    return notes_with(recipe_of(text, names), x, y, **options)


@pytest.mark.parametrize("table", list(tables()), ids=lambda table: table[0])
def test_tables_of_every_form_with_labels_of_every_form(table: tuple[str, Any, Any]) -> None:
    _, values, labels = table
    classes = int(labels.max()) + 1
    network = f"input {values.shape[1]}\ndense 8 relu\ndense {classes} softmax\n"
    numbers = recipe_of(f"{network}compile adam {SPARSE} accuracy")
    for form, kind in itertools.product(FORMS.values(), LABELS.values()):
        assert notes_with(numbers, form(values), kind(labels)) == []
    mixed = GENERATOR.permutation(len(labels))  # In the order of their classes, the last fifth would leave some out, and that is said.
    columns = f"{network}compile adam {COLUMNS} accuracy auc"
    assert notes_on(columns, np.asarray(values)[mixed], one_hot(labels)[mixed], validation_split=0.2) == []
    truth = recipe_of(
        f"input {values.shape[1]}\ndense 8 relu\ndense 1 sigmoid\ncompile adam binary_crossentropy accuracy precision recall auc"
    )
    for kind in (*LABELS.values(), lambda labels: labels.astype(bool)):
        assert notes_with(truth, values, kind(labels % 2)) == []
    scaled = StandardScaler().fit_transform(labels.reshape(-1, 1))
    amounts = recipe_of(f"input {values.shape[1]}\ndense 8 relu\ndense 1\ncompile rmsprop mse mae")
    for form in FORMS.values():
        assert notes_with(amounts, values, form(scaled)) == []


PICTURES = GENERATOR.random((60, 28, 28, 1))
COLOURED = GENERATOR.random((60, 32, 32, 3))
SERIES = np.sin(GENERATOR.random((60, 20, 3)) * 9)
WORDS = GENERATOR.integers(0, 1000, (60, 12))
TEN, TWO = np.arange(60) % 10, np.arange(60) % 2
NETWORKS: list[tuple[str, Any, Any]] = [
    (
        f"input 28x28x1\nconv 20 5x5 relu -> maxpool 2\nconv 50 5x5 relu -> maxpool 2\nflatten -> dense 50 relu\ndense 10 softmax\ncompile adam {SPARSE} accuracy",
        PICTURES,
        TEN,
    ),
    (f"input 28x28x1\nflatten -> dense 10 softmax\ncompile sgd(0.1) {SPARSE} accuracy", PICTURES[..., 0], TEN),
    (f"input 28x28\nflatten -> dense 10 softmax\ncompile sgd {COLUMNS} accuracy", PICTURES[..., 0], one_hot(TEN)),
    (f"input 28x28x1\nrescaling 0.00392\nflatten -> dense 10 softmax\ncompile adam {SPARSE}", (PICTURES * 255).astype("uint8"), TEN),
    (f"input 28x28x1\nbn\nflatten -> dense 10 softmax\ncompile adam {SPARSE}", (PICTURES * 255).astype("uint8"), TEN),
    (f"input 32x32x3\nconv 8 3x3 relu\ngap\ndense 10 softmax\ncompile adam {SPARSE} sparse_top_k_categorical_accuracy", COLOURED, TEN),
    (
        f"input 32x32x3\nrandom_flip horizontal\nsepconv 8 3x3 relu\ngap\ndense 10\ncompile adam {SPARSE}(from_logits=true) accuracy",
        COLOURED,
        TEN,
    ),
    ("input 28x28x1\nconv 4 3x3 relu same\nconv 1 3x3 sigmoid same\ncompile adam binary_crossentropy", PICTURES, PICTURES),
    ("input 784\ndense 32 relu\ndense 784 sigmoid\ncompile adam binary_crossentropy", PICTURES.reshape(60, -1), PICTURES.reshape(60, -1)),
    ("input 784\ndense 32 relu\ndense 784 sigmoid\ncompile adam mse", PICTURES.reshape(60, -1), PICTURES.reshape(60, -1)),
    ("input 20x3\nlstm 8\ndense 1 sigmoid\ncompile rmsprop binary_crossentropy accuracy", SERIES, TWO),
    ("input 20x3\nlstm 8 return_sequences\nlstm 8\ndense 1 tanh\ncompile adam mse", SERIES, SERIES[:, 0, 0]),
    ("input 20x3\nconv 8 3 relu\ngmp\ndense 1\ncompile adam mae", SERIES, SERIES[:, 0, 0]),
    ("input 20x3 batch=20\nlstm 8 stateful\ndense 1\ncompile adam mse", SERIES, SERIES[:, 0, 0]),
    ("input 20x3\ngru 8 return_sequences\ndense 3\ncompile adam mse", SERIES, SERIES),
    (
        f"input 20x3\nbidirectional lstm 4 return_sequences\ndense 5 softmax\ncompile adam {SPARSE} accuracy",
        SERIES,
        GENERATOR.integers(0, 5, (60, 20)),
    ),
    ("input ?\nembedding 1000 8\nlstm 8\ndense 1 sigmoid\ncompile adam binary_crossentropy accuracy", WORDS, TWO),
    ("input 12\nembedding 1000 8\nflatten\ndense 1 sigmoid\ncompile adam binary_crossentropy", WORDS, TWO.astype(bool)),
    (f"input 12\nembedding 1000 8\ngap\ndense 10 softmax\ncompile adamw {SPARSE} accuracy", WORDS.astype("float32"), TEN),
    ("dense 8 relu\ndense 1\ncompile adam mse mae", SERIES[:, 0], SERIES[:, 0, 0]),
    (f"dense 8 relu\ndense 10 softmax\ncompile adam {SPARSE}", SERIES[:, 0], TEN),
    ("input 3\ndense 1 tanh\ncompile adam hinge", SERIES[:, 0], TWO * 2 - 1),
    ("input 3\ndense 1 softplus\ncompile adam poisson", SERIES[:, 0], TEN),
    ("input 3\ndense 10 softmax\ncompile adam kl_divergence", SERIES[:, 0], one_hot(TEN)),
    ("input 3\ndense 10 sigmoid\ncompile adam binary_focal_crossentropy binary_accuracy", SERIES[:, 0], one_hot(TEN)),
    ("input 3\ndense 1 relu\ncompile adam msle", SERIES[:, 0], TEN),
    ("input 3\ndense 1 linear\ncompile adam huber mae", SERIES[:, 0], pd.Series(TEN)),
]
STREAMS: dict[str, Callable[[Any, Any], Any]] = {
    "tf.data": lambda x, y: tf.data.Dataset.from_tensor_slices((np.asarray(x), np.asarray(y))).batch(20),
    "generator": lambda x, y: ((np.asarray(x)[at : at + 20], np.asarray(y)[at : at + 20]) for at in (0, 20, 40)),
}


@pytest.mark.parametrize("network", NETWORKS, ids=[f"{number}" for number in range(len(NETWORKS))])
def test_networks_of_every_kind(network: tuple[str, Any, Any]) -> None:
    text, x, y = network
    options = {"batch_size": 20}
    assert notes_on(text, x, y, **options) == []
    model = recipe_of(text).model
    steps = (
        len(model.output_shape) - 2 if model.built else 0
    )  # Keras lays a number for each row on its steps only where it has an axis for them.
    weights = np.ones((60, *[1] * steps))
    assert notes_on(text, x, y, validation_data=(x, y), sample_weight=weights, **options) == []
    for stream in STREAMS.values():
        assert notes_on(text, stream(x, y), None) == []


def test_callbacks_and_weights_that_are_right() -> None:
    text = f"input 3\ndense 10 softmax\ncompile adam {SPARSE} accuracy"
    callbacks = keras.callbacks
    for given in (
        [callbacks.EarlyStopping()],
        [callbacks.EarlyStopping(monitor="val_accuracy")],
        callbacks.EarlyStopping(monitor="loss"),
        [callbacks.ReduceLROnPlateau(monitor="accuracy"), callbacks.TerminateOnNaN()],
        [callbacks.LambdaCallback(on_epoch_end=print)],
        [],
        None,
    ):
        assert notes_on(text, SERIES[:, 0], TEN, callbacks=given, validation_split=0.2) == []
    weights = {number: 1.0 + number for number in range(10)}
    assert notes_on(text, SERIES[:, 0], TEN, class_weight=weights) == []
    assert notes_on(text, SERIES[:, 0], TEN, sample_weight=[1.0] * 60) == []


@pytest.mark.parametrize(
    "load", [datasets.load_wine, datasets.load_breast_cancer, lambda **more: datasets.load_diabetes(scaled=False, **more)]
)
def test_tables_that_are_not_scaled_get_one_note_whose_line_makes_them_silent(load: Any) -> None:
    values, labels = load(return_X_y=True)
    labels = (labels > labels.mean()).astype(int)
    ending = "dense 8 relu\ndense 1 sigmoid\ncompile adam binary_crossentropy"
    (note,) = notes_on(f"input {values.shape[1]}\n{ending}", values, labels)
    assert "normalization adapt=x" in note
    names = {"x": values}
    assert notes_on(f"input {values.shape[1]}\nnormalization adapt=x\n{ending}", values, labels, names) == []
