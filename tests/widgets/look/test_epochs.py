"""The epochs of a look: the slider moves all tabs together, to what the model gave then, and the strip stays in the saved notebook."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.analysis.confusion import confusion_of
from seqmagic.analysis.model_epochs import ModelEpochs, Stop
from seqmagic.training.registry import forget_runs
from seqmagic.widgets.look.epoch_bar import EpochBar
from seqmagic.widgets.look.epochs_tab import EpochsTab, chosen_stops
from seqmagic.widgets.look.request import look
from seqmagic.widgets.look.view import WORKER
from tests.support.run_end import end_of

TEXT = "seed 1\ninput 6x6x1 -> conv 2 3x3 relu -> flatten -> dense 3 softmax\ncompile adam(0.02) sparse_categorical_crossentropy accuracy"
RANDOM = np.random.RandomState(3)
LABELS = RANDOM.randint(0, 3, 96)
PICTURES = (RANDOM.rand(96, 6, 6, 1) + LABELS[:, None, None, None] * 0.4).astype("float32")


def settle() -> None:
    WORKER.submit(lambda: None).result()


@pytest.fixture(scope="module")
def trained() -> tuple[Any, Any]:
    model = seqmagic.build(TEXT)
    model.name = "pictures"
    return model, end_of(seqmagic.fit(model, PICTURES, LABELS, epochs=8, batch_size=16, validation_split=0.25))


@pytest.fixture
def view(trained: tuple[Any, Any]) -> Iterator[Any]:
    made = look(trained[0], PICTURES, LABELS)
    yield made
    made.close()


def outputs_with(weights: Any) -> Any:
    """What another model of the same text gives with these weights, through Keras alone."""
    other = seqmagic.build(TEXT)
    other.set_weights(weights)
    return other.predict(PICTURES, verbose=0)


def test_the_slider_stands_at_the_weights_that_the_model_has(view: Any) -> None:
    epochs = view.page.shown["epochs"]
    assert [stop["key"] for stop in epochs["stops"]] == [str(epoch) for epoch in range(9)]
    assert [stop["x"] for stop in epochs["stops"]] == [epoch / 8 for epoch in range(9)]
    assert (view.page.shown["at"], epochs["reason"]) == ("8", "")
    assert epochs["stops"][0]["words"] == "before the first epoch"
    assert epochs["stops"][3]["words"].startswith("after epoch 3: loss ")
    assert epochs["curves"].count("<path") == 2


def test_all_tabs_show_the_epoch_and_the_model_itself_stays_as_it_is(trained: tuple[Any, Any], view: Any) -> None:
    model, run = trained
    before, order = [np.array(weight) for weight in model.get_weights()], view.state.order.copy()
    shown = {}
    for epoch in (0, 2, 8):
        view.press("", "epoch", str(epoch))
        for tab in view.tabs:
            view.press(tab)
        settle()
        assert view.error is None
        predictions = view.state.predictions
        np.testing.assert_allclose(predictions.outputs, outputs_with(run.kept_weights[epoch]), rtol=1e-5, atol=1e-6)
        assert all(np.array_equal(a, b) for a, b in zip(predictions.model.get_weights(), run.kept_weights[epoch], strict=True))
        assert view.page.shown["at"] == str(epoch)
        shown[epoch] = dict(view.page.shown["panels"])
        by_hand = np.zeros((3, 3), dtype=int)
        np.add.at(by_hand, (LABELS, outputs_with(run.kept_weights[epoch]).argmax(axis=1)), 1)
        confusion: Any = confusion_of(predictions)
        assert confusion.counts.tolist() == by_hand.tolist()
    assert set(shown[0]) == set(view.tabs)
    assert "They keep the order of the first look" in shown[0]["samples"]
    assert "The worst mistakes come first." in shown[8]["samples"]
    assert all(shown[0][tab] != shown[8][tab] for tab in ("samples", "confusion"))
    assert np.array_equal(view.state.order, order), "the same samples are seen"
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))


def test_of_many_movements_the_last_one_counts_and_nonsense_does_nothing(view: Any) -> None:
    for epoch in range(8):
        view.press("", "epoch", str(epoch))
    settle()
    assert view.page.shown["at"] == "7"
    for nonsense in ("", "x", "-1", "99", "now", "nan"):
        view.press("", "epoch", nonsense)
        view.press("", "no such thing", nonsense)
    settle()
    assert (view.page.shown["at"], view.error) == ("7", None)


def test_what_is_saved_is_the_model_as_it_is_with_a_strip_of_epochs(view: Any) -> None:
    view.press("", "epoch", "1")
    settle()
    weights = [np.array(weight) for weight in view.state.predictions.model.get_weights()]
    WORKER.submit(view.finish).result()
    html, text = view.saved_html(), view.saved_text()
    assert html.count('class="strip"') == 1
    assert html.partition('class="strip"')[2].count("<figcaption><b>epoch ") == 6
    right = float((outputs_with(view.passed.model.get_weights()).argmax(axis=1) == LABELS).mean())
    assert f"96 samples: {right:.1%} right" in text
    assert "before the first epoch: " in text
    assert "sample  true  epoch 0" in text
    assert "data:image/png" in html.partition('class="strip"')[2]
    after = view.state.predictions.model.get_weights()
    assert all(np.array_equal(a, b) for a, b in zip(weights, after, strict=True)), "the slider is where it was"


def test_weights_that_are_none_of_an_epoch_are_called_now(trained: tuple[Any, Any]) -> None:
    model, run = trained
    last = model.get_weights()
    model.set_weights(run.kept_weights[4])
    try:
        view: Any = look(model, PICTURES, LABELS)
        stops = view.page.shown["epochs"]["stops"]
        assert [stop["key"] for stop in stops][-2:] == ["8", "now"]
        assert stops[-1]["x"] == 1 > stops[-2]["x"]
        view.press("", "epoch", "8")
        settle()
        np.testing.assert_allclose(view.state.predictions.outputs, outputs_with(last), rtol=1e-5, atol=1e-6)
        view.press("", "epoch", "now")
        settle()
        assert view.state.predictions is view.bar.epochs.now
        view.close()
    finally:
        model.set_weights(last)


def test_a_model_without_kept_weights_has_no_slider_and_says_why_only_where_it_was_asked_not_to() -> None:
    model = seqmagic.build(TEXT)
    view: Any = look(model, PICTURES, LABELS)
    assert (view.page.shown["epochs"]["stops"], view.page.shown["epochs"]["reason"]) == ([], "")
    assert "epochs" not in view.tabs
    view.close()
    end_of(seqmagic.fit(model, PICTURES, LABELS, epochs=1, keep_weights=0))
    view = look(model, PICTURES, LABELS)
    assert view.page.shown["epochs"]["reason"].startswith("No weights of earlier epochs are kept.")
    view.close()


def test_weights_that_are_gone_are_mentioned() -> None:
    model = seqmagic.build(TEXT)
    end_of(seqmagic.fit(model, PICTURES, LABELS, epochs=2))
    view: Any = look(model, PICTURES, LABELS)
    epochs = ModelEpochs(view.state.predictions)
    forget_runs(model)
    assert epochs.stops() == []
    with pytest.raises(
        Exception, match=r"The weights of this epoch no longer exist, because the model was trained again\. Run the cell again\."
    ):
        list(epochs.steps(Stop(1)))
    assert EpochBar(epochs, view.follower).news()["stops"] == []
    assert not EpochsTab.fits(view.state)
    view.close()


@pytest.mark.parametrize("count", [2, 5, 6, 7, 8, 20, 200])
def test_a_strip_has_the_first_and_the_last_and_no_moment_twice(count: int) -> None:
    stops = [Stop(epoch) for epoch in range(count)]
    chosen = chosen_stops(stops)
    assert (chosen[0], chosen[-1], len(chosen)) == (stops[0], stops[-1], min(6, count))
    assert chosen == sorted(set(chosen), key=stops.index)
