"""Notes on accuracies: they say what the number that Keras shows counts, and are silent where it counts what is expected."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest

import seqmagic

RANDOM = np.random.default_rng(3)
X = RANDOM.random((40, 4), "float32")
YES, SEVERAL = np.arange(40) % 2, (RANDOM.random((40, 3)) > 0.5).astype(int)
ONE_HOT = np.eye(3)[np.arange(40) % 3]
FIRST, LARGEST, ABOVE = "compares with labels of 0 and 1", "only looks at the largest output", "counts an output above 0.5 as a yes"
CASES = {
    "minus one": ("dense 1 tanh", "hinge accuracy", 2 * YES - 1, (ABOVE, FIRST)),
    "hinge": ("dense 1 tanh", "hinge accuracy", YES, (ABOVE,)),
    "hinge from 0": ("dense 1 tanh", "hinge binary_accuracy(threshold=0)", YES, ()),
    "fractions": ("dense 1 sigmoid", "binary_crossentropy acc", X[:, 0], (FIRST,)),
    "regression": ("dense 1 softplus", "mse accuracy", 5 * X[:, 0], (FIRST,)),
    "yes or no": ("dense 1 sigmoid", "binary_crossentropy accuracy", YES, ()),
    "squares": ("dense 1 sigmoid", "mse accuracy", YES, ()),
    "several labels": ("dense 3 sigmoid", "binary_crossentropy accuracy", SEVERAL, (LARGEST,)),
    "each of them": ("dense 3 sigmoid", "binary_crossentropy binary_accuracy", SEVERAL, ()),
    "one of them": ("dense 3 sigmoid", "binary_crossentropy accuracy", ONE_HOT, ()),
    "classes": ("dense 3 softmax", "sparse_categorical_crossentropy accuracy", np.arange(40) % 3, ()),
    "one-hot": ("dense 3 softmax", "categorical_crossentropy accuracy", ONE_HOT, ()),
}


def notes_on(model: keras.Model, y: Any, **options: Any) -> list[str]:
    return [note for note in seqmagic.Run(model, X, y, **options).advice if "around" not in note]


@pytest.mark.parametrize("case", CASES)
def test_an_accuracy_that_counts_something_else_says_so(case: str) -> None:
    layer, words, y, expected = CASES[case]
    notes = notes_on(seqmagic.build(f"input 4 -> {layer}\ncompile adam {words}"), y)
    assert len(notes) == len(expected)
    for note, words in zip(notes, expected, strict=True):
        assert words in note


def keras_accuracy(case: str) -> tuple[float, np.ndarray, np.ndarray]:
    layer, words, y, _ = CASES[case]
    model = seqmagic.build(f"input 4 -> {layer}\ncompile adam {words}")
    return model.evaluate(X, y, verbose=0)[1], model.predict(X, verbose=0), y


def test_what_the_notes_say_is_what_keras_counts() -> None:
    accuracy, output, y = keras_accuracy("minus one")
    assert accuracy == pytest.approx(((output[:, 0] > 0.5) & (y == 1)).mean())  # No row with -1 is right.
    accuracy, output, y = keras_accuracy("hinge")
    assert accuracy == pytest.approx(((output[:, 0] > 0.5) == y).mean())
    accuracy, output, y = keras_accuracy("hinge from 0")
    assert accuracy == pytest.approx(((output[:, 0] > 0) == y).mean())
    assert keras_accuracy("fractions")[0] == 0
    accuracy, output, y = keras_accuracy("several labels")
    assert accuracy == pytest.approx((output.argmax(axis=1) == y.argmax(axis=1)).mean())
    accuracy, output, y = keras_accuracy("each of them")
    assert accuracy == pytest.approx(((output > 0.5) == y).mean())


def test_weights_from_which_nothing_or_the_opposite_is_learned_have_a_note() -> None:
    model = seqmagic.build("input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy")
    for options in ({"sample_weight": np.zeros(40)}, {"class_weight": {0: 0, 1: 0.0}}):
        before = model.get_weights()
        (note,) = notes_on(model, YES, **options)
        assert "nothing is learned" in note
        seqmagic.fit(model, X, YES, **options).wait()
        assert all(np.array_equal(one, other) for one, other in zip(before, model.get_weights(), strict=True))
    (note,) = notes_on(model, YES, sample_weight=np.where(np.arange(40) == 3, -1, 1))
    assert "below 0" in note
    (note,) = notes_on(model, YES, class_weight={0: 0.0})
    assert note == "class_weight has no weight for class 1, so it counts 1."
