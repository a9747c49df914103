"""Outputs of one name: each logs its loss under a name of its own, and the reader is told which is which."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.ledger.current import current_ledger, name_ledger

RNG = np.random.default_rng(5)
X = RNG.normal(size=(24, 3)).astype("float32")
Y = [X[:, :1], 5 * X[:, 1:2], X[:, 2:] - 1]
BY_NAME = {"mse": keras.losses.MeanSquaredError(), "mae": keras.losses.MeanAbsoluteError()}


def shared(*losses: str) -> keras.Model:
    """A layer that is used on several inputs gives outputs of one name."""
    keras.utils.set_random_seed(2)
    inputs, head = keras.Input((3,)), keras.layers.Dense(1, name="left")
    return compiled(keras.Model(inputs, [head(keras.layers.Dense(4)(inputs)) for _ in losses]), losses)


def between(*losses: str) -> keras.Model:
    """Another output stands between two of one name, and one has the name that the second would get."""
    keras.utils.set_random_seed(2)
    inputs, head = keras.Input((3,)), keras.layers.Dense(1, name="left")
    outputs = [head(inputs), keras.layers.Dense(1, name="left_loss_1")(inputs), head(keras.layers.Dense(3)(inputs))]
    return compiled(keras.Model(inputs, outputs), losses)


class Heads(keras.Model):  # type: ignore[misc]  # Keras has no type hints.
    """Keras names the losses of such a model's outputs after the functions."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.heads = [keras.layers.Dense(1) for _ in range(count)]

    def call(self, x: Any) -> list[Any]:
        return [head(x) for head in self.heads]


def subclass(*losses: str) -> keras.Model:
    keras.utils.set_random_seed(2)
    return compiled(Heads(len(losses)), losses)


def compiled(model: keras.Model, losses: Sequence[str]) -> keras.Model:
    model.compile(keras.optimizers.SGD(0.05), list(losses))
    return model


CASES = {
    "twice": (shared, ("mse", "mse"), ["left_loss", "left_loss_1"]),
    "with two losses": (shared, ("mae", "mse"), ["left_loss", "left_loss_1"]),
    "three times": (shared, ("mse", "mae", "mse"), ["left_loss", "left_loss_1", "left_loss_2"]),
    "with others between": (between, ("mse", "mse", "mae"), ["left_loss", "left_loss_1_loss", "left_loss_1"]),
    "of a subclass": (subclass, ("mse", "mae", "mse"), ["mse_loss", "mae_loss", "mse_loss_1"]),
}


@pytest.fixture
def ledger(tmp_path: Any) -> Iterator[None]:
    name_ledger(tmp_path / "runs.db")
    yield
    name_ledger(None)


def data_of(count: int, kind: str = "arrays") -> tuple[Any, ...]:
    return (tf.data.Dataset.from_tensor_slices((X, tuple(Y[:count]))).batch(8),) if kind == "dataset" else (X, Y[:count])


@pytest.mark.parametrize("kind", ["arrays", "dataset"])
@pytest.mark.parametrize("case", CASES)
def test_each_loss_is_that_of_its_output(case: str, kind: str, ledger: None) -> None:
    make, losses, names = CASES[case]
    model, data = make(*losses), data_of(len(losses), kind)
    run = seqmagic.fit(model, *data, epochs=2, validation_data=(X, Y[: len(losses)])).wait()
    by_hand = [float(BY_NAME[loss](labels, output)) for loss, labels, output in zip(losses, Y, model.predict(X, verbose=0), strict=False)]
    assert [run.history[f"val_{name}"][-1] for name in names] == pytest.approx(by_hand, rel=1e-5)
    assert run.history["val_loss"][-1] == pytest.approx(sum(by_hand), rel=1e-5)
    assert any(", ".join(names) in told for told in run.warnings)
    found = current_ledger()
    assert found is not None
    assert {f"val_{name}" for name in names} <= set(found.entries()[-1].best)


@pytest.mark.parametrize("case", CASES)
def test_the_last_loss_is_the_one_that_keras_logs(case: str) -> None:
    make, losses, names = CASES[case]
    x, y = data_of(len(losses))
    run = seqmagic.fit(make(*losses), x, y, epochs=3, shuffle=False).wait()
    theirs = make(*losses).fit(x, y, epochs=3, shuffle=False, verbose=0).history
    assert run.history["loss"] == theirs["loss"]
    assert run.history[names[-1]] == theirs[names[0]]
    assert run.history[names[0]] != theirs[names[0]]


def test_the_names_stay_in_later_runs_and_may_be_watched() -> None:
    model = shared("mse", "mse")
    model.fit(X, Y[:2], verbose=0)  # By Keras first.
    for _ in range(2):
        run = seqmagic.fit(model, X, Y[:2], epochs=3, validation_split=0.5, patience=2, monitor="val_left_loss_1").wait()
        assert {"left_loss", "left_loss_1", "val_left_loss", "val_left_loss_1"} <= set(run.history)
        assert run.request.early_stop.lowest == min(run.history["val_left_loss_1"])
        assert run.warnings


def test_outputs_with_names_of_their_own_keep_them() -> None:
    inputs = keras.Input((3,))
    model = compiled(keras.Model(inputs, [keras.layers.Dense(1, name=name)(inputs) for name in ("a", "b")]), ("mse", "mse"))
    run = seqmagic.fit(model, X, Y[:2]).wait()
    assert set(run.history) == {"loss", "a_loss", "b_loss"}
    assert not run.warnings
