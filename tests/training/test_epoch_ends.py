"""Where an epoch ends: with its data, before `steps_per_epoch`, or by somebody's callback; always as under Keras's own `fit`."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic

X = np.random.default_rng(0).normal(size=(40, 6)).astype("float32")
Y = np.arange(40) % 3
HELD_OUT = (X[:12], Y[:12])


def made(strategy: Any = None) -> keras.Model:
    keras.utils.set_random_seed(4)
    with (strategy or tf.distribute.get_strategy()).scope():
        model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(3, "softmax")])
        model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


class StopsAt(keras.callbacks.Callback):
    """Ends the training in the middle of an epoch."""

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.model.stop_training = batch == 2


def dataset() -> tf.data.Dataset:
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(8)


@pytest.mark.parametrize(
    ("data", "options"),
    [
        (lambda: (X, Y), {"steps_per_epoch": 7, "batch_size": 8, "shuffle": False}),
        (lambda: (X, Y), {"steps_per_epoch": 3, "batch_size": 8, "shuffle": False}),
        (lambda: (dataset(),), {"steps_per_epoch": 7}),
        (lambda: (X, Y), {"batch_size": 8, "shuffle": False, "callbacks": [StopsAt()]}),
    ],
    ids=["too many steps", "fewer steps", "too many steps of a dataset", "stopped by a callback"],
)
def test_each_epoch_is_validated_as_keras_does(data: Any, options: Any) -> None:
    theirs, ours = made(), made()
    wanted = theirs.fit(*data(), epochs=3, validation_data=HELD_OUT, verbose=0, **options).history
    run = seqmagic.fit(ours, *data(), epochs=3, validation_data=HELD_OUT, **options).wait()
    assert run.history == wanted
    assert all(map(np.array_equal, ours.get_weights(), theirs.get_weights()))


def test_an_epoch_that_ran_out_of_data_can_be_the_best() -> None:
    run = seqmagic.fit(made(), X, Y, epochs=2, steps_per_epoch=7, batch_size=8, validation_data=HELD_OUT, patience=5).wait()
    assert run.record.position == 2.0
    assert run.record.best() is not None
    assert run.advice == ("steps_per_epoch is 7 but 40 rows make only 5 batches, so an epoch ends there (steps_per_epoch=5).",)


@pytest.mark.parametrize("kind", [lambda: tf.distribute.OneDeviceStrategy("/cpu:0"), lambda: tf.distribute.MirroredStrategy(["/cpu:0"])])
def test_what_a_strategy_distributes_is_trained_on(kind: Any) -> None:
    strategy = kind()
    theirs, ours = made(strategy), made(strategy)
    wanted = theirs.fit(strategy.experimental_distribute_dataset(dataset()), epochs=2, verbose=0).history
    assert seqmagic.fit(ours, strategy.experimental_distribute_dataset(dataset()), epochs=2).wait().history == wanted
