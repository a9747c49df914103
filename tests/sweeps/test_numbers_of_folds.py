"""The numbers of trials with several runs: beside scikit-learn's folds, NumPy's means and spreads, and Keras's own fit."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import KFold, StratifiedKFold

import seqmagic
from seqmagic.errors import DataError, SeqmagicError
from seqmagic.ledger.current import name_ledger
from seqmagic.sweeps.folds import make_folds
from seqmagic.sweeps.study import better
from seqmagic.sweeps.sweep import Sweep
from seqmagic.sweeps.trials import Outcome, Trial, TrialState

RNG = np.random.default_rng(0)
X = RNG.normal(size=(61, 4)).astype("float32")
Y = (X.sum(axis=1) > 0.3).astype(int)
W = RNG.uniform(0.1, 3, 61).astype("float32")
FAMILY = "input 4 -> dense choice(2, 5) tanh -> dense 1 sigmoid\ncompile sgd(0.3) binary_crossentropy accuracy auc"
FIT: dict[str, Any] = {"epochs": 2, "shuffle": False}


@pytest.fixture(autouse=True)
def _ledger(tmp_path: Path) -> Iterator[None]:
    seqmagic.keep_runs(tmp_path / "runs.sqlite")
    yield
    name_ledger(None)


def sweep(**options: Any) -> Sweep:
    return seqmagic.sweep(FAMILY, X, Y, **{"trials": 2, **FIT, **options}).wait()


def kinds_of_rows(rows: int, count: int) -> dict[str, np.ndarray]:
    return {
        "balanced": np.arange(rows) % 3,
        "skewed": (RNG.random(rows) < 0.1).astype(int),
        "one row each": (np.arange(rows) < count).astype(int),
    }


@pytest.mark.parametrize("count", [2, 3, 5])
@pytest.mark.parametrize("rows", [5, 7, 10, 23, 50, 101])
def test_folds_have_the_sizes_and_the_classes_of_scikit_learns(rows: int, count: int) -> None:
    sizes = sorted(len(held) for _, held in KFold(count).split(np.zeros(rows)))
    for classes in (None, *kinds_of_rows(rows, count).values()):
        folds = np.array(make_folds(rows, count, classes))
        assert folds.sum(axis=0).tolist() == [1] * rows
        assert sorted(folds.sum(axis=1)) == sizes
        if classes is None or np.bincount(classes).max() < count:
            continue  # scikit-learn refuses these.
        with warnings.catch_warnings(action="ignore"):
            theirs = [np.bincount(classes[held], minlength=3) for _, held in StratifiedKFold(count).split(np.zeros(rows), classes)]
        ours = [np.bincount(classes[held], minlength=3) for held in folds]
        assert np.sort(ours, axis=0).tolist() == np.sort(theirs, axis=0).tolist()


@pytest.mark.parametrize(
    ("metric", "folds", "options"),
    [
        ("val_accuracy", 3, {}),
        ("val_auc", 2, {"class_weight": {0: 1.0, 1: 3.0}}),
        ("val_loss", 2, {"sample_weight": W}),
        ("val_loss", 2, {"sample_weight": W.tolist()}),
        ("val_loss", 2, {"sample_weight": pd.Series(W, index=range(100, 161))}),
        ("val_loss", 3, {"batch_size": 7}),
    ],
)
def test_a_trials_number_is_the_mean_of_kerass_own_fits(metric: str, folds: int, options: dict[str, Any]) -> None:
    swept = sweep(best=metric, folds=folds, **options)
    weights, others = options.get("sample_weight"), {name: value for name, value in options.items() if name != "sample_weight"}
    means = {}
    for one in swept.trials:
        by_keras = []
        for held in make_folds(len(X), folds, Y):
            parts = [X, Y, *([] if weights is None else [np.asarray(weights)])]
            learned, validation = [part[~held] for part in parts], tuple(part[held] for part in parts)
            more = {"sample_weight": learned[2]} if len(learned) > 2 else {}
            model = seqmagic.build(one.text)
            history = model.fit(*learned[:2], validation_data=validation, verbose=0, **more, **others, **FIT).history
            by_keras.append(history[metric][-1])
        assert one.results == pytest.approx(by_keras, rel=1e-6)
        assert one.result == pytest.approx(np.mean(by_keras), rel=1e-6)
        assert one.spread == pytest.approx(np.std(by_keras, ddof=1), rel=1e-4)
        means[one.number] = np.mean(by_keras)
    assert swept.best is not None
    assert swept.best.number == (min if metric == "val_loss" else max)(means, key=lambda number: means[number])


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"sample_weight": W[:9]}, "There are 61 rows, and sample_weight has 9."),
        ({"sample_weight": W[:9].tolist()}, "There are 61 rows, and sample_weight has 9."),
        ({"sample_weight": "a"}, "sample_weight is the text 'a'."),
        ({"y": Y[:50]}, "x has 61 rows, but the number of rows in y is 50."),
    ],
)
def test_what_can_not_be_divided_is_refused_before_anything_starts(options: dict[str, Any], problem: str) -> None:
    with pytest.raises(SeqmagicError) as caught:
        seqmagic.sweep(FAMILY, X, options.pop("y", Y), folds=3, trials=1, **FIT, **options)
    assert isinstance(caught.value, DataError)
    assert problem in str(caught.value)


def trial(number: int, *results: float | None, repeats: int = 0, state: TrialState = TrialState.DONE) -> Trial:
    """A trial with the results of its runs; None for a run that never measured the metric."""
    outcomes = [
        Outcome(place, names=["m"] if result is not None else ["other"], rows=np.array([[1.0, 0.0 if result is None else result]]))
        for place, result in enumerate(results)
    ]
    return Trial(number, {}, "", "m", repeats or len(results), outcomes, state)


RESULTS: list[tuple[tuple[float | None, ...], int, str]] = [
    ((0.5,), 1, "0.5"),
    ((0.5, 0.7), 2, "0.6 ± 0.1414"),
    ((0.5, 0.7, 0.6), 3, "0.6 ± 0.1"),
    ((0.5, math.nan, 0.6), 3, "NaN"),
    ((0.5, None, 0.7), 3, "0.6 ± 0.1414 (2 of 3 runs)"),
    ((0.5,), 3, "0.5 (1 of 3 runs)"),
    ((None, None), 2, ""),
    ((math.inf, 1.0), 2, "inf"),
]


@pytest.mark.parametrize(("results", "repeats", "shown"), RESULTS)
def test_a_result_says_of_how_many_runs_it_is_the_mean(results: tuple[float | None, ...], repeats: int, shown: str) -> None:
    one, known = trial(1, *results, repeats=repeats), [result for result in results if result is not None]
    assert one.format_result() == shown
    assert one.result == (pytest.approx(np.mean(known), nan_ok=True) if known else None)


@pytest.mark.parametrize(("judged", "order"), [("val_loss", [2, 5, 1, 7, 3]), ("score", [1, 7, 5, 2, 3])])
def test_the_best_comes_first_and_what_is_no_result_never_wins(judged: str, order: list[int]) -> None:
    trials = [
        trial(1, 0.9, 0.7),
        trial(2, 0.2, 0.3),
        trial(3, 0.1 if judged == "val_loss" else 0.99, repeats=2, state=TrialState.PRUNED),
        trial(4, 0.0, math.nan),
        trial(5, 0.5, 0.5),
        trial(6, None, None),
        trial(7, 0.7, 0.9),
    ]
    assert [one.number for one in better(judged, trials)] == order


@pytest.mark.parametrize("metric", ["val_loss", "val_accuracy"])
def test_trials_are_pruned_by_the_median_of_the_finished_ones(metric: str) -> None:
    family = FAMILY.replace("sgd(0.3)", "sgd(log(0.001, 3))")
    swept = seqmagic.sweep(family, X, Y, best=metric, trials=14, epochs=4, validation_split=0.3).wait()
    sign = 1 if metric == "val_loss" else -1
    finished: list[dict[float, float]] = []
    for one in swept.trials:
        curve = one.outcomes[0].curve(metric)
        best_so_far = np.minimum.accumulate([sign * value for _, value in curve])
        due = None
        for (epoch, _), best in zip(curve, best_so_far, strict=True):
            if due is None and len(finished) >= 5 and epoch < 4 and best > np.median([sign * other[epoch] for other in finished]):
                due = epoch
        assert (curve[-1][0] if one.state == TrialState.PRUNED else None) == due
        if one.state == TrialState.DONE:
            finished.append(dict(curve))
    assert any(one.state == TrialState.PRUNED for one in swept.trials)
    ended = {one.number: one.result for one in swept.trials if one.state == TrialState.DONE}
    assert swept.best is not None
    assert swept.best.result == (min if sign == 1 else max)(value for value in ended.values() if value is not None)
