"""A view follows a training when it is asked to: what it shows belongs together, ends with the run, and changes nothing in it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.analysis.model_epochs import MOST_LIVE
from seqmagic.widgets.look.request import look
from seqmagic.widgets.look.view import WORKER
from tests.support.run_end import end_of

TEXT = "seed 2\ninput 2 -> dense 8 tanh -> dense 1 sigmoid\ncompile adam(0.02) binary_crossentropy accuracy"
RANDOM = np.random.RandomState(4)
POINTS = RANDOM.rand(400, 2).astype("float32")
ANSWERS = (POINTS.sum(axis=1) > 1).astype("int64")


def settle() -> None:
    WORKER.submit(lambda: None).result()


class Enough(keras.callbacks.Callback):  # type: ignore[misc]  # Keras ships no types.
    """Ends a training when something was seen."""

    def __init__(self, seen: threading.Event) -> None:
        super().__init__()
        self.seen = seen

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        self.model.stop_training = self.seen.is_set()
        time.sleep(0.02)


@pytest.fixture
def view() -> Iterator[Any]:
    made = look(seqmagic.build(TEXT), POINTS, ANSWERS)
    yield made
    made.close()


def watch(view: Any, seen: threading.Event) -> list[Any]:
    """Note what is shown while the model is training."""
    noted: list[Any] = []
    show = view.page.show

    def noting(**news: Any) -> None:
        show(**news)
        if news.get("epochs", {}).get("reason", "").startswith("Training, "):
            noted.append((news["epochs"]["reason"], view.state.predictions, view.state.predictions.model.get_weights()))
            seen.set()

    view.page.show = noting
    return noted


def test_nothing_is_followed_unless_it_is_asked_for(view: Any) -> None:
    seen = threading.Event()
    noted = watch(view, seen)
    run = end_of(seqmagic.fit(view.passed.model, POINTS, ANSWERS, epochs=3))
    settle()
    assert view.page.shown["epochs"]["follow"] is False
    assert (noted, list(run.watchers)) == ([], [])


def test_a_training_is_followed_and_then_all_is_shown_as_it_came_out(view: Any) -> None:
    model, seen = view.passed.model, threading.Event()
    noted = watch(view, seen)
    view.press("", "follow", "true")
    settle()
    assert view.page.shown["epochs"]["follow"] is True
    run = end_of(seqmagic.fit(model, POINTS, ANSWERS, epochs=2000, seed=5, callbacks=[Enough(seen)]))
    settle()
    assert view.error is None
    reason, live, weights = noted[0]
    assert reason.endswith(f"; shown with {MOST_LIVE} of 400 samples.")
    assert len(live) == MOST_LIVE
    other = seqmagic.build(TEXT)
    other.set_weights(weights)
    np.testing.assert_allclose(live.outputs, other.predict(live.samples.x, verbose=0), rtol=1e-5, atol=1e-6)
    assert len(view.state.predictions) == 400
    np.testing.assert_allclose(view.state.predictions.outputs, model.predict(POINTS, verbose=0), rtol=1e-5, atol=1e-6)
    shown = view.page.shown["epochs"]
    assert (shown["reason"], shown["follow"]) == ("", True)
    assert shown["stops"][-1]["key"] == str(run.progress.epoch)
    alone = seqmagic.build(TEXT)
    end_of(seqmagic.fit(alone, POINTS, ANSWERS, epochs=run.progress.epoch, seed=5))
    assert all(np.array_equal(a, b) for a, b in zip(alone.get_weights(), model.get_weights(), strict=True)), "it changes nothing"


def test_it_can_be_left_in_the_middle(view: Any) -> None:
    seen = threading.Event()
    watch(view, seen)
    before = view.state
    view.follow()
    run = seqmagic.fit(view.passed.model, POINTS, ANSWERS, epochs=100_000)
    assert seen.wait(120)
    view.press("", "follow", "false")
    settle()
    settle()
    assert view.state is before
    assert list(run.watchers) == []
    end_of(run.stop())
    assert view.error is None
