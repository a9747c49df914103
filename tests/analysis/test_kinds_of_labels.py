"""What %look counts for each kind of labels, beside scikit-learn: with weights of rows, and where a class is missing in the validation."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import pandas as pd
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

import seqmagic
from seqmagic.analysis.confusion import confusion_of, confusions_of_labels
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.samples import Samples, gather, samples_of_last_run
from seqmagic.analysis.thresholds import calibration_of, confusion_at, has_thresholds, roc_of
from seqmagic.errors import DataError

RNG = np.random.default_rng(0)
X = RNG.normal(size=(200, 3)).astype("float32")
TWO = (X[:, 0] + 0.7 * RNG.normal(size=200) > 0).astype(int)
THREE = np.digitize(X[:, 0], [-0.5, 0.5])
MANY = np.stack([TWO, THREE > 0, THREE > 1], axis=1).astype(int)
WEIGHTS = RNG.uniform(0.1, 2, 200)
LAST = np.arange(200) >= 140
one_hot = keras.utils.to_categorical

CASES: dict[str, tuple[str, Any, np.ndarray]] = {
    "one unit": ("dense 1 sigmoid\ncompile adam(0.1) binary_crossentropy", TWO, TWO),
    "one unit, a column": ("dense 1 sigmoid\ncompile adam(0.1) binary_crossentropy", TWO[:, None], TWO),
    "one unit, truth": ("dense 1 sigmoid\ncompile adam(0.1) binary_crossentropy", TWO == 1, TWO),
    "one logit": ("dense 1\ncompile adam(0.1) binary_crossentropy(from_logits=true)", TWO, TWO),
    "one unit from -1 to 1": ("dense 1 tanh\ncompile adam(0.1) hinge", 2 * TWO - 1, TWO),
    "two units": ("dense 2 softmax\ncompile adam(0.1) sparse_categorical_crossentropy", TWO, TWO),
    "two units, one-hot": ("dense 2 softmax\ncompile adam(0.1) categorical_crossentropy", one_hot(TWO), TWO),
    "two logits": ("dense 2\ncompile adam(0.1) sparse_categorical_crossentropy(from_logits=true)", TWO, TWO),
    "three units, a table": ("dense 3 softmax\ncompile adam(0.1) categorical_crossentropy", pd.DataFrame(one_hot(THREE)), THREE),
    "three units, a Series": (
        "dense 3 softmax\ncompile adam(0.1) sparse_categorical_crossentropy",
        pd.Series(THREE, index=range(500, 700)),
        THREE,
    ),
    "three units, squares": ("dense 3 softmax\ncompile adam(0.1) mse", one_hot(THREE), THREE),
}


def trained(text: str, y: Any, held: np.ndarray, weights: Any) -> tuple[Any, Samples]:
    keras.utils.set_random_seed(0)
    model = seqmagic.build(f"input 3 -> {text}")
    labels = y.iloc[np.flatnonzero(held)] if hasattr(y, "iloc") else y[held]
    validation = (X[held], labels, *([] if weights is None else [weights[held]]))
    seqmagic.fit(model, X, y, epochs=2, validation_data=validation, sample_weight=weights).wait()
    return model, samples_of_last_run(model)  # A run holds its data only as long as others do.


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("case", CASES)
def test_what_is_counted_is_what_scikit_learn_counts(case: str, *, weighted: bool) -> None:
    text, y, classes = CASES[case]
    for held in (LAST, LAST & (classes != classes.max())):  # The second lacks a class.
        model, samples = trained(text, y, held, WEIGHTS if weighted else None)
        truth, count = classes[held], int(classes.max()) + 1
        predictions = predict(model, samples, class_names=[f"class {number}" for number in range(count)])
        raw = model.predict(X[held], verbose=0).astype("float64")
        chosen = raw.argmax(axis=1) if count == raw.shape[1] else (raw[:, 0] > (0.5 if "sigmoid" in text else 0)).astype(int)
        confusion = confusion_of(predictions)
        assert confusion is not None
        assert confusion.counts.tolist() == metrics.confusion_matrix(truth, chosen, labels=range(count)).tolist()
        assert confusion.accuracy == pytest.approx(metrics.accuracy_score(truth, chosen))
        macro = metrics.precision_recall_fscore_support(truth, chosen, average="macro", zero_division=0)
        assert confusion.mean_scores() == pytest.approx(macro[:3])
        assert [predictions.class_name(number) for number in range(count)] == [f"class {number}" for number in range(count)]
        assert predictions.notes == ()
        assert has_thresholds(predictions) == (raw.shape[1] == 1 and len(np.unique(truth)) == 2)
        if has_thresholds(predictions):
            hold_thresholds(predictions, truth, 1 / (1 + np.exp(-raw[:, 0])) if "logit" in text else raw[:, 0])


def hold_thresholds(predictions: Predictions, truth: np.ndarray, scores: np.ndarray) -> None:
    assert roc_of(predictions).area == pytest.approx(metrics.roc_auc_score(truth, scores))
    for threshold in (0.0, 0.2, 0.5, 0.9, 1.0):
        theirs = metrics.confusion_matrix(truth, scores > threshold, labels=[0, 1])
        assert confusion_at(predictions, threshold).counts.tolist() == theirs.tolist()
    calibration = calibration_of(predictions)
    if calibration is not None:
        shares, probabilities = calibration_curve(truth, scores, n_bins=10)
        assert calibration.shares == pytest.approx(shares)
        assert calibration.probabilities == pytest.approx(probabilities, rel=1e-5)
        assert calibration.counts.sum() == len(truth)


@pytest.mark.parametrize("labels", [MANY, pd.DataFrame(MANY), np.where(np.arange(3) == 2, 0, MANY)], ids=["array", "table", "one never"])
def test_each_label_of_several_is_counted_as_by_scikit_learn(labels: Any) -> None:
    model, samples = trained("dense 3 sigmoid\ncompile adam(0.1) binary_crossentropy", labels, LAST, None)
    predictions = predict(model, samples, class_names=["a", "b", "c"])
    chosen = (model.predict(X[LAST], verbose=0) > 0.5).astype(int)
    with warnings.catch_warnings(action="ignore"):
        theirs = metrics.multilabel_confusion_matrix(np.asarray(labels)[LAST], chosen)
    assert [one.counts.tolist() for one in confusions_of_labels(predictions)] == theirs.tolist()


NAMES = np.array(["no", "yes"])[TWO]
CATEGORIES = pd.Series(pd.Categorical.from_codes(TWO, ["no", "yes"]))


@pytest.mark.parametrize(
    "labels", [NAMES, NAMES.astype(object), pd.Series(NAMES), CATEGORIES], ids=["array", "object", "Series", "categories"]
)
@pytest.mark.parametrize("compiled", ["", "\ncompile adam binary_crossentropy"], ids=["not compiled", "compiled"])
def test_labels_that_are_text_are_refused_as_what_they_are(labels: Any, compiled: str) -> None:
    model = seqmagic.build(f"input 3 -> dense 1 sigmoid{compiled}")
    with pytest.raises(DataError, match=r"y holds (text|strings as categories), such as 'no'"):
        gather(model, X, labels)


def test_a_row_of_one_hot_labels_without_a_1_is_told_of() -> None:
    labels = one_hot(THREE)
    labels[:5] = 0
    model = seqmagic.build("input 3 -> dense 3 softmax\ncompile adam categorical_crossentropy")
    notes = " ".join(predict(model, gather(model, X, labels)).notes)
    assert "In 5 rows of the labels, all are 0, so they belong to no class; here they count as class 0." in notes
    assert "shares" not in notes
    assert "belong" not in " ".join(predict(model, gather(model, X, one_hot(THREE))).notes)
