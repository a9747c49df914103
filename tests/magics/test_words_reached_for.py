"""The words that students reach for: each leads to a line that works, or is read and said; no case ends without a way on."""

from __future__ import annotations

import functools
import types
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pandas as pd
import pytest
import tensorflow as tf

from tests.support.notebook_shell import NotebookShell, notebook_shell
from tests.support.typed_fixes import type_fix

NET = "input 6\ndense 8 relu\ndense 3 softmax\ncompile adam sparse_categorical_crossentropy accuracy\n"
YES = "input 6\ndense 1 sigmoid\ncompile adam binary_crossentropy auc\n"
TWO = "input 2\ndense 1 sigmoid\ncompile adam binary_crossentropy\n"
CELL = "%%sequential net --quiet\n"

# What is typed, and what is offered first.
OFFERED = [
    (f"{CELL}{NET}fit x_train y_train epoch=1", "fit x_train y_train epochs=1"),
    (f"{CELL}{NET}fit x_train y_train validation=x_test,y_test", "fit x_train y_train validation_data=x_test,y_test"),
    (f"{CELL}{NET}fit x_trian y_train", "fit x_train y_train"),
    (f"{CELL}{NET}fit x_train y_train lr=0.1", "compile adam(0.1) sparse_categorical_crossentropy accuracy, and fit x_train y_train"),
    (f"{CELL}{NET}%fit net x_train y_train epochs=1", "fit x_train y_train epochs=1"),
    (f"{CELL}{NET}%fit x_train y_train", "fit x_train y_train"),
    (f"{CELL}{YES}fit x_train yes validation_split=0.2 monitor=val_auc", "fit x_train yes validation_split=0.2 patience=3 monitor=val_auc"),
    (f"{CELL}{YES}fit x_train yes patience=2 monitor=acu", "monitor='auc'"),
    (f"{CELL}{TWO}fit table[['a','b']] table['t']", "fit {table[['a','b']]} {table['t']}"),
    (f"{CELL}{TWO}fit table[['a', 'b']] table.t epochs=1", "fit {table[['a', 'b']]} {table.t} epochs=1"),
    (f"{CELL}{NET}fit x_train[:30] y_train[:30]", "fit {x_train[:30]} {y_train[:30]}"),
    (
        f"{CELL}{NET.split('compile', maxsplit=1)[0]}fit x_train y_train",
        "compile adam sparse_categorical_crossentropy accuracy   (as a line above it)",
    ),
    (f"{CELL}input X_trian\ndense 3", "input X_train"),
    (f"{CELL}input x_train.shape[1]\ndense 3", "input {x_train.shape[1]}"),
    (f"{CELL}input x_train.shape[1:]\ndense 3", "input {x_train.shape[1:]}"),
    (f"{CELL}input 1 string\ntext_vectorization adapt=words", "input 1 dtype=string"),
    (f"{CELL}model.add(Input(shape=(6,)))\nmodel.add(Dense(3, input_dim=6))", "model.add(Dense(3))"),
    (f"{CELL}input 6\nfully connected 10", "dense 10"),
    (f"{CELL}input 8x8x1\nmax pooling 2\nflatten", "maxpooling 2"),
    (f"{CELL}input 6\nbatch normalization\ndense 3", "batchnormalization"),
    (f"{CELL}input 6\nDense(n_hiden)", "Dense(n_hidden)"),
    (f"{CELL}input 6\ndense n_hiden", "dense n_hidden"),
    (f"{CELL}{NET}fit epochs=1", "fit x_train y_train epochs=1"),
    (
        f"{CELL}input 5x4\nlstm 8 return_sequences\ndense 1 sigmoid\ncompile adam binary_crossentropy\nfit steps yes",
        "flatten -> dense 1 sigmoid",
    ),
    (f"{CELL}input 8x8x1\nconv 4 3x3\ndense 1 sigmoid\ncompile adam binary_crossentropy\nfit images yes", "flatten -> dense 1 sigmoid"),
    (f"%%sequential my-net --quiet\n{NET}", "%%sequential my_net --quiet"),
    (f"%%sequential my net\n{NET}", "%%sequential my_net"),
    ("%sequential 2-net input 6 -> dense 3", "%sequential net_2_net input 6 -> dense 3"),
    ("%fit known, x_train, y_train, epochs=1", "%fit known x_train y_train epochs=1"),
    ("%fit known x_train y_train epoch=1", "%fit known x_train y_train epochs=1"),
    ("%fit known x_trian y_train", "%fit known x_train y_train"),
    ("%fit x_train y_train epochs=1", "%fit known x_train y_train epochs=1"),
    ("%fit knwon x_train y_train", "%fit known x_train y_train"),
    ("%fit epochs=1", "%fit known x_train y_train epochs=1"),
    ("%fit known epochs=1", "%fit known x_train y_train epochs=1"),
    ("%fit known x_train y_train lr=0.1", "known.optimizer.learning_rate = 0.1, and %fit known x_train y_train"),
    ("%fit known x_train[:30] y_train[:30]", "%fit known {x_train[:30]} {y_train[:30]}"),
    ("%fit known y_train x_train", "%fit known x_train y_train"),
    ("%dashboard x_train y_train", "%dashboard known x_train y_train"),
]
OFFERED += [
    (f"{CELL}{before}\n{typed}", offered)
    for before, typed, offered in [
        ("input 6", "a dense layer with 64 units and relu activation", "dense 64 relu"),
        ("input 6", "dense 10 units", "dense 10"),
        ("input 6", "dense 10 with relu", "dense 10 relu"),
        ("input 6", "hidden layer 10", "dense 10"),
        ("input 6", "output layer with 3 nodes, softmax", "dense 3 softmax"),
        ("input 6", "dropout of 0.5", "dropout 0.5"),
        ("input 8x8x1", "convolution with 6 filters of size 5x5 and tanh", "conv 6 5x5 tanh"),
        ("input 8x8x1", "conv 8 (3*3) relu", "conv 8 3x3 relu"),
        ("input 8x8x1", "conv 8 3*3", "conv 8 3x3"),
        ("input 8x8x1", "conv 2*4 3x3", "conv 8 3x3"),
        ("input 8x8x1", "max pooling 2", "maxpooling 2"),
        ("input 6", "dense 1,000", "dense 1000"),
        ("input 6", "dense 1_000", "dense 1000"),
        ("input 6", "dense 2k", "dense 2000"),
        ("input 6", "dense10 relu", "dense 10 relu"),
        ("input 6", "dense 10relu", "dense 10 relu"),
        ("input 6", "3 * dense 4", "dense 4 * 3"),
        ("input 6", "3x dense 4 relu", "dense 4 relu * 3"),
        ("input 6", "repeat 3 dense 4", "dense 4 * 3"),
        ("input 5x4", "biLSTM 4", "bidirectional lstm 4"),
        ("input 6", "d\N{CYRILLIC SMALL LETTER IE}nse 4 r\N{CYRILLIC SMALL LETTER IE}lu", "dense 4 relu"),
        ("input 6", "Dense(4, activation=`relu`)", "Dense(4, activation='relu')"),
        ("input 6", "Dense(4, activation=«relu»)", 'Dense(4, activation="relu")'),
        ("input 6", "Dense(4, activation=&quot;relu&quot;)", 'Dense(4, activation="relu")'),
        ("input 6", "dense 4 -&gt; dense 3", "dense 4 -> dense 3"),
        ("input 6", "dense 4 ➜ dense 3", "dense 4 -> dense 3"),
        ("input 6\ndense 1", "compile adam mean squared error", "compile adam mean_squared_error"),
        ("input 6\ndense 3 softmax", "compile adam cross entropy", "compile adam sparse_categorical_crossentropy"),
        ("input 6\ndense 1", "compile optimizer adam loss mse metrics mae", "compile optimizer=adam loss=mse metrics=mae"),
        *(("input 6", f"{word} 3 relu", "dense 3 relu") for word in ("Dicht", "couche", "densa", "全連接層", "全結合", "输出")),
    ]
]
OFFERED += [(f"{CELL}{word} 6\ndense 3", "input 6") for word in ("Eingabe", "entrée", "entrada", "輸入", "入力")]
# What is typed, and what is said of it; what follows must hold afterwards.
READ = [
    (f"{CELL}input 6\ndense 4\nrelu 32", "limits its output to 32", "net.layers[1].max_value == 32"),
    (f"{CELL}input 8x8x1\nconv 32 3 3", "the third number is strides", "net.layers[0].strides == (3, 3)"),
    (f"{CELL}input X_train\ndense 3", "", "net.input_shape == (None, 6)"),
    (f"{CELL}input table\ndense 3", "", "net.input_shape == (None, 7)"),
    (f"{CELL}input images.shape\nflatten", "read as one row of images: 8x8x1", "net.input_shape == (None, 8, 8, 1)"),
    (f"{CELL}input amounts\ndense 3", "", "net.input_shape == (None, 1)"),
    (
        f"{CELL}input 6\ndense 1\ncompile optimizer=opt loss=lo",
        "",
        "type(net.optimizer).__name__ == 'SGD' and net.loss == 'mean_squared_error'",
    ),
    (f"{CELL}input 6\ndense 1\ncompile opt lo metrics=seen", "", "net._compile_config.config['metrics'] == ['mae', 'mse']"),
    (f"{CELL}input 6\ndense 1\nmodel.compile(optimizer=opt, loss=lo)", "", "net.loss == 'mean_squared_error'"),
    (f"{CELL}input 6\nHidden 4\nHidden(5, activation='tanh')\ndense 1", "", "[l.units for l in net.layers] == [4, 5, 1]"),
    (f"{CELL}input 6\nHidden 4 -> dense 1", "", "net.layers[0].activation is keras.activations.relu"),
    (f"{CELL}input 6\ntwice\ntwice name=3\ndense 1", "", "net.layers[1].arguments == {'name': 3}"),
    (f"{CELL}input 8x8x1\nWindow(kernel_size=3)", "", "net.layers[0].filters == 4"),
    (f"# my network\n\n{CELL}input 6\ndense 3", "", "net.output_shape == (None, 3)"),
    (f"{CELL}{YES}fit x_train yes epochs=1 validation_split=0.2 patience=2 monitor=val_auc", "val_auc", "True"),
]


