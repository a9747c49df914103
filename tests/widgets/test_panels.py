"""Panels are true to their run, keep to few messages, and stay readable when saved."""

from __future__ import annotations

import json
import struct
from array import array
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.errors import UnknownNameError
from seqmagic.training.history import History
from seqmagic.training.run import Run
from seqmagic.widgets.compile_panel import CompilePanel
from seqmagic.widgets.picture import draw_png
from seqmagic.widgets.training_panel import TrainingPanel
from seqmagic.widgets.training_view import TrainingView

SMALL = "input 4 -> dense 3 softmax"


def data(rows: int = 64) -> tuple[Any, Any]:
    random = np.random.default_rng(1)
    return random.random((rows, 4)), random.integers(0, 3, rows)


def header(block: bytes) -> tuple[dict[str, Any], array[float]]:
    (size,) = struct.unpack("<I", block[:4])
    return json.loads(block[4 : 4 + size]), array("f", block[4 + size :])


def test_a_block_carries_only_what_is_new() -> None:
    view = TrainingView()
    for step in range(10):
        view.record.batches.add(step / 10, {"loss": step})
    parts, rows = header(view.block(7, 0))
    assert parts["tables"][0] == {"table": "batches", "names": ["loss"], "start": 7, "length": 6}
    assert list(rows) == pytest.approx([0.7, 7, 0.8, 8, 0.9, 9])


def test_an_update_sends_rows_once_and_all_again_when_a_column_comes() -> None:
    view, sent = TrainingView(), []
    view.send = lambda content, buffers: sent.append(header(buffers[0])[0]["tables"])
    view.record.epochs.add(1, {"loss": 1})
    view.update()
    view.record.epochs.add(2, {"loss": 1})
    view.update()
    view.record.epochs.add(3, {"loss": 1, "val_loss": 2})
    view.update()
    assert [(part[1]["start"], part[1]["length"]) for part in sent] == [(0, 2), (1, 2), (0, 9)]


def test_a_page_that_asks_gets_everything() -> None:
    view, sent = TrainingView(), []
    view.send = lambda content, buffers: sent.append((content, header(buffers[0])[0]["tables"][0]["length"]))
    view.record.batches.add(0.5, {"loss": 1})
    view.update()
    view.update()
    view._answer(view, {"kind": "ask"}, [])  # noqa: SLF001
    assert [(content["fresh"], length) for content, length in sent] == [(False, 2), (False, 0), (True, 2)]


def test_the_dashboard_trains_with_what_its_fields_say() -> None:
    model = seqmagic.build(SMALL)
    panel = seqmagic.Dashboard(model, *data(), epochs=3)
    assert panel.compile_panel.compile_line == "compile adam(0.001) sparse_categorical_crossentropy accuracy"
    panel.compile_panel.optimizer.value = "sgd"
    assert panel.compile_panel.compile_line == "compile sgd(0.01) sparse_categorical_crossentropy accuracy"
    panel.train_button.click()
    assert panel.run is not None
    panel.run.wait()
    assert isinstance(model.optimizer, keras.optimizers.SGD)
    assert len(panel.run.history["loss"]) == 3
    assert (panel.train_button.disabled, panel.stop_button.disabled) == (False, True)
    assert panel.train().wait().history["loss"][:3] == panel.record.as_dict()["loss"][:3]
    assert len(panel.record.epochs) == 6


def test_a_wrong_word_in_a_field_is_told_and_nothing_changes() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    optimizer = model.optimizer
    panel = seqmagic.Dashboard(model, *data())
    panel.compile_panel.metrics.value = "acuracy"
    panel.train_button.click()
    assert "There is no metric called 'acuracy'" in panel.view.message
    assert panel.run is None
    assert model.optimizer is optimizer
    with pytest.raises(UnknownNameError):
        panel.train()


def test_an_unchanged_panel_leaves_the_compiled_model_alone() -> None:
    model = seqmagic.build(SMALL + "\ncompile sgd(0.1, momentum=0.9) sparse_categorical_crossentropy accuracy")
    optimizer = model.optimizer
    CompilePanel(model).apply()
    assert model.optimizer is optimizer


def test_options_without_a_field_stay_when_another_field_changes() -> None:
    def mean_pred(y_true: Any, y_pred: Any) -> Any:
        return keras.ops.mean(y_pred)

    model = seqmagic.build("input 4 -> dense 3")
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), loss, metrics=[mean_pred])
    optimizer, panel = model.optimizer, CompilePanel(model)
    assert panel.compile_line == "compile sgd(0.1) sparse_categorical_crossentropy mean_pred"
    panel.rate.value = "0.02"
    panel.apply()
    assert model.optimizer is optimizer
    assert float(optimizer.learning_rate) == pytest.approx(0.02)
    panel.metrics.value = "accuracy"
    panel.apply()
    assert model.loss is loss
    assert model.optimizer is optimizer
    panel.loss.value = "mse"
    panel.apply()
    assert model.loss == "mean_squared_error"


