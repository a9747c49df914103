"""Which epoch is the best is decided once: history, weights, ledger and table say the same, whatever was trained in between."""

from __future__ import annotations

import time
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import seqmagic
from seqmagic.history import History
from seqmagic.measure import best_epoch, best_row, is_better, is_small_good, measure_of
from seqmagic.options.early_stop import EarlyStop
from seqmagic.training.run import Run

TEXT = "seed 3\ninput 8x8x1\nflatten -> dense 16 relu -> dense 10 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"

numbers = st.one_of(st.floats(0, 9, allow_nan=False).map(lambda value: round(value, 1)), st.just(float("nan")), st.just(float("inf")))


@given(
    pairs=st.lists(st.tuples(numbers, numbers), max_size=8),
    since=st.integers(0, 8),
    broke_off=st.booleans(),
)
def test_the_best_epoch_is_that_of_a_plain_search(pairs: list[tuple[float, float]], since: int, *, broke_off: bool) -> None:
    history = History()
    history.loss_since = float(since)
    for epoch, (loss, validated) in enumerate(pairs, 1):
        part = 0.5 if broke_off and epoch == len(pairs) else 0
        history.epochs.add(epoch - part, {"loss": loss, "val_loss": validated})
    expected = None
    for name, column in (("val_loss", 1), ("loss", 0)):
        found = [(pair[column], place) for place, pair in enumerate(pairs, 1) if np.isfinite(pair[column]) and place > since]
        found = [(value, place) for value, place in found if not (broke_off and place == len(pairs))]
        if found and expected is None:
            expected = (name, float(min(found)[1]), min(found)[0])
    assert history.best() == expected
    assert best_epoch(*history.epochs.rows_from(), since=since) == expected


def test_a_metric_is_best_at_its_own_end() -> None:
    rows = np.array([[1, 0.5, 0.3], [2, 0.9, 0.2], [3, 0.9, 0.4], [3.5, 1.0, 0.0]])
    assert best_row(["accuracy", "loss"], rows, "accuracy") == ("accuracy", 2.0, 0.9)
    assert best_row(["accuracy", "loss"], rows, "loss", since=2) == ("loss", 3.0, 0.4)
    assert best_row(["accuracy", "loss"], rows, "auc") is None
    assert (is_better(1, 2), is_better(2, 2), is_better(float("nan"), 2), is_better(0.9, 0.8, "auc")) == (True, False, False, True)
    assert (measure_of(validates=True), measure_of(validates=False)) == ("val_loss", "loss")


ARGUMENTS: dict[str, tuple[Any, ...]] = {
    **dict.fromkeys(("MeanIoU", "OneHotMeanIoU"), (2,)),
    **dict.fromkeys(("IoU", "OneHotIoU"), (2, [0])),
    **dict.fromkeys(("PrecisionAtRecall", "RecallAtPrecision", "SensitivityAtSpecificity", "SpecificityAtSensitivity"), (0.5,)),
}
COUNTED = {"FalsePositives": True, "FalseNegatives": True, "TruePositives": False, "TrueNegatives": False}  # Of these Keras knows none.
KINDS = {
    name: kind
    for name, kind in vars(keras.metrics).items()
    if isinstance(kind, type) and name not in ("Metric", "Mean", "Sum", "MeanMetricWrapper")
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_metric_of_keras_is_best_where_keras_itself_says(kind: str) -> None:
    metric = KINDS[kind](*ARGUMENTS.get(kind, ()))
    small = COUNTED[kind] if kind in COUNTED else {"up": False, "down": True}[metric._direction]  # noqa: SLF001  # Keras has no public name for it.
    named = (metric.name, kind, f"val_{metric.name}", f"left_{metric.name}", f"val_left_{metric.name}_2")
    assert [is_small_good(name) for name in named] == [small] * len(named)


SMALL = ("log_loss", "MSE", "val_mae_1", "KLDivergence", "huber", "error_rate", "val_word_wer", "brier_score", "total_errors", "head_loss")
LARGE = ("klass_accuracy", "lossless", "R2Score", "dice", "acer_accuracy", "positives", "val_f1_score_3", "mean_pred")


@pytest.mark.parametrize(("name", "small"), [*((name, True) for name in SMALL), *((name, False) for name in LARGE)])
def test_the_words_of_a_name_tell_where_it_is_best(name: str, *, small: bool) -> None:
    assert is_small_good(name) is small


def test_patience_counts_anew_when_epochs_are_judged_by_something_else() -> None:
    goal = EarlyStop(patience=2)
    goal.go_on({"measured": "loss", "lowest": 0.1, "waited": 1})
    goal.validates = True
    assert [goal.look({"loss": 0.1, "val_loss": value}) for value in (0.9, 0.8, 0.8)] == ["", "", ""]
    assert goal.look({"loss": 0.1, "val_loss": 0.8}) == "val_loss did not improve for 2 epochs."
    assert goal.facts() == {"measured": "val_loss", "lowest": 0.8, "waited": 2}


@pytest.fixture(scope="module")
def model() -> Any:
    return seqmagic.build(TEXT)


def assert_best_is_the_histories(model: Any, run: Run, x: Any, y: Any) -> None:
    """The weights that are put back give the very number that the history calls the best."""
    best = run.record.best()
    assert best is not None
    assert run._trainer.copies.state("best", run.model).moment.epoch == best.position  # type: ignore[union-attr]  # noqa: SLF001
    run.restore("best")
    if best.name == "val_loss":
        assert model.evaluate(x, y, verbose=0)[0] == pytest.approx(best.value, rel=1e-5)


def test_the_weights_that_are_kept_are_those_of_the_epoch_that_the_history_calls_best(digits_data: Any, model: Any) -> None:
    x, y = digits_data
    held_out = (x[:300], y[:300])
    run = seqmagic.fit(model, x[300:], y[300:], epochs=30, seed=1).wait()
    assert run.record.best().name == "loss"  # type: ignore[union-attr]
    assert_best_is_the_histories(model, run, *held_out)
    run = run.more(epochs=3, validation_data=held_out).wait()
    assert run.record.best().position > 30  # type: ignore[union-attr]
    assert_best_is_the_histories(model, run, *held_out)
    # And back: what is judged by the validation is not beaten by a loss.
    before = run.record.best()
    run = run.more(epochs=2, validation_data=None).wait()
    assert run.record.best() == before
    assert_best_is_the_histories(model, run, *held_out)


def test_a_validation_that_was_broken_off_leaves_history_and_weights_of_one_mind(digits_data: Any, model: Any) -> None:
    x, y = digits_data
    endless = __import__("tensorflow").data.Dataset.from_tensor_slices((x, y)).batch(1).repeat(40)
    run = seqmagic.fit(model, x[:320], y[:320], epochs=4, validation_data=endless)
    while not run.progress.validating:
        time.sleep(0.001)
    run.stop().wait()
    best = run.record.best()
    assert (best.name, best.position) == ("loss", 1.0)  # type: ignore[union-attr]
    assert run._trainer.copies.state("best", run.model).moment.epoch == 1  # type: ignore[union-attr]  # noqa: SLF001