def twice(x: object, name: object = None) -> object:
    """A function of the notebook with a parameter of the same name as a layer's."""
    return keras.ops.multiply(x, 2)


@pytest.fixture(scope="module")
def notebook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NotebookShell]:
    generator = np.random.default_rng(0)
    rows = generator.random((40, 6)).astype("float32")
    table = pd.DataFrame(rows, columns=list("abcdef"))
    table["t"] = np.arange(40) % 2
    names = {
        "x_train": rows,
        "X_train": rows,
        "y_train": np.arange(40) % 3,
        "x_test": rows[:10],
        "y_test": np.arange(10) % 3,
        "yes": np.arange(40) % 2,
        "amounts": np.arange(40.0),
        "table": table,
        "images": generator.random((40, 8, 8, 1)),
        "steps": generator.random((40, 5, 4)),
        "words": tf.constant([["a b"], ["c d"]]),
        "large": rows * 1e6,
        "n_hidden": 4,
        "opt": "sgd",
        "lo": "mse",
        "seen": ["mae", "mse"],
        "Hidden": functools.partial(keras.layers.Dense, activation="relu"),
        "Window": functools.partial(keras.layers.Conv2D, 4, activation="relu"),
        "keras": keras,
        "twice": twice,
    }
    with pytest.MonkeyPatch.context() as patch, notebook_shell(**names) as running:
        patch.chdir(tmp_path_factory.mktemp("words"))
        yield running


