"""However the data come, a run's results are those of Keras's own `fit` on the same order."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.steps.rows import training_rows
from seqmagic.training.run import Run
from tests.support.digits import DIGITS
from tests.support.renewed import keras_renewed, renewed

GENERATOR = np.random.default_rng(3)
TABLE = GENERATOR.normal(size=(500, 6))
NUMBERS = (TABLE[:, 0] + TABLE[:, 1] > 0).astype(int) + (TABLE[:, 2] > 0)
NETWORK = "input 6\ndense 8 relu -> dropout 0.2\ndense 3 softmax\ncompile adam sparse_categorical_crossentropy accuracy\nseed 4"


class Batches(keras.utils.PyDataset):
    def __init__(self, x: Any, y: Any) -> None:
        super().__init__()
        self.x, self.y = x, y

    def __len__(self) -> int:
        return 10

    def __getitem__(self, index: int) -> Any:
        return self.x[index * 50 : (index + 1) * 50], self.y[index * 50 : (index + 1) * 50]


def dataset(rows: int = 500, batch: int = 32) -> Any:
    return tf.data.Dataset.from_tensor_slices((TABLE[:rows], NUMBERS[:rows])).batch(batch)


def pair(text: str, give: Any, special: str = "", **options: Any) -> tuple[Any, Run, dict[str, list[float]]]:
    """The weights of both, our run and Keras's history. special: what there is about the data, if anything."""
    theirs = keras_renewed(seqmagic.build(text), special)
    history = theirs.fit(*give(), epochs=3, verbose=0, **options).history
    ours = renewed(seqmagic.build(text))
    run = seqmagic.fit(ours, *give(), epochs=3, **options).wait()
    return (theirs.get_weights(), ours.get_weights()), run, history


def assert_equal(weights: Any, run: Run, history: dict[str, list[float]]) -> None:
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))
    assert run.history == history


ROWS = {
    "arrays": (lambda: (TABLE, NUMBERS), {}),
    "a batch that divides the rows": (lambda: (TABLE, NUMBERS), {"batch_size": 50}),
    "one batch": (lambda: (TABLE, NUMBERS), {"batch_size": 1000}),
    "float32": (lambda: (TABLE.astype("float32"), NUMBERS.astype("uint8")), {}),
    "labels as a column": (lambda: (TABLE, NUMBERS[:, None]), {}),
    "a table": (lambda: (pd.DataFrame(TABLE), pd.Series(NUMBERS)), {}),
    "tensors": (lambda: (tf.constant(TABLE), tf.constant(NUMBERS)), {}),
    "held out": (lambda: (TABLE, NUMBERS), {"validation_split": 0.3}),
    "validation": (lambda: (TABLE, NUMBERS), {"validation_data": (TABLE[:130], NUMBERS[:130])}),
    "validation in batches of its own": (lambda: (TABLE, NUMBERS), {"validation_data": (TABLE, NUMBERS), "validation_batch_size": 7}),
    "validation out of a dataset": (lambda: (TABLE, NUMBERS), {"validation_data": dataset(90)}),
    "validation seldom": (lambda: (TABLE, NUMBERS), {"validation_split": 0.3, "validation_freq": 2}),
    "weights of classes": (lambda: (TABLE, NUMBERS), {"class_weight": {0: 1.0, 1: 5.0}}),
    "weights of rows": (lambda: (TABLE, NUMBERS), {"sample_weight": np.linspace(0, 2, 500)}),
}


COLUMNS = ("labels as a column", "a table")  # Keras makes a column of a Series, too.


@pytest.mark.parametrize("form", ROWS)
def test_rows_in_memory_give_the_bits_of_fit(form: str) -> None:
    give, options = ROWS[form]
    assert training_rows(*give(), options, seed=1)[0] is not None
    assert_equal(*pair(NETWORK, give, "labels in a column" if form in COLUMNS else "", shuffle=False, **options))


STREAMS = {
    "tf.data": (lambda: (dataset(),), {}),
    "a PyDataset": (lambda: (Batches(TABLE, NUMBERS),), {"shuffle": False}),
    "tf.data with a step count": (lambda: (dataset().repeat(),), {"steps_per_epoch": 9}),
    "rows in steps": (lambda: (TABLE, NUMBERS), {"steps_per_epoch": 5, "batch_size": 100, "shuffle": False}),
    "validated with rows": (lambda: (dataset(),), {"validation_data": (TABLE, NUMBERS)}),
    "validated with a stream": (lambda: (dataset(),), {"validation_data": dataset(70, 7)}),
}


