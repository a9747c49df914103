"""The language in a live notebook: the options of `%%sequential`, Python in curly brackets, the notebook's own things."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqmagic.errors import LanguageError, UnknownNameError
from seqmagic.magics.sequential import read_command
from tests.support.kernel import Kernel, running_kernel

pytestmark = pytest.mark.kernel

OWN = """
import keras
width = 8
def wave(x): return keras.ops.sin(x)
def mean_pred(y_true, y_pred): return keras.ops.mean(y_pred)
class Double(keras.layers.Layer):
    def call(self, x): return 2 * x
mine = keras.optimizers.SGD(0.5)
base = keras.Sequential([keras.Input((10,)), keras.layers.Dense(4, name="core")])
"""


@pytest.fixture(autouse=True)
def own(kernel: Kernel) -> None:
    assert kernel.run(OWN).status == "ok"


def test_the_things_of_the_notebook_go_by_their_names(kernel: Kernel) -> None:
    cell = """%%sequential net --quiet
block wide(f, n=1):
    dense {f * 2} wave * n

input 10
base trainable=false
wide 4 -> wide {width} n=2
Double
wave
head: dense 10 softmax
compile mine mse metrics=accuracy,mean_pred
seed 3"""
    outcome = kernel.run(cell)
    assert outcome.error == []
    assert (
        kernel.value("[layer.name for layer in net.layers if 'dense' not in layer.name][0] == base.name, net.layers[0] is base")
        == "(True, True)"
    )
    assert kernel.value("[layer.output.shape[1] for layer in net.layers]") == "[4, 8, 16, 16, 16, 16, 10]"
    assert kernel.value("net.optimizer is mine, len(net.trainable_variables), base.trainable") == "(True, 8, False)"
    text = kernel.run("%sequential net --text").printed
    assert (
        text
        == "input 10\nbase trainable=false\ndense 8 wave\ndense 16 wave * 2\nDouble\nlambda wave\nhead: dense 10 softmax\n\ncompile sgd(0.5) mse accuracy mean_pred\n"
    )
    code = kernel.run("%sequential net --python").printed
    assert "keras.utils.set_random_seed(3)" in code
    assert "# Double, base, mean_pred, wave: your own, from the notebook" in code


def test_what_goes_wrong_in_curly_brackets_points_there_and_binds_nothing(kernel: Kernel) -> None:
    kernel.run("%sequential kept input 3 -> dense 1 --quiet\nbefore = kept")
    outcome = kernel.run("%%sequential kept\ninput 3\ndense {widht}")
    assert outcome.error[0] == "LanguageError"
    assert (
        outcome.error[1]
        == "Line 2: {widht} raises NameError: name 'widht' is not defined\n    dense {widht}\n          ^^^^^^^\nExpected: a Python expression with a value."
    )
    assert kernel.value("kept is before") == "True"


def test_lines_are_added_to_the_model_that_is_there_or_nothing_is(kernel: Kernel) -> None:
    kernel.run("%%sequential grown --quiet\ninput 10\ndense 8 relu\ncompile sgd(0.5) mse mae")
    kernel.run("same = grown; weights = grown.get_weights()")
    outcome = kernel.run("%%sequential grown --add\ndense 4 relu\nhead: dense 2")
    assert "Dense  head" in outcome.text
    assert (
        kernel.value("grown is same, len(grown.layers), grown.output_shape, grown.compiled, grown.loss")
        == "(True, 3, (None, 2), True, 'mean_squared_error')"
    )
    assert kernel.value("all((a == b).all() for a, b in zip(weights, grown.get_weights()))") == "True"
    for wrong in ("dense 3\nlstm 4", "dense 3\nhead: dense 2", "input 3 -> dense 2", "dense 3\ncompile nonsense mse"):
        assert kernel.run(f"%%sequential grown --add\n{wrong}").status == "error", wrong
        assert kernel.value("len(grown.layers), grown.output_shape, grown.loss") == "(3, (None, 2), 'mean_squared_error')"
    assert kernel.run("import numpy as np\ngrown.fit(np.zeros((8, 10)), np.zeros((8, 2)), verbose=0)").status == "ok"


def test_an_empty_model_grows_from_its_first_line(kernel: Kernel) -> None:
    kernel.run("model = keras.Sequential()")
    assert kernel.run("%%sequential model --add --quiet\nDense(32, input_dim=784)\nActivation('relu')").status == "ok"
    assert kernel.value("model.input_shape") == "(None, 784)"


def test_a_model_shows_its_table_text_and_code_and_goes_through_a_file(kernel: Kernel, tmp_path: Path) -> None:
    kernel.run("import os; data = [[1.0, 2.0]] * 8; labels = [1] * 8")
    kernel.run(
        "hand = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3, 'relu'), keras.layers.Dense(3, 'relu')])\nhand.compile('adam', 'mse')"
    )
    assert "Dense  dense" in kernel.run("%sequential hand").text
    assert kernel.run("%sequential hand --text").printed == "input 2\ndense 3 relu * 2\n\ncompile adam mse\n"
    assert f"hand is saved in {tmp_path}/hand.seq" in kernel.run(f"%sequential hand --save {tmp_path}/hand").printed
    assert "Dense" in kernel.run(f"%sequential twin --load {tmp_path}/hand.seq").text
    assert kernel.value("twin.get_config()['layers'] == hand.get_config()['layers'], twin.compiled") in ("(True, True)", "(False, True)")
    kernel.run(
        "%%sequential fitted --quiet\ninput 2 -> dense 1\ncompile adam mse\nfit data labels epochs={1 + 1} class_weight={1: 2.0} callbacks=terminate_on_nan"
    )
    code = kernel.run("%sequential fitted --python").printed
    assert "model.fit(data, labels, epochs=1 + 1, class_weight={1: 2.0}, callbacks=[keras.callbacks.TerminateOnNaN()])" in code


def test_pasted_keras_binds_the_name_that_it_uses(kernel: Kernel) -> None:
    assert (
        kernel.run(
            "%%sequential --quiet\nfrom tensorflow import keras\nlenet = keras.Sequential([\n  layers.Dense(3, input_shape=(4,)),\n])"
        ).status
        == "ok"
    )
    assert kernel.value("lenet.input_shape") == "(None, 4)"


def test_a_cell_that_imports_waits_until_keras_is_loaded() -> None:
    with running_kernel(loads_keras=True) as kernel:
        # It says what it waits for, and takes that back.
        assert kernel.run("import keras, sklearn.datasets\nkeras.layers.Dense(3).name").text.endswith("'dense'")
        assert kernel.run("%sequential after input 3 -> dense 1").status == "ok"


@pytest.mark.parametrize(
    ("line", "cell", "kind"),
    [
        ("digits --load x.seq", "dense 3", UnknownNameError),
        ("digits --nope", None, UnknownNameError),
        ("two names", "dense 3", LanguageError),
        ("3d", "dense 3", LanguageError),
        ("digits --text dense 3", None, LanguageError),
    ],
)
def test_a_line_that_asks_for_what_there_is_not_is_refused(line: str, cell: str | None, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        read_command(line, cell)
