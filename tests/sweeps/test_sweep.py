"""A sweep from Python: what is drawn, trained and kept, and that it can be had again."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.ledger.current import current_ledger, name_ledger
from seqmagic.recipes.recipe import make_recipe, read
from seqmagic.sweeps.folds import make_folds
from seqmagic.sweeps.past import read_trials
from seqmagic.sweeps.sweep import Sweep

TEXT = """
input 8
(dense choice(4, 8) choice(relu, tanh)) * between(1, 2)
dense 2 softmax
compile adam(log(1e-3, 1e-1)) sparse_categorical_crossentropy accuracy
"""
PLAIN = "input 8 -> dense 4 relu -> dense 2 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"
ROWS = np.random.RandomState(0).rand(80, 8).astype("float32")
LABELS = (ROWS.sum(axis=1) > 4).astype("int64")
TRIES = 5


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sweep]:
    seqmagic.keep_runs(tmp_path_factory.mktemp("sweep") / "runs.sqlite")
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    yield sweep(trials=TRIES).wait()
    name_ledger(None)


def sweep(text: str = TEXT, **options: object) -> Sweep:
    return seqmagic.sweep(text, ROWS, LABELS, **{"validation_split": 0.25, "epochs": 3, "name": "net", **options})


def results(tried: Sweep) -> list[tuple[object, ...]]:
    return [(one.number, one.values, one.state, one.result) for one in tried.trials]


def test_each_try_is_a_run_in_the_ledger_with_its_text_as_it_would_be_typed(swept: Sweep) -> None:
    ledger = current_ledger()
    assert ledger is not None
    entries = [ledger.entry(one.runs[0]) for one in swept.trials]
    assert [entry.name for entry in entries if entry] == ["net"] * TRIES
    for one, entry in zip(swept.trials, entries, strict=True):
        assert entry is not None
        assert entry.cell == one.text
        assert "choice" not in entry.cell + entry.fit
        assert entry.fit == "fit x y validation_split=0.25 epochs=3"
        assert entry.sweep["values"] == one.values
        assert entry.outcome == {"done": "done", "pruned": "stopped"}[one.state]
        assert entry.numbers["val_loss"] == one.result


def test_the_best_try_typed_by_hand_comes_to_the_same_numbers(swept: Sweep) -> None:
    best = swept.best
    assert best is not None
    assert best.result == min(one.result for one in swept.trials if one.state == "done" and one.result is not None)
    model = make_recipe(read(best.text, {}), {}, "net").model
    run = seqmagic.fit(model, ROWS, LABELS, validation_split=0.25, epochs=3).wait()
    assert run.history["val_loss"][-1] == best.result
    kept = dict(zip(swept.best_model.metrics_names, swept.best_model.evaluate(ROWS[60:], LABELS[60:], verbose=0), strict=False))
    assert kept["loss"] == pytest.approx(best.result, rel=1e-5)
    assert all(np.array_equal(*pair) for pair in zip(model.get_weights(), swept.best_model.get_weights(), strict=True))


def test_a_sweep_goes_on_from_the_ledger_alone_to_the_tries_that_it_would_have_had(swept: Sweep) -> None:
    begun = sweep(trials=2).wait()
    assert results(begun) == results(swept)[:2]
    gone_on = sweep(trials=TRIES - 1, resume=True)  # As in a new process.
    assert gone_on.id == begun.id
    assert results(gone_on.wait()) == results(swept)[: TRIES - 1]
    assert results(gone_on.more(1).wait()) == results(swept)
    best, ledger = gone_on.best, current_ledger()
    assert best is not None
    assert ledger is not None
    assert len([entry for entry in ledger.entries() if entry.sweep.get("id") == begun.id]) == TRIES
    gone_on.worker._best_number = None  # noqa: SLF001  # As in a new kernel, which has no model yet.
    restored = gone_on.best_model.evaluate(ROWS[60:], LABELS[60:], verbose=0)[0]
    assert restored == pytest.approx(best.result, rel=1e-5)


def test_the_notebooks_own_random_numbers_go_on_as_they_would_have(swept: Sweep) -> None:
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    expected = random.random(), np.random.random()  # noqa: NPY002
    random.seed(7)
    np.random.seed(7)  # noqa: NPY002
    sweep(PLAIN, epochs=1).wait()
    assert (random.random(), np.random.random()) == expected  # noqa: NPY002


def test_a_sweep_that_was_stopped_goes_on_with_the_try_that_was_cut(swept: Sweep) -> None:
    cut = sweep(trials=1, epochs=40)
    stopped: list[int] = []

    def stop_in_the_first_try(one: Sweep) -> None:
        if not stopped and one.trials and one.trials[0].outcomes and len(one.trials[0].outcomes[0].rows) > 2:
            stopped.append(one.stop().trials[0].number)

    cut.watchers.append(stop_in_the_first_try)
    cut.wait()
    assert cut.state == "stopped"
    assert cut.trials[0].state == "cut"
    cut.more(0).wait()
    ledger = current_ledger()
    assert ledger is not None
    parts = [entry.seconds for entry in ledger.entries() if entry.sweep.get("id") == cut.id]
    assert len(parts) == 2
    assert cut.trials[0].seconds == pytest.approx(sum(parts))
    assert [one.seconds for one in read_trials(ledger, cut.id, cut.task.family, cut.metric)] == pytest.approx([sum(parts)])
    whole = sweep(trials=1, epochs=40).wait()
    assert results(cut) == results(whole)
    assert len(cut.trials[0].outcomes[0].rows) >= 40


def test_one_try_is_stopped_alone_and_the_next_begins(swept: Sweep) -> None:
    tried = sweep(trials=2, epochs=400, until="accuracy > 2", prune=False)
    seen: set[int] = set()

    def stop_each(one: Sweep) -> None:
        number = len(one.trials)
        if number and number not in seen and one.trials[-1].outcomes and len(one.trials[-1].outcomes[0].rows):
            seen.add(number)
            one.stop_trial()

    tried.watchers.append(stop_each)
    tried.wait()
    assert tried.state == "done"
    assert [one.state for one in tried.trials] == ["stopped", "stopped"]
    assert tried.best is None
    # As in a new kernel, which knows them from the file of runs alone and must not resume them.
    again = sweep(trials=2, epochs=400, until="accuracy > 2", prune=False, resume=True).wait()
    assert [(one.state, one.runs) for one in again.trials] == [("stopped", one.runs) for one in tried.trials]


def test_pause_holds_and_resume_goes_on(swept: Sweep) -> None:
    tried = sweep(PLAIN)
    tried.pause()
    assert tried.state == "paused"
    tried.wait(0.3)
    assert not tried.ended
    assert tried.resume().wait().state == "done"


def test_seeds_and_folds_give_mean_and_spread(swept: Sweep) -> None:
    seeds = sweep(PLAIN, seeds=3, best="val_accuracy").wait()
    (only,) = seeds.trials
    ledger = current_ledger()
    assert ledger is not None
    values = [ledger.entry(run).numbers["val_accuracy"] for run in only.runs]  # type: ignore[union-attr]
    assert only.result == pytest.approx(np.mean(values))
    assert only.spread == pytest.approx(np.std(values, ddof=1))
    assert ["seed 0" in ledger.entry(run).cell for run in only.runs] == [True, False, False]  # type: ignore[union-attr]
    positions, means, spreads = only.band()
    assert positions.tolist() == [1, 2, 3]
    assert means[-1] == pytest.approx(only.result)
    assert spreads[-1] == pytest.approx(only.spread)
    folds = seqmagic.sweep(PLAIN, ROWS, LABELS, epochs=2, folds=3, name="net").wait()
    assert len(folds.trials[0].results) == 3
    last = ledger.entries()[-1]
    assert last.sweep["repeat"] == 3  # Once more, on all rows.
    assert last.data["x"]["shape"][0] == len(ROWS)
    assert folds.best_model.evaluate(ROWS, LABELS, verbose=0)[0] == pytest.approx(
        min(last.numbers["loss"], folds.best_model.evaluate(ROWS, LABELS, verbose=0)[0]), rel=1e-5
    )


def test_folds_hold_each_row_aside_once_and_share_the_classes() -> None:
    folds = np.array(make_folds(len(ROWS), 4, LABELS, seed=3))
    assert folds.sum(axis=0).tolist() == [1] * len(ROWS)
    counts = np.array([[np.sum(LABELS[fold] == label) for label in (0, 1)] for fold in folds])
    assert (counts.max(axis=0) - counts.min(axis=0)).max() <= 1


def test_a_family_that_is_used_up_says_so(swept: Sweep) -> None:
    small = sweep(PLAIN.replace("dense 4", "dense choice(2, 4)"), epochs=1, trials=9).wait()
    assert sorted(one.values["dense"] for one in small.trials) == ["2", "4"]
    assert small.reason == "All possible networks have been tried."


def test_importance_adds_up_and_names_what_was_searched(swept: Sweep) -> None:
    found = swept.importance
    assert set(found) <= {"dense", "dense word", "dense times", "adam"}
    assert sum(found.values()) == pytest.approx(1)


@pytest.mark.parametrize(
    ("text", "options", "said"),
    [
        (TEXT, {"best": "val_auc"}, "has no number 'val_auc'"),
        (TEXT, {"trials": 0}, "trials is 0"),
        (TEXT, {"folds": 3, "seeds": 2}, "either folds or seeds"),
        (TEXT, {"folds": 3}, "validation_split names others"),
        (TEXT.replace("input 8", "input 9"), {}, "One row of x is 8"),
        (TEXT.replace("tanh", "tahn"), {}, "has no word 'tahn'. This happens with dense 8, dense word tahn"),
        (TEXT.partition("compile")[0], {}, "no compile line"),
        (TEXT.replace("relu, tanh", "relu, relu"), {}, "relu twice"),
        (
            "input 8x8x1 -> (conv 4 3 -> maxpool 2) * between(1, 4) -> flatten -> dense 2\ncompile adam mse",
            {},
            "This happens with conv times 4",
        ),
    ],
)
def test_what_cannot_be_tried_is_reported_before_anything_starts(text: str, options: dict[str, object], said: str) -> None:
    with pytest.raises(SeqmagicError, match=said.replace("(", r"\(")):
        sweep(text, **options)


def test_where_one_network_is_wanted_a_family_is_refused() -> None:
    with pytest.raises(SeqmagicError, match="stands for several values"):
        seqmagic.build(TEXT)


def test_a_sweep_without_optuna_says_what_installs_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(__import__("sys").modules, "optuna", None)
    with pytest.raises(SeqmagicError, match="pip install optuna"):
        sweep(trials=1)


def test_a_sweep_does_not_go_on_with_other_data_or_another_number_of_runs(swept: Sweep) -> None:
    with pytest.raises(SeqmagicError, match="x is not what this sweep was started with"):
        seqmagic.sweep(TEXT, ROWS + 1, LABELS, validation_split=0.25, epochs=3, name="net", resume=True)
    with pytest.raises(SeqmagicError, match="There is no saved sweep with this name and text"):
        sweep(seeds=2, resume=True)
