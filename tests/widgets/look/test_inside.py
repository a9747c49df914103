"""The tabs about layers: all their forms for models of every kind, what is chosen, other weights, and that nothing is markup."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

import seqmagic
from seqmagic import build
from seqmagic.analysis.forward_pass import predict
from seqmagic.analysis.samples import gather
from seqmagic.errors import BusyError
from seqmagic.keras_internals.layers import name_in_graph
from seqmagic.widgets.look import importance_tab
from seqmagic.widgets.look.activations_tab import ActivationsTab
from seqmagic.widgets.look.health_tab import HealthTab
from seqmagic.widgets.look.hidden_tab import HiddenSpaceTab
from seqmagic.widgets.look.importance_tab import ImportanceTab
from seqmagic.widgets.look.map_picture import draw_signed, maps_in
from seqmagic.widgets.look.state import LookState
from seqmagic.widgets.look.weights_tab import WeightsTab
from tests.support.special_models import Plain
from tests.support.walked_models import KINDS, walked_model

TABS = (ActivationsTab, WeightsTab, HiddenSpaceTab, ImportanceTab, HealthTab)
RANDOM = np.random.RandomState(6)
PICTURES, CLASSES = RANDOM.rand(40, 6, 6, 1).astype("float32"), RANDOM.randint(0, 3, 40)
NETWORK = (
    "input 6x6x1 -> conv 4 3x3 relu -> flatten -> dense 8 tanh -> dense 3 softmax\ncompile adam sparse_categorical_crossentropy\nseed 1"
)


def look_at(model: Any, x: Any, y: Any = None, **options: Any) -> LookState:
    return LookState(predict(model, gather(model, x, y), **options))


def markup_of(tab: Any, *, live: bool = True) -> str:
    return "".join(map(str, tab.body(live=live)))


def check_whole(tab: Any) -> None:
    assert tab.sentence().endswith((".", "?")), tab.sentence()
    for live in (True, False):
        markup = markup_of(tab, live=live)
        assert not re.search(r"\bnan\b|\binf\b|None", markup)
        assert live or "data-press" not in markup
        assert all('alt="' in picture for picture in re.findall("<img[^>]*>", markup))
        controls = re.findall(r'data-control="([^"]*)"', markup)
        assert len(set(controls)) == len(controls)
    assert all("\n" not in line for line in tab.lines())


@pytest.mark.parametrize("kind", KINDS)
def test_every_tab_has_all_its_forms_for_every_kind_of_model_and_each_of_its_layers(kind: str) -> None:
    model, x = walked_model(kind)
    y: Any = (
        [np.zeros((8, 3)), np.zeros((8, 1))]
        if kind == "graph"
        else np.zeros(8, dtype=int)
        if kind in ("chain", "pictures", "half")
        else None
    )
    state = look_at(model, tf.constant(x) if kind == "texts" else x, y)
    for made in TABS:
        assert made.fits(state)
        check_whole(made(state))
    for made in (ActivationsTab, WeightsTab, HiddenSpaceTab):
        tab = made(state)
        for place in tab.places:
            tab.press("layer", str(place.number))
            assert tab.place() == place
            check_whole(tab)


def test_a_model_that_is_its_own_code_has_only_its_gradients() -> None:
    model = Plain()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model(np.zeros((1, 6), "float32"))
    state = look_at(model, RANDOM.rand(40, 6).astype("float32"), CLASSES)
    assert [made.fits(state) for made in TABS] == [False, False, False, False, True]
    check_whole(HealthTab(state))
    assert "custom code" in HealthTab(state).sentence()
    assert len(HealthTab(state).lines()) == 3


@pytest.fixture(scope="module")
def state() -> LookState:
    model = seqmagic.build(NETWORK)
    return look_at(model, PICTURES, CLASSES, class_names=["<b>cat", "dog", "owl"])


def test_the_maps_are_those_of_the_chosen_layer_and_sample(state: LookState) -> None:
    tab = ActivationsTab(state)
    tab.press("layer", "0")
    assert markup_of(tab).count('alt="map ') == 4
    given = np.asarray(state.predictions.model.layers[0](PICTURES[state.sample : state.sample + 1]))[0]
    assert f"4×4×4 values from {given.min():.3g} to {given.max():.3g}" in tab.sentence()
    assert 'aria-pressed="true"' in markup_of(tab)
    first = state.sample
    tab.press("step", "1")
    assert state.sample == state.order[1]
    assert f"sample {state.sample} " in tab.sentence()
    tab.press("step", "-1")
    assert state.sample == first
    for nonsense in ("", "x", "-3", "99"):
        tab.press("layer", nonsense)
        tab.press("step", nonsense)
    assert tab.place().number == 0 or state.chosen["layer"] == 99
    check_whole(tab)


def test_only_layers_in_sight_are_computed() -> None:
    model = keras.Sequential([keras.Input((3,)), *(layers.Dense(3) for _ in range(100))])
    deep = look_at(model, RANDOM.rand(5, 3).astype("float32"))
    tab = ActivationsTab(deep)
    tab.sentence()
    markup = markup_of(tab)
    assert markup.count('data-press="layer" data-value') == 10
    assert not tab.outputs().is_known(10)
    tab.press("layer", "57")
    assert "dense_5" in tab.sentence() or "dense" in tab.sentence()
    assert markup_of(tab).count('data-press="layer" data-value') == 10
    assert not tab.outputs().is_known(63)


def test_filters_weights_and_places_of_classes_are_drawn(state: LookState) -> None:
    weights = WeightsTab(state)
    weights.press("layer", "0")
    assert markup_of(weights).count('alt="filter ') == 4
    assert "kernel, 3×3×1×4: 36 numbers" in weights.sentence()
    hidden = markup_of(HiddenSpaceTab(state))
    assert "is &lt;b&gt;cat (" in hidden
    assert hidden.count("<li>") == 3


def test_nothing_in_names_is_markup() -> None:
    model = keras.Sequential(
        [keras.Input((6, 6, 1), name="<i>in"), layers.Flatten(name="<i>flat"), layers.Dense(3, "softmax", name="<i>last")]
    )
    model.compile("sgd", "sparse_categorical_crossentropy")
    for layer in model.layers:
        name_in_graph(layer, "plain")
    named = look_at(model, PICTURES, CLASSES, class_names=["<b>", "<u>", "<s>"])
    for made in TABS:
        tab = made(named)
        for live in (True, False):
            assert not re.search("<[ibus]>(?!conv|flat)", re.sub("<b>[^<]*</b>", "", markup_of(tab, live=live)))


def test_weights_that_changed_since_are_reported_and_not_mixed() -> None:
    model = seqmagic.build(NETWORK)
    changed = look_at(model, PICTURES, CLASSES)
    tabs = [made(changed) for made in TABS]
    model.fit(PICTURES, CLASSES, verbose=0)
    for tab in tabs:
        if not isinstance(tab, WeightsTab):
            with pytest.raises(BusyError, match="trained after this look was made"):
                tab.sentence()


def test_with_other_predictions_everything_is_worked_out_anew(state: LookState) -> None:
    other = seqmagic.build(NETWORK.replace("seed 1", "seed 2"))
    before = state.predictions
    tabs = [made(state) for made in TABS]
    values = [(tab.sentence(), markup_of(tab)) for tab in tabs]
    state.predictions = predict(other, before.samples, class_names=before.class_names)
    try:
        for tab, then in zip(tabs, values, strict=True):
            assert (tab.sentence(), markup_of(tab)) != then
    finally:
        state.predictions = before
    assert [(tab.sentence(), markup_of(tab)) for tab in tabs] == values


def test_pictures_of_layers_hold_what_they_should() -> None:
    value = np.arange(24.0).reshape(2, 3, 4)
    np.testing.assert_array_equal(maps_in(value)[1], value[..., 1])
    np.testing.assert_array_equal(maps_in(value, channels_first=True)[1], value[1])
    np.testing.assert_array_equal(maps_in(np.stack([value, value + 1, value + 2]))[0], value[..., 0] + 1)
    np.testing.assert_array_equal(maps_in(value[0])[0], value[0].T)
    assert maps_in(np.arange(100.0))[0].shape == (6, 18)
    pixels = np.asarray(Image.open(BytesIO(draw_signed(np.array([[-1.0, 0.0, 1.0, np.nan]]), 1.0).png)).convert("RGB"))[0]
    np.testing.assert_allclose(pixels, [(0, 114, 178), (255, 255, 255), (213, 94, 0), (255, 255, 255)], atol=1)


def test_columns_that_were_not_tried_for_time_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    x = np.random.default_rng(0).normal(size=(30, 4)).astype("float32")
    model = build("input 4 -> dense 1\ncompile sgd mse")
    assert "Only" not in ImportanceTab(look_at(model, x, x[:, 0])).sentence()
    monkeypatch.setattr(importance_tab, "SECONDS", 0.0)
    assert "Only 1 of the 4 columns were tried" in ImportanceTab(look_at(model, x, x[:, 0])).sentence()
