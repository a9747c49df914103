"""`class_weight=balanced`: scikit-learn's weights, of the rows that are trained on, for labels in any form."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf
from sklearn.utils.class_weight import compute_class_weight

import seqmagic
from seqmagic.data.class_weights import balance
from seqmagic.errors import ArgumentError
from seqmagic.language import parse_step
from seqmagic.options.fit_line import read_fit

RNG = np.random.default_rng(6)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = RNG.choice(3, 50, p=[0.7, 0.2, 0.1])
YES = (Y > 0).astype("float32")
SOFTMAX, SIGMOID = "dense 3 softmax\ncompile sgd(0.1) {}", "dense 1 sigmoid\ncompile sgd(0.1) {}"


def make(end: str, loss: str) -> keras.Sequential:
    keras.utils.set_random_seed(3)
    return seqmagic.build(f"input 4 -> {end.format(loss)}")


def by_scikit_learn(labels: np.ndarray) -> dict[int, float]:
    classes = np.unique(labels)
    return {
        int(number): weight for number, weight in zip(classes, compute_class_weight("balanced", classes=classes, y=labels), strict=True)
    }


FORMS: list[tuple[str, str, str, Any, np.ndarray]] = [
    ("numbers", SOFTMAX, "sparse_categorical_crossentropy", Y, Y),
    ("column", SOFTMAX, "sparse_categorical_crossentropy", Y[:, None], Y),
    ("list", SOFTMAX, "sparse_categorical_crossentropy", Y.tolist(), Y),
    ("series", SOFTMAX, "sparse_categorical_crossentropy", pd.Series(Y), Y),
    ("missing", SOFTMAX, "sparse_categorical_crossentropy", pd.Series(Y, dtype="Int64"), Y),
    ("tensor", SOFTMAX, "sparse_categorical_crossentropy", tf.constant(Y), Y),
    ("one_hot", SOFTMAX, "categorical_crossentropy", keras.utils.to_categorical(Y, 3), Y),
    ("dummies", SOFTMAX, "categorical_crossentropy", pd.get_dummies(pd.Series(Y)), Y),
    ("yes", SIGMOID, "binary_crossentropy", YES, YES),
    ("truth", SIGMOID, "binary_crossentropy", YES == 1, YES),
]


@pytest.mark.parametrize(("end", "loss", "labels", "plain"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
@pytest.mark.parametrize(
    "share", [{}, {"validation_split": 0.2}, {"validation_split": 0.2, "split": "shuffled"}], ids=["all", "last", "shuffled"]
)
def test_balanced_is_what_scikit_learn_says_of_the_rows_that_are_trained_on(
    end: str, loss: str, labels: Any, plain: np.ndarray, share: dict[str, Any]
) -> None:
    from seqmagic.data.held_out import find_held_out

    held_out = find_held_out(plain, 50, share)
    weights = by_scikit_learn(plain if held_out is None else plain[~held_out])
    ours, other = make(end, loss), make(end, loss)
    run = seqmagic.Run(ours, X, labels, seed=1, class_weight="balanced", **share)
    assert run._trainer.request.options["class_weight"] == pytest.approx(weights)  # noqa: SLF001
    if labels is Y or loss == "categorical_crossentropy":
        run.start().wait()
        seqmagic.fit(other, X, labels, seed=1, class_weight=weights, **share).wait()
        assert all(map(np.array_equal, ours.get_weights(), other.get_weights()))


def test_keras_own_fit_with_these_weights_learns_the_same() -> None:
    ours, other = make(SOFTMAX, "categorical_crossentropy"), make(SOFTMAX, "categorical_crossentropy")
    one_hot = keras.utils.to_categorical(Y, 3)
    seqmagic.fit(ours, X, one_hot, class_weight="balanced", shuffle=False, epochs=2).wait()
    other.fit(X, one_hot, class_weight=by_scikit_learn(Y), shuffle=False, epochs=2, verbose=0)
    assert all(map(np.array_equal, ours.get_weights(), other.get_weights()))


def test_the_word_on_a_fit_line_and_what_a_notebook_means_by_it() -> None:
    step = parse_step("fit x y class_weight=balanced")
    assert read_fit(step, {"x": X, "y": Y}).options == {"class_weight": "balanced"}
    assert read_fit(step, {"x": X, "y": Y, "balanced": Y}).options == {"class_weight": "balanced"}
    own = {0: 1.0, 1: 5.0}
    assert read_fit(step, {"x": X, "y": Y, "balanced": own}).options == {"class_weight": own}


@pytest.mark.parametrize(
    ("end", "loss", "y", "options", "said"),
    [
        ("dense 3 sigmoid\ncompile sgd {}", "binary_crossentropy", np.ones((50, 3)), {}, "y has several numbers per row instead of one class"),
        ("dense 1\ncompile sgd {}", "mse", X[:, 0], {}, "y contains no classes"),
        ("dense 1\ncompile sgd {}", "mse", np.arange(50) + 20, {}, "y contains no classes from 0 to 1"),
        (SOFTMAX, "sparse_categorical_crossentropy", np.ones(50), {}, "y contains only one class"),
        (SOFTMAX, "sparse_categorical_crossentropy", np.repeat([0, 1], [45, 5]), {"validation_split": 0.2}, "y contains only one class in the training rows"),
        (SOFTMAX, "sparse_categorical_crossentropy", None, {}, "the labels come in batches"),
        (SOFTMAX, "sparse_categorical_crossentropy", Y, {"sample_weight": np.ones(50)}, "class_weight and sample_weight are both given"),
    ],
)  # fmt: skip
def test_what_has_no_classes_has_no_balance(end: str, loss: str, y: Any, options: dict[str, Any], said: str) -> None:
    x = X if y is not None else tf.data.Dataset.from_tensor_slices((X, Y)).batch(5)
    with pytest.raises(ArgumentError, match=said):
        seqmagic.Run(make(end, loss), x, y, class_weight="balanced", **options)


def test_a_word_that_is_nearly_balanced() -> None:
    with pytest.raises(ArgumentError, match="class_weight is the text 'balance'") as caught:
        seqmagic.Run(make(SOFTMAX, "sparse_categorical_crossentropy"), X, Y, class_weight="balance")
    assert caught.value.fixes == ('class_weight="balanced"',)


def test_balance_counts() -> None:
    assert balance([0, 1, 1]) == ({0: 1.5, 1: 0.75}, "")
    assert balance(np.array([["a"], ["b"]])) == ({}, "contains no numbers")
    assert balance(np.array([0, 5]), 3)[1] == "contains no classes from 0 to 2"
