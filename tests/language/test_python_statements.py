"""Pasted Python, read as the program that it amounts to; nothing of it is run."""

from __future__ import annotations

import sys

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import Expression, parse, print_program


def lines(text: str) -> list[str]:
    return [line for line in print_program(parse(text)).splitlines() if line]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2*3+1", "7"),
        ("1/4", "0.25"),
        ("2**5", "32"),
        ("-(3)", "-3"),
        ("7 // 2", "3"),
        ("'a' + 'b'", "'ab'"),
        ("(2,) + (3,)", "(2, 3)"),
        ("X.shape[1]", "{X.shape[1]}"),
        ("x if y else z", "{x if y else z}"),
        ("lambda x: x * 2", "{lambda x: x * 2}"),
        ("[i for i in range(3)]", "[0, 1, 2]"),
        ("[i for i in range(3) if i]", "{[i for i in range(3) if i]}"),
        ("[c for c in columns]", "{[c for c in columns]}"),
        ("[(i, j) for i in (1, 2) for j in range(i)]", "[(1, 0), (2, 0), (2, 1)]"),
        ("[0] * 3", "[0, 0, 0]"),
        ("(1, 2) * 2", "(1, 2, 1, 2)"),
        ("[*[1, 2], 3]", "[1, 2, 3]"),
        ("[4, 5, 6][1]", "5"),
        ("(4, 5, 6)[1:]", "(5, 6)"),
        ("(4, 5)[7]", "{(4, 5)[7]}"),
        ("X[1:]", "{X[1:]}"),
        ("len([1, 2])", "2"),
        ("len(X)", "len(X)"),
        ("3 if 2 > 1 and not False else 4", "3"),
        ("3 if None is not None else 4", "4"),
        ("3 if n > 1 else 4", "{3 if n > 1 else 4}"),
        ("{0: 1, 1: 5}", "{0: 1, 1: 5}"),
        ("{1, 2}", "{({1, 2})}"),
        ("f'{n}'", "{f'{n}'}"),
        ("n * 2", "{n * 2}"),
        ("10**100", "{10**100}"),
        ("9**9**9", "{9**9**9}"),
        ("not x", "{not x}"),
        ("b'x'", "{b'x'}"),
        ("(*shape, 3)", "{(*shape, 3)}"),
        ("f(*shape)", "{f(*shape)}"),
        ("df['a'].nunique()", "{df['a'].nunique()}"),
        ("true", "true"),
        ("None", "none"),
        ("tf.nn.relu", "tf.nn.relu"),
        ("l2(1e-3)", "l2(0.001)"),
    ],
)
def test_a_value_in_brackets_is_a_word_a_number_or_left_to_python(value: str, found: str) -> None:
    assert lines(f"Dense({value})") == [f"Dense {found}"]