@pytest.mark.parametrize("form", STREAMS)
def test_streams_give_the_bits_of_fit(form: str) -> None:
    give, options = STREAMS[form]
    assert_equal(*pair(NETWORK, give, **options))


@pytest.mark.filterwarnings("ignore:Your input ran out of data")
def test_a_stream_whose_length_nobody_knows_ends_its_epochs_itself() -> None:
    # Not the bits of fit: there the optimizer counts a step too many at each end, for the batch that was not there.
    model = renewed(seqmagic.build(NETWORK))
    run = seqmagic.fit(model, dataset().filter(lambda x, y: True), epochs=3).wait()
    assert (len(run.history["loss"]), len(run.record.batches), int(model.optimizer.iterations)) == (3, 48, 48)


def test_shuffled_rows_give_the_bits_of_fit_on_the_same_order() -> None:
    run = seqmagic.Run(renewed(seqmagic.build(NETWORK)), TABLE, NUMBERS, epochs=4, seed=17).start().wait()
    rows, _ = training_rows(TABLE, NUMBERS, {}, seed=17)
    assert rows is not None
    theirs = keras_renewed(seqmagic.build(NETWORK))
    for epoch in range(4):
        order = rows.order(epoch)
        theirs.fit(TABLE[order], NUMBERS[order], shuffle=False, verbose=0)
    again = seqmagic.build(NETWORK)
    seqmagic.Run(again, TABLE, NUMBERS, epochs=4, seed=17).start().wait()
    assert all(np.array_equal(a, b) for a, b in zip(theirs.get_weights(), again.get_weights(), strict=True))
    assert run.history["loss"][-1] < run.history["loss"][0]


@pytest.mark.parametrize(
    "network",
    [
        "input 6\ndense 1\ncompile sgd(0.01, momentum=0.9) mse mae mse",
        "input 6\nreshape 6x1\nlstm 5\ndense 3 softmax\ncompile rmsprop sparse_categorical_crossentropy accuracy",
        "input 6 batch=50\nreshape 6x1\nlstm 5 stateful\ndense 3 softmax\ncompile adam sparse_categorical_crossentropy",
        "input 6\ndense 5 -> batchnorm -> relu -> gaussian_noise 0.1\ndense 3 softmax\ncompile adamw sparse_categorical_crossentropy accuracy",
        "input 6\ndense 3 softmax\ncompile adam(exponential_decay(0.01, 10, 0.9)) sparse_categorical_crossentropy",
        "input 6\ndense 3 softmax kernel_regularizer=l2(0.01)\ncompile adam(gradient_accumulation_steps=3) sparse_categorical_crossentropy",
    ],
)
def test_other_networks_give_the_bits_of_fit(network: str) -> None:
    assert_equal(*pair(network + "\nseed 4", lambda: (TABLE, NUMBERS), shuffle=False, batch_size=50))


def test_a_convolution_gives_the_bits_of_fit(digits_data: Any) -> None:
    assert_equal(*pair(DIGITS + "\nseed 4", lambda: digits_data, shuffle=False, validation_split=0.2))


def test_a_metric_with_a_number_for_each_class_counts_with_its_mean() -> None:
    model = seqmagic.build(NETWORK.replace("sparse_categorical_crossentropy accuracy", "categorical_crossentropy f1_score"))
    run = seqmagic.fit(model, TABLE, keras.utils.to_categorical(NUMBERS, 3), epochs=2).wait()
    classes = run.history["f1_score"][-1]
    assert classes.shape == (3,)
    assert run.record.last()["f1_score"] == pytest.approx(classes.mean())


