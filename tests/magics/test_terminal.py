"""In a terminal: what a run has to say beside its numbers is printed below its line."""

from __future__ import annotations

import keras
import numpy as np

from tests.support.notebook_shell import notebook_shell

X = np.random.default_rng(0).normal(size=(60, 3)).astype("float32")
LABELS = {"A": X[:, :1], "B": 5 * X[:, 1:2]}


def two_outputs(*names: str) -> keras.Model:
    inputs, heads = keras.Input((3,)), {name: keras.layers.Dense(1, name=name) for name in names}
    model = keras.Model(inputs, [heads[names[0]](inputs), heads[names[1]](keras.layers.Dense(3)(inputs))])
    model.compile("sgd", "mse")
    return model


def test_a_run_tells_which_loss_is_that_of_which_output() -> None:
    with notebook_shell(same=two_outputs("left", "left"), other=two_outputs("left", "right"), X=X, **LABELS) as shell:
        told = shell.run("%fit same X [A, B] epochs=2")
        assert told.error is None
        assert "left_loss_1 " in told.printed
        assert told.printed.rstrip().splitlines()[-1].startswith("Some outputs have the same name: in the order of the outputs")
        quiet = shell.run("%fit other X [A, B] epochs=2")
        assert quiet.error is None
        assert "\n" not in quiet.printed.rstrip()
