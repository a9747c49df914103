"""What `patience` watches, where `monitor` names it: larger or smaller is better by its name, as Keras's own EarlyStopping has it."""

from __future__ import annotations

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError
from seqmagic.options.early_stop import EarlyStop, read_early_stop
from seqmagic.training.run import Run

YES_OR_NO = "seed 3\ninput 4\ndense 3 relu\ndense 1 sigmoid\ncompile sgd(0.5) binary_crossentropy auc"


@pytest.mark.parametrize(
    ("monitor", "values", "ends"),
    [("auc", [0.5, 0.7, 0.6, 0.65, 0.7], 4), ("mae", [0.5, 0.3, 0.4, 0.35, 0.2], 4), ("val_auc", [0.9, 0.8, 0.95, 0.9, 0.95], 5)],
)
def test_patience_ends_when_what_it_watches_got_no_better(monitor: str, values: list[float], ends: int) -> None:
    goal = read_early_stop(patience=2, monitor=monitor)
    said = [goal.look({"loss": 1.0 - epoch / 10, monitor: value}) for epoch, value in enumerate(values)]
    assert [bool(sentence) for sentence in said].index(True) + 1 == ends
    assert monitor in said[ends - 1]


def test_a_goal_goes_on_from_what_it_had_seen() -> None:
    goal, again = EarlyStop(patience=2, monitor="auc"), EarlyStop(patience=2, monitor="auc")
    goal.look({"loss": 1.0, "auc": 0.8})
    goal.look({"loss": 0.9, "auc": 0.7})
    again.go_on(goal.facts())
    assert goal.look({"loss": 0.8, "auc": 0.75}) == again.look({"loss": 0.8, "auc": 0.75}) != ""


def test_a_run_ends_in_the_epoch_in_which_keras_ends() -> None:
    generator = np.random.default_rng(1)
    x = generator.random((60, 4)).astype("float32")
    y = (x[:, 0] + generator.normal(0, 0.4, 60) > 0.5).astype("float32")
    run = Run(seqmagic.build(YES_OR_NO), x, y, epochs=30, shuffle=False, validation_split=0.3, patience=2, monitor="val_auc").start().wait()
    stopping = keras.callbacks.EarlyStopping("val_auc", patience=2, mode="max")
    model = seqmagic.build(YES_OR_NO)
    history = model.fit(x, y, epochs=30, shuffle=False, validation_split=0.3, callbacks=[stopping], verbose=0).history
    assert len(run.history["val_auc"]) == len(history["val_auc"]) < 30


def test_what_the_training_does_not_have_is_refused_before_it_begins() -> None:
    x, y = np.zeros((20, 4)), np.arange(20) % 2
    with pytest.raises(ArgumentError) as caught:
        Run(seqmagic.build(YES_OR_NO), x, y, patience=2, monitor="val_auc")
    assert caught.value.fixes == ("validation_split=0.2",)
    with pytest.raises(ArgumentError) as caught:
        Run(seqmagic.build(YES_OR_NO), x, y, patience=2, monitor="acu")
    assert caught.value.fixes == ("monitor='auc'",)
