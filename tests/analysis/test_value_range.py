"""Values that lie close together, or far out, are counted like all others."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from seqmagic.analysis.layer_weights import histograms_of
from seqmagic.analysis.value_range import count_in_bins
from tests.support.strange_values import AFTER_ONE, VALUES


@pytest.mark.parametrize("case", VALUES)
def test_each_value_is_counted_once_in_the_bin_that_it_lies_in(case: str) -> None:
    values = VALUES[case]
    counts, edges = count_in_bins(values, 30)
    assert counts.sum() == len(values)
    assert (np.diff(edges) > 0).all()
    values = values.astype("float64")  # NumPy 1 would round the edges to the values' own type before it compares.
    for count, low, high in zip(counts, edges[:-1], edges[1:], strict=True):
        last = high == edges[-1]
        assert count == ((values >= low) & ((values <= high) if last else (values < high))).sum()


def test_where_numpy_can_count_the_bins_are_its_own() -> None:
    for values in (VALUES["all over"], VALUES["equal"]):
        for ours, numpys in zip(count_in_bins(values, 30), np.histogram(values, 30), strict=True):
            assert np.array_equal(ours, numpys)


def test_a_layer_whose_weights_hardly_differ_is_looked_at() -> None:
    model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()])
    model.layers[0].gamma.assign([1, AFTER_ONE])
    (gamma,) = [one for one in histograms_of(model.layers[0]) if one.name == "gamma"]
    assert gamma.counts.sum() == 2
