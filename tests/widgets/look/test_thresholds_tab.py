"""The tab of thresholds: it follows its slider, and says what it needs."""

from __future__ import annotations

import sys

import pytest

from seqmagic.analysis.predictions import Predictions
from seqmagic.analysis.thresholds import roc_of
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.thresholds_tab import ThresholdsTab
from tests.support.yes_or_no import ENDS, predictions_of


@pytest.fixture(scope="module", params=ENDS)
def predictions(request: pytest.FixtureRequest) -> Predictions:
    return predictions_of(request.param)


def test_the_tab_follows_its_slider(predictions: Predictions) -> None:
    tab = ThresholdsTab(LookState(predictions))
    assert tab.fits(tab.state)
    for value in ("20", "101", "-3", "x"):
        tab.press("threshold", value)
    markup = "".join(map(str, tab.body(live=True)))
    assert ("above 0.20" in markup) == (predictions.probabilities is not None)
    assert "data-press" not in "".join(map(str, tab.body(live=False)))
    assert tab.lines()
    assert f"{roc_of(predictions).area:.3f}" in tab.sentence()


def test_without_scikit_learn_it_is_asked_for(predictions: Predictions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sklearn", None)
    tab = ThresholdsTab(LookState(predictions))
    assert "%pip install scikit-learn" in tab.sentence()
    assert tab.body(live=True)