def test_a_schedule_stays_and_a_cell_that_compiles_is_followed() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam(exponential_decay(0.1, 100, 0.9)) sparse_categorical_crossentropy")
    optimizer, panel = model.optimizer, CompilePanel(model)
    panel.metrics.value = "accuracy"
    panel.apply()
    assert model.optimizer is optimizer
    model.compile("sgd", "mse")
    panel.apply()
    assert panel.compile_line == "compile sgd(0.01) mse"
    assert isinstance(model.optimizer, keras.optimizers.SGD)


def test_own_things_and_several_outputs_have_a_panel() -> None:
    class Own(keras.optimizers.SGD):
        pass

    inputs = keras.Input((4,))
    model = keras.Model(inputs, [keras.layers.Dense(1)(inputs), keras.layers.Dense(2)(inputs)])
    assert CompilePanel(model).compile_line == "compile adam(0.001) mse mae"
    model.compile(Own(0.5), ["mse", lambda y_true, y_pred: y_pred])
    panel = CompilePanel(model)
    assert panel.compile_line == "compile own(0.5) as compiled"
    panel.apply()
    assert isinstance(model.optimizer, Own)


def test_train_on_a_model_that_trains_elsewhere_is_refused_at_once_and_shows_that_run() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    panel = seqmagic.Dashboard(model, *data())
    panel.compile_panel.optimizer.value = "sgd"
    run = seqmagic.fit(model, *data(), epochs=100_000)
    panel.train_button.click()
    assert panel.run is run
    assert "in training already" in panel.view.message
    run.stop().wait()


def test_a_dashboard_shows_the_last_run_and_goes_on_from_it() -> None:
    model = seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy")
    first = seqmagic.fit(model, *data(), epochs=2).wait()
    panel = seqmagic.Dashboard(model, *data(), epochs=1)
    assert "Done: 2 of 2 epochs" in panel.saved_text()
    assert panel.saved_png()
    assert len(panel.train().wait().history["loss"]) == 3
    assert len(first.history["loss"]) == 2


def test_a_panel_does_not_train_a_model_that_its_name_no_longer_means() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL), *data())
    panel.current_model = lambda: None
    panel.train_button.click()
    assert "was made anew" in panel.view.message
    assert panel.run is None


def test_the_batch_size_that_the_input_fixes_is_the_fields_first_value() -> None:
    assert CompilePanel(seqmagic.build("input 2x4 batch=4 -> lstm 3 stateful")).batch_size.value == 4


@pytest.mark.parametrize(
    ("network", "labels", "loss"),
    [
        ("input 4 -> dense 1 sigmoid", np.zeros(4), "binary_crossentropy"),
        ("input 4 -> dense 3 softmax", np.zeros(4, int), "sparse_categorical_crossentropy"),
        ("input 4 -> dense 3 softmax", np.zeros((4, 3)), "categorical_crossentropy"),
        ("input 4 -> dense 3", np.zeros(4, int), "sparse_categorical_crossentropy(from_logits=true)"),
        ("input 4 -> dense 1", np.zeros(4), "mse"),
    ],
)
def test_the_loss_that_fits_is_proposed(network: str, labels: Any, loss: str) -> None:
    assert CompilePanel(seqmagic.build(network), labels).loss.value == loss


def test_a_panel_shows_a_run_that_others_started_and_ended() -> None:
    run = Run(seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy"), *data(), epochs=2)
    panel = TrainingPanel(run)
    run.start().wait()
    assert panel.view.header()["state"] == "done"
    assert panel.stop_button.disabled
    bundle = panel._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "image/png", "application/vnd.jupyter.widget-view+json"}
    assert "Done: 2 of 2 epochs" in bundle["text/plain"]


def test_an_error_in_training_is_told_in_the_panel() -> None:
    x, y = data()
    dataset = tf.data.Dataset.from_tensor_slices((x, np.where(np.arange(len(y)) > 32, 5, y))).batch(32)
    run = Run(seqmagic.build(SMALL + "\ncompile adam sparse_categorical_crossentropy"), dataset)
    panel = TrainingPanel(run)
    run.start().wait_quietly()
    assert "A label is" in panel.view.message
    assert panel.view.header()["state"] == "failed"


def test_a_dashboard_without_data_says_what_to_type() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(SMALL))
    assert panel.train_button.disabled
    assert "x_train y_train" in panel.view.message


def test_the_picture_is_a_png_and_pyplot_stays_untouched() -> None:
    import matplotlib.pyplot as plt

    history = History()
    history.batches.add(0.5, {"loss": 1.0, "accuracy": 0.5})
    history.epochs.add(1, {"loss": 1.0, "accuracy": 0.5, "val_loss": 2.0, "val_accuracy": 0.4})
    assert draw_png(history).startswith(b"\x89PNG")
    assert plt.get_fignums() == []
