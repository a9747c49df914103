"""Mistakes in a real kernel: each is a real error of its own name, told in at most six lines and without a traceback."""

from __future__ import annotations

import re

import pytest

from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel
NETWORK = "input 8x8x1\nflatten\ndense 16 relu\ndense 10 softmax\ncompile adam sparse_categorical_crossentropy accuracy\n"
REGRESSION = "input 64\ndense 1\ncompile adam mse\n"
MISTAKES = [
    ("desne 10", "UnknownNameError", "no layer called 'desne'"),
    ("input 8x8x1\nflatten\nlstm 4", "ShapeError", "The shapes up to here: input 8x8x1 -> flatten 64"),
    (
        NETWORK.replace("sparse_categorical_crossentropy accuracy", "sparse_categorical_crossentropy auc"),
        "PairingError",
        "compares column by column",
    ),
    (NETWORK.replace("dense 10 softmax", "dense 1 softmax"), "PairingError", "Softmax on 1 unit"),
    (f"{NETWORK}fit x y epochs='10'", "ArgumentError", "Type instead: fit x y epochs=10"),
    (f"{NETWORK}fit x.T y", "UnknownNameError", "{x.T}"),
    (f"{NETWORK}fit x digit_labels", "UnknownNameError", "no variable called 'digit_labels'"),
    (f"{NETWORK}fit y x", "DataError", "are in the wrong order"),
    (f"{NETWORK}fit x one_hot", "DataError", "Type instead: compile adam categorical_crossentropy accuracy"),
    (f"{NETWORK}fit x shifted", "DataError", "Type instead: shifted = shifted - 1"),
    (f"{NETWORK}fit x names", "DataError", "classes, names = np.unique(np.array(names), return_inverse=True)"),
    (f"{NETWORK}fit broken y", "DataError", "the first is NaN (a missing value) in row 3"),
    (f"{NETWORK}fit x y validation_data=x", "ArgumentError", "without labels"),
    (f"{NETWORK}fit x y callbacks=early_stopin", "UnknownNameError", "early_stopping"),
    (f"{NETWORK}fit x y callbacks=failing", "TrainingError", "Your 'on_epoch_end' raises KeyError"),
    (f"{REGRESSION}fit frame y", "DataError", "The column 'city' of frame holds text"),
    (f"{REGRESSION}fit later", "DataError", "The generator later is infinite"),
    (f"{NETWORK.replace('compile', 'compile adam(lr=1) mse #')}fit x y", "UnknownNameError", "learning_rate"),
]
DATA = """
import keras, numpy as np, pandas as pd
one_hot, shifted = keras.utils.to_categorical(y), y + 1
names = [f"class {number}" for number in y]
broken = x.copy(); broken[3, 2, 2] = np.nan
frame = pd.DataFrame({"age": [31.0, 42] * 10, "city": ["Rome", "Oslo"] * 10})
def forever():
    while True:
        yield x.reshape(-1, 64), y
later = forever()
class Failing(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        logs["val_loss"]
failing = Failing()
"""


def test_mistakes_have_short_messages_and_stop_the_notebook(kernel: Kernel) -> None:
    assert kernel.run(DATA).status == "ok"
    for cell, name, words in MISTAKES:
        outcome = kernel.run(f"%%sequential net --quiet\n{cell}", live=False)
        assert outcome.status == "error", cell
        assert outcome.error[0] == name, (cell, outcome.error)
        text = re.sub(r"\x1b\[[0-9;]*m", "", outcome.error[2])
        assert words in text, (cell, text)
        assert "Traceback" not in text
        assert len(text.splitlines()) <= 6, text
    assert kernel.value("active()") == "[]"