@pytest.mark.parametrize("value", ["1/0", "2 % 0", "1e999", "0 // 0"])
def test_a_number_that_is_none_is_refused_at_its_place(value: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(f"input 3\nDense({value})")
    assert caught.value.span is not None
    assert (caught.value.span.line, caught.value.span.column) == (2, 7)


CHAIN = ["Input shape=(4,)", "Dense 8 activation='relu'", "Dense 1"]


@pytest.mark.parametrize(
    "text",
    [
        "model = Sequential([Input(shape=(4,)), Dense(8, activation='relu'), Dense(1)])",
        "model = Sequential()\nmodel.add(Input(shape=(4,)))\nmodel.add(Dense(8, activation='relu'))\nmodel.add(Dense(1))",
        "model = Sequential(); model.add(Input(shape=(4,))); model.add(Dense(8, activation='relu')); model.add(Dense(1));",
        "Input(shape=(4,))\nDense(8, \\\n  activation='relu')\nDense(1)",
        "Input(shape=(4,)),\nDense(8, activation='relu'),\nDense(1),",
        "    Input(shape=(4,))\n    Dense(8, activation='relu')\n    Dense(1)",
        ">>> Input(shape=(4,))\n>>> Dense(8,\n...       activation='relu')\n>>> Dense(1)",
        "1 Input(shape=(4,))\n2 Dense(8, activation='relu')\n3 Dense(1)",
        "1: Input(shape=(4,))\n2: Dense(8, activation='relu')\n3: Dense(1)",
        "layers = [Input(shape=(4,)), Dense(8, activation='relu'), Dense(1)]\nmodel = Sequential(layers)",
        "layers = [Input(shape=(4,)), Dense(8, activation='relu'), Dense(1)]\nmodel = Sequential()\nfor l in layers:\n    model.add(l)",
        "n = 4\nh, act = n * 2, 'relu'\nmodel = Sequential()\nmodel.add(Input(shape=(n,)))\nmodel.add(Dense(h, activation=act))\nmodel.add(Dense(1))",
        "inputs = Input(shape=(4,))\nx = Dense(8, activation='relu')(inputs)\noutputs = Dense(1)(x)\nmodel = Model(inputs, outputs)",
        "inputs = Input(shape=(4,))\nx = Dense(1)(Dense(8, activation='relu')(inputs))\nmodel = keras.Model(inputs=[inputs], outputs=[x])",
        "hidden = Dense(8, activation='relu')\ni = Input(shape=(4,))\nx = hidden(i)\nx = Dense(1)(x)\nm = Model(inputs=i, outputs=x)",
        "def build_model(n=8):\n    model = Sequential()\n    model.add(Input(shape=(4,)))\n    model.add(Dense(n, activation='relu'))\n"
        "    model.add(Dense(1))\n    return model\n\nnet = build_model()",
        "def build_model(n, last=1):\n    '''A network.'''\n    return Sequential([Input(shape=(4,)), Dense(n, activation='relu'), Dense(last)])\n"
        "model = build_model(8)",
        "def make():\n    i = Input(shape=(4,))\n    x = Dense(8, activation='relu')(i)\n    return Model(i, Dense(1)(x))",
        "from keras import *\nmodel = Sequential()\nmodel.add(Input(shape=(4,)))\nfor i, (n, a) in enumerate([(8, 'relu')]):\n"
        "    model.add(Dense(n, activation=a))\nmodel.add(Dense(1))\nprint(model.summary())\nmodel",
    ],
)
def test_pasted_code_that_only_makes_a_chain_is_that_chain(text: str) -> None:
    assert lines(text) == CHAIN


@pytest.mark.parametrize(
    ("loop", "units"),
    [
        ("for n in [4, 2]:\n    model.add(Dense(n))", ["4", "2"]),
        ("for i in range(3):\n    model.add(Dense(8))", ["8", "8", "8"]),
        ("for i in range(1, 4):\n    model.add(Dense(2**i))", ["2", "4", "8"]),
        ("n = 16\nfor _ in range(2):\n    model.add(Dense(n))\n    n //= 2", ["16", "8"]),
        ("for i in reversed([1, 2]):\n    for j in (3, 4):\n        model.add(Dense(i * j))", ["6", "8", "3", "4"]),
        ("for i in range(0):\n    model.add(Dense(8))", []),
    ],
)
def test_a_loop_is_written_out(loop: str, units: list[str]) -> None:
    assert lines(f"model = Sequential()\n{loop}\nmodel.add(Flatten())")[:-1] == [f"Dense {unit}" for unit in units]


def test_what_names_stand_for_goes_with_the_python_that_uses_them() -> None:
    (expression,) = parse("n = 3\nmodel = Sequential([Lambda(lambda x: x * n)])").expressions()
    assert isinstance(expression, Expression)
    assert [(name, value.value) for name, value in expression.bindings] == [("n", 3)]  # type: ignore[union-attr]


def test_a_name_of_the_text_and_a_seed_that_is_not_set_are_reported() -> None:
    program = parse("np.random.seed(7)\nn = 3\nmodel = Sequential([Dense(n, input_dim=2)])")
    assert program.notes == (
        "np.random.seed(7) is not run. The line for it here is: seed 42",
        "n can be used in this cell only. An ordinary Python cell makes variables for the whole notebook.",
    )


def test_what_build_says_of_the_input_counts_where_nothing_else_does() -> None:
    assert lines("model = Sequential([Dense(1)])\nmodel.build((None, 4))") == ["Input batch_shape=none,4", "Dense 1"]
    assert lines("model = Sequential([Dense(1, input_dim=3)])\nmodel.build()\nmodel.build((None, 3))") == ["Dense 1 input_dim=3"]


def test_the_last_lines_are_those_of_the_code() -> None:
    program = parse(
        "m = Sequential([Dense(1)])\nm.compile('sgd', loss='mse')\nhistory = m.fit(X[:9], y, epochs=2)\nkeras.utils.set_random_seed(3)"
    )
    assert print_program(program).splitlines()[2:] == ["compile 'sgd' loss='mse'", "fit {X[:9]} y epochs=2", "seed 3"]
    assert program.variable is not None
    assert program.variable.text == "m"


PROGRAMS = {
    "x_train = x_train / 255": "x_train = x_train / 255",
    "(a, b), (c, d) = mnist.load_data()": "(a, b), (c, d) = mnist.load_data()",
    "data = np.random.random((10, 3))": "data = np.random.random((10, 3))",
    "f(model)": "f(model)",
    "loss = partial(focal, gamma=2)": "loss = partial(focal, gamma=2)",
    "model.set_weights(w)": "model.set_weights(w)",
    "model.evaluate(x, y)\nmodel.compile('sgd', 'mse')\nx = 3 * x": "model.evaluate(x, y)",
    "a = Sequential([Dense(3)])": "Sequential([Dense(3)])",
    "if deep:\n    model.add(Dense(3))": "if deep:",
    "for layer in model.layers:\n    layer.trainable = False": "for layer in model.layers:",
    "while True:\n    pass": "while True:",
    "class Net(keras.Model):\n    pass": "class Net(keras.Model):",
    "def mean_pred(a, b):\n    return K.mean(b)": "def mean_pred(a, b):",
    "with open('x') as file:\n    pass": "with open('x') as file:",
    "x = Concatenate()([a, b])": "",
    "model.layers[0].trainable = False": "model.layers[0].trainable = False",
    "del model": "del model",
}


@pytest.mark.parametrize("statement", [key for key, shown in PROGRAMS.items() if shown])
def test_a_program_that_does_more_gets_one_message(statement: str) -> None:
    text = f"model = Sequential()\nmodel.add(Dense(3, input_dim=4))\n{statement}"
    with pytest.raises(LanguageError) as caught:
        parse(text)
    assert caught.value.problem == f"This is Python code, and {PROGRAMS[statement]!r} has to be run."
    assert caught.value.expected == "the cell without its %%sequential line; afterwards, `%sequential model` shows the network"


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("model.evaluate(x, y)", "Line 3 was"),
        ("model.save('net.keras')", "Line 3 was"),
        ("history = model.fit(x, y)\nplt.plot(history.history['loss'])\nplt.show()", "Lines 4 to 5 were"),
        ("h = model.fit(x, y)\nloss = h.history['loss']\nfor value in loss:\n    print(value)", "Lines 4 to 6 were"),
        ("print(model.predict(x))", "Line 3 was"),
        ("p = model.predict(x)\nq = p.argmax(axis=1)\nif q[0]:\n    print(q,\n          p)", "Lines 3 to 7 were"),
        ("model.summary()\nimport os; os.remove('x')", "Line 4 was"),
        ("keras.backend.clear_session(), open('x', 'w').close()", "Line 3 was"),
    ],
)
def test_what_only_uses_the_network_is_not_run_and_that_is_said(after: str, found: str) -> None:
    program = parse(f"model = Sequential()\nmodel.add(Dense(3, input_dim=4))\n{after}")
    assert program.notes == (f"{found} not run. Put code that comes after the network in a cell below.",)
    assert len(program.layers) == 1


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        ("P = partial(keras.layers.Dense, activation='elu', use_bias=False)\nP(3)\nP(4, activation='tanh')", ["3", "4"]),
        ("if True:\n    model.add(Dense(1))\nelse:\n    model.add(Dense(2))", ["1"]),
        ("deep = False\nif deep:\n    model.add(Dense(1))\nelif 2 in (1, 2):\n    pass", None),
        ("deep = None\nif deep is None or deep > 3:\n    model.add(Dense(1))", ["1"]),
        ("for n, m in zip((1, 2), [3, 4]):\n    model.add(Dense(n * m))", ["3", "8"]),
        ("sizes = [5, 6]\nfor i in range(len(sizes)):\n    model.add(Dense(sizes[i]))\nassert model.output_shape == (None, 6)", ["5", "6"]),
        ("model.add(Dense(1))\nmodel.add(Dense(2))\nmodel.pop()\nlen(model.layers)", ["1"]),
        ("with strategy.scope():\n    model.add(Dense(1))", ["1"]),
    ],
)
def test_conditions_partials_and_lists_are_followed_where_the_text_tells_them(text: str, layers: list[str] | None) -> None:
    whole = f"model = Sequential()\n{text}\nmodel.add(Flatten())"
    if layers is None:
        with pytest.raises(LanguageError, match="This is Python code"):
            parse(whole)
        return
    assert [line.split()[1] for line in lines(whole)[:-1]] == layers


