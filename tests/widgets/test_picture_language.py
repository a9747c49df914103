"""Pictures are in the language only where the machine has a font with its letters; elsewhere they are in English, not in boxes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from matplotlib.text import Text

from seqmagic.history import History
from seqmagic.translation.chosen import choose_language
from seqmagic.widgets import fonts
from seqmagic.widgets.figure import to_png
from seqmagic.widgets.picture import plot

WIDGETS = Path(__file__).parents[2] / "seqmagic" / "widgets"
# What makes a figure, by the names of modules and functions.
MAKERS = {
    (path.stem, function.name): function
    for path in sorted(WIDGETS.glob("*.py"))
    for function in ast.walk(ast.parse(path.read_text("utf-8")))
    if isinstance(function, ast.FunctionDef) and "CurveFigure(" in ast.unparse(function)
}


def test_the_makers_of_figures_are_found() -> None:
    assert {name for name, _ in MAKERS} == {"picture", "rate_curve", "run_curves", "sweep_picture"}


@pytest.mark.parametrize("name", MAKERS, ids=".".join)
def test_each_figure_is_made_in_a_language_that_can_be_drawn(name: tuple[str, str]) -> None:
    assert "drawable_language()" in [ast.unparse(one) for one in MAKERS[name].decorator_list]


@pytest.fixture
def in_chinese() -> Iterator[None]:
    choose_language("zh")
    yield
    choose_language("")


@pytest.mark.usefixtures("in_chinese")
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(("machine", "axis", "title"), [("without", "epoch", "auc (mean of 2)"), ("with", "轮", "auc（2 个数的平均）")])
def test_a_picture_is_in_chinese_only_with_a_font(machine: str, axis: str, title: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if machine == "without":
        monkeypatch.setattr(fonts, "_installed", frozenset)
    elif not fonts._installed() & set(fonts.FALLBACKS[:19]):  # noqa: SLF001
        pytest.skip("no font with Chinese letters is installed")
    history = History()
    for epoch in (1, 2):
        history.add_epoch(epoch, {"auc": np.array([epoch / 4, epoch / 5])})
    figure = plot(history)
    assert to_png(figure).startswith(b"\x89PNG")
    [axes] = figure.axes
    assert (axes.get_xlabel(), axes.get_title(loc="left")) == (axis, title)
    assert all("\\u" not in text.get_text() for text in figure.findobj(Text))
