"""Exported code trains on the very same rows, in a Python process that knows nothing of seqmagic."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.data.class_weights import balance
from seqmagic.data.held_out import draw_held_out
from seqmagic.language import parse_step
from seqmagic.options.fit_line import read_fit

RNG = np.random.default_rng(8)
X = RNG.normal(size=(70, 4)).astype("float32")
Y = np.array([0, 2, 1, 2, 2, 0, 2] * 10)
WEIGHTS = RNG.random(70)
ONE_HOT = keras.utils.to_categorical(Y, 3)
SPARSE = "sparse_categorical_crossentropy"
NETWORK = "input 4 -> dense 3 softmax\ncompile sgd(0.1) {}"


def exported(line: str, names: dict[str, Any], loss: str = SPARSE) -> str:
    return seqmagic.to_python(seqmagic.build(NETWORK.format(loss)), names, fit=parse_step(line), seed=3)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What Keras's own `fit` is given."""
    found: list[dict[str, Any]] = []
    monkeypatch.setattr(keras.Sequential, "fit", lambda self, x, y=None, **options: found.append({"x": x, "y": y, **options}))
    return found


FORMS: list[tuple[str, Any, str]] = [
    ("numbers", Y, SPARSE),
    ("column", Y[:, None].astype("float32"), SPARSE),
    ("series", pd.Series(Y, index=range(5, 75)), SPARSE),
    ("one_hot", ONE_HOT, "categorical_crossentropy"),
    ("dummies", pd.get_dummies(pd.Series(Y)), "categorical_crossentropy"),
    ("tensor", tf.constant(Y), SPARSE),
]


@pytest.mark.parametrize(("y", "loss"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("way", ["shuffled", "stratified", ""])
def test_the_code_gives_keras_the_same_rows(calls: list[dict[str, Any]], y: Any, loss: str, way: str, *, known: bool) -> None:
    line = f"fit x y epochs=2 validation_split=0.2 {way} class_weight=balanced"
    names = {"x": pd.DataFrame(X), "y": y}
    exec(exported(line, names if known else {}, loss), dict(names))  # noqa: S102  # It is our own code.
    (call,) = calls
    held_out = draw_held_out(70, 0.2, Y if way == "stratified" else None) if way else np.arange(70) >= 56
    assert call["epochs"] == 2
    assert call["class_weight"] == balance(Y[~held_out])[0]
    if not way:
        assert call["validation_split"] == 0.2
        return
    assert "validation_split" not in call
    assert np.array_equal(call["x"], X[~held_out])
    assert np.array_equal(np.asarray(call["y"]), np.asarray(y)[~held_out])
    assert np.array_equal(call["validation_data"][0], X[held_out])
    assert np.array_equal(np.asarray(call["validation_data"][1]), np.asarray(y)[held_out])


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("fit x y sample_weight=weights", {"x": X, "y": Y, "weights": WEIGHTS}),
        ("fit {x[:, ::-1][:, ::-1] + 0} {y} sample_weight=weights", {"x": X, "y": Y, "weights": WEIGHTS}),
        ("fit x y sample_weight=weights", {"x": X.tolist(), "y": Y.tolist(), "weights": WEIGHTS.tolist()}),
        ("fit x y sample_weight=weights", {"x": {"a": X, "b": X}, "y": Y, "weights": WEIGHTS}),
        ("fit x y sample_weight=weights", {"x": [X, X], "y": Y, "weights": WEIGHTS}),
        ("fit x=one,other y=y sample_weight=weights", {"one": X, "other": X, "y": Y, "weights": WEIGHTS}),
    ],
)
@pytest.mark.parametrize("way", ["shuffled", "stratified"])
def test_what_belongs_to_a_row_goes_along(calls: list[dict[str, Any]], line: str, names: dict[str, Any], way: str) -> None:
    exec(exported(f"{line} validation_split=0.25 {way}", names), dict(names))  # noqa: S102
    (call,) = calls
    held_out = draw_held_out(70, 0.25, Y if way == "stratified" else None)
    for (x, y, weights), chosen in (((call["x"], call["y"], call["sample_weight"]), ~held_out), (call["validation_data"], held_out)):
        for part in keras.tree.flatten(x):
            assert np.array_equal(part, X[chosen])
        assert np.array_equal(y, Y[chosen])
        assert np.array_equal(weights, WEIGHTS[chosen])


def test_the_code_reads_well() -> None:
    code = exported("fit x y validation_split=0.2 stratified class_weight=balanced patience=3 epochs=50", {"x": X, "y": Y})
    assert (
        code
        == """import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(3)

model = keras.Sequential(
    [
        keras.Input((4,)),
        layers.Dense(3, activation="softmax"),
    ],
)

model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.1),
    loss="sparse_categorical_crossentropy",
)

# The rows held out for validation are drawn at random, in the same proportion from each class, the same ones every time.
order = np.random.RandomState(0).permutation(len(y))
classes = np.ravel(y)
order = order[np.argsort(classes[order], kind="stable")]
places = np.concatenate([np.arange(count) / count for count in np.unique(classes, return_counts=True)[1]])
order = order[np.argsort(places, kind="stable")]
held_out = np.zeros(len(order), dtype=bool)
held_out[order[: len(order) - int(len(order) * (1 - 0.2))]] = True
# Each class has the same total weight.
numbers, counts = np.unique(classes[~held_out], return_counts=True)
class_weight = {int(number): counts.sum() / (len(counts) * count) for number, count in zip(numbers, counts)}

model.fit(
    x[~held_out],
    y[~held_out],
    class_weight=class_weight,
    epochs=50,
    validation_data=(x[held_out], y[held_out]),
    callbacks=[keras.callbacks.EarlyStopping("val_loss", patience=3)],
)
"""
    )


def test_without_these_words_the_code_needs_no_numpy() -> None:
    code = exported("fit x y validation_split=0.2 epochs=3", {"x": X, "y": Y})
    assert "numpy" not in code
    assert code.endswith("\nmodel.fit(x, y, validation_split=0.2, epochs=3)\n")
    own = exported("fit x y class_weight=balanced", {"x": X, "y": Y, "balanced": {0: 1.0}})
    assert own.endswith("\nmodel.fit(x, y, class_weight=balanced)\n")


def test_a_plain_process_learns_the_same_weights(tmp_path: Path) -> None:
    line = "fit x y epochs=2 batch_size=8 shuffle=false validation_split=0.2 stratified class_weight=balanced"
    np.savez(tmp_path / "data.npz", x=X, y=Y)
    code = exported(line, {"x": X, "y": Y})
    read = 'import numpy\ndata = numpy.load("data.npz")\nx, y = data["x"], data["y"]\n'
    (tmp_path / "train.py").write_text(f'{read}{code}numpy.savez("weights.npz", *model.get_weights())\n', "utf-8")
    subprocess.run([sys.executable, "-P", "train.py"], cwd=tmp_path, check=True, timeout=300, capture_output=True)
    model = seqmagic.build(f"seed 3\n{NETWORK.format(SPARSE)}")
    fit = read_fit(parse_step(line), {"x": X, "y": Y})
    seqmagic.fit(model, fit.x, fit.y, **fit.options).wait()
    learned = np.load(tmp_path / "weights.npz")
    assert all(np.array_equal(learned[name], weight) for name, weight in zip(learned.files, model.get_weights(), strict=True))