def test_a_list_that_is_joined_and_repeated_once() -> None:
    assert lines("model = Sequential([Dense(3)] * 1 + [Dense(n) for n in (4, 5)])") == ["Dense 3", "Dense 4", "Dense 5"]


BLOCK = """def block(x, n, drop=0.0, *, act='relu'):
    x = Dense(n)(x)
    if drop > 0:
        x = Dropout(drop)(x)
    return Activation(act)(x)

i = Input((4,))
x = block(i, 8, drop=0.5)
x = block(block(x, n=3), 2, act='tanh')
model = Model(i, x)"""


def test_a_function_that_goes_on_from_a_tensor_is_written_out() -> None:
    assert lines(BLOCK)[1:] == [
        *("Dense 8", "Dropout 0.5", "Activation 'relu'", "Dense 3", "Activation 'relu'", "Dense 2", "Activation 'tanh'"),
    ]
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(BLOCK.replace("x = Dense(n)(x)", "x = block(x, n)"))
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(BLOCK.replace("return Activation(act)(x)", "return Add()([x, x])"))


@pytest.mark.parametrize("frozen", ["base.trainable = False", "for layer in base.layers:\n    layer.trainable = False"])
def test_a_base_that_is_frozen_keeps_its_flag(frozen: str) -> None:
    text = f"base = applications.ResNet50(include_top=False)\n{frozen}\nmodel = Sequential([base, Dense(1)])"
    assert lines(text) == ["{applications.ResNet50(include_top=False)} trainable=false", "Dense 1"]


