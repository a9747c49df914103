"""The direction of a metric is that in which a perfect prediction lies, whatever the metric is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.measure import is_small_good
from seqmagic.network.metric_direction import is_falling, judged_by

TRUE = np.eye(4, dtype="float32")[[0, 1, 2, 3, 0, 1, 2, 3]]
GOOD, BAD = np.clip(TRUE, 0.02, 0.95), np.clip(np.roll(TRUE, 1, axis=1), 0.02, 0.95)
ARGUMENTS = {
    "IoU": (4, (0, 1)),
    "OneHotIoU": (4, (0, 1)),
    "MeanIoU": (4,),
    "OneHotMeanIoU": (4,),
    "PrecisionAtRecall": (0.5,),
    "RecallAtPrecision": (0.5,),
    "SensitivityAtSpecificity": (0.5,),
    "SpecificityAtSensitivity": (0.5,),
    "TopKCategoricalAccuracy": (1,),
    "SparseTopKCategoricalAccuracy": (1,),
    "CategoricalGeneralizedCrossEntropy": (0.5,),
}
ANY_WAY = ("Metric", "Mean", "Sum", "MeanMetricWrapper", "Loss", "CTC", "Circle")  # They measure nothing, or no such predictions.


def made_of_keras() -> Iterator[Any]:
    for module, base in ((keras.metrics, keras.metrics.Metric), (keras.losses, keras.losses.Loss)):
        for name, thing in vars(module).items():
            if isinstance(thing, type) and issubclass(thing, base) and name not in ANY_WAY:
                # A name that says nothing: what it computes has to tell.
                yield pytest.param(thing(*ARGUMENTS.get(name, ()), name="x"), id=f"{module.__name__}.{name}")
            elif callable(thing) and not isinstance(thing, type) and name not in ("get", "serialize", "deserialize", "ctc", "circle"):
                yield pytest.param(thing, id=f"{module.__name__}.{name}")


def value_of(metric: Any, predicted: np.ndarray) -> float:
    name = getattr(metric, "__name__", type(metric).__name__).lower()
    sparse = name.startswith("sparse") or name in ("iou", "meaniou") or "generalized" in name
    true = TRUE.argmax(axis=1).astype("float32") if sparse else TRUE
    given = predicted.argmax(axis=1).astype("float32") if name in ("iou", "meaniou") else predicted
    given = given.round() if name == "accuracy" else given
    more = {"k": 1} if "top_k" in name else {"q": 0.5} if name == "categorical_generalized_cross_entropy" else {}
    if isinstance(metric, keras.metrics.Metric):
        metric.reset_state()
        return float(np.mean(metric(true, given)))
    return float(np.mean(metric(true, given, **more)))


@pytest.mark.parametrize("metric", list(made_of_keras()))
def test_each_of_keras_is_judged_as_a_perfect_prediction_shows(metric: Any) -> None:
    good, bad = value_of(metric, GOOD), value_of(metric, BAD)
    assert good != bad
    assert is_falling(metric) is (good < bad)


class Gap(keras.losses.Loss):
    def call(self, y_true: Any, y_pred: Any) -> Any:
        return keras.losses.dice(y_true, y_pred)


class Share(keras.metrics.MeanSquaredError):
    """Falls, as what it is derived from does."""


class Quality(keras.metrics.Mean):
    """Says itself that it falls, as Keras's own metrics do."""

    def __init__(self, name: str = "quality") -> None:
        super().__init__(name=name)
        self._direction = "down"

    def update_state(self, y_true: Any, y_pred: Any, sample_weight: Any = None) -> None:
        super().update_state(keras.ops.abs(y_true - y_pred))


MEAN = keras.metrics.MeanMetricWrapper
NAMED = (
    (lambda: keras.losses.dice, "dice", True),
    (keras.losses.Tversky, "tversky", True),
    (lambda: keras.losses.cosine_similarity, "cosine_similarity", True),
    (lambda: "cosine_similarity", "cosine_similarity", False),
    (lambda: Gap(name="score"), "score", True),
    (lambda: Share(name="accuracy_of_mine"), "accuracy_of_mine", True),
    (Quality, "quality", True),
    (lambda: MEAN(keras.losses.dice, name="z"), "z", True),
    (lambda: keras.metrics.CategoricalAccuracy(name="error"), "error", False),
    (lambda: keras.metrics.FalseNegatives(name="missed"), "missed", True),
)


@pytest.mark.parametrize(("make", "name", "small"), NAMED, ids=[name for _, name, _ in NAMED])
def test_runs_patience_and_plain_code_agree_on_the_direction(make: Any, name: str, tmp_path: Path, *, small: bool) -> None:
    x = np.random.default_rng(0).random((32, 4), "float32")
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(4, "softmax")])
    model.compile("adam", "categorical_crossentropy", metrics=[make()])
    ledger = keep_runs(tmp_path / "runs.sqlite")
    try:
        run = seqmagic.fit(model, x, np.tile(TRUE, (4, 1)), epochs=3, patience=9, monitor=f"val_{name}", validation_split=0.25).wait()
        (entry,) = ledger.entries()
    finally:
        name_ledger(None)
    values = run.history[f"val_{name}"]
    assert entry.best[f"val_{name}"][0] == (min if small else max)(values)
    assert run.request.early_stop.lowest == (min if small else max)(values)
    assert is_small_good(judged_by(model, f"val_{name}")) is small


def test_plain_code_waits_in_the_right_direction() -> None:
    text = "input 4 -> dense 1 sigmoid\ncompile adam bce FalsePositives(name=alarms) Recall(name=error)"
    for monitor, mode in (("val_alarms", "min"), ("val_error", "max"), ("val_loss", "min")):
        model = seqmagic.build(text)
        step = seqmagic.language.parse_step(f"fit x y epochs=3 validation_split=0.5 patience=2 monitor={monitor}")
        assert f'EarlyStopping("{monitor}", patience=2, mode="{mode}")' in seqmagic.to_python(model, fit=step)


def test_metrics_of_one_name_at_two_outputs_are_told_apart() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, [keras.layers.Dense(4, "softmax", name=name)(inputs) for name in ("left", "right")])
    fit = {"left": keras.metrics.MeanSquaredError(name="fit"), "right": keras.metrics.CategoricalAccuracy(name="fit")}
    model.compile("adam", {"left": "mse", "right": "mse"}, metrics=fit)
    model.fit(np.zeros((8, 4)), [TRUE, TRUE], verbose=0)
    assert {"left_fit", "right_fit"} <= set(model.history.history)
    assert [is_small_good(judged_by(model, name)) for name in ("val_left_fit", "val_right_fit")] == [True, False]
