"""Which run is the best, and what it is judged by, as tables and comparisons show it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import seqmagic
from seqmagic.history import MISSING
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.ledger.entry import RunEntry, with_numbers
from seqmagic.ledger.ranking import sort_by
from seqmagic.widgets.run_comparison import RunComparison
from seqmagic.widgets.run_table import RunTable
from seqmagic.widgets.run_words import metrics_of
from tests.support.steps import stop_in_third_epoch

TEXT = "input 8x8x1 -> flatten -> dense 10 softmax\ncompile adam(0.01) sparse_categorical_crossentropy accuracy"


def entry(number: int, name: str = "net", loss: str = "mse", rows: Any = ((1, 0.5, 0.6), (2, 0.4, 0.7)), **facts: Any) -> RunEntry:
    given = {"compile": f"compile adam {loss} auc", "outcome": "done", "epochs": 2, **facts}
    return with_numbers(RunEntry(name=name, id=number, **given), ["loss", "val_loss"], np.array(rows, float))


def crowns(*entries: RunEntry) -> list[str]:
    html = RunTable(entries)._repr_html_()
    return sorted(part.partition("<")[0] for part in html.split("<b>★ ")[1:])


def test_an_epoch_that_broke_off_is_no_best_and_an_earlier_loss_can_not_be_compared() -> None:
    assert entry(1, rows=((1, 0.5, 0.6), (1.5, 0.1, MISSING))).best == {"loss": (0.5, 1.0), "val_loss": (0.6, 1.0)}
    changed = entry(1, rows=((1, 0.1, 0.2), (2, 8.0, 9.0)), loss_since=1.0)
    assert changed.best == {"loss": (8.0, 2.0), "val_loss": (9.0, 2.0)}
    only_a_part = entry(1, rows=((0.5, 0.4, MISSING),))
    assert (only_a_part.best, only_a_part.numbers) == ({}, {"loss": 0.4})
    assert "last 0.4" in RunTable([only_a_part])._repr_html_()
    assert sort_by([only_a_part, entry(2, rows=((1, 0.9, 0.9),))], "loss")[0].id == 2


def test_the_crown_is_given_among_runs_that_can_be_compared() -> None:
    better = ((1, 0.2, 0.3),)
    assert crowns(entry(1), entry(2, rows=better)) == ["0.2", "0.3"]
    assert crowns(entry(1), entry(2, "other", rows=better)) == []
    assert crowns(entry(1), entry(2, loss="mae", rows=better)) == []
    assert crowns(entry(1), entry(2, rows=better), entry(3, loss="mae"), entry(4, loss="mae", rows=better)) == ["0.2", "0.2", "0.3", "0.3"]


def test_two_runs_are_compared_where_they_learned_the_same() -> None:
    one, other = entry(1), entry(2, rows=((1, 0.2, 0.3),))
    labels = {"y": {"hash": "ab"}}
    assert repr(RunComparison(one, other)).count(" ★") == 2
    assert repr(RunComparison(one, entry(2, loss="mae", rows=((1, 0.2, 0.3),)))).count(" ★") == 0
    assert repr(RunComparison(one, entry(2, "other", rows=((1, 0.2, 0.3),)))).count(" ★") == 0
    assert repr(RunComparison(entry(1, data=labels), entry(2, "other", rows=((1, 0.2, 0.3),), data=labels))).count(" ★") == 2


def test_what_runs_are_judged_by_is_shown_however_many_metrics_there_are() -> None:
    names = ["loss", "accuracy", "auc", "precision", "recall"]
    many = RunEntry(name="churn", numbers=dict.fromkeys([*names, *(f"val_{name}" for name in names)], 0.5))
    assert metrics_of([many], most=4) == ["loss", "val_loss", "val_accuracy", "val_auc"]
    assert metrics_of([many], "recall", most=4)[0] == "recall"
    plain = RunEntry(name="churn", numbers=dict.fromkeys(names, 0.5))
    assert metrics_of([plain, plain, many], most=4) == ["loss", "val_loss", "accuracy", "auc"]


def test_the_table_says_whose_runs_are_where_there_are_several() -> None:
    ana, ben = "/class/ana.ipynb", "/class/ben.ipynb"
    assert "whose" not in repr(RunTable([entry(1, notebook=ana, user="ana"), entry(2, notebook=ana, user="ana")]))
    table = RunTable([entry(1, notebook=ana, user="u"), entry(2, notebook=ben, user="u")])
    assert table.owners == {1: "ana.ipynb", 2: "ben.ipynb"}
    assert repr(table).splitlines()[1].endswith("ben.ipynb")
    assert "<small>ben.ipynb</small>" in table._repr_html_()
    assert RunTable([entry(1, user="ana"), entry(2, user="ben")]).owners == {1: "ana", 2: "ben"}
    folders = RunTable([entry(1, notebook="/a/lab.ipynb"), entry(2, notebook="/b/lab.ipynb")])
    assert folders.owners == {1: "a/lab.ipynb", 2: "b/lab.ipynb"}


def test_a_run_that_stopped_in_mid_epoch_keeps_the_numbers_of_its_validation(tmp_path: Path, digits_data: Any) -> None:
    ledger = keep_runs(tmp_path / "runs.sqlite")
    try:
        x, y = digits_data
        run = seqmagic.Run(seqmagic.build(TEXT), x, y, epochs=50, validation_split=0.2, batch_size=16)
        stop_in_third_epoch(run)
        assert run.record.position % 1, "it stopped in mid-epoch"
        (entry,) = ledger.entries()
    finally:
        name_ledger(None)
    assert set(entry.numbers) == {"loss", "accuracy", "val_loss", "val_accuracy"}
    assert entry.numbers["val_loss"] == run.history["val_loss"][1]
    assert entry.numbers["loss"] == run.history["loss"][-1]
    best = run.record.best()
    assert best is not None
    assert entry.best["val_loss"] == (best.value, best.position)
    assert 'class="number empty"' not in RunTable([entry], best="val_accuracy")._repr_html_()
    assert f"{entry.best['val_accuracy'][0]:.4g}" in repr(RunTable([entry], best="val_accuracy"))
