"""The tabs: which are there for which data, what their presses do, and that their numbers are those of scikit-learn."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from sklearn import metrics

import seqmagic
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather
from seqmagic.widgets.look.confusion_tab import ConfusionTab
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.tab import LookTab
from seqmagic.widgets.look.tabs import tabs_for

RANDOM = np.random.RandomState(4)
X = RANDOM.rand(90, 4).astype("float32")
CLASSES = RANDOM.randint(0, 4, 90)


def state_of(text: str, x: Any, y: Any, **options: Any) -> LookState:
    model = seqmagic.build(text)
    return LookState(predict(model, gather(model, x, y), **options))


SPARSE = "compile adam sparse_categorical_crossentropy"
DATA: dict[str, tuple[str, Any, Any, set[str]]] = {
    "classes": (f"input 4 -> dense 4 softmax\n{SPARSE}", X, CLASSES, {"samples", "confusion"}),
    "without labels": (f"input 4 -> dense 4 softmax\n{SPARSE}", X, None, {"samples"}),
    "yes or no": ("input 4 -> dense 1 sigmoid\ncompile adam binary_crossentropy", X, CLASSES > 1, {"samples", "confusion", "thresholds"}),
    "labels": ("input 4 -> dense 3 sigmoid\ncompile adam binary_crossentropy", X, RANDOM.randint(0, 2, (90, 3)), {"samples", "confusion"}),
    "amounts": ("input 4 -> dense 1\ncompile adam mse", X, X[:, 0], {"samples", "amounts"}),
    "several amounts": ("input 4 -> dense 3\ncompile adam mse", X, X[:, :3], {"samples", "amounts"}),
    "a plane of classes": (f"input 2 -> dense 4 softmax\n{SPARSE}", X[:, :2], CLASSES, {"samples", "confusion", "boundary"}),
    "a plane of amounts": ("input 2 -> dense 1\ncompile adam mse", X[:, :2], X[:, 0], {"samples", "amounts", "boundary"}),
    "pictures again": ("input 64 -> dense 8 -> dense 64\ncompile adam mse", RANDOM.rand(9, 64), RANDOM.rand(9, 64), {"samples", "amounts"}),
}
OURS = {"samples", "confusion", "thresholds", "amounts", "boundary"}


def check_whole(tab: LookTab) -> None:
    """See that all forms of a tab are there, and that only the live one has controls."""
    assert tab.sentence().endswith((".", "?"))
    for live in (True, False):
        markup = "".join(map(str, tab.body(live=live)))
        assert markup
        assert not re.search(r"\bnan\b|\binf\b|None", markup)
        assert live or "data-press" not in markup
        controls = re.findall(r'data-control="([^"]*)"', markup)
        assert len(set(controls)) == len(controls)
    assert tab.lines()


@pytest.mark.parametrize("kind", DATA)
def test_the_tabs_that_fit_are_there_with_all_their_forms(kind: str) -> None:
    text, x, y, wanted = DATA[kind]
    tabs = {tab.name: tab for tab in tabs_for(state_of(text, x, y)) if tab.name in OURS}
    assert set(tabs) == wanted
    for tab in tabs.values():
        check_whole(tab)


def test_each_cell_of_the_matrix_opens_the_samples_behind_it() -> None:
    state = state_of(f"input 4 -> dense 4 softmax\n{SPARSE}", X, CLASSES)
    tab = ConfusionTab(state)
    counts = metrics.confusion_matrix(CLASSES, state.predictions.predicted, labels=range(4))
    markup = str(tab.body(live=True)[0])
    for true in range(4):
        for said in range(4):
            if counts[true, said]:
                assert f'data-value="{true},{said}"' in markup
            tab.press("cell", f"{true},{said}")
            chosen = state.selected()
            assert len(chosen) == counts[true, said]
            assert set(CLASSES[chosen]) <= {true}
            assert set(state.predictions.predicted[chosen]) <= {said}
        tab.press("cell", f"{true},")
        assert len(state.selected()) == counts[true].sum()
    assert state.open == "samples"
    tab.press("cell", "9,x")
    assert len(state.selected()) == 90


def test_the_words_have_the_numbers_of_scikit_learn() -> None:
    state = state_of(f"input 4 -> dense 4 softmax\n{SPARSE}", X, CLASSES, class_names=["ant", "bee", "cow", "dog"])
    predictions, tab = state.predictions, ConfusionTab(state)
    report = metrics.classification_report(
        CLASSES, predictions.predicted, target_names=predictions.class_names, digits=3, output_dict=True, zero_division=np.nan
    )
    lines = {line.split()[0]: line.split()[1:] for line in tab.lines()[-5:]}
    for name in predictions.class_names:
        values = [f"{report[name][score]:.3f}".replace("nan", "–") for score in ("precision", "recall", "f1-score")]
        assert lines[name][1:] == [one if one != "–" else "–" for one in values]
    assert f"{metrics.accuracy_score(CLASSES, predictions.predicted):.1%}" in tab.sentence()


def test_of_many_classes_the_worst_are_listed() -> None:
    many = RANDOM.randint(0, 60, 200)
    state = state_of(f"input 4 -> dense 60 softmax\n{SPARSE}", RANDOM.rand(200, 4), many)
    tab = ConfusionTab(state)
    check_whole(tab)
    assert str(tab.body(live=True)[0]).count("<tr") == (1 + 10) + (1 + 20 + 1)
    assert len(tab.lines()) == 22


def test_names_that_are_equal_keep_their_own_samples() -> None:
    state = state_of(f"input 4 -> dense 4 softmax\n{SPARSE}", X, CLASSES, class_names=["a", "a", "a", "<i>"])
    markup = "".join(map(str, ConfusionTab(state).body(live=True)))
    assert [f'data-value="{number},"' in markup for number in range(4)] == [True] * 4
    assert "<i>" not in markup


def test_a_column_is_chosen() -> None:
    y = np.column_stack([X[:, 0], 100 + X[:, 1]])
    state = state_of("input 4 -> dense 2\ncompile adam mse", X, y)
    tab = tabs_for(state)[1]
    before = tab.sentence()
    tab.press("column", "1")
    assert tab.sentence() != before
    assert "column 1" in tab.sentence()
    error = float(np.abs(state.predictions.rows[:, 1] - y[:, 1]).mean())
    assert f"{error:.4g}" in tab.sentence()
    tab.press("column", "7")
    assert tab.sentence() == before


def test_what_a_model_draws_is_drawn_beside_its_sample() -> None:
    pictures = RANDOM.rand(9, 8, 8, 1)
    for text, x in (
        ("input 8x8x1 -> conv 1 3x3 same\ncompile adam mse", pictures),
        ("input 64 -> dense 64\ncompile adam mse", pictures.reshape(9, 64)),
    ):
        tab = tabs_for(state_of(text, x, x))[0]
        assert str(tab.body(live=False)[0]).count("<img") == 18
        assert "on average off by" in tab.sentence()


def test_series_are_curves_and_tokens_words() -> None:
    series = tabs_for(state_of(f"input 12x2 -> lstm 3 -> dense 4 softmax\n{SPARSE}", RANDOM.rand(5, 12, 2), CLASSES[:5]))[0]
    markup = str(series.body(live=True)[1])
    assert markup.count('class="curve c0"') == markup.count('class="curve c1"') == 5
    tokens = tabs_for(
        state_of(f"input 6 -> embedding 9 2 -> gap -> dense 4 softmax\n{SPARSE}", np.array([[3, 1, 4, 0, 0, 0]]), CLASSES[:1])
    )[0]
    assert "3 1 4" in "\n".join(tokens.lines())
