"""What a class file sets holds in panels, too, which show it, and offer nothing that would be refused."""

from __future__ import annotations

import numpy as np
import pytest

from seqmagic import build
from seqmagic.errors import ArgumentError, BoundError
from seqmagic.widgets.dashboard import Dashboard
from tests.support.class_rules import class_of, no_rules_left  # noqa: F401  # A fixture.

pytestmark = pytest.mark.usefixtures("no_rules_left")

NET = "input 4\ndense 8 relu\ndense 2 softmax\ncompile adam sparse_categorical_crossentropy"
X, Y = np.random.default_rng(0).normal(size=(64, 4)).astype("float32"), np.arange(64) % 2


def test_a_panel_shows_what_is_locked_and_changes_nothing_of_it() -> None:
    class_of(locked={"optimizer": "sgd(0.1)", "batch_size": 16}, bounds={"epochs": 3})
    model = build(NET.partition("\ncompile")[0])
    panel = Dashboard(model, X, Y)
    form = panel.compile_panel.form
    assert panel.compile_panel.compile_line.startswith("compile sgd(0.1)")
    assert form["fixed"] == ["optimizer", "schedule", "rate", "fit.batch_size"]
    assert "seqmagic-class.toml sets optimizer, batch size for this class." in form["seen"]
    for control in ("optimizer", "optimizer.momentum", "optimizer.learning_rate", "schedule", "fit.batch_size"):
        with pytest.raises(ArgumentError, match="can't be changed"):
            panel.compile_panel.set(control, "1")
    with pytest.raises(BoundError):
        panel.train()
    panel.compile_panel.set("fit.epochs", "2")
    run = panel.train().wait()
    assert len(run.record.batches) == 2 * 4
    panel.close()


def test_the_options_can_be_hidden_in_a_panel() -> None:
    class_of(hidden=frozenset({"compile"}))
    panel = Dashboard(build(NET), X, Y)
    assert panel.compile_panel not in panel.children
    panel.close()


def test_what_a_class_hides_is_not_offered_in_a_panel_either() -> None:
    class_of(hidden=frozenset({"look"}))
    panel = Dashboard(build(NET), X, Y, epochs=1)
    panel.train().wait()
    assert "look" not in panel.able()
    assert panel.view.header()["hides"] == ["look"]
    panel.press("look")
    assert panel.look is None
    panel.close()


def test_a_panel_says_the_hints_of_the_class_too() -> None:
    class_of(bounds={"epochs": 3}, hints={"BoundError": "Slide <12>."})
    panel = Dashboard(build(NET), X, Y, epochs=4)
    panel.press("train")
    assert "Slide &lt;12&gt;." in panel.view.messages()["error"]
    panel.close()