@pytest.fixture(autouse=True)
def known(notebook: NotebookShell) -> None:
    """A model that is there."""
    for name in ("net", "my_net", "known"):
        notebook.names.pop(name, None)
    assert notebook.run(f"%%sequential known --quiet\n{NET}").error is None


@pytest.mark.parametrize(("cell", "offered"), OFFERED)
def test_what_is_reached_for_leads_to_a_line_that_works(notebook: NotebookShell, cell: str, offered: str) -> None:
    errors = notebook.run(cell).errors
    assert {error.fixes[:1] for error in errors} == {(offered,)}, errors
    error = errors[0]
    assert len(str(error).splitlines()) <= 6
    for typed in type_fix(cell, error.span, offered):
        assert notebook.run(typed).error is None, typed


@pytest.mark.parametrize(("cell", "said", "holds"), READ)
def test_what_can_be_read_is_read_and_said(notebook: NotebookShell, cell: str, said: str, holds: str) -> None:
    outcome = notebook.run(cell)
    assert outcome.error is None
    assert said in outcome.printed
    assert eval(holds, dict(notebook.names))  # noqa: S307  # It stands above.


@pytest.mark.parametrize("shape", [3, "ab", (1.5, 2), (True, 2), [], None, (0, 10**30)])
def test_what_has_a_strange_shape_is_refused_in_words(notebook: NotebookShell, shape: object) -> None:
    notebook.names["strange"] = types.SimpleNamespace(shape=shape)
    (error,) = notebook.run(f"{CELL}input strange\ndense 3").errors
    assert error.span is not None
    assert len(str(error).splitlines()) <= 6


