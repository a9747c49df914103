"""Runs as HTML and as text: the same facts in both, and whatever reaches HTML is escaped."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from seqmagic.ledger.entry import RunEntry, with_numbers
from seqmagic.ledger.ranking import sort_by
from seqmagic.widgets.run_card import RunCard
from seqmagic.widgets.run_comparison import RunComparison
from seqmagic.widgets.run_curves import RunCurves, describe_curves, draw_runs
from seqmagic.widgets.run_table import MOST_ROWS, RunTable
from seqmagic.widgets.run_words import format_epochs, format_moment, metrics_of

TEXT = "input 4\ndense 8 relu\ndense 3 softmax\n"
NOON = time.mktime((2026, 11, 25, 12, 5, 0, 0, 0, -1))
EVIL = "<img src=x onerror=hit()>"


def run(number: int, name: str = "net", losses: tuple[float, ...] = (0.9, 0.5), **facts: Any) -> RunEntry:
    given = {"started": NOON, "ended": NOON + 75, "outcome": "done", "epochs": len(losses), "text": TEXT, **facts}
    rows = np.array([[index + 1, loss, 1 - loss] for index, loss in enumerate(losses)]).reshape(-1, 3)
    return with_numbers(RunEntry(name=name, id=number, **given), ["loss", "accuracy"], rows)


def test_a_table_of_no_runs_says_so() -> None:
    table = RunTable([], notes=["Kept in runs.sqlite."])
    assert repr(table) == "No runs are saved yet.\nKept in runs.sqlite."
    assert "<p>No runs are saved yet.</p>" in table._repr_html_()
    assert "<table" not in table._repr_html_()


def test_the_text_twin_of_the_table_shows_everything() -> None:
    entries = [
        run(1),
        run(2, losses=(0.8, 0.3, 0.4), text=TEXT.replace("8", "16")),
        run(3, "other", (), outcome="failed", epochs=5),
        run(4, continues=2),
    ]
    assert repr(RunTable(entries, notes=["Kept in runs.sqlite."])) == (
        "run  model  started        ended   epochs        took  best loss  best accuracy  changed\n"
        "  4  net    Nov 25, 12:05  done    2       1 min 15 s        0.5            0.5  continues run 2; dense 16 relu → dense 8 relu; epochs 3 → 2\n"
        "  3  other  Nov 25, 12:05  failed  0 of 5  1 min 15 s                            first run\n"
        "  2  net    Nov 25, 12:05  done    3       1 min 15 s      ★ 0.3          ★ 0.7  dense 8 relu → dense 16 relu; epochs 2 → 3\n"
        "  1  net    Nov 25, 12:05  done    2       1 min 15 s        0.5            0.5  first run\n"
        "★ marks the best of a model's runs on the same data; losses are compared only between runs with the same loss function.\n"
        "Kept in runs.sqlite."
    ).replace("Nov 25,", format_moment(NOON).rsplit(" ", 1)[0])


def test_the_best_come_first_and_wear_the_crown() -> None:
    entries = [run(1, losses=(0.2,)), run(2, losses=(0.1,)), run(3, losses=(0.9,))]
    table = RunTable(entries, best="loss")
    assert [entry.id for entry in table.entries] == [2, 1, 3]
    assert table._repr_html_().count("<b>★") == 2, "one for the loss, one for the accuracy"
    assert "<b>★ 0.1</b>" in table._repr_html_()
    assert "★" not in RunTable(entries[:1])._repr_html_(), "where there is no other to beat"


def test_a_number_that_got_worse_again_is_reported() -> None:
    assert "<span>0.3</span><br><small>last 0.4</small>" in RunTable([run(1, losses=(0.8, 0.3, 0.4))])._repr_html_()


def test_many_runs_are_cut_and_said_to_be() -> None:
    table = RunTable([run(number) for number in range(1, MOST_ROWS + 6)])
    assert (len(table.entries), table.entries[0].id) == (MOST_ROWS, MOST_ROWS + 5)
    assert table.notes == [f"Showing {MOST_ROWS} of {MOST_ROWS + 5} runs. seqmagic.runs() returns all of them."]
    assert [entry.name for entry in RunTable([run(1), run(2, "other")], name="net").entries] == ["net"]


def test_the_comparison_says_what_changed_and_what_came_of_it() -> None:
    before = run(1, compile="compile adam mse", settings={"optimizer": {"class": "Adam", "learning_rate": 0.001}})
    after = run(
        2,
        losses=(0.4, 0.2),
        text=TEXT.replace("8 relu", "16 relu"),
        compile="compile adam mse",
        settings={"optimizer": {"class": "Adam", "learning_rate": 0.01}},
    )
    message = repr(RunComparison(before, after))
    assert "Run 1 → run 2: net" in message
    assert "  input 4\n− dense 8 relu\n+ dense 16 relu\n  dense 3 softmax\n" in message
    assert "Settings       run 1  run 2\nlearning_rate  0.001  0.01" in message
    assert "best loss      0.5         0.2 ★" in message
    html = RunComparison(before, after)._repr_html_()
    assert "<del>− dense 8 relu</del><ins>+ dense 16 relu</ins>" in html
    assert '<th scope="row">learning_rate</th><td class="short">0.001</td><td class="short">0.01</td>' in html


def test_two_equal_runs_are_said_to_be_equal() -> None:
    text = repr(RunComparison(run(1), run(2)))
    assert "The text is the same." in text
    assert "The settings are the same." in text
    assert "★" not in text


def test_markup_is_escaped_everywhere() -> None:
    evil = run(
        1,
        EVIL,
        cell=EVIL,
        text=EVIL,
        compile=EVIL,
        fit=EVIL,
        settings={"optimizer": {"class": EVIL, EVIL: EVIL}, "fit": {EVIL: EVIL}},
        versions={EVIL: EVIL},
        data={"x": {"kind": EVIL}},
        facts={"reason": EVIL},
    )
    evil = with_numbers(evil, [EVIL], np.array([[1.0, 2.0], [2.0, 3.0]]))
    for shown in (
        RunTable([evil, run(2)], notes=[EVIL]),
        RunComparison(run(2), evil),
        RunComparison(evil, run(2)),
        RunCard(evil, {EVIL: 0.0}, EVIL),
    ):
        html = shown._repr_html_()
        assert "<img" not in html
        assert "&lt;img" in html


def test_the_card_shows_all_of_one_run() -> None:
    entry = run(
        7,
        losses=(0.8, 0.3, 0.4),
        outcome="stopped",
        epochs=5,
        facts={"reason": "accuracy > 0.6 was reached."},
        cell="# mine\ninput 4 -> dense {n}",
        seed=3,
    )
    text = repr(RunCard(entry, {"first": 1.0, "best": 2.0}, "nothing"))
    for part in (
        "Run 7: net",
        "reason        accuracy > 0.6 was reached.",
        "trained       3 of 5 epochs in 1 min 15 s",
        "weights kept  best, first",
        "loss       0.4   0.3      2",
        "# mine\ninput 4 -> dense {n}",
        "seed",
    ):
        assert part in text
    assert '<td class="number">0.3<br><small>epoch 2</small></td>' in RunCard(entry, {})._repr_html_()


def test_curves_lie_over_each_other_and_are_described_in_words() -> None:
    rows = np.array([[1, 0.9, np.nan], [2, 0.5, 0.7]])
    runs = [
        RunCurves("run 1", ["loss", "val_loss"], rows),
        RunCurves("run 2", ["loss"], rows[:, :2] / [1, 2]),
        RunCurves("run 3", [], np.empty((0, 1))),
    ]
    picture = draw_runs(runs)
    assert picture is not None
    assert picture.startswith(b"\x89PNG")
    assert (
        describe_curves(runs)
        == "loss      run 1: 0.9 → 0.5 in 2 epochs\nloss      run 2: 0.45 → 0.25 in 2 epochs\nval_loss  run 1: 0.7 → 0.7 in 2 epochs"
    )
    assert draw_runs(runs[2:]) is None
    many = [RunCurves(f"run {number}", ["loss"], rows[:, :2]) for number in range(6)]
    assert draw_runs(many) is not None


def test_words_for_numbers_and_times() -> None:
    assert format_epochs(run(1, losses=(0.1,))) == "1 epoch"
    assert format_epochs(run(1, outcome="stopped", epochs=10)) == "2 of 10 epochs"
    assert format_moment(NOON, NOON + 400 * 86400).split()[2] == "2026,"
    assert metrics_of([run(1), run(2)], "accuracy") == ["accuracy", "loss"]
    nothing = run(9, losses=())
    assert [entry.id for entry in sort_by([nothing, run(1, losses=(0.5,)), run(2, losses=(0.5,))], "loss")] == [2, 1, 9]
