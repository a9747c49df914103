"""The button "Look inside" of a training panel: there when something was learned, and gone with the weights that it was of."""

from __future__ import annotations

import numpy as np
import pytest

import seqmagic
from seqmagic.widgets.dashboard import Dashboard
from seqmagic.widgets.look.view import WORKER
from seqmagic.widgets.training_panel import TrainingPanel

X = np.random.RandomState(7).rand(40, 3)
Y = np.random.RandomState(8).randint(0, 2, 40)


@pytest.mark.parametrize("kind", ["panel", "dashboard"])
def test_it_shows_what_the_model_does_with_the_data_of_its_run(kind: str) -> None:
    model = seqmagic.build("input 3 -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy")
    dashboard = Dashboard(model, X, Y, validation_split=0.25, epochs=1)
    assert "look" not in dashboard.able()
    run = dashboard.train().wait()
    panel = dashboard if kind == "dashboard" else TrainingPanel(run)
    assert "look" in panel.able()
    panel.press("look")
    panel.press("look")  # The first one goes.
    WORKER.submit(lambda: None).result()
    assert panel.view.message == ""
    assert [child for child in panel.children if child is panel.look] == [panel.look]
    assert len(panel.children) == (3 if kind == "dashboard" else 2)
    assert panel.look.page.shown["panels"]["samples"].count("<tr") > 3
    assert "10 samples" in panel.look.page.shown["panels"]["samples"]
    panel.press("train")
    assert panel.run is not None
    assert panel.look is None
    panel.run.wait()
    panel.close()


def test_data_that_are_gone_are_reported_in_the_panel() -> None:
    model = seqmagic.build("input 3 -> dense 2 softmax\ncompile adam sparse_categorical_crossentropy")
    panel = TrainingPanel(seqmagic.fit(model, X * 2, Y * 1, epochs=1).wait())
    panel.press("look")
    assert "is no longer available" in str(panel.view.message)
    assert panel.look is None
    panel.close()
