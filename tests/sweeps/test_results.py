"""The results of trials: which number of which epoch is a trial's result, and which of two is better, whatever a metric is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

import seqmagic
from seqmagic.ledger.current import name_ledger
from seqmagic.sweeps.sweep import Sweep

X, Y = load_digits(return_X_y=True)
X = (X / 16).astype("float32")


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path) -> Iterator[None]:
    seqmagic.keep_runs(tmp_path / "runs.sqlite")
    yield
    name_ledger(None)


def sweep(text: str, x: np.ndarray, y: np.ndarray, **options: Any) -> Sweep:
    return seqmagic.sweep(text, x, y, **{"validation_split": 0.3, "prune": False, **options}).wait()


class FromThird(keras.metrics.Metric):
    """The epoch's number; in the third and later not a number."""

    def __init__(self) -> None:
        super().__init__(name="odd")
        self.epochs = self.add_weight(initializer="zeros")

    def update_state(self, *_: object, **__: object) -> None:
        """Nothing is measured."""

    def reset_state(self) -> None:
        self.epochs.assign_add(0.5)  # Before the training and the validation of each epoch.

    def result(self) -> object:
        return keras.ops.where(self.epochs > 2.6, float("nan"), self.epochs)


def test_a_number_that_is_lost_at_the_end_is_no_result_but_one_that_is_not_measured_there_leaves_the_last() -> None:
    text = "input 64 -> dense choice(2, 3) -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy"
    lost = sweep(f"{text} Odd", X[:60], Y[:60], best="odd", names={"Odd": FromThird}, trials=2, epochs=5)
    for one in lost.trials:
        curve = [value for _, value in one.outcomes[0].curve("odd")]
        assert np.isfinite(curve[0])
        assert np.isnan(curve[-1])
        assert one.format_result() == "NaN"
    assert lost.best is None
    seldom = sweep(text, X[:60], Y[:60], validation_freq=2, trials=2, epochs=5)
    for one in seldom.trials:
        assert [epoch for epoch, _ in one.outcomes[0].curve("val_loss")] == [2, 4]
        assert one.result == one.outcomes[0].curve("val_loss")[-1][1]


def test_patience_knows_a_metric_by_what_it_is() -> None:
    metrics = [keras.metrics.FalsePositives(name="alarms")]
    model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(1, "sigmoid", kernel_initializer="zeros", bias_initializer="zeros")])
    model.compile(keras.optimizers.SGD(0.0), "binary_crossentropy", metrics=metrics)
    run = seqmagic.fit(model, X[:50], (Y[:50] > 4).astype("float32"), epochs=9, patience=3, monitor="alarms").wait()
    assert run.request.early_stop.lowest == 0.0
    assert run.request.early_stop.judged == "loss"
    assert run.reason == "alarms did not improve for 3 epochs."
