"""Names of whole networks, written as if they were layers: the message says how to get them, and what it says works."""

from __future__ import annotations

import re
from typing import Any

import keras
import pytest

import seqmagic
from seqmagic.errors import SeqmagicError, UnknownNameError
from seqmagic.network.catalogue import LAYERS, RANK_LESS
from seqmagic.network.common_mistakes import ELSEWHERE
from seqmagic.network.known_networks import BRANCHED, CHAINS, FAMILIES, GENERAL, WITHOUT_LAYERS

WITHOUT_MEANING = (keras.layers.Layer, keras.Model, keras.layers.Wrapper)


def refused(text: str, names: dict[str, Any] | None = None) -> UnknownNameError:
    with pytest.raises(UnknownNameError) as caught:
        seqmagic.build(text, names=names or {})
    return caught.value


@pytest.mark.parametrize("name", sorted(CHAINS))
def test_a_chain_is_offered_and_builds(name: str) -> None:
    alone = refused(name)
    assert len(alone.corrections) == 1
    assert seqmagic.build(alone.corrections[0]).built
    shape = CHAINS[name][0]
    assert alone.fixes[0].startswith(f"input {shape} -> ")
    behind = refused(f"input {shape}\n{name.upper()}\ncompile adam mse")
    assert seqmagic.build(behind.corrections[0]).count_params() == seqmagic.build(alone.corrections[0]).count_params()


def test_the_last_layer_of_a_chain_makes_room_for_the_next_one() -> None:
    (fix,) = refused("input 8x8x1 -> cnn -> dense 3 softmax").fixes
    assert fix == "input 8x8x1 -> conv 32 3 relu -> maxpool 2 -> flatten -> dense 3 softmax"


def test_an_input_that_does_not_suit_gets_an_example() -> None:
    error = refused("input 8\nlenet")
    assert error.fixes == ()
    assert CHAINS["lenet"][1] in str(error)


@pytest.mark.parametrize("name", [*FAMILIES.values(), *FAMILIES, "resnet18", "VGG 19", "efficientnet_b3", "keras.applications.Xception()"])
def test_a_network_of_keras_is_named_as_keras_spells_it(name: str) -> None:
    error = refused(f"input 224x224x3\n{name}\ndense 3")
    (ready,) = re.findall(r"keras\.applications\.(\w+)\(", error.hint)
    assert callable(getattr(keras.applications, ready))
    assert error.candidates == ()
    assert error.fixes == ()


@pytest.mark.parametrize("name", ["mobilenet", "vgg16"])
def test_what_is_said_about_a_network_of_keras_works(name: str) -> None:
    (code,) = re.findall("`(.*)`", refused(name).hint)
    names: dict[str, Any] = {}
    exec(code.replace("include_top", "weights=None, include_top"), names)  # noqa: S102  # Without the download.
    model = seqmagic.build("input 224x224x3\nbase trainable=false\ndense 10 softmax", names=names)
    assert model.output_shape == (None, 10)
    assert len(model.trainable_weights) == 2


@pytest.mark.parametrize("name", [*BRANCHED, *WITHOUT_LAYERS, *GENERAL, "random forest", "decision tree"])
def test_no_word_that_is_merely_spelled_alike_is_offered(name: str) -> None:
    error = refused(name)
    assert (error.candidates, error.fixes) == ((), ())
    assert error.hint


def test_a_base_class_of_the_notebook_is_no_layer() -> None:
    imported = {"Model": keras.Model, "Sequential": keras.Sequential, "Layer": keras.layers.Layer, "Input": keras.Input}
    for word in ("model", "Model", "layer", "Layer(3)", "Modell", "mode"):
        error = refused(f"input 4\n{word}", imported)
        assert not {*error.candidates} & {*imported}
    with pytest.raises(SeqmagicError, match="has no layers"):
        seqmagic.build("input 4\nsequential\ndense 3", names=imported)


@pytest.mark.parametrize("word", sorted({*LAYERS.words(), *RANK_LESS, *ELSEWHERE}))
def test_what_is_offered_for_a_misspelled_word_makes_a_layer_that_does_something(word: str) -> None:
    names = {"Model": keras.Model, "Sequential": keras.Sequential, "Layer": keras.layers.Layer}
    for written in {word, word[:-1], f"{word}s"}:
        for fix in _fixes(f"input 8x8x3\n{written}", names):
            for layer in seqmagic.build(fix, names=names).layers:
                assert type(layer) not in WITHOUT_MEANING
                assert type(layer) is not keras.Sequential or layer.layers


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("rnn", "rnn gru_cell 32"),
        ("rnn 32", "simple_rnn 32"),
        ("bidirectional", "bidirectional lstm 32"),
        ("time_distributed", "time_distributed dense 32"),
        ("activation", "activation relu"),
    ],
)
def test_a_layer_without_what_it_wraps(line: str, fix: str) -> None:
    (corrected,) = _fixes(f"input 5x3\n{line}", {})
    assert corrected == f"input 5x3\n{fix}"
    assert seqmagic.build(corrected).built


def _fixes(text: str, names: dict[str, Any]) -> tuple[str, ...]:
    try:
        seqmagic.build(text, names=names)
    except SeqmagicError as error:
        return tuple(error.corrections)
    return ()
