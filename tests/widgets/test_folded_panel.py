"""The form folds into its lines when a training starts; then the controls offer what both panels of a run offer, and each thing once."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.widgets.training_panel import TrainingPanel
from tests.support.small_network import SMALL, data


def test_the_form_folds_when_a_training_starts_and_stays_so() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data(), epochs=2)
    assert not panel.compile_panel.folded
    assert not {"rate", "epochs"} & set(panel.able()), "they stand in the form"
    run = panel.train()
    assert panel.compile_panel.folded
    run.wait()
    assert panel.compile_panel.folded
    other = TrainingPanel(run)
    assert sorted(panel.able()) == sorted([*other.able(), "epochs"])
    assert (panel.view.header()["rate"], panel.view.header()["more"]) == (0.001, 2)
    assert (other.view.header()["rate"], other.view.header()["more"]) == (0.001, 2)
    panel.compile_panel.folded = False
    assert not {"rate", "epochs"} & set(panel.able())
    assert panel.view.header()["more"] is None


def test_what_stands_beside_train_is_what_the_folded_form_says() -> None:
    model = seqmagic.build(SMALL)
    panel = seqmagic.Dashboard(model, *data(), epochs=2)
    panel.train().wait()
    panel.press("rate", "0.5")
    panel.press("epochs", 3)
    assert panel.compile_panel.compile_line.startswith("compile adam(0.5)")
    assert panel.compile_panel.fit_line.endswith("epochs=3 batch_size=32")
    assert panel.view.header()["rate"] == 0.5
    panel.press("train", 3)
    panel.run.wait()
    assert len(panel.run.history["loss"]) == 5
    assert float(model.optimizer.learning_rate) == 0.5
    panel.press("epochs", None)
    assert panel.compile_panel.epochs == 2, "what an emptied field goes back to"


def test_train_is_off_while_a_field_is_wrong_and_says_which() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data())
    for control, wrong, label in (("fit.patience", "soon", "Patience"), ("optimizer.learning_rate", "x", "Learning rate")):
        right = {"fit.patience": "3", "optimizer.learning_rate": "0.1"}[control]
        panel.compile_panel.set(control, wrong)
        assert not {"train", "batch", "epoch"} & set(panel.able())
        assert panel.view.header()["why_not"] == f"You can train after this is fixed: {label}."
        panel.compile_panel.set(control, right)
        assert {"train", "batch", "epoch"} <= set(panel.able())
        assert panel.view.header()["why_not"] == ""


def test_a_panel_that_opens_on_a_run_under_way_is_folded_and_one_on_a_run_that_has_ended_is_not() -> None:
    model = seqmagic.build(SMALL)
    first = seqmagic.Dashboard(model, *data(), epochs=100_000)
    run = first.train()
    assert seqmagic.Dashboard(model, *data()).compile_panel.folded
    run.stop().wait()
    assert not seqmagic.Dashboard(model, *data()).compile_panel.folded


def test_a_step_goes_on_from_a_run_that_has_ended() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    x, y = data()  # As a notebook holds them.
    panel = TrainingPanel(seqmagic.fit(model, x, y, epochs=1).wait())
    before = len(panel.record.batches)
    panel.press("batch")
    assert panel.run is not None
    panel.run.wait_quietly()
    assert (panel.run.state, len(panel.record.batches)) == ("paused", before + 1)
    panel.run.stop().wait()


def test_each_part_of_a_panel_says_which_model_it_is_of() -> None:
    model = seqmagic.build(SMALL)
    panel = seqmagic.Dashboard(model, *data())
    header = panel.view.header()
    assert (panel.compile_panel.form["name"], header["name"], header["is_headed"]) == (model.name, model.name, False)
    run = panel.train().wait()
    header = TrainingPanel(run).view.header()
    assert (header["name"], header["is_headed"]) == (run.name, True)


def test_what_a_class_file_locks_is_not_offered_beside_train(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seqmagic.widgets.dashboard.locked_controls", lambda: ("optimizer", "schedule"))
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data())
    panel.compile_panel.folded = True
    assert "rate" not in panel.able()
    assert "epochs" in panel.able()
    assert panel.compile_panel.search is None
