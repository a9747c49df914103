"""Values that lie close together, or far out, are counted and drawn like all others."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from seqmagic.analysis.layer_weights import histograms_of
from seqmagic.analysis.predictions import predict
from seqmagic.analysis.samples import gather
from seqmagic.analysis.value_range import count_in_bins, wide_range
from seqmagic.widgets.look.amounts_tab import AmountsTab
from seqmagic.widgets.look.plot import Plot
from seqmagic.widgets.look.state import LookState

AFTER_ONE = np.nextafter(np.float32(1), np.float32(2))
VALUES = {
    "one step apart": np.array([1, AFTER_ONE], "float32"),
    "equal and large": np.full(4, 1e20),
    "equal and large, in float32": np.full(4, 3e38, "float32"),
    "the whole of float32": np.array([-3e38, 3e38], "float32"),
    "the smallest": np.array([0, 1e-45], "float32"),
    "equal": np.full(5, 0.25),
    "a single one": np.array([7.0]),
    "all over": np.random.RandomState(0).randn(1000),
}


@pytest.mark.parametrize("case", VALUES)
def test_each_value_is_counted_once_in_the_bin_that_it_lies_in(case: str) -> None:
    values = VALUES[case]
    counts, edges = count_in_bins(values, 30)
    assert counts.sum() == len(values)
    assert (np.diff(edges) > 0).all()
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        last = high == edges[-1]
        assert count == ((values >= low) & ((values <= high) if last else (values < high))).sum()


def test_where_numpy_can_count_the_bins_are_its_own() -> None:
    for values in (VALUES["all over"], VALUES["equal"]):
        for ours, numpys in zip(count_in_bins(values, 30), np.histogram(values, 30), strict=True):
            assert np.array_equal(ours, numpys)


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


def test_a_layer_whose_weights_hardly_differ_is_looked_at() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()])
    model.layers[0].gamma.assign([1, AFTER_ONE])
    (gamma,) = [one for one in histograms_of(model.layers[0]) if one.name == "gamma"]
    assert gamma.counts.sum() == 2


def test_labels_that_are_large_and_equal_are_drawn() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile("adam", "mse")
    predictions = predict(model, gather(model, np.zeros((6, 2)), np.full(6, 1e20)))
    tab = AmountsTab(LookState(predictions))
    assert "off by 1e+20" in tab.sentence()
    assert "nan" not in "".join(map(str, tab.body(live=True)))
