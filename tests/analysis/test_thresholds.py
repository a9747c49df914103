"""Thresholds: the curves of a model that says yes or no are scikit-learn's, and so are the counts at each threshold."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import pytest
from sklearn import calibration, metrics

from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.samples import gather
from seqmagic.analysis.task import Head
from seqmagic.analysis.thresholds import calibration_of, confusion_at, has_thresholds, roc_of
from seqmagic.errors import DataError
from tests.support.yes_or_no import ENDS, X, Y, predictions_of


@pytest.fixture(scope="module", params=ENDS)
def predictions(request: pytest.FixtureRequest) -> Predictions:
    return predictions_of(request.param)


def scores(predictions: Predictions) -> np.ndarray:
    return predictions.rows[:, 0] if predictions.probabilities is None else predictions.probabilities[:, 0]


def test_the_roc_curve_is_that_of_the_raw_numbers(predictions: Predictions) -> None:
    roc = roc_of(predictions)
    raw = predictions.model.predict(X, verbose=0)[:, 0]
    assert roc.area == pytest.approx(metrics.roc_auc_score(Y, raw))
    false, true, _ = metrics.roc_curve(Y, raw)
    np.testing.assert_allclose(roc.false_positives, false)
    np.testing.assert_allclose(roc.true_positives, true)


def test_each_bin_of_the_calibration_has_its_samples(predictions: Predictions) -> None:
    found = calibration_of(predictions)
    if predictions.probabilities is None:
        assert found is None
        return
    assert found is not None
    shares, means = calibration.calibration_curve(Y, scores(predictions), n_bins=10)
    np.testing.assert_allclose(found.shares, shares)
    np.testing.assert_allclose(found.probabilities, means)
    assert found.counts.sum() == 300
    assert (found.counts * found.shares).sum() == pytest.approx(Y.sum())


@pytest.mark.parametrize("threshold", [0.0, 0.2, 0.5, 0.93, 1.0])
def test_a_threshold_gives_the_counts_of_scikit_learn(predictions: Predictions, threshold: float) -> None:
    ours = confusion_at(predictions, threshold).counts
    np.testing.assert_array_equal(ours, metrics.confusion_matrix(Y, scores(predictions) > threshold, labels=[0, 1]))


def test_without_scikit_learn_it_is_asked_for(predictions: Predictions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    with pytest.raises(DataError, match="not installed"):
        roc_of(predictions)


def test_a_probability_that_rounding_led_beyond_one_is_one(predictions: Predictions) -> None:
    beyond = replace(
        predictions, head=Head(activation="sigmoid"), outputs=np.linspace(-1e-7, 1 + 5e-7, len(predictions), dtype="float32")[:, None]
    )
    found = calibration_of(beyond)
    assert found is not None
    assert found.counts.sum() == len(predictions)


def test_labels_of_one_kind_have_no_curve(predictions: Predictions) -> None:
    only = predict(predictions.model, gather(predictions.model, X[Y == 1], Y[Y == 1]))
    assert not has_thresholds(only)
