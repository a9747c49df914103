"""Which weights a run begins with: those that the last run left, the first ones, or fresh ones, and what is said of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, BusyError, DataError
from seqmagic.history import History
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.ledger.ledger import Ledger
from seqmagic.recipes.anew import begin_anew
from seqmagic.training import registry
from seqmagic.training.state import Moment, capture

TEXT = "input 4\ndense 8 relu -> dropout 0.5 -> batchnorm\ndense 3 softmax\ncompile adam(0.01) sparse_categorical_crossentropy"
X, Y = np.random.default_rng(0).normal(size=(40, 4)).astype("float32"), np.arange(40) % 3


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    yield keep_runs(tmp_path / "runs.sqlite")
    name_ledger(None)


def train(model: Any, epochs: int = 1, **options: Any) -> Any:
    return seqmagic.fit(model, X, Y, epochs=epochs, **options).wait()


def numbers_of(model: Any) -> list[np.ndarray]:
    """Weights and random states."""
    return capture(model, Moment()).model


def are_equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def by_hand() -> Any:
    layers = keras.layers
    model = keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def functional() -> Any:
    rows = keras.Input((4,))
    model = keras.Model(rows, keras.layers.Dense(3, "softmax")(keras.layers.Concatenate()([rows, keras.layers.Dense(5)(rows)])))
    model.compile("adam", "sparse_categorical_crossentropy")
    return model


def test_a_model_with_a_seed_is_to_the_bit_as_freshly_built_and_trains_so() -> None:
    text = f"seed 7\n{TEXT}"
    fresh = seqmagic.build(text)
    begun = numbers_of(fresh)
    expected = train(fresh, 3).history
    model = seqmagic.build(text)
    train(model, 2).learning_rate = 0.5
    run = train(model, 3, anew=True)
    assert run.history == expected
    assert are_equal(numbers_of(model), numbers_of(fresh))
    assert begin_anew(model) == f"{model.name} starts over with fresh weights from seed 7."
    assert are_equal(numbers_of(model), begun)
    assert int(model.optimizer.iterations) == 0
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
    assert registry.last_run_of(model) is None


@pytest.mark.parametrize("make", [lambda: seqmagic.build(TEXT), by_hand], ids=["text", "Keras"])
def test_a_model_without_a_seed_gets_what_a_new_one_would_draw(make: Any) -> None:
    model = make()
    before = numbers_of(model)
    train(model)
    keras.utils.set_random_seed(11)
    begin_anew(model)
    keras.utils.set_random_seed(11)
    assert are_equal(numbers_of(model), numbers_of(make()))
    assert not np.array_equal(before[0], numbers_of(model)[0]), "another draw"
    first = numbers_of(model)
    begin_anew(model)
    assert not np.array_equal(first[0], numbers_of(model)[0])


def test_branches_are_drawn_anew_and_what_was_adapted_or_frozen_stays() -> None:
    model = functional()
    before = model.get_weights()
    begin_anew(model)
    assert [a.shape for a in before] == [a.shape for a in model.get_weights()]
    assert not np.array_equal(before[0], model.get_weights()[0])
    norm = keras.layers.Normalization()
    norm.adapt(X)
    base = keras.layers.Dense(8, trainable=False, name="base")
    model = keras.Sequential([keras.Input((4,)), norm, base, keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    before = model.get_weights()
    found = begin_anew(model)
    same = [np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True)]
    assert same == [True] * 5 + [False, True], "of the last layer, the bias begins with 0 again"
    assert found.endswith(f"These layers keep their weights: {norm.name}, base.")


def test_what_can_not_begin_anew_is_refused_and_stays_as_it_is() -> None:
    inner = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")], name="learned")
    outer = keras.Sequential([keras.Input((4,)), inner])
    outer.compile("adam", "sparse_categorical_crossentropy")
    before = outer.get_weights()
    with pytest.raises(DataError, match="contains the model 'learned', which may have been trained before"):
        seqmagic.fit(outer, X, Y, anew=True)
    model = by_hand()
    run = train(model)
    kept = model.get_weights()
    with pytest.raises(DataError):
        seqmagic.fit(model, X[:, :2], Y, anew=True)
    with pytest.raises(ArgumentError, match="can't start over"):
        seqmagic.fit(model, X, Y, anew=True, history=run.record)
    assert are_equal(before, outer.get_weights())
    assert are_equal(kept, model.get_weights())
    assert registry.last_run_of(model) is run
    endless = seqmagic.fit(model, X, Y, epochs=100_000)
    try:
        with pytest.raises(BusyError, match="is training"):
            begin_anew(model)
    finally:
        endless.stop().wait()


def test_a_second_fit_says_whose_weights_it_begins_with(ledger: Ledger) -> None:
    model = by_hand()
    first_weights = model.get_weights()
    train(model)
    second = train(model)  # It goes on from what run 1 learned, though its epochs count from 1.
    second.restore("first")
    assert are_equal(first_weights, model.get_weights()), "from before the first epoch of all"
    third = train(model)
    assert third.history["loss"] != second.history["loss"]
    train(model, anew=True)
    model.set_weights(first_weights)
    train(model)  # Somebody has put weights in: nobody knows whose.
    train(model, 3).restore("best")
    train(model)
    assert [entry.continues for entry in ledger.entries()] == [None, 1, None, None, None, 5, 6]


def test_an_older_run_goes_on_with_what_the_model_is_now() -> None:
    model = seqmagic.build(TEXT)
    first = train(model, 2)
    second = first.more(epochs=1).wait()
    assert first.continuation is second.continuation is second.record
    assert first.more(epochs=1).wait().record.position == 4
    begin_anew(model)
    assert (first.continuation, second.continuation) == (None, None)
    assert first.more(epochs=1).wait().record.position == 1


def test_a_loss_is_compared_since_when_it_holds_also_in_a_new_kernel(ledger: Ledger) -> None:
    model = by_hand()
    run = train(model, 2)
    model.compile("adam", "kl_divergence")
    one_hot = np.eye(3)[Y]
    run = seqmagic.fit(model, X, one_hot, epochs=2, history=run.record).wait()
    assert run.record.loss_since == 2
    entry = ledger.entries()[-1]
    assert entry.loss_since == 2
    assert entry.best["loss"] == (min(run.history["loss"][2:]), 3 + int(np.argmin(run.history["loss"][2:])))
    stopped = seqmagic.fit(model, X, one_hot, epochs=100_000, history=run.record)
    while len(stopped.record.epochs) < 6:
        time.sleep(0.001)
    stopped.stop().wait()
    registry.forget_runs(model)  # As in a new kernel: only the file knows.
    resumed = seqmagic.fit(model, X, one_hot, resume=True, epochs=int(stopped.record.position) + 5)
    assert resumed.record.loss_since == 2
    resumed.stop().wait()
    best = resumed.record.best()
    assert best is not None
    assert ledger.entries()[-1].best["loss"] == (best.value, best.position)
    assert best.position > 2


class Ended:
    """What the registry must know of a run that has ended."""

    def __init__(self, name: str) -> None:
        self.name, self.record, self.went_on_from = name, History(), None
        self.record.batches.add(1.0, {"loss": 0.5})


def test_the_curves_of_names_long_not_used_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_earlier", {})
    model = keras.Sequential()
    for name in ["kept", *(f"net{number}" for number in range(50))]:
        for used in (name, "kept"):
            run: Any = Ended(used)
            registry._lines[id(model)] = registry._Line({run: None})  # type: ignore[dict-item]  # noqa: SLF001
            registry.leave(run, model, None, has_trained=True)  # type: ignore[arg-type]
    assert len(registry._earlier) == registry.MOST_NAMES  # noqa: SLF001
    assert len(registry.earlier_histories("kept", None)) == registry.MOST_EARLIER
    assert not registry.earlier_histories("net0", None)
    assert registry.earlier_histories("net49", None)


def test_a_run_continues_only_runs_of_its_own_file(ledger: Ledger, tmp_path: Path) -> None:
    model = by_hand()
    train(model)
    second = train(model)
    assert second.number == 2
    other = keep_runs(tmp_path / "others.sqlite")
    train(model)  # Run 1 of this file begins with the weights of run 2 of the former.
    second.more(epochs=1).wait()
    train(model)
    keep_runs(tmp_path / "runs.sqlite")
    train(model)
    assert [entry.continues for entry in other.entries()] == [None, 1, 2]
    assert [entry.continues for entry in ledger.entries()] == [None, 1, None]
