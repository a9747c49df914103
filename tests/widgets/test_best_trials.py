"""The best trial is the same in the chart, in the ledger and in the sweep, whatever its metric is called."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import seqmagic
from seqmagic.ledger.current import current_ledger, name_ledger
from seqmagic.ledger.ranking import sort_by
from seqmagic.widgets.sweep_charts import best_so_far


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path) -> Iterator[None]:
    seqmagic.keep_runs(tmp_path / "runs.sqlite")
    yield
    name_ledger(None)


@pytest.mark.parametrize(
    ("metric", "best", "small"),
    [
        ("FalsePositives(name=alarms)", "val_alarms", True),
        ("SquaredHinge(name=gap)", "gap", True),
        ("Precision(name=loss_of_none)", "val_loss_of_none", False),
        ("F1Score(threshold=0.5)", "val_f1_score", False),
        ("Recall", "val_Recall", False),
    ],
)
def test_a_metric_with_a_name_of_its_own_is_best_at_its_own_end(
    metric: str, best: str, digits_data: tuple[Any, Any], *, small: bool
) -> None:
    text = f"input 8x8x1 -> flatten -> dense choice(1, 2, 3, 9) relu -> dense 1 sigmoid\ncompile adam(0.02) binary_crossentropy {metric}"
    x, y = digits_data[0][:200].astype("float32"), (digits_data[1][:200, None] > 4).astype("float32")
    found = seqmagic.sweep(text, x, y, trials=4, epochs=2, best=best, validation_split=0.3, prune=False).wait()
    results = [one.result for one in found.trials]
    assert len({*results}) > 1
    assert found.best is not None
    assert found.best.result == (min if small else max)(results)
    assert best_so_far(found)[-1][1] == found.best.result
    ledger = current_ledger()
    assert ledger is not None
    entries = [ledger.entry(one.runs[0]) for one in found.trials]
    winner = sort_by(entries, best)[0]
    assert winner.best[best][0] == (min if small else max)(entry.best[best][0] for entry in entries)
    for entry, one in zip(entries, found.trials, strict=True):
        assert entry.best[best][0] == (min if small else max)(value for _, value in one.outcomes[0].curve(best))
