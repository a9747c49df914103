"""The numbers of saved runs: epochs, time and last values, also of a run that continues others, has many epochs, or ends with NaN."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.ledger.current import current_ledger, name_ledger
from seqmagic.ledger.entry import RunEntry, with_numbers
from seqmagic.measure import format_position
from seqmagic.training.resume import find_start_point
from seqmagic.training.run import Run
from seqmagic.widgets.run_card import RunCard
from seqmagic.widgets.run_curves import RunCurves, describe_curves
from seqmagic.widgets.run_words import format_epochs, format_time
from tests.support.run_end import end_of

X = np.random.default_rng(3).normal(size=(61, 4)).astype("float32")
Y = (X.sum(axis=1) > 0.3).astype(int)
TEXT = "input 4 -> dense 1 sigmoid\ncompile sgd binary_crossentropy"


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path) -> Iterator[None]:
    seqmagic.keep_runs(tmp_path / "runs.sqlite")
    yield
    name_ledger(None)


def entries() -> list[RunEntry]:
    ledger = current_ledger()
    assert ledger is not None
    return list(ledger.entries())


def stopped_after(run: Run, batches: int) -> Run:
    """A run that is stopped within an epoch."""
    for _ in range(batches):
        before = len(run.record.batches)
        run.step_batch()
        while len(run.record.batches) == before:
            time.sleep(0.002)
    return end_of(run.stop())


def test_a_run_that_continues_others_is_told_of_as_one_of_the_whole() -> None:
    model = seqmagic.build(TEXT)
    stopped_after(Run(model, X, Y, epochs=5, batch_size=8), 11)
    stopped_after(Run(model, X, Y, epochs=5, start_point=find_start_point(model)), 8)
    whole = seqmagic.fit(model, X, Y, resume=True).wait()
    end_of(whole.more(epochs=2))
    first, second, third, last = entries()
    assert [format_epochs(entry) for entry in (first, second, third, last)] == [
        "1.38 of 5 epochs",
        "2.38 of 5 epochs",
        "5 epochs",
        "7 epochs",
    ]
    assert [entry.last_epoch for entry in (first, second, third, last)] == [5, 5, 5, 7]
    assert [entry.continues for entry in (second, third, last)] == [first.id, second.id, third.id]
    sums = np.cumsum([entry.seconds for entry in entries()])
    assert [entry.seconds_in_all for entry in entries()] == pytest.approx(sums.tolist())
    assert ["in all" in format_time(entry) for entry in entries()] == [False, True, True, True]


POSITIONS = [
    (0.0, "0"),
    (3.0, "3"),
    (6.375, "6.38"),
    (9.999, "9.9"),
    (12.34, "12.3"),
    (99.97, "99.9"),
    (999.5, "999.5"),
    (1000.0, "1,000"),
    (1234.56, "1,234.6"),
    (1_200_000.0, "1,200,000"),
]


@pytest.mark.parametrize(("position", "shown"), POSITIONS)
def test_a_number_of_epochs_is_neither_rounded_to_a_whole_nor_written_as_a_power(position: float, shown: str) -> None:
    assert format_position(position) == shown
    entry = RunEntry(name="net", id=1, outcome="stopped", position=position, best={"loss": (0.5, position)}, epochs=2_000_000)
    assert format_epochs(entry) == f"{shown} of 2,000,000 epochs"
    assert RunCard(entry, {}).numbers() == [("loss", "", "0.5", shown)]
    if position:
        assert f"in {shown} epochs" in describe_curves([RunCurves("run 1", ["loss"], np.array([[0.5, 0.9], [position, 0.5]]))])


class FromFourth(keras.metrics.Metric):
    """The epoch's number; from the fourth on another value."""

    def __init__(self, value: float) -> None:
        super().__init__(name="odd")
        self.epochs, self.value = self.add_weight(initializer="zeros"), value

    def update_state(self, *_: object, **__: object) -> None:
        """Nothing is measured."""

    def reset_state(self) -> None:
        self.epochs.assign_add(1.0)

    def result(self) -> Any:
        return keras.ops.where(self.epochs > 3.5, self.value, self.epochs)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_metric_that_is_lost_at_the_end_is_not_shown_as_it_was_before(value: float) -> None:
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=[FromFourth(value)])
    run = seqmagic.fit(model, X, Y, epochs=6).wait()
    (entry,) = entries()
    for shown in (entry.numbers["odd"], run.record.last()["odd"], run.history["odd"][-1]):
        assert np.array_equal(shown, value, equal_nan=True)
    assert np.isfinite(entry.best["odd"][0])
    assert entry.best["odd"][0] == max(one for one in run.history["odd"] if np.isfinite(one))


def test_a_metric_that_is_not_measured_at_the_end_stays_what_it_was_last() -> None:
    run = seqmagic.fit(seqmagic.build(TEXT), X, Y, epochs=5, validation_split=0.2, validation_freq=2).wait()
    (entry,) = entries()
    assert entry.numbers["val_loss"] == run.history["val_loss"][-1]
    assert "val_loss" not in run.record.last()
    names, rows = run.record.epochs.rows_from()
    assert with_numbers(entry, names, rows).numbers == entry.numbers
