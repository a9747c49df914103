"""The epoch that a look shows is marked in every panel of the run, and the mark goes with the look."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.training.current_runs import last_run_of
from seqmagic.widgets.dashboard import Dashboard
from seqmagic.widgets.look.request import look
from seqmagic.widgets.look.view import WORKER
from seqmagic.widgets.training_panel import TrainingPanel
from tests.support.run_end import end_of
from tests.support.view_messages import listen

X, Y = np.random.RandomState(7).rand(40, 3), np.random.RandomState(8).randint(0, 2, 40)


def settle() -> None:
    WORKER.submit(lambda: None).result()


@pytest.fixture
def model() -> Any:
    made = seqmagic.build("input 3 -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy")
    end_of(seqmagic.fit(made, X, Y, epochs=4))
    return made


def test_the_slider_moves_a_mark_in_all_panels_of_the_run(model: Any) -> None:
    run = last_run_of(model)
    panel, dashboard = TrainingPanel(run), Dashboard(model, X, Y)
    sent = [listen(shown.view) for shown in (panel, dashboard)]
    view = look(model)
    assert panel.view.header()["looked"] is None, "a look that nobody has moved marks nothing"
    for epoch in (2, 0, 4):
        view.press("", "epoch", str(epoch))
        settle()
        assert [news[-1]["looked"] for news in sent] == [epoch, epoch]
    later = TrainingPanel(run)
    assert later.view.header()["looked"] == 4
    view.close()
    assert [news[-1]["looked"] for news in sent] == [None, None]
    for shown in (panel, dashboard, later):
        shown.close()


def test_another_look_takes_the_mark_over_and_the_first_does_not_take_it_away(model: Any) -> None:
    panel = TrainingPanel(last_run_of(model))
    first, second = look(model), look(model)
    first.press("", "epoch", "1")
    second.press("", "epoch", "3")
    settle()
    first.close()
    assert panel.view.header()["looked"] == 3
    second.close()
    assert panel.view.header()["looked"] is None
    panel.close()


def test_another_models_panel_has_no_mark(model: Any) -> None:
    other = seqmagic.build("input 3 -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy")
    panel = TrainingPanel(end_of(seqmagic.fit(other, X, Y, epochs=4)))
    view = look(model)
    view.press("", "epoch", "2")
    settle()
    assert panel.view.header()["looked"] is None
    view.close()
    panel.close()
