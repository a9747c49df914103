"""The button that finds a learning rate: nobody waits for it, it can be stopped, and the model is as it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_digits

import seqmagic
from seqmagic.analysis.rate_search import RateSearch
from seqmagic.errors import BusyError
from seqmagic.training.registry import active_runs
from tests.support.small_network import COMPILED, data

NETWORK = "input 8x8x1 -> flatten -> dense 16 relu -> dense 10 softmax"
X, Y = load_digits(return_X_y=True)
X = X.reshape(-1, 8, 8, 1) / 16


def press(panel: seqmagic.Dashboard, kind: str, **content: Any) -> None:
    """What the page sends for a button."""
    panel.compile_panel._answer(None, {"kind": kind, **content}, [])  # noqa: SLF001


def test_a_press_shows_the_curve_and_another_writes_the_rate_into_the_form() -> None:
    model = seqmagic.build(NETWORK)
    before = model.get_weights()
    panel = seqmagic.Dashboard(model, X, Y)
    assert panel.compile_panel.search == {}
    press(panel, "find_rate")
    search = panel._search  # noqa: SLF001
    assert search is not None
    if not search.ended:
        assert panel.compile_panel.form["locked"].startswith("Learning rates are being tried")
        assert "train" not in panel.able()
        assert panel.view.header()["why_not"] == "You can train again after the learning rate search."
    assert search.wait_quietly()
    found = panel.compile_panel.search
    assert found["state"] == "done"
    assert found["text"].endswith("The model's previous weights were put back.")
    assert len(found["rates"]) == len(found["losses"]) == len(found["smooth"]) > 60
    assert panel.compile_panel.form["locked"] == ""
    assert "train" in panel.able()
    for one, other in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    press(panel, "set", control="optimizer.learning_rate", value=found["suggestion"])
    press(panel, "forget_search")
    assert panel.compile_panel.search == {}
    assert panel.compile_panel.compile_line.startswith(f"compile adam({found['suggestion']})")
    assert found["suggestion"] == f"{seqmagic.find_rate(model, X, Y).suggestion:g}"
    assert panel.train().wait().state == "done"


def test_it_can_be_stopped_and_a_training_waits_for_it() -> None:
    model = seqmagic.build(f"{NETWORK}\ncompile sgd sparse_categorical_crossentropy")
    before = model.get_weights()
    search = RateSearch(model, X, Y)
    held: list[object] = []
    tried: list[int] = []

    def stop_at_five(search: RateSearch) -> None:
        if search.state == "running" and search.tried >= 5 and not tried:
            tried.append(search.tried)
            held.extend(active_runs())
            with pytest.raises(BusyError, match="is training"):
                seqmagic.find_rate(model, X, Y)
            search.stop()

    # Notified at each rate, and not ten times a second: so the test needs no clock.
    search.watchers.notify = lambda *news, now=False: stop_at_five(search)  # type: ignore[method-assign]
    run = seqmagic.Run(model, X, Y, epochs=1)
    search.start()
    run.start(queued=True)
    assert search.wait_quietly()
    assert (search.state, search.curve, tried) == ("stopped", None, [5])
    assert held[0] is search
    for one, other in zip(before, run.wait().model.get_weights(), strict=True):
        assert not np.array_equal(one, other), "it has trained when its turn had come"
    assert len(run.history["loss"]) == 1
    assert active_runs() == []


def test_what_is_wrong_is_reported_in_the_panel() -> None:
    panel = seqmagic.Dashboard(seqmagic.build(COMPILED), data()[0][:, :3], data()[1])
    press(panel, "find_rate")
    assert "input 4" in panel.view.messages()["error"]
    assert panel.compile_panel.search == {}
    assert seqmagic.Dashboard(seqmagic.build(COMPILED)).compile_panel.search is None


def test_a_search_that_breaks_off_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    model, (x, y) = seqmagic.build(COMPILED), data()
    panel = seqmagic.Dashboard(model, x, y)
    monkeypatch.setitem(model.__dict__, "train_on_batch", lambda *_, **__: 1 / 0)
    press(panel, "find_rate")
    assert panel._search is not None  # noqa: SLF001
    panel._search.wait_quietly()  # noqa: SLF001
    assert panel.compile_panel.search["state"] == "failed"
    assert "ZeroDivisionError" in panel.compile_panel.search["text"] or "division" in panel.compile_panel.search["text"]
