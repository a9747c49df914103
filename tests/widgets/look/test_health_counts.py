"""The health tab says exactly how many samples and batches its sentence rests on."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from seqmagic import build
from seqmagic.analysis import gradient_flow
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather
from seqmagic.widgets.look.health_tab import HealthTab
from seqmagic.widgets.look.state import LookState

NETWORK = "input 3 -> dense 4 relu -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy"


@pytest.mark.parametrize(
    ("rows", "units", "gradients"),
    [
        (1, "1 sample.", "one batch of 1 sample."),
        (20, "20 samples.", "one batch of 20 samples."),
        (70, "70 samples.", "2 batches with 64 samples in total."),
        (600, "256 samples.", "4 batches with 128 samples in total."),
    ],
)
def test_what_a_sentence_rests_on_is_what_was_looked_at(rows: int, units: str, gradients: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    compute = gradient_flow.loss_gradients

    def counting(model: Any, x: Any, y: Any) -> Any:
        seen.append(len(x))
        return compute(model, x, y)

    monkeypatch.setattr(gradient_flow, "loss_gradients", counting)
    model, x = build(NETWORK), np.random.RandomState(1).rand(rows, 3)
    told = HealthTab(LookState(predict(model, gather(model, x, np.arange(rows) % 2)))).sentence()
    assert f"Units are checked with {units}" in told
    assert told.endswith(f"Gradients are from {gradients}")
    assert f"{sum(seen)} sample" in gradients


def test_a_look_that_took_too_long_says_where_it_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    model, x = build(NETWORK), np.random.RandomState(1).rand(600, 3)
    (first, _) = gradient_flow.follow_gradients(model, x, np.arange(600) % 2, seconds=0)
    assert (first.batches, first.samples) == (1, 32)
