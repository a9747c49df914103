"""Notes on curves: each is said of curves that show it, and not of those that don't. `measure_notes` counts both on real trainings."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.analysis.curve_notes import MOST_NOTES, RunFacts, leaves_out, read_curves
from seqmagic.history import History

EPOCHS = np.arange(1, 21)
FALLING = 0.3 + 0.7 * np.exp(-EPOCHS / 2)


def record(
    loss: np.ndarray, val_loss: np.ndarray | None = None, accuracy: np.ndarray | None = None, batches: tuple[float, ...] = ()
) -> History:
    """Curves; `batches` are the losses of the batches of the first epoch, and of the last."""
    history = History()
    for epoch in (0, len(loss) - 1) if batches else ():
        for place, mean in enumerate(np.cumsum(batches) / np.arange(1, len(batches) + 1), 1):
            history.batches.add(epoch + place / len(batches), {"loss": float(mean)})
    for place, value in enumerate(loss):
        logs = {"loss": float(value)}
        logs |= {} if val_loss is None else {"val_loss": float(val_loss[place])}
        logs |= {} if accuracy is None else {"val_accuracy": float(accuracy[place])}
        history.add_epoch(place + 1.0, logs)
    return history


STUCK = 2.4 + 0.02 * (-1.0) ** EPOCHS
SHOWING = {
    "overfitting": (record(np.exp(-EPOCHS / 8), np.abs(EPOCHS - 6) * 0.02 + 0.5), RunFacts()),
    "high rate": (record(0.5 + 0.4 * (EPOCHS % 3 == 0)), RunFacts(rate=0.5)),
    "low rate": (record(2.3 - 0.01 * EPOCHS, 2.31 - 0.01 * EPOCHS), RunFacts(rate=1e-5)),
    "more": (record(0.8**EPOCHS, 1.1 * 0.8**EPOCHS), RunFacts(ended=True)),
    "plateau": (record(FALLING, FALLING + 0.02), RunFacts()),
    "guessing": (record(0.3 + 0.3 / EPOCHS, 0.3 + 0.3 / EPOCHS, np.full(20, 0.9)), RunFacts(largest_class=0.9)),
    "dropout": (record(FALLING + 0.01 / EPOCHS, 0.8 * FALLING), RunFacts(drops=True)),
}
QUIET = {
    "a training that goes well": (record(FALLING * 0.95**EPOCHS, FALLING * 0.95**EPOCHS + 0.03), RunFacts(0.1, rate=0.01)),
    "a validation that goes up and down": (record(0.9**EPOCHS, 0.5 + 0.02 * (-1.0) ** EPOCHS - 0.001 * EPOCHS), RunFacts()),
    "three epochs of a falling loss": (record(np.array([1.0, 0.7, 0.5])), RunFacts()),
    "a loss that is as good as nothing": (record(1e-6 * (1 + EPOCHS % 3) + 0.1 ** EPOCHS.clip(max=8)), RunFacts()),
    "a loss that is lost": (record(np.array([1.0, np.nan, np.nan, np.nan])), RunFacts()),
    "no epoch": (History(), RunFacts(ended=True)),
    "an accuracy above guessing": (record(FALLING * 0.95**EPOCHS, None, np.linspace(0.85, 0.97, 20)), RunFacts(0.9)),
}


@pytest.mark.parametrize("kind", SHOWING)
def test_what_curves_show_is_said_with_its_numbers(kind: str) -> None:
    notes = read_curves(*SHOWING[kind])
    assert kind in [note.kind for note in notes]
    (text,) = [note.text for note in notes if note.kind == kind]
    assert any(letter.isdigit() for letter in text)
    assert text.endswith(".")


@pytest.mark.parametrize("curves", QUIET)
def test_nothing_is_said_without_reason(curves: str) -> None:
    assert read_curves(*QUIET[curves]) == []


# Each has one thing that a sentence is about, and another that makes it false.
FALSE = {
    "an accuracy close to a share that leaves little": (record(FALLING, None, np.full(20, 0.998)), RunFacts(0.985), "guessing"),
    "a negative loss that falls slowly": (record(-0.9 - 0.001 * EPOCHS), RunFacts(), "high rate"),
    "a negative validation loss that is higher": (record(-FALLING[::-1], -0.96 * FALLING[::-1]), RunFacts(drops=True), "dropout"),
    "a last loss below the first": (record(np.array([1, 1, 1, 1.6, 1.6, 0.9])), RunFacts(), "high rate"),
    "a last training loss above that of the best epoch": (
        record(np.array([1, 0.5, 0.4, 0.3, 0.2, 0.2, 0.2, 0.55]), np.array([1, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.1])),
        RunFacts(),
        "overfitting",
    ),
}


@pytest.mark.parametrize("case", FALSE)
def test_no_sentence_is_said_that_its_own_numbers_deny(case: str) -> None:
    history, facts, kind = FALSE[case]
    assert kind not in [note.kind for note in read_curves(history, facts)]


NEGATIVE = {
    "high rate": (record(-0.9 + 0.01 * EPOCHS), RunFacts()),
    "overfitting": (record(-1 + np.exp(-EPOCHS / 8), np.abs(EPOCHS - 6) * 0.02 - 1.5), RunFacts()),
    "dropout": (record(-0.8 + FALLING / 9, -0.95 + FALLING / 9), RunFacts(drops=True)),
}


@pytest.mark.parametrize("kind", NEGATIVE)
def test_what_is_true_of_a_negative_loss_is_said_too(kind: str) -> None:
    assert kind in [note.kind for note in read_curves(*NEGATIVE[kind])]


@pytest.mark.parametrize("share", [0.5, 0.9, 0.99, 1.0])
def test_guessing_is_pointed_out_whatever_the_largest_share(share: float) -> None:
    assert "guessing" in [note.kind for note in read_curves(record(FALLING, None, np.full(20, share)), RunFacts(share))]


def test_two_notes_are_the_most() -> None:
    loss = 0.5 + 0.4 * (EPOCHS % 3 == 0)
    assert len(read_curves(record(loss, 0.5 * loss, np.full(20, 0.9)), RunFacts(0.9, drops=True, rate=0.5, ended=True))) <= MOST_NOTES


def test_the_numbers_are_those_of_the_curves() -> None:
    (note,) = read_curves(*SHOWING["overfitting"])
    assert note.text == "Overfitting since epoch 6: val_loss rose from 0.5 to 0.78, while loss fell from 0.472 to 0.0821."


@pytest.mark.parametrize("end", [0.4, 1.0])
@pytest.mark.parametrize(
    ("loss", "val_loss"),
    [
        (np.exp(-EPOCHS / 8), np.abs(EPOCHS - 6) * 0.02 + 0.5),
        (0.8**EPOCHS, 1.1 * 0.8**EPOCHS),
        (0.8**EPOCHS, 0.5 + 0.02 * (-1.0) ** EPOCHS),
        (FALLING, FALLING + 0.02),
    ],
)
def test_an_epoch_that_was_cut_by_stop_changes_nothing_that_is_said(loss: np.ndarray, val_loss: np.ndarray, end: float) -> None:
    whole, cut = record(loss, val_loss), record(loss, val_loss)
    cut.add_epoch(len(loss) + end, {"loss": float(loss[-1]) * 0.8})
    assert read_curves(cut, RunFacts(ended=True)) == read_curves(whole, RunFacts(ended=True))


def test_a_validation_of_some_epochs_only_is_left_out() -> None:
    history = History()
    for epoch in range(1, 12):
        history.add_epoch(float(epoch), {"loss": 0.9**epoch, **({"val_loss": 0.5 + 0.1 * epoch} if epoch % 2 else {})})
    assert [note.kind for note in read_curves(history)] == []


HIGH = {
    "a loss that jumps": (record(FALLING + 0.4 * (EPOCHS % 3 == 0)), "loss rose in 6 of 19 epochs, once by 133%. Try a third of it."),
    "a loss that ends above its beginning": (
        record(0.5 + 0.01 * EPOCHS),
        "loss is 0.7, up from 0.51 after the first epoch. Try a tenth of it.",
    ),
    "a first epoch that makes it worse, and then all goes well": (
        record(5 * FALLING, batches=(1.2, 4.0, 6.0, 5.9)),
        "loss was 1.2 before the first step, and 3.62 on average in the first epoch. Try a tenth of it.",
    ),
    "a loss that never comes below its start": (
        record(np.r_[2.7, STUCK[1:]], batches=(2.3, 2.9, 2.8, 2.8)),
        "loss was 2.3 before the first step, and 2.7 on average in the first epoch. Try a tenth of it.",
    ),
}


@pytest.mark.parametrize("case", HIGH)
def test_a_rate_that_is_too_high_shows_in_one_of_several_ways(case: str) -> None:
    history, words = HIGH[case]
    (note,) = read_curves(history, RunFacts(rate=0.5))
    assert note.text == f"The learning rate 0.5 is too high: {words}"


def test_a_first_batch_that_is_easier_than_others_says_nothing_of_the_rate() -> None:
    falling = FALLING * 0.95**EPOCHS
    uneven = (0.5, 0.9, 1.3, 0.7, 1.1, 0.8, 1.4, 0.6)  # As of amounts, where one batch is easily twice another.
    assert read_curves(record(falling, falling + 0.03, batches=uneven)) == []
    assert read_curves(record(falling, falling + 0.03, batches=(0.4, 0.97))) == [], "two batches tell little"
    # Labels that nothing tells apart: the loss can't fall, but doesn't rise at the start either.
    assert "high rate" not in [note.kind for note in read_curves(record(0.69 + 0.003 * (-1.0) ** EPOCHS, batches=(0.68, 0.7, 0.69, 0.7)))]


def test_three_epochs_above_the_lowest_are_no_overfitting_yet() -> None:
    loss, risen = 0.9 ** np.arange(12), np.array([0.5, 0.52, 0.55, 0.56, 0.57, 0.58])
    val_loss = np.r_[np.linspace(1, 0.55, 8), risen]
    assert [read_curves(record(loss[:end], val_loss[:end])) for end in range(6, 12)] == [[]] * 6
    steep = np.r_[val_loss[:9], 0.8, 0.9, 1.0]
    assert [note.kind for note in read_curves(record(loss, steep))] == ["overfitting"]


def test_a_slow_fall_is_no_plateau() -> None:
    slow = FALLING - 0.004 * EPOCHS
    assert read_curves(record(slow)) == []
    assert read_curves(record(FALLING, slow)) == [], "the validation still gets better"
    noisy = FALLING + 0.03 * np.random.default_rng(0).normal(size=20)
    assert "plateau" not in [note.kind for note in read_curves(record(noisy))], "nobody can tell"


def test_a_stuck_loss_at_a_rate_that_is_too_high_is_told_once() -> None:
    stuck = record(np.r_[4.9, np.full(19, 2.05)], batches=(1.9, 5.0, 6.0, 6.2))
    assert [note.kind for note in read_curves(stuck, RunFacts(rate=0.5, ended=True))] == ["high rate"]


def test_epochs_with_another_loss_are_not_compared() -> None:
    history = record(np.r_[[0.1] * 5, 5 * FALLING[:8]], batches=(0.1, 0.1, 0.1, 0.1))
    assert [note.kind for note in read_curves(history)] == ["high rate"], "an example that would be taken for one"
    history.loss_since = 5.0
    assert read_curves(history) == []


ROWS = np.random.RandomState(0).rand(100, 3).astype("float32")
RARE, EVEN = (np.arange(100) % 10 == 0).astype(int), np.arange(100) % 2


@pytest.mark.parametrize(
    ("y", "options", "share"),
    [
        (RARE, {}, 0.9),
        (RARE, {"validation_data": (ROWS[:40], EVEN[:40])}, 0.5),
        (RARE, {"validation_data": (ROWS[:40], list(RARE[:40]))}, 0.9),
        (np.sort(RARE), {"validation_split": 0.2}, 0.5),
        (RARE, {"validation_split": 0.2, "split": "stratified"}, 0.9),
        (RARE, {"validation_data": tf.data.Dataset.from_tensor_slices((ROWS, RARE)).batch(10)}, None),
        (keras.utils.to_categorical(RARE, 2), {"validation_data": (ROWS[:40], keras.utils.to_categorical(EVEN[:40], 2))}, 0.5),
        (ROWS[:, 0], {}, None),
    ],
)
def test_guessing_is_judged_by_the_labels_that_the_accuracy_is_measured_on(y: Any, options: dict[str, Any], share: float | None) -> None:
    loss = (
        "mse" if y.dtype.kind == "f" and y.ndim == 1 else "categorical_crossentropy" if y.ndim == 2 else "sparse_categorical_crossentropy"
    )
    layer = "dense 1" if loss == "mse" else "dense 2 softmax"
    model = seqmagic.build(f"input 3 -> {layer}\ncompile adam {loss} {'mae' if loss == 'mse' else 'accuracy'}")
    largest = seqmagic.Run(model, ROWS, y, **options).largest_class
    assert largest == (None if share is None else pytest.approx(share))


def test_an_accuracy_above_guessing_on_the_validation_is_not_called_guessing() -> None:
    history = record(FALLING, FALLING, np.full(20, 0.9))
    assert "guessing" in [note.kind for note in read_curves(history, RunFacts(0.9))]
    assert "val_accuracy is 0.9, and 90% of its labels" in read_curves(history, RunFacts(0.9))[0].text
    assert "guessing" not in [note.kind for note in read_curves(history, RunFacts(0.5))]


@pytest.mark.parametrize(
    ("layer", "drops"),
    [
        (keras.layers.Dropout(0.5), True),
        (keras.layers.Dropout(0.0), False),
        (keras.layers.GaussianNoise(0.5), False),
        (keras.Sequential([keras.layers.Dense(2), keras.layers.AlphaDropout(0.2)]), True),
        (keras.layers.TimeDistributed(keras.layers.Dropout(0.1)), True),
        (keras.layers.LSTM(2, return_sequences=True, dropout=0.1), True),
        (keras.layers.LSTM(2, return_sequences=True), False),
    ],
)
def test_dropout_is_named_only_where_there_is_some(layer: keras.Layer, *, drops: bool) -> None:
    assert leaves_out(keras.Sequential([keras.Input((4, 3)), layer])) is drops
