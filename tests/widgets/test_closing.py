"""Closing a view closes all its parts, and a view whose `__init__` has failed, at any line, is dropped in silence."""

from __future__ import annotations

import gc
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import numpy as np
import pytest
from ipywidgets.widgets.widget import _instances

import seqmagic
from seqmagic.classroom.current import NO_RULES, follow
from seqmagic.classroom.rules import ClassRules
from seqmagic.errors import ArgumentError
from seqmagic.sweeps.sweep import Sweep
from seqmagic.training.run import Run
from seqmagic.widgets.check_list import LiveCheckList
from seqmagic.widgets.dashboard import Dashboard
from seqmagic.widgets.look.request import make_pass
from seqmagic.widgets.look.view import LookView
from seqmagic.widgets.saved import SavedView
from seqmagic.widgets.sweep_panel import SweepPanel
from seqmagic.widgets.training_panel import TrainingPanel
from tests.support.renewed import renewed
from tests.support.small_network import COMPILED, data

CHOICES = "input 4 -> dense choice(2, 3) -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy"


@pytest.fixture(scope="module")
def run() -> Run:
    """A run that has ended."""
    return seqmagic.fit(renewed(seqmagic.build(COMPILED)), *data(), epochs=1).wait()


@pytest.fixture(scope="module")
def sweep() -> Sweep:
    """A sweep that has ended."""
    return seqmagic.sweep(CHOICES, *data(), epochs=1, trials=1, name="net").wait()


@pytest.fixture(params=[Dashboard, TrainingPanel, SweepPanel, LiveCheckList, LookView])
def view(request: pytest.FixtureRequest, run: Run, sweep: Sweep) -> Callable[[], SavedView]:
    """Makes a view of each kind."""
    makers: dict[type, Callable[[], SavedView]] = {
        Dashboard: lambda: Dashboard(run.model, *data(), epochs=2),
        TrainingPanel: lambda: TrainingPanel(run),
        SweepPanel: lambda: SweepPanel(sweep),
        LiveCheckList: lambda: LiveCheckList(run, list, list),
        LookView: lambda: LookView(make_pass(run.model, *data())),
    }
    return makers[request.param]


@pytest.fixture
def unraisable(monkeypatch: pytest.MonkeyPatch) -> list[BaseException | None]:
    """What `__del__` methods raise."""
    raised: list[BaseException | None] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: raised.append(told.exc_value))
    return raised


@pytest.fixture
def all_hidden() -> Iterator[None]:
    follow(ClassRules(Path("seqmagic-class.toml"), hidden=frozenset({"compile"})))
    yield
    follow(NO_RULES)


class Failure(BaseException):
    """Raised instead of a line, as an interrupt may be."""


def lines_of_init(make: Callable[[], Any], failing: int | None = None) -> int:
    """Call a function, and raise a `Failure` before a line of the views' `__init__`; returns how many lines were begun.

    Args:
        failing: which, counted from 0; None for none.
    """
    codes: set[CodeType] = {
        inspect.unwrap(kind.__init__).__code__ for kind in (Dashboard, TrainingPanel, SweepPanel, LiveCheckList, LookView, SavedView)
    }
    begun = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:
        nonlocal begun
        if frame.f_code not in codes:
            return None
        if event == "line":
            begun += 1
            if begun - 1 == failing:
                raise Failure
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        make()
    finally:
        sys.settrace(before)
    return begun


def test_a_closed_view_leaves_no_widget_behind_and_may_be_closed_again(view: Callable[[], SavedView]) -> None:
    before = set(_instances)
    made = view()
    assert set(_instances) > before
    for _ in range(2):
        made.close()
        assert set(_instances) == before


@pytest.mark.usefixtures("all_hidden")
def test_a_form_that_the_class_hides_is_closed_too(run: Run) -> None:
    before = set(_instances)
    panel = Dashboard(run.model, *data())
    assert panel.compile_panel not in panel.children
    panel.close()
    assert set(_instances) == before


def test_a_view_that_fails_at_any_line_is_dropped_in_silence(view: Callable[[], SavedView], unraisable: list[BaseException | None]) -> None:
    before = set(_instances)
    count = lines_of_init(view)
    assert count > 5
    for line in range(count):
        with pytest.raises(Failure):
            lines_of_init(view, line)
        gc.collect()
        assert unraisable == [], f"after line {line}"
        # A widget that was opened stays until it is closed: what has got so far can be closed.
        for opened in [widget for key, widget in _instances.items() if key not in before]:
            opened.close()


@pytest.mark.parametrize("arguments", [("no model",), (None, np.zeros((2, 4)))])
def test_a_dashboard_without_a_model_says_only_that(arguments: tuple[Any, ...], unraisable: list[BaseException | None]) -> None:
    with pytest.raises(ArgumentError):
        Dashboard(*arguments)
    with pytest.raises(TypeError):
        Dashboard()
    gc.collect()
    assert unraisable == []
