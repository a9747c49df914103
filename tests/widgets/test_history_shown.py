"""A history with several numbers for a metric, or with missing ones, as the page, the picture and the text show it."""

from __future__ import annotations

import json

import keras

import seqmagic
from seqmagic.history import History
from seqmagic.widgets.picture import draw_png
from seqmagic.widgets.status import format_table, with_table
from seqmagic.widgets.training_view import TrainingView
from tests.training.equals_keras.data import ONE_HOT, X
from tests.training.equals_keras.models import dense


def test_a_missing_number_is_empty_and_one_that_came_out_as_nan_is_nan() -> None:
    history = History()
    history.add_epoch(1, {"loss": 0.5})
    history.add_epoch(2, {"loss": 0.25, "val_loss": float("nan")})
    assert [line.split() for line in format_table(history).splitlines()] == [
        ["epoch", "loss", "val_loss"],
        ["1", "0.5"],
        ["2", "0.25", "nan"],
    ]


def test_what_shows_the_mean_says_so() -> None:
    run = seqmagic.fit(dense(loss="categorical_crossentropy", metrics=lambda: [keras.metrics.F1Score()])(), X, ONE_HOT, epochs=2).wait()
    said = "f1_score is the mean of 3 values; run.history has all of them."
    assert said in with_table("", run.record)
    view = TrainingView()
    view.show(run)
    header = view.header(run.progress)
    assert (header["counts"], header["means"]) == ({"f1_score": 3}, [said])
    assert json.dumps(header["counts"])
    assert draw_png(run)