def test_callbacks_are_called_as_often_as_they_listen() -> None:
    calls = {"batches": 0, "epochs": 0, "tests": 0}

    class Listens(keras.callbacks.Callback):
        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            calls["batches"] += 1
            assert set(logs) == {"loss", "accuracy"}

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            calls["epochs"] += 1
            # A callback may test and train with other data, in the middle of a run.
            before = [np.array(weight) for weight in self.model.get_weights()]
            found = self.model.evaluate(dataset(64), verbose=0, return_dict=True)
            calls["tests"] += set(found) == {"loss", "accuracy"}
            assert set(self.model.test_on_batch(TABLE[:9], NUMBERS[:9], return_dict=True)) == {"loss", "accuracy"}
            assert all(np.array_equal(a, b) for a, b in zip(before, self.model.get_weights(), strict=True))

    run = seqmagic.fit(renewed(seqmagic.build(NETWORK)), TABLE, NUMBERS, epochs=3, callbacks=Listens()).wait()
    assert calls == {"batches": 48, "epochs": 3, "tests": 3}
    assert len(run.record.batches) == 48


def test_callbacks_of_keras_work_as_they_do_in_fit(tmp_path: Any) -> None:
    stopping = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=10)
    logger = keras.callbacks.CSVLogger(str(tmp_path / "log.csv"))
    saved = keras.callbacks.ModelCheckpoint(str(tmp_path / "best.keras"), monitor="loss", save_best_only=True)
    model = renewed(seqmagic.build(NETWORK))
    run = seqmagic.fit(model, TABLE, NUMBERS, epochs=30, callbacks=[stopping, logger, saved]).wait()
    assert run.state == "done"
    assert len(run.history["loss"]) == 2
    assert len((tmp_path / "log.csv").read_text().splitlines()) == 3
    assert (tmp_path / "best.keras").exists()


def test_after_a_run_the_model_is_fitted_by_keras_alone() -> None:
    model = seqmagic.build(NETWORK)
    seqmagic.fit(model, TABLE, NUMBERS, epochs=1).wait()
    assert (model.train_function, model.test_function, model.steps_per_execution) == (None, None, 1)
    assert len(model.fit(TABLE, NUMBERS, epochs=2, verbose=0).history["loss"]) == 2
    assert seqmagic.fit(model, TABLE, NUMBERS, epochs=1).wait().state == "done"


def test_a_model_that_is_frozen_or_compiled_anew_is_traced_anew() -> None:
    model = renewed(seqmagic.build(NETWORK))
    seqmagic.fit(model, TABLE, NUMBERS, epochs=1).wait()
    model.layers[0].trainable = False
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    frozen = model.layers[0].get_weights()[0].copy()
    seqmagic.fit(model, TABLE, NUMBERS, epochs=2).wait()
    assert np.array_equal(frozen, model.layers[0].get_weights()[0])


@pytest.mark.parametrize("how", [{"run_eagerly": True}, {"jit_compile": True}, {"steps_per_execution": 4}])
def test_other_ways_to_run_a_step(how: dict[str, Any]) -> None:
    model = seqmagic.build(NETWORK)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"], **how)
    run = seqmagic.fit(model, TABLE, NUMBERS, epochs=2, validation_split=0.2).wait()
    assert len(run.history["val_accuracy"]) == 2
    assert len(run.record.batches) == 26


def test_callbacks_of_batches_in_a_run_that_goes_on(digits_data: Any) -> None:
    x, y = digits_data

    def train(*, cut: bool) -> tuple[dict[str, list[float]], list[np.ndarray]]:
        model = seqmagic.build("seed 2\n" + DIGITS)
        counter = keras.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: None)
        run = seqmagic.Run(model, x[:320], y[:320], epochs=3, batch_size=32, seed=9, callbacks=[counter])
        if cut:
            for count in range(1, 15):
                run.step_batch()
                while len(run.record.batches) < count or not run.paused:
                    time.sleep(0.001)
            run.stop().wait()
            run = seqmagic.fit(model, x[:320], y[:320], resume=True, callbacks=[counter])
        else:
            run.start()
        return run.wait().history, model.get_weights()

    (cut_history, cut_weights), (history, weights) = train(cut=True), train(cut=False)
    assert cut_history == history
    assert all(np.array_equal(a, b) for a, b in zip(cut_weights, weights, strict=True))


def test_a_model_that_gets_its_weights_from_its_first_batch() -> None:
    model = seqmagic.build(NETWORK.replace("input 6\n", ""))
    assert not model.built
    run = seqmagic.fit(model, TABLE, NUMBERS, epochs=2).wait()
    assert len(run.more().wait().history["loss"]) == 4
