"""Several runs held against each other: what is not alike, which is the best of those that can be compared, and the curves."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib import colors

import seqmagic
from seqmagic.errors import ArgumentError, UnknownNameError
from seqmagic.ledger.current import keep_runs, name_ledger
from seqmagic.ledger.diff import NOTHING, lines_apart, settings_apart
from seqmagic.ledger.entry import RunEntry, with_numbers
from seqmagic.ledger.ranking import rank
from seqmagic.widgets.run_comparison import MOST_COLUMNS, MOST_LINES, RunComparison
from seqmagic.widgets.run_curves import COLORS, LINES, MARKERS, RunCurves, _look_of, curves_of, describe_curves, plot_runs, spread
from seqmagic.widgets.run_table import RunTable
from seqmagic.widgets.run_words import describe_rankings

TEXT = "input 4\ndense 8 relu\ndense 3 softmax\n"
EVIL = "<img src=x onerror=hit()>"
DATA = {"x": {"name": "x", "shape": [9, 4], "hash": "aa"}, "y": {"name": "y", "shape": [9], "hash": "bb"}}


def run(number: int, losses: tuple[float, ...] = (0.9, 0.5), loss: str = "mse", **facts: Any) -> RunEntry:
    given = {"name": "net", "outcome": "done", "epochs": 2, "text": TEXT, "compile": f"compile adam {loss}", "data": DATA, **facts}
    rows = np.array([(epoch, value, 2 * value, 1 - value) for epoch, value in enumerate(losses, 1)]).reshape(-1, 4)
    return with_numbers(RunEntry(id=number, **given), ["loss", "val_loss", "accuracy"], rows)


def fit(**options: Any) -> dict[str, Any]:
    return {"fit": options}


OTHER_X = {**DATA, "x": {**DATA["x"], "hash": "cc"}}
VALIDATED = {**DATA, "validation_data": {"kind": "tuple", "parts": [{"hash": "v"}, {"hash": "w"}]}}

# Two runs, and the metrics in which they can be held against each other.
PAIRS: list[tuple[dict[str, Any], dict[str, Any], set[str]]] = [
    ({}, {}, {"loss", "val_loss", "accuracy"}),
    ({}, {"name": "other"}, {"loss", "val_loss", "accuracy"}),
    ({}, {"loss": "mae"}, {"accuracy"}),
    ({}, {"data": OTHER_X}, set()),
    ({}, {"data": {"x": {**DATA["x"], "name": "rows"}, "y": DATA["y"]}}, {"loss", "val_loss", "accuracy"}),
    ({"data": {}}, {"data": {}}, {"loss", "val_loss", "accuracy"}),
    ({"data": {}}, {"data": {}, "name": "other"}, set()),
    ({"settings": fit(validation_split=0.2)}, {"settings": fit(validation_split=0.3)}, set()),
    ({"settings": fit(validation_split=0.2)}, {"settings": fit(validation_split=0.2, split="shuffled")}, set()),
    ({"settings": fit(batch_size=8)}, {"settings": fit(batch_size=32)}, {"loss", "val_loss", "accuracy"}),
    ({"data": VALIDATED}, {"data": {**OTHER_X, "validation_data": {**VALIDATED["validation_data"], "kind": "list"}}}, {"val_loss"}),
    ({"data": VALIDATED}, {"data": DATA}, {"loss", "accuracy"}),
    ({}, {"settings": fit(class_weight={"0": 1.0, "1": 3.0})}, {"val_loss", "accuracy"}),
    ({}, {"data": {**DATA, "sample_weight": {"hash": "dd"}}}, {"accuracy"}),
    ({}, {"text": TEXT.replace("relu", "relu kernel_regularizer=l2(0.01)")}, {"accuracy"}),
    ({}, {"text": TEXT.replace("8", "16")}, {"loss", "val_loss", "accuracy"}),
]


@pytest.mark.parametrize(("one", "other", "comparable"), PAIRS)
def test_runs_are_ranked_where_the_same_was_measured_on_the_same_rows(
    one: dict[str, Any], other: dict[str, Any], comparable: set[str]
) -> None:
    pair = [run(1, **one), run(2, (0.4, 0.2), **other)]
    rankings = [rank(pair, metric) for metric in ("loss", "val_loss", "accuracy")]
    assert {ranking.metric for ranking in rankings if ranking.winners == {2}} == comparable
    assert all(ranking.apart for ranking in rankings if ranking.metric not in comparable)
    assert repr(RunComparison(*pair)).count("★") == len(comparable) + bool(comparable)


# Two compile lines, with weights or without, and whether a metric means the same in both.
WEIGHTS = {"data": {**DATA, "sample_weight": {"hash": "dd"}}}
METRICS: list[tuple[str, str, str, dict[str, Any], bool]] = [
    ("auc", "mse auc()", "mse auc", {}, True),
    ("auc", "mse auc()", "mse auc(curve=PR)", {}, False),
    ("val_auc", "mse accuracy auc(curve=PR)", "mse [auc(curve=PR), mae]", {}, True),
    ("val_left_auc_1", "mse auc(curve=PR)", "mse auc(curve=ROC)", {}, False),
    ("accuracy", "mse accuracy auc(curve=PR)", "mse accuracy", {}, True),
    ("score", "mse auc(name=score)", "mse auc(name=score, curve=PR)", {}, False),
    ("top_k_categorical_accuracy", "mse TopKCategoricalAccuracy(k=3)", "mse TopKCategoricalAccuracy(k=5)", {}, False),
    ("accuracy", "mse accuracy", "mse accuracy", WEIGHTS, True),
    ("accuracy", "mse weighted_metrics=[accuracy]", "mse weighted_metrics=[accuracy]", WEIGHTS, False),
    ("accuracy", "mse weighted_metrics=[accuracy]", "mse accuracy", {}, True),
    ("mae", "mse mae weighted_metrics=[accuracy]", "mse mae weighted_metrics=[accuracy]", WEIGHTS, True),
    ("left_loss", "mse mae", "mae mae", {}, False),
    ("val_left_loss", "mse mae", "mse accuracy", {}, True),
]


@pytest.mark.parametrize(("metric", "one", "other", "facts", "comparable"), METRICS)
def test_values_of_a_metric_are_compared_where_it_means_the_same(
    metric: str, one: str, other: str, facts: dict[str, Any], *, comparable: bool
) -> None:
    entries = [
        with_numbers(RunEntry(**{"name": "net", "id": number, "compile": f"compile adam {line}", "data": DATA, **more}), [metric], rows)
        for number, line, more, rows in ((1, one, {}, np.array([[1, 0.5]])), (2, other, facts, np.array([[1, 0.7]])))
    ]
    ranking = rank(entries, metric)
    assert len(ranking.winners) == comparable
    assert bool(ranking.apart) is not comparable
    reason = "the losses differ" if metric.endswith("loss") else "the metric is computed differently"
    assert (describe_rankings([ranking]) == [f"These runs can't be compared: {reason}."]) is not comparable


def test_validation_from_held_out_rows_and_from_other_rows_differs_in_the_rows_alone() -> None:
    given = {**DATA, "validation_data": {"kind": "tuple", "items": [DATA["x"], DATA["y"]]}}
    split = {"fit": {"validation_split": 0.2}}
    facts: list[dict[str, Any]] = [{"data": given}, {"data": DATA, "settings": split}]
    entries = [
        with_numbers(RunEntry(name="net", id=number, compile="compile adam mse", **more), ["val_loss"], np.array([[1, 0.5 * number]]))
        for number, more in enumerate(facts, 1)
    ]
    assert rank(entries, "val_loss").apart == ("data",)
    assert describe_rankings([rank(entries, "val_loss")]) == ["These runs can't be compared: they were measured on different rows."]


def test_a_metric_is_shown_with_all_its_brackets() -> None:
    entries = [run(1, loss="mse [mae, auc(curve=PR)]"), run(2, loss="mse mae auc()")]
    assert [words for name, words in settings_apart(entries) if name == "metrics"] == [("mae, auc(curve=PR)", "mae, auc")]


def test_a_better_run_than_all_others_has_a_star_and_of_equal_ones_none_is_better() -> None:
    assert rank([run(1), run(2), run(3, (0.1,))], "loss").winners == {3}
    assert rank([run(1), run(2), run(3, (0.9,))], "loss").winners == {1, 2}, "such as one that went on, and got no better"
    assert rank([run(1), run(2)], "loss").winners == set()
    assert rank([run(1), run(2, ())], "loss").winners == set()
    assert rank([run(1), run(2, name="other", losses=(0.1,))], "loss", by_name=True).winners == set()


def test_why_a_run_has_a_star_and_why_none_has_is_said() -> None:
    def found(*runs: RunEntry) -> list[str]:
        return describe_rankings([rank(runs, metric) for metric in ("loss", "accuracy")])

    same = "their data is the same"
    assert found(run(1), run(2, (0.1,))) == [f"★ marks the best of these runs: {same}, and so is the loss."]
    assert found(run(1), run(2, (0.1,), "mae")) == [
        f"★ marks the best of these runs: {same}.",
        "The values of loss can't be compared: the losses differ.",
    ]
    assert found(run(1), run(2, (0.1,)), run(3, (0.3,), "mae"), run(4, (0.4,), "mae"), run(5, data=OTHER_X)) == [
        f"★ marks the best of the comparable runs: {same}, and so is the loss.",
        "In loss, only runs 1 and 2, and runs 3 and 4 can be compared: they were measured on different rows and the losses differ.",
        "In accuracy, only runs 1, 2, 3 and 4 can be compared: they were measured on different rows.",
    ]
    stream = {"x": {"kind": "generator"}, "y": {"kind": "generator"}}
    assert "streamed" in found(run(1, data=stream), run(2, (0.1,), data=stream))[-1]
    assert "★ marks the best of a model's runs on the same data" in repr(RunTable([run(1), run(2, (0.1,))]))


def test_what_is_not_alike_is_a_table_of_all_runs() -> None:
    runs = [
        run(1, settings={"optimizer": {"class": "Adam", "learning_rate": 0.001}, "fit": {"batch_size": 32}}),
        run(2, text=TEXT.replace("8", "16"), settings={"optimizer": {"class": "Adam", "learning_rate": 0.01}, "fit": {"batch_size": 32}}),
        run(3, (0.2, 0.1), text=TEXT.replace("dense 3", "dropout 0.5\ndense 3"), data=OTHER_X, settings={"fit": {}}),
    ]
    message = repr(RunComparison(*runs))
    rows = {" ".join(line.split("  ")[0].split()): [part.strip() for part in re.split(r" {2,}", line)[1:]] for line in message.splitlines()}
    assert rows["line 2"] == ["dense 8 relu", "dense 16 relu", "dense 8 relu"]
    assert rows["before line 3"] == [NOTHING, NOTHING, "dropout 0.5"]
    assert rows["batch_size"] == ["32", "32", NOTHING]
    assert rows["data"] == ["9 rows of 4", "9 rows of 4", "same shape, different values"]
    assert rows["best loss"] == ["0.5", "0.5", "0.1"], "the third learned from other data"
    assert "learning_rate" not in rows, "the third has another optimizer, and no such detail"
    html = RunComparison(*runs)._repr_html_()
    assert '<th scope="row">line 2</th><td>dense 8 relu</td><td><b>dense 16 relu</b></td><td>dense 8 relu</td>' in html.replace(
        ' class="short"', ""
    )
    assert 'role="region" tabindex="0" aria-label="Text of 3 runs"' in html


def test_of_two_runs_and_of_three_the_same_settings_are_shown() -> None:
    one, other = run(1, seed=1), run(2, (0.1,), "mae", seed=2, data=OTHER_X)
    assert [(name, (*words, words[0])) for name, words in settings_apart([one, other])] == settings_apart([one, other, one])
    third = run(3, data={**DATA, "x": {**DATA["x"], "hash": "ee"}})
    (words,) = [words for name, words in settings_apart([one, other, third]) if name == "data"]
    assert words == ("9 rows of 4", "same shape, different values", "same shape, different values (2)")


def test_lines_are_named_by_their_places_in_the_first_text() -> None:
    assert lines_apart([TEXT, TEXT, TEXT]) == []
    assert lines_apart(["a\nb", "b"]) == [("line 1", ("a", NOTHING))]
    assert lines_apart(["a", "a\nb\nc"]) == [("at the end", (NOTHING, "b")), ("at the end", (NOTHING, "c"))]
    assert lines_apart(["", "a"]) == [("at the end", (NOTHING, "a"))]


def test_many_runs_take_several_tables_of_text_and_many_lines_are_cut() -> None:
    runs = [run(number, settings=fit(note="n" * 20, rate=number)) for number in range(1, 31)]
    lines = repr(RunComparison(*runs)).splitlines()
    assert max(map(len, lines[1:-1])) <= MOST_COLUMNS
    assert sum(line.startswith("rate ") for line in lines) > 1
    long = [run(number, text="".join(f"dense {1000 * number + place}\n" for place in range(60))) for number in (1, 2, 3)]
    assert f"{60 - MOST_LINES} more lines differ." in repr(RunComparison(*long))
    assert f"{60 - MOST_LINES} more lines differ." in RunComparison(*long)._repr_html_()


def test_what_is_in_a_run_reaches_no_markup() -> None:
    evil = run(3, name=EVIL, text=EVIL, compile=EVIL, settings={"fit": {EVIL: EVIL}}, data={"x": {"kind": EVIL}})
    html = RunComparison(run(1), run(2), with_numbers(evil, [EVIL], np.array([[1.0, 2.0]])))._repr_html_()
    assert "<img" not in html
    assert "&lt;img" in html


def test_no_two_of_many_curves_look_alike_and_without_colours_none_of_28() -> None:
    looks = [_look_of(index) for index in range(140)]
    assert len({tuple(look.items()) for look in looks}) == 140
    assert len({(look["linestyle"], look["marker"]) for look in looks[:28]}) == 28
    assert (len(COLORS), len(LINES), len(MARKERS)) == (5, 4, 7)


def luminance(color: str) -> float:
    parts = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colors.to_rgb(color)]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_each_colour_stands_out_from_white() -> None:
    # As WCAG has it: https://www.w3.org/TR/WCAG21/#dfn-contrast-ratio; 3 is asked of what is drawn, less of what has its number beside it.
    assert [round(1.05 / (luminance(color) + 0.05), 1) for color in COLORS] == [5.2, 3.9, 3.4, 3.1, 21.0]


@pytest.mark.parametrize("places", [[0.5] * 9, [0.0, 0.0, 1.0, 1.0], [0.2, 0.21, 0.22, 0.9], [], [0.4], list(np.linspace(0, 1, 40))])
def test_labels_have_room_and_keep_their_order(places: list[float]) -> None:
    found = spread(places)
    gap = min(0.085, 0.96 / max(1, len(places)))
    assert all(0 <= place <= 1 for place in found)
    order = sorted(range(len(places)), key=places.__getitem__)
    assert all(found[after] - found[before] >= gap - 1e-9 for before, after in pairwise(order))


def test_each_of_many_runs_has_its_number_at_the_end_of_its_curve() -> None:
    rows = np.array([[1, 0.9], [2, 0.5]])
    figure = plot_runs([RunCurves(f"run {number}", ["loss"], rows, str(number)) for number in range(1, 8)])
    assert figure is not None
    assert [text.get_text() for text in figure.axes[0].texts] == list("1234567")
    two = plot_runs([RunCurves(f"run {number}", ["loss"], rows, str(number)) for number in (1, 2)])
    assert two is not None
    assert not two.axes[0].texts
    assert plot_runs([]) is None


def test_runs_that_go_on_say_so_everywhere(digits_data: Any, digits_model: Any, tmp_path: Path) -> None:
    ledger = keep_runs(tmp_path / "runs.sqlite")
    try:
        first = seqmagic.fit(digits_model, *digits_data, epochs=2).wait()
        first.more(epochs=3).wait()
        entries = ledger.entries()
        assert "continues run 1; epochs 2 → 3" in repr(RunTable(entries))
        curves = curves_of(ledger, entries)
        assert [(one.label, one.since) for one in curves] == [("run 1", 0.0), ("run 2, continues run 1", 2.0)]
        assert curves_of(ledger, entries[1:])[0].since == 0
        lines = describe_curves(curves).splitlines()
        assert lines[0].endswith("in 2 epochs")
        assert lines[1].endswith("from epoch 2 to 5")
        compared = seqmagic.compare(1, 2)
        assert re.search(r"^begins +anew +continues run 1$", repr(compared), re.MULTILINE)
        figure = compared.plot()
        assert [line.get_xdata().tolist() for line in figure.axes[0].lines[:2]] == [[1, 2], [2, 3, 4, 5]]
        with pytest.raises(UnknownNameError, match="There is no run called '9'"):
            seqmagic.compare(1, 9)
    finally:
        name_ledger(None)


@pytest.mark.parametrize("numbers", [(), (1,), (1, 1), ("1", "2"), ([1], 2)])
def test_what_is_no_two_runs_is_refused(numbers: tuple[Any, ...]) -> None:
    with pytest.raises(ArgumentError, match="Runs to compare"):
        seqmagic.compare(*numbers)
