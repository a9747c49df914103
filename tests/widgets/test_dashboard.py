"""The dashboard trains with what its controls say, goes on where the last run ended, and says what is wrong."""

from __future__ import annotations

import keras
import numpy as np
import pandas as pd
import pytest
from ipywidgets.widgets.widget import _instances

import seqmagic
from seqmagic.errors import BusyError, DataError, SeqmagicError
from seqmagic.widgets.dashboard import format_fit_arguments, notice_runs
from seqmagic.widgets.training_panel import TrainingPanel
from tests.support.renewed import renewed
from tests.support.small_network import COMPILED, SMALL, data


def test_it_trains_with_what_its_controls_say() -> None:
    model = seqmagic.build(SMALL)
    x, y = data()
    panel = seqmagic.Dashboard(model, x, y, epochs=3)
    assert panel.compile_panel.compile_line == "compile adam(0.001) sparse_categorical_crossentropy accuracy"
    panel.compile_panel.set("optimizer", "sgd")
    panel.press("train")
    assert panel.run is not None
    panel.run.wait()
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert len(panel.run.history["loss"]) == 3
    assert {"train", "batch", "epoch"} <= set(panel.able())
    assert not {"pause", "stop"} & set(panel.able())
    assert panel.train().wait().history["loss"][:3] == panel.record.as_dict()["loss"][:3]
    assert len(panel.record.epochs) == 6


def test_panels_of_models_from_python_are_called_as_the_notebook_calls_them() -> None:
    first, second = seqmagic.build(SMALL), seqmagic.build(SMALL)
    x, y = data()
    names = {"first": first, "again": first, "second": second, "x": x, "y": y}
    assert [seqmagic.Dashboard(model, x, y, names=names).view.name for model in (first, second, first)] == ["first", "second", "first"]
    named = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax")], name="mine")
    assert seqmagic.Dashboard(named, names={"model": named}).view.name == "mine"


def test_a_step_begins_a_training_that_holds() -> None:
    model = seqmagic.build(SMALL)
    x, y = data()
    panel = seqmagic.Dashboard(model, x, y, epochs=3)
    panel.press("batch")
    panel.run.wait_quietly()
    assert (panel.run.state, len(panel.record.batches)) == ("paused", 1)
    panel.press("epoch")
    while not (panel.run.paused and len(panel.record.epochs) == 1):
        assert not panel.run.ended
    panel.run.stop().wait()


def test_options_are_locked_while_it_trains_and_free_afterwards() -> None:
    model = seqmagic.build(SMALL)
    x, y = data()
    panel = seqmagic.Dashboard(model, x, y, epochs=100_000)
    panel.press("train")
    assert "training with these options" in panel.compile_panel.form["locked"]
    panel.run.stop().wait()
    assert panel.compile_panel.form["locked"] == ""


def test_a_learning_rate_changed_in_mid_run_is_what_the_options_say_afterwards() -> None:
    model = seqmagic.build(SMALL)
    x, y = data()
    panel = seqmagic.Dashboard(model, x, y, epochs=100_000)
    panel.press("train")
    panel.press("rate", "0.25")
    while panel.run.learning_rate != 0.25:
        assert not panel.run.ended
    panel.run.stop().wait()
    assert panel.compile_panel.compile_line.startswith("compile adam(0.25)")
    optimizer = model.optimizer
    panel.train().stop().wait()
    assert model.optimizer is optimizer
    assert float(optimizer.learning_rate) == 0.25


def test_a_wrong_value_is_reported_and_nothing_changes() -> None:
    model = renewed(seqmagic.build(COMPILED))
    optimizer = model.optimizer
    panel = seqmagic.Dashboard(model, *data())
    panel.compile_panel.set("fit.epochs", "many")
    panel.press("train")
    assert "epochs is 'many'." in panel.view.message.problem
    assert panel.run is None
    assert model.optimizer is optimizer
    panel.compile_panel.set("fit.epochs", "2")
    assert panel.view.message == ""


