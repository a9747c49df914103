"""A layer that pasted code creates once and uses twice shares its weights: such code is Python's, and never read as two layers."""

from __future__ import annotations

import keras
import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse
from tests.pasted.measure import as_python

SHARED = [
    "d = Dense(8)\nmodel = Sequential([Input((8,)), d, Dropout(0.1), d])",
    "d = Dense(8)\nmodel = Sequential()\nmodel.add(Input((8,)))\nmodel.add(d)\nmodel.add(ReLU())\nmodel.add(d)",
    "d = Dense(8)\nmodel = Sequential([Input((8,)), d])\nmodel.add(d)",
    "d = Dense(8)\nmodel = Sequential([Input((8,))])\nfor _ in range(3):\n    model.add(d)",
    "d = Dense(8)\nmodel = Sequential([Input((8,)), *[d for _ in range(2)]])",
    "hidden = [Dense(8), ReLU()]\nmodel = Sequential([Input((8,)), *hidden, *hidden])",
    "hidden = [Dense(8), ReLU()]\nmodel = Sequential([Input((8,))] + hidden + hidden)",
    "model = Sequential([Input((8,))] + [Dense(8)] * 3)",
    "model = Sequential([Dense(8)] * 2)\nmodel.build((None, 8))",
    "model = Sequential([Input((8,))])\nfor layer in [Dense(8)] * 2:\n    model.add(layer)",
    "d = Dense(8)\nmodel = Sequential([Input((5, 8)), TimeDistributed(d), TimeDistributed(d)])",
    "def head(net, layer=Dense(8)):\n    net.add(layer)\n\nmodel = Sequential([Input((8,))])\nhead(model)\nhead(model)",
    "d = Dense(8)\ndef two(net):\n    net.add(d)\n\nmodel = Sequential([Input((8,))])\ntwo(model)\ntwo(model)",
    "n = BatchNormalization()\nmodel = Sequential([Input((8,)), Dense(8), n, Dense(8), n])",
    "d = Dense(8)\nd.trainable = False\nmodel = Sequential([Input((8,)), d, d])",
]
SEPARATE = [
    "drop = Dropout(0.2)\nmodel = Sequential([Input((8,)), Dense(8), drop, Dense(8), drop])",
    "act = LeakyReLU()\nmodel = Sequential([Input((8,)), Dense(8), act, Dense(8), act])",
    "pool = MaxPooling1D()\nmodel = Sequential([Input((8, 2)), pool, Conv1D(2, 1), pool])",
    "model = Sequential([Input((8,)), *[Dense(8) for _ in range(2)]])",
    "model = Sequential([Input((8,))])\nfor _ in range(2):\n    d = Dense(8)\n    model.add(d)",
    "d = Dense(8)\nmodel = Sequential([Input((8,)), d])\nd = Dense(8)\nmodel.add(d)",
    "small = l2(0.1)\nmodel = Sequential([Input((8,)), *[Dense(8, kernel_regularizer=small) for _ in range(2)]])",
]


@pytest.mark.parametrize("code", SHARED)
def test_code_with_a_shared_layer_is_left_to_python(code: str) -> None:
    model = as_python(code)
    flat = [part for layer in model.layers for part in (layer, *getattr(layer, "_layers", ()))]
    assert len({id(layer) for layer in flat}) < len(flat), "Keras shares no layer here"
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(code)


@pytest.mark.parametrize("code", SEPARATE)
def test_layers_with_weights_of_their_own_are_read(code: str) -> None:
    kinds = [layer.word.text for layer in parse(code).layers if layer.word.text != "Input"]  # type: ignore[union-attr]
    assert kinds == [type(layer).__name__ for layer in as_python(code).layers if not isinstance(layer, keras.layers.InputLayer)]


@pytest.mark.parametrize("twice", ["model.add(d)\nmodel.add(d)", "model.add(d)\ndense 8\nmodel.add(d)"])
def test_among_our_own_lines_a_shared_layer_is_refused_at_its_line(twice: str) -> None:
    with pytest.raises(LanguageError, match="used a second time") as caught:
        parse(f"input 8 -> dense 8\nd = Dense(8)\n{twice}")
    assert caught.value.span is not None
    assert caught.value.span.line == 3 + twice.count("\n")
