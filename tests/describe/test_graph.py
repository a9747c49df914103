"""Models that were put together by Keras's functional form: a chain is told as one, any other is shown with what takes what from where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import seqmagic
from seqmagic.describe.configs import fingerprint
from seqmagic.describe.graph import layers_in_line
from seqmagic.describe.plan_of_model import survey
from seqmagic.errors import ArgumentError
from tests.support.graph_models import Own, chain, joined, residual, shared


def test_a_chain_is_described_as_the_sequence_that_it_is() -> None:
    model = chain()
    text = seqmagic.to_text(model)
    assert text == "picture: input 8x8x1\nstem: conv 4 3x3 relu\nflat: flatten\nlast: dense 3 softmax\n"
    twin = seqmagic.build(text)
    assert [fingerprint(layer.get_config()) for layer in twin.layers] == [fingerprint(layer.get_config()) for layer in model.layers[1:]]
    things: dict[str, Any] = {}
    exec(seqmagic.to_python(model), things)  # noqa: S102  # The code is our own.
    twin.set_weights(model.get_weights())
    things["model"].set_weights(model.get_weights())
    x = np.random.default_rng(0).random((2, 8, 8, 1))
    assert np.array_equal(twin.predict(x, verbose=0), model.predict(x, verbose=0))
    assert np.array_equal(things["model"].predict(x, verbose=0), model.predict(x, verbose=0))


@pytest.mark.parametrize("make", [joined, residual, shared, Own])
def test_what_is_no_chain_has_no_text_and_says_so(make: Any) -> None:
    model = make()
    assert layers_in_line(model) is None
    with pytest.raises(ArgumentError, match="one chain of layers"):
        seqmagic.to_text(model)


@pytest.mark.parametrize("make", [chain, joined, residual, shared])
def test_the_card_counts_what_keras_counts(make: Any) -> None:
    model = make()
    assert survey(model).parameters() == model.count_params()


def test_each_layer_of_a_graph_says_what_it_takes_its_input_from() -> None:
    rows = dict(zip(survey(joined()).layer_names, survey(joined()).rows, strict=True))
    assert rows["both"].sources == ("left", "right")
    assert rows["both"].after == (10,)


def test_a_layer_that_is_used_twice_has_its_weights_once() -> None:
    assert [row.parameters for row in survey(shared()).rows] == [0, 20, 0]


def test_code_of_ones_own_shows_its_parts_and_their_weights() -> None:
    model = Own()
    model(np.zeros((1, 2)))
    assert survey(model).parameters() == 9


def test_looking_at_a_model_changes_nothing_of_it() -> None:
    model = chain()
    before = [len(layer._inbound_nodes) for layer in model.layers]  # noqa: SLF001  # What a careless look would add to.
    survey(model), seqmagic.to_text(model), seqmagic.to_python(model)
    assert [len(layer._inbound_nodes) for layer in model.layers] == before  # noqa: SLF001