def test_a_model_that_trains_elsewhere_is_refused_at_once_and_that_run_is_shown() -> None:
    model = renewed(seqmagic.build(COMPILED))
    x, y = data()
    panel = seqmagic.Dashboard(model, x, y)
    panel.compile_panel.set("optimizer", "sgd")
    run = seqmagic.fit(model, x, y, epochs=100_000)
    assert panel.run is run
    assert "is training" in panel.compile_panel.form["locked"]
    with pytest.raises(BusyError):
        panel.train()
    run.stop().wait()


def test_a_run_that_one_dashboard_starts_is_shown_by_all_of_the_model_and_by_no_other() -> None:
    model, other = seqmagic.build(SMALL), seqmagic.build(SMALL)
    x, y = data()
    left, right, apart = (seqmagic.Dashboard(each, x, y, epochs=100_000) for each in (model, model, other))
    left.press("train")
    assert right.run is left.run
    assert "is training" in right.compile_panel.form["locked"]
    assert apart.run is None
    right.press("stop")
    left.run.wait()
    assert left.view.header()["state"] == right.view.header()["state"] == "stopped"
    assert right.compile_panel.form["locked"] == ""


def test_it_shows_the_last_run_and_goes_on_from_it() -> None:
    model = renewed(seqmagic.build(COMPILED))
    x, y = data()
    first = seqmagic.fit(model, x, y, epochs=2).wait()
    panel = seqmagic.Dashboard(model, x, y, epochs=1)
    assert "Done: 2 of 2 epochs" in panel.saved_text()
    assert panel.saved_png()
    assert len(panel.train().wait().history["loss"]) == 3
    assert len(first.history["loss"]) == 2


def test_it_does_not_train_a_model_that_its_name_no_longer_means() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data())
    for now, said in ((None, "is no longer in the notebook"), (seqmagic.build(SMALL), "was made again")):
        panel.current_model = lambda now=now: now
        panel.press("train")
        assert said in panel.view.message.problem
    assert panel.run is None


def test_without_data_it_says_what_to_type() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL))
    assert panel.able() == []
    assert "x_train y_train" in panel.view.message


def test_what_is_unwise_about_the_data_is_said_before_anything_is_pressed() -> None:
    model = seqmagic.build("input 4x4x1 -> flatten -> dense 3 softmax")
    pictures = np.tile(np.arange(0, 256, dtype="uint8"), 3)[: 16 * 40].reshape(40, 4, 4, 1)
    panel = seqmagic.Dashboard(model, pictures, np.arange(40) % 3, names={"pictures": pictures})
    assert panel.view.notes == ("pictures ranges from 0 to 255; a network learns better from values between 0 and 1: pictures / 255",)


def test_what_training_can_not_bear_is_laid_out_in_the_panel() -> None:
    model = seqmagic.build(SMALL)
    panel = seqmagic.Dashboard(model, data()[0][:, :3], data()[1])
    panel.press("train")
    assert isinstance(panel.view.message, SeqmagicError)
    assert "input 4" in panel.view.messages()["error"]


def test_the_fit_line_has_the_notebooks_own_names() -> None:
    x, y = data()
    names = {"rows": x, "targets": y}
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), x, y, names=names, validation_data=(x, y), shuffle=False, epochs=4)
    assert panel.compile_panel.fit_line == "fit rows targets validation_data=rows,targets shuffle=false epochs=4 batch_size=32"
    assert panel.compile_panel.form["fit"][2]["label"] == "Patience"
    assert format_fit_arguments(x, y, {"callbacks": [object()]}, {}) == "x y callbacks=..."


@pytest.mark.parametrize("runs", [0, 1])
def test_a_closed_dashboard_leaves_nothing_behind(runs: int) -> None:
    before = set(_instances)
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data(), epochs=1)
    for _ in range(runs):
        panel.train().wait()
    panel.close()
    assert set(_instances) == before
    assert panel.x is None