def test_a_function_that_is_given_the_model_adds_to_it() -> None:
    text = "def more(net, n):\n    net.add(Dense(n))\n    net.add(ReLU())\n\nmodel = Sequential()\nfor n in (1, 2):\n    more(model, n)"
    assert lines(text) == ["Dense 1", "ReLU", "Dense 2", "ReLU"]
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(text.replace("net.add(ReLU())", "net.layers[0].trainable = False"))


def test_lines_for_the_shell_are_not_run_and_that_is_said() -> None:
    program = parse("%matplotlib inline\nmodel = Sequential()\n!pip install keras\nmodel.add(Dense(3))")
    assert [note.partition(" can't run here")[0] for note in program.notes] == ["%matplotlib inline", "!pip install keras"]
    assert len(program.layers) == 1


def test_a_layer_of_the_notebook_is_called_by_its_name() -> None:
    text = "i = Input((4,))\nx = base(i)\nmodel = Model(i, Dense(1)(x))"
    assert lines(text)[1:] == ["base", "Dense 1"]
    for other in ("x = base(i, training=False)", "x = base(i)\nx = base(x)", "x = tools.prepare(i)"):
        with pytest.raises(LanguageError, match="This is Python code"):
            parse(text.replace("x = base(i)", other))


def test_a_network_that_joins_is_left_to_python() -> None:
    text = "i = Input((3,))\na = Dense(2)(i)\nb = Dense(2)(i)\nx = Add()([a, b])\nmodel = Model(i, x)"
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(text)
    shared = "i = Input((3,))\nd = Dense(3)\nx = d(i)\nx = d(x)\nmodel = Model(i, x)"
    with pytest.raises(LanguageError, match="This is Python code"):
        parse(shared)


def test_pasted_lines_stand_among_our_own() -> None:
    text = "input 4  # ours\nn = 3\nDense(X.shape[1] * n)\ndense 5 relu -> dropout 0.5\nblock b(k):\n    Dense(k)\n    Dropout(k / 10)\nb 2"
    assert lines(text)[:4] == ["input 4", "Dense {X.shape[1] * n}", "dense 5 relu", "dropout 0.5"]
    (product, quotient) = parse(text).expressions()
    assert [name for name, _ in (*product.bindings, *quotient.bindings)] == ["n", "k"]


def test_a_value_in_brackets_behind_a_word_is_no_call() -> None:
    assert lines("input (28, 28)\nreshape (-1,)") == ["input (28, 28)", "reshape (-1,)"]
    assert lines("model = Sequential ()\nmodel.add (Dense (3))") == ["Dense 3"]


def test_places_are_right_also_behind_wide_letters_and_on_later_lines() -> None:
    text = "# größe\nmodel = Sequential([\n  Dense(3, name='größe', kernel_initializer=foo(1).bar),\n])"
    (expression,) = parse(text).expressions()
    assert text.splitlines()[expression.span.line - 1][expression.span.column - 1 : expression.span.end - 1] == "foo(1).bar"


def test_reading_python_runs_nothing() -> None:
    seen: list[str] = []
    watching = True

    def watch(event: str, _: object) -> None:
        if watching and event not in ("compile", "object.__getattr__"):
            seen.append(event)

    sys.addaudithook(watch)
    parse("import os\nmodel = Sequential([Dense(__import__('os').system('x')), Dense(eval('1'))])\nmodel.add(Lambda(lambda x: exec('1')))")
    watching = False
    assert [event for event in seen if event.startswith(("exec", "os.", "import", "open", "subprocess"))] == []
