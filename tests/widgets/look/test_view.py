"""The look view: its tabs in the page, what stays in a saved notebook, what a press does, and that nothing in data is markup."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, DataError
from seqmagic.widgets.look.page import LookPage
from seqmagic.widgets.look.request import look
from seqmagic.widgets.look.view import WORKER, LookView

RANDOM = np.random.RandomState(2)
PICTURES, LABELS = RANDOM.rand(80, 6, 6, 1), RANDOM.randint(0, 3, 80)
NAMES = ["<b>cat", "dog & fox", "owl"]


def settle() -> None:
    """Wait until all that was pressed is done."""
    WORKER.submit(lambda: None).result()


@pytest.fixture(scope="module")
def model() -> Any:
    return seqmagic.build("input 6x6x1 -> flatten -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy accuracy")


@pytest.fixture
def view(model: Any) -> Iterator[LookView]:
    made = look(model, PICTURES, LABELS, class_names=NAMES)
    yield made
    made.close()


def panel(view: LookView) -> str:
    """The markup of the tab that is open."""
    return str(view.page.shown["panels"][view.page.shown["open"]])


def test_the_first_tab_is_drawn_and_the_others_when_they_are_opened(view: LookView) -> None:
    shown = view.page.shown
    assert shown["open"] == "samples"
    assert list(shown["panels"]) == ["samples"]
    for tab in view.tabs:
        view.press(tab)
        settle()
        assert view.page.shown["open"] == tab
    assert set(view.page.shown["panels"]) == set(view.tabs)
    assert view.error is None


def test_each_press_in_the_page_is_answered_after_what_it_shows(view: LookView, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(LookPage, "send", lambda page, content, buffers=None: sent.append(content))
    presses = [
        ("confusion", "", ""),
        ("confusion", "cell", "1,1"),
        ("no such tab", "", ""),
        ("samples", "all", ""),
        ("samples", "page", "x"),
    ]
    for number, (tab, what, value) in enumerate(presses):
        message = {"kind": "press", "tab": tab, "what": what, "value": value, "id": str(number)}
        view.page._handle_custom_msg(message, [])  # noqa: SLF001  # As the kernel hands a message of the page on.
    settle()
    seen = [(key, news[key]) for news in sent for key in ("open", "answered") if key in news]
    opened = ["confusion", "samples", None, "samples", "samples"]
    assert seen == [pair for number, tab in enumerate(opened) for pair in ((("open", tab),) if tab else ()) + (("answered", str(number)),)]


def test_names_from_outside_are_no_markup(view: LookView) -> None:
    for tab in view.tabs:
        view.press(tab)
    settle()
    view.finish()
    for markup in (*view.page.shown["panels"].values(), view.saved_html()):
        assert "<b>cat" not in markup
    assert "&lt;b&gt;cat" in view.saved_html()


def test_the_page_of_samples_goes_on_and_back(view: LookView) -> None:
    assert "1 to 24 of 80" in panel(view)
    view.press("samples", "page", "72")
    settle()
    assert "73 to 80 of 80" in panel(view)
    assert panel(view).count("<figure") == 8
    for nonsense in ("-1", "x", "", "9999999"):
        view.press("samples", "page", nonsense)
        view.press("samples", "sample", nonsense)
        view.press("no such tab", "page", nonsense)
    settle()
    assert "1 to 24 of 80" in panel(view)
    assert view.error is None


def test_a_sample_that_is_chosen_shows_all_its_probabilities(view: LookView) -> None:
    assert view.state is not None
    place = int(view.state.order[3])
    view.press("samples", "sample", str(place))
    settle()
    assert view.state.sample == place
    probabilities = view.state.predictions.probabilities
    assert probabilities is not None
    for share in probabilities[place]:
        assert f"{share:.1%}" in panel(view)
    assert panel(view).count('aria-pressed="true"') == 1


def test_what_is_saved_has_every_tab_and_no_control(view: LookView) -> None:
    view.finish()
    html, text = view.saved_html(), view.saved_text()
    for tab in view.tabs.values():
        assert tab.title in html
        assert tab.title in text.splitlines()
        assert tab.sentence() in text
    assert "<button" not in html
    assert "<select" not in html
    assert html.count("<figure") >= 12


def test_a_tab_that_fails_leaves_the_others(view: LookView, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*, live: bool) -> Any:
        raise ZeroDivisionError("once")

    monkeypatch.setattr(view.tabs["samples"], "body", fail)
    view.press("samples", "all")
    settle()
    assert "ZeroDivisionError" in panel(view)
    view.finish()
    assert "ZeroDivisionError" in view.saved_text()


def test_another_models_predictions_take_the_place_of_the_first_and_the_samples_stay_in_their_order(view: LookView) -> None:
    from seqmagic.analysis.forward_pass import predict

    assert view.state is not None
    order, other = view.state.order, seqmagic.build("input 6x6x1 -> flatten -> dense 3 softmax")
    view.show(predict(other, view.state.predictions.samples, class_names=NAMES))
    np.testing.assert_array_equal(view.state.order, order)
    assert view.state.predictions.model is other


def test_without_data_those_of_the_last_run_are_taken_and_the_model_stays_as_it_is(model: Any) -> None:
    seqmagic.fit(model, PICTURES, LABELS, epochs=1).wait()
    before = model.get_weights()
    view = look(model)
    assert "The training data of its last run" in view.page.shown["status"]
    for ours, theirs in zip(before, model.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    view.close()


def test_more_names_than_classes_are_refused(model: Any) -> None:
    with pytest.raises(seqmagic.SeqmagicError, match="4 names for 3 classes"):
        look(model, PICTURES, LABELS, class_names=[*NAMES, "eel"])
    with pytest.raises(DataError, match="One row of x is 5x6x1"):
        look(model, PICTURES[:, :5], LABELS)


def test_inputs_that_a_model_of_several_refuses_are_reported() -> None:
    first, second = keras.Input((3,), name="first"), keras.Input((2,), name="second")
    model = keras.Model([first, second], keras.layers.Dense(1)(keras.layers.Concatenate()([first, second])))
    with pytest.raises(DataError, match="'functional"):
        look(model, [RANDOM.rand(5, 3), RANDOM.rand(5, 4)])


@pytest.mark.parametrize("arguments", [{"class_names": 3}, {"class_names": "abc"}, {"data_names": "xy"}, {"output": 2}])
def test_arguments_of_another_kind_are_refused(model: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentError):
        look(model, PICTURES, LABELS, **arguments)


def test_a_page_that_comes_late_gets_all_that_was_sent_before(view: LookView) -> None:
    sent: list[dict[str, Any]] = []
    view.page.send = lambda content, buffers=None: sent.append(content)
    view.page._answer(None, {"kind": "hello", "alone": False}, [])  # noqa: SLF001  # What the page sends when its code is there.
    assert sent == [{"kind": "news", **view.page.shown}]
    assert sent[0]["title"].startswith("Looking at ")
    assert sent[0]["panels"]["samples"]