def test_a_run_that_is_begun_by_a_step_or_from_a_fit_panel_is_shown_by_the_dashboards_of_the_model() -> None:
    model = seqmagic.build(SMALL)
    x, y = data()
    left, right = (seqmagic.Dashboard(model, x, y, epochs=3) for _ in range(2))
    left.press("batch")
    left.run.wait_quietly()
    assert right.run is left.run
    assert "is training" in right.compile_panel.form["locked"]
    right.run.stop().wait()
    fitted = TrainingPanel(right.run)
    fitted.press("train", 100_000)
    assert left.run is right.run is fitted.run
    fitted.run.stop().wait()
    assert (left.compile_panel.form["locked"], right.compile_panel.form["locked"]) == ("", "")


def test_what_a_cell_compiles_is_what_the_options_say() -> None:
    model = renewed(seqmagic.build(COMPILED))
    panel = seqmagic.Dashboard(model, *data())
    model.compile("rmsprop", "sparse_categorical_crossentropy")
    notice_runs()
    assert panel.compile_panel.form["lines"][0] == "compile rmsprop(0.001) sparse_categorical_crossentropy"


def test_a_model_with_several_outputs_is_trained_with_labels_for_each() -> None:
    inputs = keras.Input((4,))
    model = keras.Model(inputs, {name: keras.layers.Dense(1, name=name)(inputs) for name in "ab"})
    model.compile("sgd", {"a": "mse", "b": "mae"})
    x, y = data()
    panel = seqmagic.Dashboard(model, x, {"a": y, "b": y}, epochs=2)
    assert {"loss", "a_loss", "b_loss"} <= set(panel.train().wait().history)
    with pytest.raises(DataError, match="64 rows"):
        seqmagic.fit(model, x, {"a": y, "b": y[:-1]})


def test_a_table_with_words_opens_the_panel_and_training_says_what_is_wrong() -> None:
    model, (x, y) = seqmagic.build(SMALL), data()
    words = pd.Series(np.array(["cat", "dog", "cow"])[y])
    panel = seqmagic.Dashboard(model, x, words)
    panel.press("train")
    assert isinstance(panel.view.message, DataError)
    assert seqmagic.Dashboard(model, pd.DataFrame(x).assign(kind="cat"), y).view.notes == ()


def test_a_dashboard_says_when_its_options_are_not_those_of_the_run() -> None:
    model = seqmagic.build(SMALL)
    left, right = (seqmagic.Dashboard(model, *data(), epochs=100_000) for _ in range(2))
    left.press("train")
    assert left.compile_panel.form["locked"].startswith("This model is training with these options.")
    assert right.compile_panel.form["locked"].startswith("This model is training with the options of the cell or panel that started it.")
    left.run.stop().wait()


def test_labels_that_have_to_be_changed_are_taken_from_the_cell_that_runs_again() -> None:
    x, y = data()
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), x, y + 1)
    panel.press("train")
    assert isinstance(panel.view.message, DataError)
    assert "This panel uses the data as it was when the cell ran. If the data has changed, run this cell again." in panel.view.notes


def test_data_without_a_name_is_left_open_where_the_usual_name_means_something_else() -> None:
    x, y = data()
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), x[:10], y[:10], names={"x": x, "y": y})
    assert panel.compile_panel.fit_line.startswith("fit ... ... epochs=10")


def test_more_training_leaves_no_copy_of_its_own_curve_behind_it() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy"), *data(), epochs=1)
    panel.model.name = "grows_on"
    for _ in range(3):
        panel.train().wait()
        assert panel.run.earlier == ()
    panel.press("first")
    assert len(panel.train().wait().earlier) == 1


def test_a_wrong_option_is_reported_without_a_line_that_nobody_wrote() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data())
    panel.compile_panel.set("fit.epochs", "1.5")
    panel.press("train")
    assert str(panel.view.message) == "epochs is 1.5.\nExpected: a whole number of at least 1."
