"""A fix is tried where it will be typed: what loses a bracket, is refused next, or needs what this notebook lacks, is not offered."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from tests.support.notebook_shell import NotebookShell, notebook_shell
from tests.support.typed_fixes import type_fix

CELL = "%%sequential net --quiet\n"


@pytest.fixture(scope="module")
def notebook() -> Iterator[NotebookShell]:
    rows = np.random.default_rng(0).random((40, 6)).astype("float32")
    with notebook_shell(rows=rows, labels=np.arange(40) % 3, amounts=np.arange(40.0)) as running:
        yield running


def fixes_of(notebook: NotebookShell, cell: str) -> list[str]:
    return [fix for error in notebook.run(CELL + cell).errors for fix in error.fixes]


def test_a_bracket_is_not_lost_where_two_words_are_wrong(notebook: NotebookShell) -> None:
    assert fixes_of(notebook, "input 6\ndense 1\nmodel.compile(optimizer=first, loss=second)") == []


def test_commas_become_no_decimals_where_two_lines_are_wrong(notebook: NotebookShell) -> None:
    assert fixes_of(notebook, "input 8x8x1\nconv 4 3,3 relu\nflatten\ndesne 3") == ["conv 4 3x3 relu"]


@pytest.mark.parametrize(
    ("layers", "fit", "compiled"),
    [
        ("dense 3 softmax", "fit rows labels", "compile adam sparse_categorical_crossentropy accuracy"),
        ("dense 1", "fit rows amounts", "compile adam mse mae"),
        ("dense 3 relu", "fit rows labels", ""),
    ],
)
def test_the_compile_line_that_is_missing_has_the_loss_that_fits(notebook: NotebookShell, layers: str, fit: str, compiled: str) -> None:
    fixes = fixes_of(notebook, f"input 6\n{layers}\n{fit}")
    assert fixes[:1] == ([f"{compiled}   (as a line above it)"] if compiled else [])


def test_half_a_loss_is_the_one_for_this_last_layer_and_these_labels(notebook: NotebookShell) -> None:
    cell = "input 6\ndense 3 softmax\ncompile adam crossentropy accuracy"
    assert fixes_of(notebook, cell) == [
        "compile adam categorical_crossentropy accuracy",
        "compile adam sparse_categorical_crossentropy accuracy",
    ]
    assert fixes_of(notebook, f"{cell}\nfit rows labels") == ["compile adam sparse_categorical_crossentropy accuracy"]
    assert fixes_of(notebook, "input 6\ndense 1 sigmoid\ncompile adam crossentropy")[0] == "compile adam binary_crossentropy"


def test_a_rate_that_decays_is_a_schedule_and_no_weight_decay(notebook: NotebookShell) -> None:
    cell = "input 6\ndense 1\ncompile sgd(0.1, decay=1e-6, momentum=0.9) mse"
    assert fixes_of(notebook, cell) == ["compile sgd(inverse_time_decay(0.1, 1, 1e-6), momentum=0.9) mse"]
    assert fixes_of(notebook, "input 6\ndense 1\ncompile sgd(decay=1e-6) mse") == []


@pytest.mark.parametrize(
    "cell",
    [
        "input 6\ndense 1\ncompile(adam, mse)",
        "input 6\ndense 1\ncompile(optimizer='adam', loss='mse')",
        "input 6\ndense 1\ncompile adam mse\nfit(rows, amounts, epochs=1)",
    ],
)
def test_a_last_line_with_brackets_is_no_layer_behind_an_arrow(notebook: NotebookShell, cell: str) -> None:
    assert notebook.run(CELL + cell).error is None
    assert notebook.names["net"].loss == "mean_squared_error"
    (error,) = notebook.run(CELL + cell.replace("mse", "mes")).errors
    assert error.problem == "There is no loss called 'mes'."
    assert error.fixes
    for fix in error.fixes:
        assert notebook.run(type_fix(CELL + cell.replace("mse", "mes"), error.span, fix)[0]).error is None


def test_what_a_fix_needs_of_python_is_imported_in_it(notebook: NotebookShell) -> None:
    assert "keras" not in notebook.names
    cell = f"{CELL}input 6\ndense 3 softmax\ncompile adam categorical_crossentropy\nfit rows labels epochs=1"
    (error,) = notebook.run(cell).errors
    assert error.fixes == (
        "compile adam sparse_categorical_crossentropy",
        "import keras; labels = keras.utils.to_categorical(labels, 3)",
    )
    for fix in error.fixes:
        kept = notebook.names["labels"]
        for typed in type_fix(cell, error.span, fix):
            assert notebook.run(typed).error is None
        notebook.names["labels"] = kept
    notebook.names.pop("keras")


def test_a_fix_that_needs_a_name_of_nobody_is_not_offered(notebook: NotebookShell) -> None:
    cell = f"{CELL}input 6\ndense 3 softmax\ncompile adam sparse_categorical_crossentropy\nfit rows labels class_weight={{[1, 2, 3]}}"
    (error,) = notebook.run(cell).errors
    assert not any("weights" in fix for fix in error.fixes)
    cell = f"{CELL}input 6\ndense 3 softmax\ncompile adam sparse_categorical_crossentropy\nfit rows labels validation_data=rows"
    (error,) = notebook.run(cell).errors
    assert error.fixes == ()


def test_one_change_that_mends_two_words_is_offered(notebook: NotebookShell) -> None:
    assert set(fixes_of(notebook, "input 6\ndense 1\ncompile mse adam")) == {"compile adam mse"}


def test_a_word_of_another_layer_in_the_line_may_be_meant_again(notebook: NotebookShell) -> None:
    fixes = fixes_of(notebook, "input 8x8x1\nconv 8 3x3 relu -> maxpool 2 -> conv 8 3x3 rleu\nflatten -> dense 3")
    assert fixes[0] == "conv 8 3x3 relu -> maxpool 2 -> conv 8 3x3 relu"


def test_a_fix_of_the_compile_line_is_offered_above_an_expect_line_too(notebook: NotebookShell) -> None:
    fixes = fixes_of(notebook, "input 6\ndense 1\ncompile adam mes\nfit rows amounts\nexpect loss < 1")
    assert fixes[0] == "compile adam mse"
