"""One spike flattens no chart: the range leaves it out, the picture marks it, the text tells it; the page and Matplotlib agree."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from seqmagic.history import History
from seqmagic.widgets.chart_range import describe_outside, range_without_spikes, shown_range
from seqmagic.widgets.picture import numbers_below, plot
from seqmagic.widgets.status import with_table

# The same cases as those of the page.
CASES = json.loads((Path(__file__).parent / "page" / "chart" / "spikes.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["what"])
def test_the_range_is_that_of_the_page(case: dict[str, Any]) -> None:
    assert range_without_spikes([np.array(values, float) for values in case["curves"]]) == tuple(case["shown"])


def test_what_is_no_number_has_no_range() -> None:
    assert range_without_spikes([]) is None
    assert range_without_spikes([np.array([np.nan, np.inf])]) is None
    assert shown_range([np.array([np.nan, 1.0])]) is None


def test_what_is_outside_is_reported() -> None:
    assert describe_outside([np.array([-7.0, 0.5, 52.31])], (0, 1)) == "down to -7 and up to 52.31"
    assert describe_outside([np.array([0.5])], (0, 1)) == ""


def with_spike(at: int | None = 20) -> History:
    record = History()
    for epoch in range(1, 41):
        record.epochs.add(epoch, {"loss": 1e6 if epoch == at else 1 / epoch, "val_loss": 1.5 / epoch, "accuracy": 0.5 + epoch / 100})
    return record


def test_a_figure_keeps_its_curves_high_and_marks_the_spike() -> None:
    loss, accuracy = plot(with_spike()).axes
    assert loss.get_ylim()[1] < 2
    marks = [line for line in loss.lines if line.get_marker() == "^"]
    assert [list(line.get_xdata()) for line in marks] == [[20]]
    assert not [line for line in accuracy.lines if line.get_marker() == "^"]
    whole, _ = plot(with_spike(None)).axes
    assert whole.get_ylim()[1] > 1.5


def test_the_text_has_it_too() -> None:
    assert "loss: spikes up to 1e+06 are outside the chart." in with_table("told", with_spike())
    assert "outside" not in with_table("told", with_spike(None))
    assert "outside" not in numbers_below(with_spike())
