"""Names: the code around a magic has its own variables first, and a model never takes the place of data."""

from __future__ import annotations

import pytest

from tests.support.kernel import Kernel

pytestmark = pytest.mark.kernel

SETUP = """
import keras, numpy as np
x, y = np.zeros((8, 4)), np.zeros(8)
def made(width, name="other"):
    model = keras.Sequential([keras.Input((width,)), keras.layers.Dense(1)], name=name)
    model.compile("sgd", "mse")
    return model
net = made(4, "global")
"""


def test_a_function_trains_its_own_model_on_its_own_data(kernel: Kernel) -> None:
    kernel.run(SETUP)
    cell = """
def train(net, rows, *, steps):
    labels = np.ones(len(rows))
    %fit net rows labels epochs={steps}
    return net
before = [weights.copy() for weights in net.get_weights()]
trained = train(made(3), np.ones((6, 3)), steps=2)
int(trained.optimizer.iterations), all(map(np.array_equal, before, net.get_weights()))"""
    outcome = kernel.run(cell, live=False)
    assert "other: Done: 2 of 2 epochs" in outcome.text
    assert "(2, True)" in outcome.text


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("%sequential inner input {width} -> dense {2 * width}", "(None, 6)"),
        ("get_ipython().run_cell_magic('sequential', 'inner', 'input {width}\\ndense {sum(width for _ in range(2))}')", "(None, 6)"),
        ("[get_ipython().run_line_magic('sequential', 'inner input 5 -> dense {width + w}') for w in (1, 3)]", "(None, 6)"),
        ("get_ipython().run_cell_magic('sequential', 'inner', 'block two(n): dense {n + width}\\ninput 2\\ntwo 3')", "(None, 6)"),
        ("%time %sequential inner input {width} -> dense {2 * width}", "(None, 6)"),
        ("%sequential inner input 2 -> dense 6 own_relu", "(None, 6)"),
    ],
)
def test_python_in_brackets_and_words_know_a_functions_own(kernel: Kernel, body: str, found: str) -> None:
    kernel.run("width = 100")
    outcome = kernel.run(
        f"def build(width):\n    own_relu = lambda t: t * width\n    {body}\nbuild(3)\ninner.output_shape, width, 'own_relu' in globals()"
    )
    assert outcome.error == []
    assert f"({found}, 100, False)" in outcome.text


def test_what_a_functions_brackets_make_goes_on_without_it(kernel: Kernel) -> None:
    outcome = kernel.run(
        "def build(width):\n    %sequential inner input 2 -> lambda {lambda t: t * width}\nbuild(3)\nfloat(inner(np.ones((1, 2)))[0, 0])"
    )
    assert "3.0" in outcome.text


def test_layers_are_added_to_a_functions_own_model(kernel: Kernel) -> None:
    kernel.run(SETUP)
    cell = "def extend(net):\n    get_ipython().run_cell_magic('sequential', 'net --add --quiet', 'dense 2')\n    return net.output_shape\n"
    assert "((None, 2), (None, 1))" in kernel.run(f"{cell}extend(made(3)), net.output_shape").text


def test_a_module_has_its_own_variables(kernel: Kernel) -> None:
    cell = """import types
theirs = types.ModuleType("theirs")
exec("net = None\\ndef show(ip): ip.run_line_magic('sequential', 'inner input {size} -> dense 1')\\nsize = 9", theirs.__dict__)
theirs.show(get_ipython())
inner.input_shape, 'size' in globals()"""
    assert "((None, 9), False)" in kernel.run(cell).text


def test_a_functions_own_variable_is_not_set_in_silence(kernel: Kernel) -> None:
    kernel.run(SETUP)
    outcome = kernel.run("def make(net):\n    %sequential net input 3 -> dense 1\nmake(None)")
    assert outcome.error[0] == "LanguageError"
    assert "'net' is a local variable of make()" in outcome.error[1]
    assert "Type instead: %sequential net_net input 3 -> dense 1" in outcome.error[1]
    assert kernel.value("net.name") == "'global'"


DATA = {
    "an array": "np.zeros((3, 2))",
    "a list": "[1, 2]",
    "a table": "__import__('pandas').DataFrame({'a': [1]})",
    "a dictionary": "{'a': 1}",
    "a dataset": "__import__('tensorflow').data.Dataset.range(3)",
    "a generator": "(n for n in range(3))",
    "a tensor": "keras.ops.zeros((2, 2))",
    "a text": "'It was the best of times'",
    "a bunch": "__import__('sklearn.datasets').datasets.load_iris()",
    "a module": "np",
    "a function": "made",
    "an empty list": "[]",
    "an array of one": "np.array(1)",
}


@pytest.mark.parametrize("value", DATA.values(), ids=DATA)
@pytest.mark.parametrize("ending", ["%sequential {} --quiet input 2 -> dense 1", "%%sequential {} --quiet\ninput 2\ndense 1"])
def test_a_name_that_holds_data_is_refused_and_the_fix_builds(kernel: Kernel, value: str, ending: str) -> None:
    kernel.run(f"{SETUP}\nthing = kept = {value}")
    outcome = kernel.run(ending.format("thing"))
    assert "'thing' is a" in outcome.error[1]
    assert kernel.value("thing is kept") == "True"
    fix = outcome.error[1].split("Type instead: ")[1]
    assert fix == ending.format("thing_net").splitlines()[0]
    kernel.run(ending.format("thing").replace(ending.format("thing").splitlines()[0], fix))
    assert kernel.value("thing_net.output_shape, thing is kept") == "((None, 1), True)"
    kernel.run("del thing_net")


@pytest.mark.parametrize("value", ["None", "3", "made(2)", "keras.Sequential()", "__import__('sklearn.svm').svm.SVC()", "0.5", "True"])
def test_a_model_or_next_to_nothing_is_replaced(kernel: Kernel, value: str) -> None:
    kernel.run(f"thing = {value}")
    assert kernel.run("%sequential thing input 2 -> dense 1 --quiet").error == []
    assert kernel.value("thing.output_shape") == "(None, 1)"


def test_a_file_and_a_run_take_no_name_of_data_either(kernel: Kernel) -> None:
    kernel.run(SETUP)
    kernel.run("%sequential inner input 2 -> dense 1 --quiet")
    kernel.run("%sequential inner --save inner.seq")
    outcome = kernel.run("%sequential x --load inner.seq")
    assert "Type instead: %sequential x_net --load 'inner.seq'" in outcome.error[1]
    assert "(None, 1)" in kernel.run("%sequential x_net --load 'inner.seq'\nx_net.output_shape").text
    kernel.run("%fit net x y", live=False)
    outcome = kernel.run("%runs 1 --load y")
    assert "Type instead: %runs 1 --load y_net" in outcome.error[1]
    assert kernel.run("%runs 1 --load y_net").error == []
    assert kernel.value("x.shape, y.shape") == "((8, 4), (8,))"
