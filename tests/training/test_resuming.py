"""A run that was cut goes on to the very weights of one that never was: by Stop, an error, and the end of its process."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import DataError, LanguageError, TrainingError
from seqmagic.language import parse
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.recipes.recipe import make_recipe
from seqmagic.training.run import Run
from tests.support.digits import DIGITS
from tests.support.renewed import renewed

NOISY = "seed 7\n" + DIGITS.replace("flatten", "flatten -> dropout 0.3 -> batchnorm")
OPTIONS: dict[str, Any] = {"validation_split": 0.1, "batch_size": 16}


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path) -> Any:
    yield keep_runs(tmp_path / "runs.sqlite")
    name_ledger(None)


@pytest.fixture(scope="module")
def uncut(digits_data: Any) -> Run:
    name_ledger(None)
    run = seqmagic.fit(build(NOISY), *digits_data, epochs=6, **OPTIONS).wait()
    run.kept = run.model  # type: ignore[attr-defined]  # A run holds its model only while it trains.
    return run


def build(text: str) -> Any:
    return make_recipe(parse(text), {}, "digits").model


def make(text: str) -> Any:
    return renewed(build(text))


def weights_of(model: Any) -> list[np.ndarray]:
    return [variable.value.numpy() for variable in [*model.variables, *model.optimizer.variables]]


def assert_same(model: Any, run: Run, uncut: Run) -> None:
    assert all(np.array_equal(a, b) for a, b in zip(weights_of(model), weights_of(uncut.model), strict=True))
    assert run.history == uncut.history
    assert run.record.batches.as_dict() == uncut.record.batches.as_dict()


def stop_after(run: Run, batches: int) -> Run:
    while len(run.record.batches) < batches:
        time.sleep(0.001)
    return run.stop().wait()


@pytest.mark.parametrize("batches", [1, 60, 202, 350])
def test_a_stopped_run_goes_on_to_the_same_weights(digits_data: Any, uncut: Run, batches: int) -> None:
    model = make(NOISY)
    cut = stop_after(seqmagic.fit(model, *digits_data, epochs=6, **OPTIONS), batches)
    assert cut.state == "stopped"
    resumed = seqmagic.fit(model, *digits_data, resume=True, validation_split=0.1).wait()
    assert_same(model, resumed, uncut)


def test_what_was_pressed_in_between_changes_nothing(digits_data: Any, uncut: Run) -> None:
    model = make(NOISY)
    run = seqmagic.Run(model, *digits_data, epochs=6, **OPTIONS)
    run.step_batch()
    for press in (run.step_batch, run.step_epoch, run.pause, run.step_batch, run.step_epoch):
        while not run.paused:
            time.sleep(0.001)
        press()
    time.sleep(0.05)
    run.resume().wait()
    assert_same(model, run, uncut)


def test_a_new_model_of_the_same_text_finds_the_run_in_the_ledger(digits_data: Any, uncut: Run) -> None:
    stop_after(seqmagic.fit(make(NOISY), *digits_data, epochs=6, **OPTIONS), 230)
    fresh = make(NOISY)
    resumed = seqmagic.fit(fresh, *digits_data, resume=True).wait()
    assert_same(fresh, resumed, uncut)
    assert len(resumed.history["loss"]) == 6


def test_a_run_that_an_exception_broke_off_goes_on(digits_data: Any, uncut: Run) -> None:
    class Breaks(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if epoch == 3:
                raise RuntimeError("the disk of my own log is full")

    model = make(NOISY)
    with pytest.raises(TrainingError, match="disk of my own log"):
        seqmagic.fit(model, *digits_data, epochs=6, callbacks=Breaks(), **OPTIONS).wait()
    resumed = seqmagic.fit(model, *digits_data, resume=True).wait()
    assert_same(model, resumed, uncut)


def test_more_epochs_than_planned(digits_data: Any) -> None:
    model = make(NOISY)
    stop_after(seqmagic.fit(model, *digits_data, epochs=3, **OPTIONS), 150)
    resumed = seqmagic.fit(model, *digits_data, resume=True, epochs=5).wait()
    assert len(resumed.history["loss"]) == 5


def test_patience_goes_on_where_it_was(digits_data: Any) -> None:
    x, y = digits_data
    model = make(NOISY.replace("adam(1e-3)", "sgd(1e-9)"))
    stop_after(seqmagic.fit(model, x, y, epochs=50, patience=6, validation_data=(x[:1], y[:1]), shuffle=False), 57 * 3)
    resumed = seqmagic.fit(model, x, y, resume=True, patience=6, validation_data=(x[:1], y[:1])).wait()
    whole = seqmagic.fit(
        make(NOISY.replace("adam(1e-3)", "sgd(1e-9)")), x, y, epochs=50, patience=6, validation_data=(x[:1], y[:1]), shuffle=False
    ).wait()
    assert (resumed.reason, len(resumed.history["loss"])) == (whole.reason, len(whole.history["loss"]))


def test_other_data_other_batches_and_nothing_to_go_on_with_are_refused_in_words(digits_data: Any, ledger: Any) -> None:
    x, y = digits_data
    with pytest.raises(LanguageError, match="There is no interrupted run of 'digits'"):
        seqmagic.fit(make(NOISY), x, y, resume=True)
    stop_after(seqmagic.fit(make(NOISY), x, y, epochs=6, **OPTIONS), 60)
    fresh = make(NOISY)
    with pytest.raises(DataError, match="x is not the data that the interrupted run was trained on"):
        seqmagic.fit(fresh, x * 0.5, y, resume=True)
    with pytest.raises(DataError, match="The interrupted run had batch_size=16"):
        seqmagic.fit(fresh, x, y, resume=True, batch_size=32)
    with pytest.raises(LanguageError, match="There is no interrupted run of 'digits'"):
        seqmagic.fit(make(NOISY.replace("conv 16", "conv 8")), x, y, resume=True)


def test_data_in_no_known_order_go_on_and_say_so(digits_data: Any) -> None:
    import tensorflow as tf

    def batches() -> Any:
        return tf.data.Dataset.from_tensor_slices(digits_data).shuffle(2000).batch(16)

    model = make(NOISY)
    stop_after(seqmagic.fit(model, batches(), epochs=4), 150)
    resumed = seqmagic.fit(model, batches(), resume=True).wait()
    assert len(resumed.history["loss"]) == 4
    assert "The order of this data is unknown" in resumed.warnings[0]
