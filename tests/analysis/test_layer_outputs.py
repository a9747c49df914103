"""What layers give, layer by layer, is what Keras's own call gives; and nothing of a model is changed by looking."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from seqmagic.analysis.layer_outputs import LayerOutputs, outputs_by_batch, places_of, spread_rows
from seqmagic.data.held_out import take_rows
from tests.support.rounding import CLOSE
from tests.support.special_models import Plain
from tests.support.walked_models import KINDS, TABLE, walked_model


def as_inputs(x: Any) -> Any:
    return keras.tree.map_structure(keras.ops.convert_to_tensor, x)


def first_of(outputs: Any) -> np.ndarray:
    return np.asarray(keras.tree.flatten(outputs)[0], "float32")


@pytest.mark.parametrize("kind", KINDS)
def test_each_layer_gives_what_a_model_up_to_it_gives(kind: str) -> None:
    model, x = walked_model(kind)
    x = take_rows(x, np.arange(4))
    before = [keras.ops.convert_to_numpy(variable) for variable in model.variables]
    outputs = LayerOutputs(model, x)
    values = [outputs.at(place.number).value for place in outputs.places]
    for variable, then in zip(model.variables, before, strict=True):
        np.testing.assert_array_equal(keras.ops.convert_to_numpy(variable), then)
    uses = [place.layer for place in outputs.places]
    # Of a layer that is used twice, or is inside of another model, Keras has no output; nor of a chain without an input.
    plain = [place for place in outputs.places if uses.count(place.layer) == 1 and place.layer in model.layers and model.inputs]
    assert len(plain) >= min(2, len(model.layers)) or not model.inputs
    if plain:
        up_to_each = keras.Model(model.inputs, [first_tensor(place.layer.output) for place in plain])
        for place, expected in zip(plain, keras.tree.flatten(up_to_each(as_inputs(x), training=False)), strict=True):
            np.testing.assert_allclose(values[place.number], first_of(expected), **CLOSE, err_msg=place.label)
    begin_anew(model)


def begin_anew(model: Any) -> None:
    """Take back what Keras's own call leaves in a stateful model."""
    for layer in model.layers:
        if getattr(layer, "stateful", False):
            layer.reset_state()


def first_tensor(output: Any) -> Any:
    return keras.tree.flatten(output)[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_layers_give_what_the_model_gives_for_any_number_of_rows(kind: str) -> None:
    model, x = walked_model(kind)
    x = take_rows(x, np.arange(3))  # A stateful one takes four at a time.
    outputs = LayerOutputs(model, x)
    values = [outputs.at(place.number) for place in outputs.places]
    assert all(output.value is not None and len(output.value) == 3 for output in values)
    whole = model(as_inputs(take_rows(x, np.arange(4) % 3)), training=False)
    for expected in keras.tree.flatten(whole):
        assert any(
            output.value.shape == (3, *expected.shape[1:]) and np.allclose(output.value, first_of(expected)[:3], **CLOSE)
            for output in values
            if output.value is not None
        )
    begin_anew(model)


def test_a_layer_is_computed_when_it_is_looked_at() -> None:
    model, x = walked_model("chain")
    outputs = LayerOutputs(model, x)
    outputs.at(1)
    assert [outputs.is_known(number) for number in range(4)] == [True, True, False, False]


def test_dropout_drops_nothing_and_a_second_call_says_so() -> None:
    model, x = walked_model("chain")
    outputs = LayerOutputs(model, x)
    np.testing.assert_array_equal(outputs.at(0).value, outputs.at(1).value)
    assert [place.label for place in places_of(walked_model("graph")[0]) if place.layer.name == "shared"] == ["shared", "shared (call 2)"]
    assert "inner / conv2d" in places_of(walked_model("pictures")[0])[1].label


class Fails(layers.Layer):
    """A layer that works on shapes, and not on numbers."""

    def call(self, x: Any) -> Any:
        raise RuntimeError("no such mood <b>today</b>")

    def compute_output_spec(self, x: Any) -> Any:
        return keras.KerasTensor(x.shape)


def test_a_layer_that_fails_says_why_and_those_before_it_are_shown() -> None:
    model = keras.Sequential([keras.Input((6,)), layers.ReLU(), Fails(), layers.Dense(2)])
    outputs = LayerOutputs(model, TABLE[:1])
    assert outputs.at(0).value is not None
    assert outputs.at(1).reason == "This layer fails for this sample: RuntimeError: no such mood <b>today</b>"
    assert outputs.at(2).reason == "An earlier layer fails for this sample."


def test_words_are_no_numbers_and_say_so() -> None:
    there, back = (layers.StringLookup(vocabulary=["a"], invert=invert) for invert in (False, True))
    outputs = LayerOutputs(keras.Sequential([keras.Input((1,), dtype="string"), there, back]), np.array([["a"]]))
    assert outputs.at(0).value is not None
    assert outputs.at(1).reason == "It outputs words, not numbers."


def test_a_model_that_is_its_own_code_has_no_places() -> None:
    assert places_of(Plain()) == []


def test_many_rows_go_through_in_batches_and_only_as_far_as_is_asked() -> None:
    model, x = walked_model("chain")
    rows = spread_rows(8, 5)
    found = list(outputs_by_batch(model, np.repeat(x, 10, axis=0), np.arange(70), last=1))
    assert [(number, count) for number, count, _ in found] == [(0, 32), (1, 32), (0, 32), (1, 32), (0, 6), (1, 6)]
    assert rows.tolist() == [0, 1, 3, 4, 6]
