"""Notes on curves: each is said of curves that show it, and not of those that don't. `measure_notes` counts both on real trainings."""

from __future__ import annotations

import numpy as np
import pytest

from seqmagic.analysis.curve_notes import MOST_NOTES, RunFacts, read_curves
from seqmagic.history import History

EPOCHS = np.arange(1, 21)
FALLING = 0.3 + 0.7 * np.exp(-EPOCHS / 2)


def record(loss: np.ndarray, val_loss: np.ndarray | None = None, accuracy: np.ndarray | None = None) -> History:
    history = History()
    for place, value in enumerate(loss):
        logs = {"loss": float(value)}
        logs |= {} if val_loss is None else {"val_loss": float(val_loss[place])}
        logs |= {} if accuracy is None else {"val_accuracy": float(accuracy[place])}
        history.add_epoch(place + 1.0, logs)
    return history


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


def test_two_notes_are_the_most() -> None:
    loss = 0.5 + 0.4 * (EPOCHS % 3 == 0)
    assert len(read_curves(record(loss, 0.5 * loss, np.full(20, 0.9)), RunFacts(0.9, drops=True, rate=0.5, ended=True))) <= MOST_NOTES


def test_the_numbers_are_those_of_the_curves() -> None:
    (note,) = read_curves(*SHOWING["overfitting"])
    assert note.text == "Overfitting since epoch 6: val_loss rose from 0.5 to 0.78, while loss fell from 0.472 to 0.0821."


def test_a_validation_of_some_epochs_only_is_left_out() -> None:
    history = History()
    for epoch in range(1, 12):
        history.add_epoch(float(epoch), {"loss": 0.9**epoch, **({"val_loss": 0.5 + 0.1 * epoch} if epoch % 2 else {})})
    assert [note.kind for note in read_curves(history)] == []
