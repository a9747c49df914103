"""The weights that a run keeps of its epochs: which they are, what they take, and that they are to the bit what Keras had."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Iterator
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqmagic
from seqmagic.errors import ArgumentError, TrainingError
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.training.kept_weights import FREE, MEGABYTE, MOST_COPIES, SHARE, KeptWeights
from seqmagic.training.resume import find_start_point
from seqmagic.training.run import Run
from seqmagic.training.state import size_of_weights
from tests.support.run_end import end_of
from tests.support.small_network import COMPILED, data


@pytest.fixture(autouse=True)
def no_ledger() -> Iterator[None]:
    name_ledger(None)
    yield
    name_ledger(None)


def small_model() -> keras.Model:
    return seqmagic.build(f"seed 1\n{COMPILED}")


def copies(model: keras.Model) -> list[np.ndarray]:
    return [np.array(weight) for weight in model.get_weights()]


def are_equal(one: list[np.ndarray], other: list[np.ndarray]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def make_copy(value: float) -> list[np.ndarray]:
    return [np.full(3, value)]


class Noting(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Copies the weights of each epoch, through Keras alone."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[float, list[np.ndarray]] = {}

    def on_train_begin(self, logs: Any = None) -> None:
        self.seen.setdefault(0, copies(self.model))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.seen[epoch + 1] = copies(self.model)


# Which epochs.


@settings(max_examples=60)
@given(
    epochs=st.integers(0, 900),
    floats=st.integers(1, 10**6),
    megabytes=st.floats(0, 100),
    first=st.integers(0, 50),
    share=st.sampled_from([0.0, SHARE, 1e9]),
)
def test_any_number_of_epochs_of_any_size_stays_within_the_budget_evenly_spread(
    epochs: int, floats: int, megabytes: float, first: int, share: float
) -> None:
    one = np.broadcast_to(np.float32(0), floats)  # It looks as large as it should be, and takes no room.
    kept, capacity = KeptWeights(megabytes), min(MOST_COPIES, int(megabytes * MEGABYTE) // one.nbytes)
    kept.share = share
    kept.begin(first, one.nbytes, lambda: [one])
    for epoch in range(first + 1, first + epochs + 1):
        kept.keep(epoch, lambda: [one], now=epoch == first + epochs)
        assert len(kept) * one.nbytes <= megabytes * MEGABYTE
    if capacity < 2:
        assert list(kept) == []
        assert kept.reason
        return
    assert list(kept) == sorted(kept)
    assert {first, first + epochs} <= set(kept)
    gaps = [after - before for before, after in pairwise(kept)]
    assert max(gaps[:-1], default=0) <= 2 * min(gaps[:-1], default=0)
    assert max(gaps[-1:], default=0) <= max(gaps[:-1], default=epochs)
    assert len(kept) > min(capacity, epochs, MOST_COPIES if share > 1 else FREE) // 2  # The room is used.


def test_a_run_that_goes_on_keeps_what_was_kept_before_it_as_far_as_it_goes_back() -> None:
    kept = KeptWeights(1)
    for epoch in range(11):
        kept.keep(epoch, partial(make_copy, float(epoch)), now=True)
    other = kept.going_on(1, until=7.5)
    other.keep(8, lambda: [np.full(3, -1.0)], now=True)
    assert list(other) == list(range(9))
    assert (other[7][0][0], other[8][0][0], kept[8][0][0]) == (7, -1, 8)
    assert list(kept) == list(range(11))
    smaller = kept.going_on(0.0001, until=20)
    smaller.begin(10, 24, list)
    assert list(smaller) == [0, 4, 8, 10]


def test_weights_that_are_no_numbers_are_not_kept() -> None:
    kept = KeptWeights()
    for epoch, value in enumerate([1.0, 2.0, np.nan, np.inf]):
        kept.keep(epoch, partial(make_copy, value), now=True)
    assert list(kept) == [0, 1]


# Of a run.


@pytest.fixture(scope="module")
def trained() -> tuple[Any, Run, Noting]:
    name_ledger(None)
    model, noting = small_model(), Noting()
    x, y = data()
    return model, end_of(seqmagic.fit(model, x, y, epochs=6, shuffle=False, callbacks=[noting])), noting


def test_each_epoch_is_to_the_bit_what_keras_has(trained: tuple[Any, Run, Noting]) -> None:
    model, run, noting = trained
    assert list(run.kept_weights) == [0, 1, 2, 3, 4, 5, 6]
    assert all(are_equal(run.kept_weights[epoch], weights) for epoch, weights in noting.seen.items())
    assert are_equal(run.kept_weights[6], model.get_weights())
    assert not are_equal(run.kept_weights[5], run.kept_weights[6])
    assert run.kept_weights.size == size_of_weights(model) == sum(weight.nbytes for weight in model.get_weights())
    alone, other = small_model(), Noting()
    x, y = data()
    alone.fit(x, y, epochs=6, shuffle=False, verbose=0, callbacks=[other])
    assert all(are_equal(run.kept_weights[epoch], other.seen[epoch]) for epoch in run.kept_weights)


def test_a_thinned_run_has_the_same_at_the_epochs_that_it_has(trained: tuple[Any, Run, Noting]) -> None:
    size = trained[1].kept_weights.size
    model = small_model()
    x, y = data()
    run = end_of(seqmagic.fit(model, x, y, epochs=6, shuffle=False, keep_weights=4 * size / MEGABYTE))
    assert list(run.kept_weights) == [0, 2, 4, 6]
    assert all(are_equal(weights, trained[2].seen[epoch]) for epoch, weights in run.kept_weights.items())
    again = end_of(run.more(3))
    assert list(again.kept_weights) == [0, 4, 8, 9]
    assert are_equal(again.kept_weights[4], trained[2].seen[4])
    assert list(run.kept_weights) == [], "one run of a model at a time keeps them"
    anew = end_of(seqmagic.fit(model, x, y, epochs=2, keep_weights=0))
    assert list(anew.kept_weights) == []
    assert anew.kept_weights.reason.startswith("No weights of earlier epochs are kept.")


def test_they_go_with_the_model() -> None:
    model = small_model()
    x, y = data()
    run = end_of(seqmagic.fit(model, x, y, epochs=2))
    more = end_of(run.more(2))
    assert list(more.kept_weights) == [0, 1, 2, 3, 4]
    arrays = [weakref.ref(array) for weights in more.kept_weights.values() for array in weights]
    del model
    deadline = time.monotonic() + 60
    while any(array() is not None for array in arrays) and time.monotonic() < deadline:
        gc.collect()
    assert [array() for array in arrays] == [None] * len(arrays)
    assert list(more.kept_weights) == []
    assert list(run.kept_weights) == []


class Doing(keras.callbacks.Callback):  # type: ignore[misc]  # As above.
    """Does something in the middle of an epoch, or at its end."""

    def __init__(self, work: Any, *, at_end: bool = False) -> None:
        super().__init__()
        self.work, self.at_end, self.epoch = work, at_end, 0

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:
        self.epoch = epoch

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        if self.epoch == 3 and batch == 1 and not self.at_end:
            self.work(self.model)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        if epoch == 3 and self.at_end:
            self.work(self.model)


def fail(model: Any) -> None:
    raise ZeroDivisionError


def lose_a_weight(model: Any) -> None:
    model.layers[-1].bias.assign(np.full(3, np.nan))


@pytest.mark.parametrize("work", [fail, lose_a_weight])
def test_they_outlive_what_ends_a_run(work: Any, trained: tuple[Any, Run, Noting]) -> None:
    model = small_model()
    x, y = data()
    run = Run(model, x, y, epochs=6, shuffle=False, batch_size=16, callbacks=[noting := Noting(), Doing(work)])
    with pytest.raises(TrainingError):
        end_of(run.start())
    assert list(run.kept_weights) == [0, 1, 2, 3]
    assert all(are_equal(run.kept_weights[epoch], noting.seen[epoch]) for epoch in run.kept_weights)


def test_stop_in_the_middle_of_an_epoch_and_going_on_exactly_there(trained: tuple[Any, Run, Noting], tmp_path: Path) -> None:
    keep_runs(tmp_path / "runs.sqlite")
    model, whole = small_model(), small_model()
    x, y = data()
    options: dict[str, Any] = {"epochs": 6, "shuffle": False, "batch_size": 16, "seed": 1}
    plain = end_of(seqmagic.fit(whole, x, y, **options))
    stopping = Doing(lambda _: run.stop())
    run: Run = Run(model, x, y, callbacks=[stopping], **options)
    end_of(run.start())
    *epochs, newest = run.kept_weights
    assert epochs == [0, 1, 2, 3]
    assert 3 < newest < 4
    assert newest == run.record.epochs.end
    assert are_equal(run.kept_weights[newest], model.get_weights())
    resumed = end_of(seqmagic.fit(model, x, y, resume=True, **options))
    assert list(resumed.kept_weights) == list(range(7))
    assert all(are_equal(resumed.kept_weights[epoch], plain.kept_weights[epoch]) for epoch in plain.kept_weights)


def test_a_run_out_of_the_file_keeps_from_the_next_whole_epoch_on(tmp_path: Path) -> None:
    keep_runs(tmp_path / "runs.sqlite")
    model = small_model()
    model.name = "of_the_file"
    x, y = data()
    stopping = Doing(lambda _: run.stop())
    run: Run = Run(model, x, y, epochs=6, shuffle=False, batch_size=16, callbacks=[stopping])
    end_of(run.start())
    number, other = run.number, small_model()
    other.name = "of_the_file"
    resumed = end_of(Run(other, x, y, epochs=6, shuffle=False, batch_size=16, start_point=find_start_point(other, number)).start())
    assert list(resumed.kept_weights) == [4, 5, 6]
    assert are_equal(resumed.kept_weights[6], other.get_weights())


def test_the_last_epoch_is_kept_where_a_callback_ends_the_run_and_where_it_puts_other_weights_in() -> None:
    x, y = data()
    for callback in (
        Doing(lambda model: setattr(model, "stop_training", True), at_end=True),
        keras.callbacks.EarlyStopping("loss", mode="max", patience=3, restore_best_weights=True),
    ):
        model, noting = small_model(), Noting()
        run = end_of(seqmagic.fit(model, x, y, epochs=60, callbacks=[callback, noting], keep_weights=2 * size_of_weights(model) / MEGABYTE))
        last = max(noting.seen)
        assert list(run.kept_weights) == [0, last]
        assert are_equal(run.kept_weights[last], noting.seen[last])


def test_a_model_for_which_there_is_no_room_says_so_where_it_was_asked_for() -> None:
    model = small_model()
    x, y = data()
    run = seqmagic.fit(model, x, y, epochs=1, keep_weights=0.0001)
    assert run.plan == (
        "No weights of earlier epochs are kept: 0.0001 MB is too small for two copies of 60 B. With keep_weights=1, the first and the last are kept.",
    )
    assert list(end_of(run).kept_weights) == []
    assert seqmagic.fit(model, x, y, epochs=1).plan == ()


@pytest.mark.parametrize("value", [-1, "much", True, float("nan"), [64]])
def test_a_budget_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(ArgumentError, match=r"keep_weights is .*\nExpected: a size in MB, or 0 for none"):
        Run(small_model(), *data(), keep_weights=value)
