"""Pasted Keras in a live notebook: its Python is evaluated there, once, and a whole program is told to run by itself."""

from __future__ import annotations

import pytest

from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel

OWN = """
import keras, numpy as np, tensorflow as tf
from keras import layers
X, Y, n_classes, seen = np.random.default_rng(0).random((40, 6)), np.arange(40) % 3, 3, []
def counted():
    seen.append(1)
    return 5
def ring(gamma=2.0):
    return lambda true, pred: keras.ops.mean(keras.ops.abs(pred) ** gamma, axis=-1)
def make_layer(units):
    return layers.Dense(units, name="made")
"""


@pytest.fixture(autouse=True)
def own(kernel: Kernel) -> None:
    assert kernel.run(OWN).status == "ok"


def test_arguments_of_pasted_calls_are_evaluated_once(kernel: Kernel) -> None:
    cell = """%%sequential net --quiet
Dense(counted(), input_dim=X.shape[1], activation=tf.nn.relu)
Dense(len(np.unique(Y)) * 2, name=f"hidden_{n_classes}")
Lambda(lambda x: x * n_classes)
Dense(n_classes)"""
    assert kernel.run(cell).error == []
    assert (
        kernel.value("net.input_shape, [layer.units for layer in net.layers if hasattr(layer, 'units')], seen")
        == "((None, 6), [5, 6, 3], [1])"
    )
    assert kernel.value("net.layers[1].name, float(keras.ops.sum(net.layers[2](np.ones((1, 2)))))") == "('hidden_3', 6.0)"


def test_a_pasted_chain_with_its_last_lines_trains(kernel: Kernel) -> None:
    cell = """%%sequential --quiet
from keras.models import Sequential
hidden = 8
model = Sequential()
for units in [hidden, hidden // 2]:
    model.add(layers.Dense(units, activation='relu'))
model.add(make_layer(n_classes))
model.build((None, X.shape[1]))
model.compile(optimizer=keras.optimizers.Adam(learning_rate=1e-2), loss=ring(gamma=3.0), metrics=['mse'])
print(model.summary())
history = model.fit(X[:30], np.eye(3)[Y[:30]], epochs=2, validation_data=(X[30:], np.eye(3)[Y[30:]]),
                    callbacks=[keras.callbacks.EarlyStopping(patience=3)])"""
    outcome = kernel.run(cell, live=False)
    assert outcome.error == []
    assert "Note: hidden can be used in this cell only." in outcome.printed
    assert (
        kernel.value("[layer.name for layer in model.layers][-1], model.input_shape, int(model.optimizer.iterations)")
        == "('made', (None, 6), 2)"
    )
    assert "hidden" in kernel.run("hidden").error[1]


def test_what_python_says_of_a_wrong_argument_is_reported_at_its_place(kernel: Kernel) -> None:
    name, found, shown = kernel.run("%%sequential net\nDense(3, input_dim=X.shap[1])").error
    assert (name, found.splitlines()[0]) == (
        "LanguageError",
        "Line 1: {X.shap[1]} raises AttributeError: 'numpy.ndarray' object has no attribute 'shap'",
    )
    assert "Traceback" not in shown


@pytest.mark.parametrize(
    "program",
    [
        "a = keras.Input((4,))\nb = layers.Dense(4, name='b')(a)\nmodel = keras.Model(a, layers.Add(name='sum')([a, b]))",
        "model = keras.Sequential([keras.Input((4,)), layers.Dense(2)])\nmodel.layers[0].trainable = False",
        "class Net(keras.Model):\n    def __init__(self):\n        super().__init__()\n        self.inner = layers.Dense(2)\n"
        "    def call(self, x):\n        return self.inner(x)\n\nmodel = Net()\nmodel(np.ones((1, 4)))",
    ],
)
def test_a_program_runs_by_itself_as_the_message_says_and_is_shown_then(kernel: Kernel, program: str) -> None:
    kernel.run("model = 3")
    refused = kernel.run(f"%%sequential\n{program}").error
    assert "This is Python code" in refused[1]
    assert "`%sequential model` shows the network" in refused[1]
    assert kernel.value("model") == "3"
    assert kernel.run(program).error == []
    shown = kernel.run("%sequential model")
    assert shown.error == []
    assert "Dense" in shown.text
    assert "parameters" in shown.text
