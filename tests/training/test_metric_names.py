"""A metric is logged under its own name alone: one that would take the place of the loss, or of a validation's number, is refused."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.errors import CompileError

X, Y = np.random.RandomState(0).rand(20, 2).astype("float32"), np.arange(20) % 2


def compiled(**metrics: Any) -> keras.Model:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy", **metrics)
    return model


def loss(y_true: Any, y_pred: Any) -> Any:
    return keras.ops.mean(y_pred)


TAKEN = {
    "loss": {"metrics": [keras.metrics.AUC(name="loss")]},
    "a function": {"metrics": [loss]},
    "val_loss": {"metrics": ["accuracy", keras.metrics.AUC(name="val_loss")]},
    "weighted": {"weighted_metrics": [keras.metrics.BinaryAccuracy(name="val_accuracy")]},
}


@pytest.mark.parametrize("case", TAKEN)
def test_a_name_that_means_another_number_is_refused(case: str) -> None:
    with pytest.raises(CompileError, match="under which Keras logs another number"):
        seqmagic.fit(compiled(**TAKEN[case]), X, Y, validation_split=0.2)


def test_without_the_check_keras_would_log_the_metric_as_the_loss() -> None:
    model = compiled(metrics=[keras.metrics.AUC(name="loss")])
    logged = model.evaluate(X, Y, verbose=0, return_dict=True)["loss"]
    auc, crossentropy = keras.metrics.AUC(), keras.losses.BinaryCrossentropy()
    predicted = model.predict(X, verbose=0)
    assert logged == pytest.approx(float(auc(Y[:, None], predicted)))
    assert logged != pytest.approx(float(crossentropy(Y[:, None], predicted)))


def test_names_that_only_look_alike_are_free() -> None:
    metrics = [keras.metrics.AUC(name="log_loss"), keras.metrics.AUC(name="value"), keras.metrics.AUC(name="losses")]
    run = seqmagic.fit(compiled(metrics=metrics), X, Y, epochs=1, validation_split=0.2).wait()
    assert {"loss", "log_loss", "value", "losses", "val_loss", "val_value"} <= set(run.history)


@pytest.mark.parametrize("kept", [0, 8])
def test_a_validation_without_a_row_is_told_of(kept: int) -> None:
    rows = tf.data.Dataset.from_tensor_slices((X, Y)).enumerate().filter(lambda number, _: number < kept).map(lambda _, row: row)
    run = seqmagic.fit(compiled(metrics=["accuracy"]), X, Y, epochs=2, validation_data=rows.batch(4)).wait()
    assert ("val_loss" in run.history) is bool(kept)
    told = [warning for warning in run.warnings if "validation data yields nothing" in warning]
    assert len(told) == (0 if kept else 1)
