"""The magics in a real kernel: what a cell shows, what it binds, and how a run lives between cells."""

from __future__ import annotations

import time

import pytest

from seqmagic.widgets.saved import WIDGET_VIEW
from tests.support.digits import DIGITS
from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel


def test_a_cell_binds_a_compiled_model_and_shows_the_card(kernel: Kernel) -> None:
    outcome = kernel.run(f"%%sequential net\n{DIGITS}")
    assert outcome.printed == ""
    assert "4,640" in outcome.text
    assert "<table>" in outcome.displayed[0]["text/html"]
    assert kernel.value("type(net).__module__, net.compiled, net.name") == "('keras.src.models.sequential', True, 'net')"


def test_the_one_line_form_and_quiet(kernel: Kernel) -> None:
    assert "7,850" in kernel.run("%sequential line input 784 -> dense 10 softmax").text
    assert kernel.run("%sequential line input 3 -> dense 1 --quiet").text == ""
    assert kernel.value("line.count_params()") == "4"


@pytest.mark.parametrize(
    ("cell", "name", "sentence"),
    [
        ("%%sequential net\ninput 8x8x1\ndesne 10", "UnknownNameError", "There is no layer called 'desne'"),
        ("%%sequential net\ninput 8\ndense 10\ncompile adam mse\nfit x_trian y", "UnknownNameError", "no variable called 'x_trian'"),
        ("%%sequential net --quite\ninput 8", "UnknownNameError", "has no option '--quite'"),
        ("%%sequential net\ninput 8\ndense 10 exit", "UnknownNameError", "'dense' has no word 'exit'"),
        ("%%sequential 3net\ninput 8", "LanguageError", "can't be a variable name"),
        ("%fit", "LanguageError", "%fit needs the name of a model"),
        ("%fit nett x y", "UnknownNameError", "There is no model called 'nett'"),
        ("%fit net x y epoch=3", "UnknownNameError", "'fit' has no argument 'epoch'"),
        ("%dashboard", "LanguageError", "%dashboard needs the name of a model"),
    ],
)
def test_errors_have_their_own_name_and_no_traceback(kernel: Kernel, cell: str, name: str, sentence: str) -> None:
    kernel.run("%sequential net input 8x8x1 -> flatten -> dense 10 --quiet\nkept = net")
    outcome = kernel.run(cell)
    assert outcome.error[0] == name
    assert sentence in outcome.error[1]
    assert "Traceback" not in outcome.error[2]
    assert len(outcome.error[2].splitlines()) <= 6
    assert kernel.value("net is kept") == "True"


def test_a_fit_in_a_live_notebook_ends_its_cell_at_once_and_a_later_cell_waits(digits: Kernel) -> None:
    started = digits.run("%fit digits x y epochs=4")
    assert digits.value("len(active())") == "1"
    later = digits.run("len(digits.weights), len(active())")
    assert "Waiting for the training of digits" in later.text
    assert "(6, 0)" in later.text
    assert [set(data) for data in started.displayed] == [{"text/html"}, {"text/plain", WIDGET_VIEW}, {"text/plain"}, {"text/plain"}]


def test_a_page_that_is_not_jupyters_gets_widget_and_picture_as_one_output(digits: Kernel) -> None:
    digits.run("from seqmagic.widgets.dashboard import Dashboard\npanel = Dashboard(digits, x, y)\npanel")
    meet = "panel.view._answer(panel.view, {'kind': 'hello', 'rows': 0, 'alone': True}, [])"
    live, picture, text = digits.run(meet).displayed
    assert set(live) == {"text/plain", WIDGET_VIEW}
    assert "Not trained yet" in live["text/plain"]
    assert picture == text == {"text/plain": ""}
    live, picture, text = digits.run("panel.train().wait()").displayed[-4:-1]
    digits.run("panel.close()")
    assert set(live) == {"text/plain", "image/png", WIDGET_VIEW}
    assert picture == text == {"text/plain": ""}


def test_a_headless_fit_waits_and_shows_a_picture_and_no_widget(digits: Kernel) -> None:
    outcome = digits.run("%fit digits x y epochs=2 validation_data=x,y", live=False)
    assert [set(data) for data in outcome.displayed] == [{"image/png", "text/plain"}, {"text/plain"}]
    assert "Done: 2 of 2 epochs" in outcome.text
    assert "val_accuracy" in outcome.text


