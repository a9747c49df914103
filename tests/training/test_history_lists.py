"""The history holds what Keras's does: lists as long, an array where a metric gives one; wherever it is kept and shown."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError
from seqmagic.history import MISSING, History, is_missing
from seqmagic.language import parse_step
from seqmagic.ledger.current import current_ledger, keep_runs, name_ledger
from seqmagic.options.fit_line import read_fit
from seqmagic.training.resume import find_start_point
from tests.training.equals_keras.data import CLASSES, ONE_HOT, X
from tests.training.equals_keras.models import OwnFit, OwnLoop, dense, of_kind


def with_classes() -> Any:
    return dense(loss="categorical_crossentropy", metrics=lambda: [keras.metrics.F1Score()])()


def test_what_is_missing_is_no_number_that_came_out_as_nan() -> None:
    history = History()
    history.add_epoch(1, {"loss": 0.5})
    history.add_epoch(2, {"loss": 0.25, "val_loss": float("nan")})
    lists = history.as_dict()
    assert lists["loss"] == [0.5, 0.25]
    assert len(lists["val_loss"]) == 1
    assert np.isnan(lists["val_loss"][0])


def test_the_page_finds_what_is_missing_in_numbers_of_32_bits() -> None:
    source = (Path(seqmagic.__file__).parent / "widgets" / "page" / "run" / "table.js").read_text()
    bits = int(np.array([MISSING]).astype("<f4").view("<u4")[0])
    assert f"const MISSING = {bits:#x};" in source
    assert is_missing(np.array([1.0, np.nan, MISSING])).tolist() == [False, False, True]


def test_a_number_for_each_class_is_kept_in_the_ledger_and_goes_on_after_a_cut(tmp_path: Path) -> None:
    keep_runs(tmp_path / "runs.sqlite")
    try:
        options = {"epochs": 3, "batch_size": 6, "shuffle": False, "validation_split": 0.3, "validation_freq": 2}
        whole = seqmagic.fit(with_classes(), X, ONE_HOT, **options).wait().history
        assert [len(whole[name]) for name in ("f1_score", "val_f1_score", "val_loss")] == [3, 1, 1]
        run = seqmagic.Run(with_classes(), X, ONE_HOT, **options)
        for epoch in (1, 2):
            run.step_epoch()
            while not run.paused or run.record.position < epoch:
                time.sleep(0.001)
        run.stop().wait()
        before = run.history
        cut = find_start_point(run.model)
        assert_equal(cut.record.as_dict(), before)
        ledger = current_ledger()
        assert ledger is not None
        assert ledger.rows(ledger.entries()[-1].id, "parts")[0][:3] == ["f1_score[0]", "f1_score[1]", "f1_score[2]"]
    finally:
        name_ledger(None)


def assert_equal(one: dict[str, list[Any]], other: dict[str, list[Any]]) -> None:
    assert list(one) == list(other)
    for name, values in one.items():
        assert len(values) == len(other[name])
        assert all(np.array_equal(a, b) for a, b in zip(values, other[name], strict=True)), name


def test_epochs_count_on_from_the_initial_one() -> None:
    rates: list[int] = []

    def rate(epoch: int) -> float:
        rates.append(epoch)
        return 0.1

    run = seqmagic.fit(dense()(), X, CLASSES, initial_epoch=4, epochs=6, callbacks=keras.callbacks.LearningRateScheduler(rate)).wait()
    assert (rates, len(run.history["loss"]), run.record.position) == ([4, 5], 2, 6)
    more = run.more().wait()
    assert (rates, more.record.position) == ([4, 5, 6, 7], 8)
    with pytest.raises(ArgumentError, match="initial_epoch is 2, but the continued history already has 8 epochs"):
        more.more(initial_epoch=2, epochs=9)
    with pytest.raises(ArgumentError, match="there is nothing to train"):
        seqmagic.fit(dense()(), X, CLASSES, initial_epoch=4)


def test_patience_and_until_wait_for_the_validations_that_there_are() -> None:
    options = {"epochs": 9, "shuffle": False, "validation_split": 0.3, "validation_freq": 2}
    run = seqmagic.fit(dense(optimizer=lambda: keras.optimizers.SGD(0.0))(), X, CLASSES, patience=2, **options).wait()
    assert (run.record.position, len(run.history["val_loss"])) == (6, 3)
    run = seqmagic.fit(dense()(), X, CLASSES, until="val_loss < 100", **options).wait()
    assert run.record.position == 2


def test_a_variable_may_hold_several_callbacks() -> None:
    callbacks = [keras.callbacks.TerminateOnNaN(), [keras.callbacks.EarlyStopping("loss")]]
    names = {"x": X, "y": CLASSES, "callbacks_list": callbacks, "one": callbacks[0]}
    for line, count in (("callbacks_list", 2), ("one", 1), ("[callbacks_list, early_stopping(monitor=loss)]", 3)):
        found = read_fit(parse_step(f"fit x y callbacks={line}"), names).options["callbacks"]
        assert [isinstance(callback, keras.callbacks.Callback) for callback in found] == [True] * count
    with pytest.raises(ArgumentError, match=r"The callback is of the type set\."):
        read_fit(parse_step("fit x y callbacks=one"), {**names, "one": [set()]})


@pytest.mark.parametrize(("kind", "epochs", "said"), [(OwnFit, 5, ""), (OwnLoop, 2, "only the epochs that it returned are shown")])
def test_a_fit_of_ones_own_is_respected_and_what_is_not_shown_is_said(kind: type, epochs: int, said: str) -> None:
    run = seqmagic.fit(of_kind(kind)(), X, CLASSES, epochs=2).wait()
    assert (run.state, len(run.history["loss"]), run.record.position) == ("done", epochs, epochs)
    assert said in " ".join(run.warnings)


def test_a_fit_that_gives_nothing_back_is_said_to() -> None:
    class Silent(keras.Sequential):
        def fit(self, x: Any, y: Any, epochs: int = 1) -> None:
            for _ in range(epochs):
                self.train_on_batch(x, y)

    model = of_kind(Silent)()
    before = model.get_weights()
    run = seqmagic.fit(model, X, CLASSES, epochs=2).wait()
    assert not all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    assert (run.state, run.history) == ("done", {})
    assert "there are no numbers to show" in " ".join(run.warnings)
