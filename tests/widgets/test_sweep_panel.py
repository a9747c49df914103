"""The sweep panel: its table, its charts and what they say in words, and its buttons, of one small sweep."""

from __future__ import annotations

import numpy as np
import pytest

import seqmagic
from seqmagic.errors import Span
from seqmagic.language import Literal
from seqmagic.language.searched import Searched
from seqmagic.sweeps.sweep import Sweep
from seqmagic.widgets.sweep_charts import best_so_far, charts_of, describe_missing_charts, marks_of, place_of
from seqmagic.widgets.sweep_panel import SweepPanel
from seqmagic.widgets.sweep_picture import describe_sweep
from seqmagic.widgets.sweep_table import SweepTable

TEXT = "input 4 -> dense choice(2, 3) relu -> dense 2 softmax\ncompile adam(log(1e-3, 1e-1)) sparse_categorical_crossentropy"
ROWS = np.random.RandomState(0).rand(30, 4).astype("float32")
LABELS = (ROWS.sum(axis=1) > 2).astype("int64")
HERE = Span(1, 1, 2)


@pytest.fixture(scope="module")
def shown() -> tuple[Sweep, SweepPanel]:
    sweep = seqmagic.sweep(TEXT, ROWS, LABELS, epochs=2, trials=3, name="<i>net", prune=False)
    panel = SweepPanel(sweep)
    panel._hold.click()  # noqa: SLF001  # As in the page.
    assert sweep.paused
    assert panel._hold.description == "Continue"  # noqa: SLF001
    panel._hold.click()  # noqa: SLF001
    return sweep.wait(), panel


def test_the_best_try_stands_on_top_and_the_numbers_are_those_of_the_runs(shown: tuple[Sweep, SweepPanel]) -> None:
    sweep, _ = shown
    lines = repr(SweepTable(sweep)).splitlines()
    results = sorted(one.result for one in sweep.trials if one.result is not None)
    assert len(results) == 3
    column = lines[0].split().index("loss")
    assert [line.split()[column] for line in lines[1:]] == [f"{result:.4g}" for result in results]


def test_what_is_the_best_so_far_falls_from_try_to_try(shown: tuple[Sweep, SweepPanel]) -> None:
    sweep, _ = shown
    results = [one.result or 0.0 for one in sweep.trials]
    by_hand = [(number + 1, result) for number, result in enumerate(results) if all(result < other for other in results[:number])]
    assert best_so_far(sweep) == by_hand


def test_the_page_the_picture_and_the_words_show_the_same_sweep(shown: tuple[Sweep, SweepPanel]) -> None:
    sweep, panel = shown
    best = sweep.best
    assert best is not None
    png = panel.saved_png()
    assert png is not None
    assert png.startswith(b"\x89PNG")
    message = panel.saved_text()
    assert message == describe_sweep(sweep)
    assert best.text.strip() in message
    head, table = panel._head.value, panel._table.value  # noqa: SLF001
    assert best.text.splitlines()[1] in head
    assert "<i>net" not in head
    assert "&lt;i&gt;net" in head
    assert f"<b>{best.number}</b>" in table
    charts = panel._charts.value  # noqa: SLF001
    assert [f'alt="{chart.title}"' in charts for chart in charts_of(sweep)] == [True] * 4
    assert "seqmagic-panel" in panel._dom_classes  # noqa: SLF001  # Without it a page shows the saved words alone.
    assert panel._stop.disabled  # noqa: SLF001
    assert not panel._more.disabled  # noqa: SLF001


def test_a_value_stands_on_its_axis_between_the_ends_of_what_is_searched() -> None:
    choice = Searched("units", "choice", HERE, tuple(Literal(value, HERE) for value in (8, 16, 32)))
    assert [place_of(choice, text) for text in ("8", "16", "32")] == [0, 0.5, 1]
    assert place_of(Searched("rate", "between", HERE, (), 0.1, 0.5), 0.2) == pytest.approx(0.25)
    assert place_of(Searched("rate", "log", HERE, (), 1e-4, 1e-2), 1e-3) == pytest.approx(0.5)
    assert np.isnan(place_of(choice, None))


def test_each_axis_says_where_its_values_lie() -> None:
    def choice(*values: object) -> Searched:
        return Searched("units", "choice", HERE, tuple(Literal(value, HERE) for value in values))

    assert marks_of(choice(8, 16, 32)) == {0: "8", 0.5: "16", 1: "32"}
    long = tuple(10**20 + value for value in range(3))
    assert marks_of(choice(*long)) == {0: str(long[0]), 1: str(long[2])}
    assert marks_of(Searched("rate", "log", HERE, (), 1e-4, 1e-2)) == {0: "0.0001", 1: "0.01"}


def test_charts_that_compare_trials_wait_for_two_of_them(shown: tuple[Sweep, SweepPanel]) -> None:
    whole, _ = shown
    titles = ["loss", "best loss so far", "how much each value matters", "the values of each trial, and its result"]
    assert [chart.title for chart in charts_of(whole)] == titles
    assert describe_missing_charts(whole) == ""
    sweep = seqmagic.sweep(TEXT, ROWS, LABELS, epochs=1, trials=1, name="one", prune=False)
    told: list[tuple[int, str]] = []
    sweep.watchers.append(lambda one: told.append((len(charts_of(one)), describe_missing_charts(one))))
    sweep.wait()
    assert {count for count, _ in told} <= {0, 1}
    assert any(words for _, words in told)
    assert len(charts_of(sweep)) == 1
    assert describe_missing_charts(sweep) == "", "no second trial will end"


def test_a_table_of_trials_names_each_value_for_a_narrow_page(shown: tuple[Sweep, SweepPanel]) -> None:
    sweep, _ = shown
    markup = SweepTable(sweep)._repr_html_()
    for label in ("dense", "adam", "loss", "runs"):
        assert markup.count(f'data-label="{label}"') == len(sweep.trials)
    assert markup.count('role="rowheader"') == len(sweep.trials)
    assert "2 epochs, " in markup


def test_more_trials_are_offered_as_long_as_there_are_other_networks() -> None:
    sweep = seqmagic.sweep(TEXT.replace("log(1e-3, 1e-1)", "0.01"), ROWS, LABELS, epochs=1, trials=1, prune=False)
    panel = SweepPanel(sweep)
    sweep.wait()
    assert not panel._more.disabled  # noqa: SLF001
    panel._more.click()  # noqa: SLF001
    sweep.wait()
    assert sorted(one.values["dense"] for one in sweep.trials) == ["2", "3"]
    assert sweep.reason == "All possible networks have been tried."
    assert panel._more.disabled  # noqa: SLF001
