"""A look that is opened while the model trains: it shows what the model gives then, and all of it when the training has ended."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.analysis.model_epochs import MOST_LIVE
from seqmagic.analysis.rate_search import RateSearch
from seqmagic.widgets.look.request import look
from seqmagic.widgets.look.view import WHEN_OVER, WORKER
from seqmagic.widgets.training_panel import TrainingPanel
from tests.analysis.test_model_copy import Secretive
from tests.support.run_end import end_of

TEXT = "seed 2\ninput 2 -> dense 8 tanh -> dense 1 sigmoid\ncompile adam(0.02) binary_crossentropy accuracy"
RANDOM = np.random.RandomState(4)
POINTS = RANDOM.rand(400, 2).astype("float32")
ANSWERS = (POINTS.sum(axis=1) > 1).astype("int64")


def settle() -> None:
    for _ in range(3):  # What is done in the background may have more done behind it.
        WORKER.submit(lambda: None).result()


class Gate(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Holds a training in the middle of an epoch, with its weights as they are then."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.opened = threading.Event(), threading.Event()

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
        self.reached.set()
        assert self.opened.wait(120)


@pytest.fixture
def paused() -> Iterator[Any]:
    """A run that is held in its second epoch."""
    run = seqmagic.Run(seqmagic.build(TEXT), POINTS, ANSWERS, epochs=3, seed=5, batch_size=100)
    run.step_epoch()
    run.wait_quietly()
    run.step_batch()
    run.wait_quietly()
    yield run
    end_of(run.stop())


@pytest.mark.parametrize("keep", [64, 0])
def test_it_shows_the_weights_of_that_moment_and_later_all_samples(keep: int) -> None:
    model, gate = seqmagic.build(TEXT), Gate()
    run = seqmagic.fit(model, POINTS, ANSWERS, epochs=2, seed=5, callbacks=[gate], keep_weights=keep)
    assert gate.reached.wait(120)
    view = look(model)
    assert view.page.shown["status"].endswith(WHEN_OVER)
    assert "is training (epoch 1 of 2" in view.page.shown["status"]
    assert view.page.shown["tabs"] == []
    assert "appears here after it has ended" in view.saved_text()
    gate.opened.set()
    end_of(run)
    settle()
    assert view.error is None
    assert view.state is not None
    np.testing.assert_allclose(view.state.predictions.outputs, model.predict(POINTS, verbose=0), rtol=1e-5, atol=1e-6)
    assert len(view.page.shown["epochs"]["stops"]) == (3 if keep else 0)
    assert "400 samples" in view.saved_text()
    alone = seqmagic.build(TEXT)
    end_of(seqmagic.fit(alone, POINTS, ANSWERS, epochs=2, seed=5))
    assert all(np.array_equal(a, b) for a, b in zip(alone.get_weights(), model.get_weights(), strict=True)), "it changes nothing"
    view.close()


def test_a_run_that_is_held_is_shown_as_it_is(paused: Any) -> None:
    view = look(paused.model, POINTS, ANSWERS)
    for _ in range(200):
        if view.state is not None:
            break
        paused.wait_quietly()
        threading.Event().wait(0.05)
    settle()
    assert view.state is not None
    live = view.state.predictions
    other = seqmagic.build(TEXT)
    other.set_weights([np.array(variable) for variable in paused.model.weights])
    np.testing.assert_allclose(live.outputs, other.predict(live.samples.x, verbose=0), rtol=1e-5, atol=1e-6)
    assert view.page.shown["epochs"]["reason"].endswith(f"; shown with {MOST_LIVE} of 400 samples.")
    assert view.page.shown["epochs"]["follow"] is True
    for tab in view.tabs:
        view.press(tab)
    view.press("", "epoch", "1")  # There is no slider yet.
    settle()
    assert view.error is None
    assert not any("Error" in markup for markup in view.page.shown["panels"].values())

    # Not to follow any more leaves what was shown, until the training has ended.
    view.press("", "follow", "false")
    settle()
    assert view.page.shown["epochs"]["reason"].startswith("No longer following: paused in epoch 2 of 3; shown with 300 ")
    opened = view.state.open
    end_of(paused.resume())
    settle()
    assert len(view.state.predictions) == 400
    assert (view.state.open, view.page.shown["epochs"]["follow"]) == (opened, False)
    assert list(paused.watchers) == []
    view.close()


def test_layers_that_cannot_be_made_again_are_looked_at_when_it_has_ended() -> None:
    model = keras.Sequential([keras.Input((2,)), Secretive(3), keras.layers.Dense(1, "sigmoid")])
    model.compile("adam", "binary_crossentropy")
    run = seqmagic.Run(model, POINTS, ANSWERS, epochs=2)
    run.step_epoch()
    run.wait_quietly()
    view = look(model, POINTS, ANSWERS)
    for _ in range(200):
        if "can't be shown" in view.page.shown["status"]:
            break
        threading.Event().wait(0.05)
    assert view.page.shown["status"].endswith(WHEN_OVER)
    end_of(run.resume())
    settle()
    assert view.error is None
    assert view.state is not None
    np.testing.assert_allclose(view.state.predictions.outputs, model.predict(POINTS, verbose=0), rtol=1e-5, atol=1e-6)
    view.close()


def test_while_rates_are_tried_it_waits() -> None:
    model, held, go_on = seqmagic.build(TEXT), threading.Event(), threading.Event()

    def hold(search: RateSearch) -> None:
        held.set()
        go_on.wait(60)

    search = RateSearch(model, POINTS, ANSWERS)
    search.watchers.append(hold)
    search.start()
    assert held.wait(60)
    view = look(model, POINTS, ANSWERS)
    assert view.page.shown["status"] == f"{search.name} is being used for a learning rate search. {WHEN_OVER}"
    go_on.set()
    assert search.wait_quietly()
    settle()
    assert view.state is not None
    np.testing.assert_allclose(view.state.predictions.outputs, model.predict(POINTS, verbose=0), rtol=1e-5, atol=1e-6)
    view.close()


def test_the_button_of_a_panel_looks_at_a_training_too(paused: Any) -> None:
    panel = TrainingPanel(paused)
    assert "look" in panel.able()
    panel.press("look")
    assert panel.look is not None
    assert panel.view.message == ""
    end_of(paused.resume())
    settle()
    assert panel.look.state is not None
    assert len(panel.look.state.predictions) == 400
    panel.close()


def test_labels_that_do_not_fit_are_told_at_once(paused: Any) -> None:
    with pytest.raises(seqmagic.SeqmagicError, match=r"One row of x is 3"):
        look(paused.model, np.ones((4, 3)), ANSWERS[:4])