def test_a_headless_failure_is_an_error_of_the_cell(digits: Kernel) -> None:
    digits.run(
        "import numpy as np; import tensorflow as tf; too_high = tf.data.Dataset.from_tensor_slices((x, np.where(np.arange(len(y)) > 1000, 14, y))).batch(32)"
    )
    outcome = digits.run("%fit digits too_high epochs=2", live=False)
    assert outcome.error[0] == "TrainingError"
    assert "There is a label 14, but the last layer has 10 units" in outcome.error[1]


def test_an_interrupt_while_a_cell_waits_stops_the_run_and_the_cell_does_not_run(digits: Kernel) -> None:
    digits.run("%fit digits x y epochs=10000")
    waiting = digits.send("went_on = digits.name")
    digits.wait_for_text("Waiting for the training of digits: epoch")
    digits.manager.interrupt_kernel()
    outcome = digits.finish(waiting)
    assert outcome.error[:2] == ["CellInterrupted", "The training of digits was stopped, so this cell did not run."]
    assert outcome.error[2].splitlines() == [f"\x1b[31mInterrupted\x1b[0m: {outcome.error[1]}"]
    assert digits.value("len(active()), 'went_on' in globals()") == "(0, False)"


def test_an_interrupt_between_cells_stops_the_run_and_it_can_be_fitted_again(digits: Kernel) -> None:
    for _ in range(3):
        digits.run("%fit digits x y epochs=10000")
        time.sleep(0.7)
        digits.manager.interrupt_kernel()
        digits.wait_until("not active()")
    assert "Done" in digits.run("%fit digits x y epochs=1", live=False).text


def test_an_interrupt_of_a_headless_fit_ends_it_cleanly(digits: Kernel) -> None:
    code = "keras.callbacks.LambdaCallback(on_train_begin=lambda logs: print('It begins.'))"
    sent = digits.send(f"import keras\nannouncer = {code}\n%fit digits x y epochs=10000 callbacks=announcer", live=False)
    digits.wait_for_text("It begins.")
    time.sleep(0.5)
    digits.manager.interrupt_kernel()
    outcome = digits.finish(sent)
    assert outcome.status == "ok"
    assert "Stopped in epoch" in outcome.text


def test_a_cell_that_makes_the_model_anew_ends_its_run(digits: Kernel) -> None:
    digits.run("%fit digits x y epochs=10000")
    outcome = digits.run("%sequential digits input 3 -> dense 1 --quiet")
    assert outcome.printed == "The training of digits was stopped, because this cell makes the model again.\n"
    assert digits.value("len(active())") == "0"


def test_a_run_in_the_background_keeps_its_kernel_alive(digits: Kernel) -> None:
    digits.run("import seqmagic.magics.kernel.keepalive as keepalive\nkeepalive.SECONDS = 0.2\n%reload_ext seqmagic")
    digits.run("import seqmagic\nrun = seqmagic.fit(digits, x, y, epochs=10000)")  # No panel: nothing else is sent.
    assert digits.wait_for_message("update_display_data")["transient"]["display_id"] == "seqmagic-keepalive"
    digits.run("keepalive.SECONDS = 60.0\n%reload_ext seqmagic")


def test_a_fit_line_in_the_cell_trains(kernel: Kernel) -> None:
    outcome = kernel.run(f"%%sequential whole\n{DIGITS}\nfit x y epochs=2 batch_size=64", live=False)
    assert "Done: 2 of 2 epochs" in outcome.text


def test_a_dashboard_is_a_widget_and_without_a_page_a_sentence(digits: Kernel) -> None:
    live = digits.run("%dashboard digits x y")
    assert "compile adam(0.001) sparse_categorical_crossentropy accuracy" in live.text
    assert WIDGET_VIEW in live.displayed[1]
    assert "The panel appears when this notebook is open in Jupyter." in digits.run("%dashboard digits x y", live=False).printed


def test_the_extension_can_be_unloaded_and_loaded_again(kernel: Kernel) -> None:
    kernel.run("%unload_ext seqmagic")
    assert "not found" in kernel.run("%fit digits x y").text
    assert kernel.run("%load_ext seqmagic").status == "ok"
    assert kernel.run("%sequential again input 3 -> dense 1 --quiet").status == "ok"
