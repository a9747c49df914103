"""Special models train as under Keras's own `fit`: subclasses, own steps and losses, several inputs and outputs, no loss at all."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import seqmagic
from seqmagic.errors import CompileError, DataError, TrainingError
from tests.support.special_models import AMOUNTS, CLASSES, SPECIAL, X

IN_ORDER = {"batch_size": 8, "shuffle": False}


def made(name: str) -> Any:
    keras.utils.set_random_seed(7)
    return SPECIAL[name]()


def numbers_of(model: keras.Model) -> list[np.ndarray]:
    optimizers = [part for part in vars(model).values() if isinstance(part, keras.optimizers.Optimizer)]
    return [variable.numpy() for owner in (model, *optimizers) for variable in owner.variables]


@pytest.mark.parametrize("name", SPECIAL)
def test_a_special_model_that_is_trained_twice_equals_one_that_keras_trained(name: str) -> None:
    theirs, x, y = made(name)
    wanted = theirs.fit(x, y, epochs=3, verbose=0, **IN_ORDER).history
    ours, x, y = made(name)
    run = seqmagic.fit(ours, x, y, epochs=2, **IN_ORDER).wait().more(epochs=1).wait()
    assert {key: list(map(float, values)) for key, values in run.history.items()} == wanted
    assert all(map(np.array_equal, numbers_of(ours), numbers_of(theirs)))
    assert len(numbers_of(ours)) == len(numbers_of(theirs))


class Outer(keras.Model):
    """Layers in another order than they are called in."""

    def __init__(self) -> None:
        super().__init__()
        self.head = layers.Dense(3, "softmax")
        self.hidden = layers.Dense(8, "relu")

    def call(self, x: Any) -> Any:
        return self.head(self.hidden(x))


class Noisy(keras.Sequential):
    """A step of its own that says nothing of what its data and labels mean."""

    def train_step(self, data: Any) -> Any:
        x = data[0] if isinstance(data, (tuple, list)) else data
        loss = keras.ops.mean(self(x[:, :6], training=True) ** 2)
        return {"what": loss}


def dense(*, loss: Any = None, units: int = 3, built: bool = True, **options: Any) -> keras.Model:
    model = keras.Sequential([*([keras.Input((6,))] if built else []), layers.Dense(units, **options)])
    model.compile("adam", loss)
    return model


def test_which_layer_of_a_class_is_its_last_nobody_knows() -> None:
    model = Outer()
    model.compile("adam", "sparse_categorical_crossentropy")
    run = seqmagic.fit(model, X, CLASSES).wait().more(epochs=1).wait()
    assert run.state == "done"
    assert len(run.history["loss"]) == 2


@pytest.mark.parametrize("built", [True, False])
@pytest.mark.parametrize(
    ("labels", "options", "fix"),
    [
        (CLASSES, {"activation": "softmax"}, "compile adam(0.001) sparse_categorical_crossentropy accuracy"),
        (keras.utils.to_categorical(CLASSES, 3), {"activation": "softmax"}, "compile adam(0.001) categorical_crossentropy accuracy"),
        (AMOUNTS, {"units": 1}, "compile adam(0.001) mse mae"),
    ],
)
def test_a_model_that_only_a_loss_can_teach_is_refused_without_one(built: bool, labels: Any, options: Any, fix: str) -> None:  # noqa: FBT001
    with pytest.raises(CompileError, match="compiled without a loss") as caught:
        seqmagic.fit(dense(built=built, **options), X, labels)
    assert caught.value.instead == fix


def test_without_labels_a_loss_is_missed_as_well() -> None:
    with pytest.raises(CompileError, match="compiled without a loss"):
        seqmagic.fit(dense(), X)
    with pytest.raises(CompileError, match="compiled without a loss"):
        seqmagic.fit(dense(), tf.data.Dataset.from_tensor_slices(X).batch(8))


def test_a_class_that_adds_no_loss_is_reported_in_our_words() -> None:
    model = Outer()
    model.compile("adam")
    with pytest.raises(TrainingError, match="There is no loss") as caught:
        seqmagic.fit(model, X, CLASSES).wait()
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize(
    "data",
    [
        (X.repeat(3, axis=1), CLASSES + 70),
        (X, np.full(40, np.nan)),
        (tf.data.Dataset.from_tensor_slices(X).batch(8),),
        (tf.data.Dataset.from_tensor_slices({"a": X}).map(lambda part: part["a"]).batch(8),),
    ],
)
def test_what_a_step_of_ones_own_makes_of_its_data_nobody_knows(data: Any) -> None:
    model = Noisy([keras.Input((6,)), layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    stopping = keras.callbacks.EarlyStopping(monitor="what", mode="min", patience=3)
    assert list(seqmagic.fit(model, *data, epochs=2, callbacks=[stopping]).wait().history) == ["what"]


def test_data_of_different_lengths_are_refused_all_the_same() -> None:
    model = Noisy([keras.Input((6,)), layers.Dense(3, "softmax")])
    model.compile("adam")
    with pytest.raises(DataError, match="40 rows, but the number of rows in y is 39"):
        seqmagic.fit(model, X, CLASSES[:39])


def test_a_dataset_of_data_alone_is_enough_where_a_layer_adds_the_loss() -> None:
    model, x, _ = made("vae by add_loss")
    theirs, _, _ = made("vae by add_loss")
    stream = tf.data.Dataset.from_tensor_slices(x).batch(8)
    wanted = theirs.fit(stream, epochs=2, verbose=0).history
    assert seqmagic.fit(model, stream, epochs=2).wait().history == wanted


def test_labels_in_parts_are_refused_where_a_chain_gives_one() -> None:
    with pytest.raises(DataError, match="y is a list of 2 arrays"):
        seqmagic.fit(dense(loss="mse"), X, [AMOUNTS, AMOUNTS])


class Counted(keras.layers.Layer):
    """Counts in a metric of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = keras.metrics.Mean(name="size")

    def call(self, x: Any) -> Any:
        self.seen.update_state(keras.ops.mean(keras.ops.abs(x)))
        return x


def test_a_callback_may_watch_a_metric_that_a_layer_counts() -> None:
    model = keras.Sequential([keras.Input((6,)), Counted(), layers.Dense(1)])
    model.compile("adam", "mse")
    stopping = keras.callbacks.EarlyStopping(monitor="size", mode="min", patience=3)
    assert "size" in seqmagic.fit(model, X, AMOUNTS, callbacks=[stopping]).wait().history
