"""The forward pass: what comes out is what Keras's own `predict` gives, and the model is as it was."""

from __future__ import annotations

import logging
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

import seqmagic
from seqmagic.analysis import forward_slices as module
from seqmagic.analysis.forward_slices import forward

RANDOM = np.random.RandomState(0)


def with_two_inputs() -> tuple[Any, Any]:
    first, second = keras.Input((3,), name="first"), keras.Input((2,), name="second")
    joined = keras.layers.Concatenate()([first, second])
    outputs = {"price": keras.layers.Dense(1, name="price")(joined), "kind": keras.layers.Dense(4, "softmax", name="kind")(joined)}
    return keras.Model([first, second], outputs), [RANDOM.rand(21, 3), RANDOM.rand(21, 2)]


MODELS = {
    "normalized pictures": lambda: (
        seqmagic.build("input 6x6x1 -> conv 2 3x3 -> bn -> dropout 0.5 -> flatten -> dense 3"),
        RANDOM.rand(21, 6, 6, 1),
    ),
    "stateful steps": lambda: (seqmagic.build("input 4x2 batch=3 -> lstm 3 stateful -> dense 1"), RANDOM.rand(21, 4, 2)),
    "tokens": lambda: (seqmagic.build("input 5 -> embedding 9 2 -> gap -> dense 2 softmax"), RANDOM.randint(0, 9, (21, 5))),
    "several of both": with_two_inputs,
}


@pytest.mark.parametrize("kind", MODELS)
def test_what_comes_out_is_what_keras_gives(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 8)  # 21 rows are then no whole number of slices.
    model, x = MODELS[kind]()
    reset = [layer.reset_states for layer in model.layers if getattr(layer, "stateful", False)]
    parts = list(forward(model, x))
    if kind != "stateful steps":
        assert len(parts) == 3
    again = list(forward(model, x))  # Nothing is remembered from the first time.
    for each in reset:
        each()
    expected = model.predict(x, batch_size=3, verbose=0)
    for given in (parts, again):
        whole = keras.tree.map_structure(lambda *slices: np.concatenate(slices), *given)
        keras.tree.map_structure(lambda ours, theirs: np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6), whole, expected)


def test_many_models_bring_no_advice_on_graphs() -> None:
    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            kept.append(record.getMessage())

    kept: list[str] = []
    logger, handler = tf.get_logger(), Kept()
    logger.addHandler(handler)
    try:
        for _ in range(8):
            list(forward(seqmagic.build("input 2 -> dense 1"), RANDOM.rand(3, 2)))
        assert kept == []
        logger.warning("retracing of somebody else's thread is no business of ours")
    finally:
        logger.removeHandler(handler)
    assert len(kept) == 1
    assert logger.filters == []
