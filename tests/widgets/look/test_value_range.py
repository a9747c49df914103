"""Values that lie close together, or far out, are drawn like all others."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather
from seqmagic.analysis.value_range import wide_range
from seqmagic.widgets.look.amounts_tab import AmountsTab
from seqmagic.widgets.look.plot import Plot
from seqmagic.widgets.look.state import LookState
from tests.support.strange_values import VALUES


@pytest.mark.parametrize("case", VALUES)
def test_a_plot_of_any_values_has_numbers_on_its_axes(case: str) -> None:
    values = VALUES[case].astype("float64")
    plot = Plot((values.min(), values.max()), (0, 1), ("x", "y")).points(values, np.zeros(len(values)))
    html = str(plot.figure("all"))
    assert "nan" not in html
    assert "inf" not in html
    low, high = wide_range(values.min(), values.max())
    assert low <= values.min() <= values.max() <= high
    assert re.search(r'<text[^>]*class="middle">', html)


def test_labels_that_are_large_and_equal_are_drawn() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("adam", "mse")
    predictions = predict(model, gather(model, np.zeros((6, 2)), np.full(6, 1e20)))
    tab = AmountsTab(LookState(predictions))
    assert "off by 1e+20" in tab.sentence()
    assert "nan" not in "".join(map(str, tab.body(live=True)))