def test_a_saved_text_is_loaded_without_its_table(notebook: NotebookShell) -> None:
    assert notebook.run("%sequential known --save known.seq").error is None
    outcome = notebook.run("%sequential again --load known.seq --quiet")
    assert (outcome.error, outcome.printed) == (None, "")
    assert notebook.names["again"].output_shape == (None, 3)
    assert Path("known.seq").exists()


def test_a_learning_rate_and_large_numbers_are_both_named_when_the_loss_runs_away(notebook: NotebookShell) -> None:
    cell = f"{CELL}input 6\ndense 1\ncompile sgd(0.1) mse\nfit large amounts epochs=9"
    (error,) = notebook.run(cell).errors
    assert error.expected.startswith("a smaller learning rate; it is 0.1. Column ")
    assert error.expected.endswith("a line `normalization adapt=large` after the input")
    better = cell.replace("input 6", "input 6\nnormalization adapt=large").replace("0.1", "0.001")
    assert notebook.run(better).error is None


def test_an_unknown_name_in_a_pasted_call_is_no_variable_of_the_notebook(notebook: NotebookShell) -> None:
    for cell, name in [
        ("Dense(rows_of_it)", "rows_of_it"),
        ("Dense(3, input_dim=n_coll)", "n_coll"),
        ("dense 3\nDense(units=widht)", "widht"),
    ]:
        (error,) = notebook.run(f"{CELL}{cell}").errors
        assert error.problem == f"There is no variable called {name!r}."


def test_a_model_that_is_not_there_is_not_to_be_shown_under_a_mended_name(notebook: NotebookShell) -> None:
    (error,) = notebook.run("%sequential my-net --text").errors
    assert error.fixes == ()


def test_a_pasted_line_of_watching_is_exported_with_its_direction(notebook: NotebookShell) -> None:
    assert notebook.run(f"{CELL}{YES}fit x_train yes epochs=1 validation_split=0.2 patience=2 monitor=val_auc").error is None
    assert 'keras.callbacks.EarlyStopping("val_auc", patience=2, mode="max")' in notebook.run("%sequential net --python").printed
