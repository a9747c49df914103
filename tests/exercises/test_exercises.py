"""Exercises in a notebook without a page: what passes, what fails, with which numbers, and what is raised for a grader."""

from __future__ import annotations

import re
from collections.abc import Iterator

import keras
import numpy as np
import pytest

import seqmagic
from seqmagic.errors import ArgumentError, ExpectationError, LanguageError, SeveralErrors, UnfilledError, UnknownNameError
from seqmagic.exercises.answers import mark_answers
from seqmagic.exercises.facts import count_layers, facts_of
from seqmagic.language import parse
from seqmagic.network.plan import make_plan
from tests.support.notebook_shell import NotebookShell, notebook_shell

PICTURES = """input 28x28x1
conv 16 3x3 relu        # {first}
maxpool 2 -> flatten    # {second}
dense 10 softmax        # {third}
"""


@pytest.fixture(scope="module")
def notebook() -> Iterator[NotebookShell]:
    generator = np.random.default_rng(0)
    x = generator.random((64, 8)).astype("float32")
    with notebook_shell(x=x, y=(x.sum(axis=1) > 4) * 1.0) as shell:
        yield shell


@pytest.fixture(scope="module")
def pictures() -> keras.Sequential:
    return seqmagic.build(PICTURES)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("params < 50k", "The network has 27,210 parameters."),
        ("params = 27210", "The network has 27,210 parameters."),
        ("trainable > 27k", "The network has 27,210 trainable parameters."),
        ("layers = 4", "There are 4 layers."),
        ("layers conv", "There is 1 conv layer."),
        ("layers conv2d <= 1", "There is 1 conv2d layer."),
        ("layers dropout = 0", "There are 0 dropout layers."),
        ("input 28x28x1", "The input is 28x28x1."),
        ("output 10 softmax", "The output is 10 softmax."),
        ("memory < 1MB", "The weights take 109 kB."),
    ],
)
def test_what_is_there_passes_with_its_numbers(pictures: keras.Sequential, line: str, found: str) -> None:
    (check,) = seqmagic.check(pictures, f"expect {line}").checks
    assert (check.state, check.sentence) == ("passed", found)


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (
            "params < 1k",
            "The network has 27,210 parameters; expected: less than 1,000. Most are in 'dense 10 softmax': 2704×10 + 10 = 27,050.",
        ),
        ("params > 1M", "The network has 27,210 parameters; expected: more than 1,000,000."),
        ("layers conv >= 2", "There is 1 conv layer; expected: at least 2."),
        ("layers lstm", "There are 0 lstm layers; expected: at least 1."),
        ("layers != 4", "There are 4 layers; expected: anything but 4."),
        ("output 11", "The output is 10; expected: 11."),
        ("output 10 sigmoid", "The output is 10 softmax; expected: 10 sigmoid."),
        ("memory <= 100 kB", "The weights take 109 kB; expected: at most 100 kB."),
        ("epochs >= 1", "'sequential' has not been trained yet."),
        ("loss < 1", "'sequential' has not been trained yet."),
    ],
)
def test_what_is_not_there_is_raised_with_its_numbers(pictures: keras.Sequential, line: str, found: str) -> None:
    with pytest.raises(ExpectationError) as caught:
        seqmagic.check(pictures, f"# first\nexpect {line}")
    assert re.sub(r"'sequential\w*'", "'sequential'", caught.value.problem) == found
    assert caught.value.span is not None
    assert caught.value.span.line == 2


def test_the_numbers_are_those_of_keras(pictures: keras.Sequential) -> None:
    facts = facts_of(pictures, {})
    assert facts.plan.parameters() == pictures.count_params()
    assert facts.layers == len(pictures.layers)
    assert (None, *facts.ending.shape) == pictures.output_shape  # type: ignore[misc]


@pytest.mark.parametrize(
    ("line", "error", "word"),
    [
        ("layers desne > 1", UnknownNameError, "desne"),
        ("acuracy > 0.5", UnknownNameError, "acuracy"),
        ("val_accuracy > 0.5", UnknownNameError, "val_accuracy"),
        ("accuracy > 90", ArgumentError, "expect accuracy > 90"),
    ],
)
def test_a_wrong_word_is_reported_before_anything_is_bound_or_trained(
    notebook: NotebookShell, line: str, error: type[Exception], word: str
) -> None:
    cell = "%%sequential never\ninput 8\ndense 1 sigmoid\ncompile adam binary_crossentropy accuracy\nfit x y epochs=1\nexpect "
    (found,) = notebook.run(cell + line).errors
    assert isinstance(found, error)
    assert found.span is not None
    assert found.span.source[found.span.column - 1 : found.span.end - 1] == word
    assert "never" not in notebook.names


def test_validation_is_asked_for_where_a_number_needs_it(notebook: NotebookShell) -> None:
    cell = "%%sequential never\ninput 8\ndense 1\ncompile adam mse\nfit x y\nexpect val_loss < 1"
    assert "needs validation_data" in str(notebook.run(cell).error)


def test_what_only_a_training_gives_needs_one(notebook: NotebookShell) -> None:
    (found,) = notebook.run("%%sequential never\ninput 8\ndense 1\ncompile adam mse\nexpect loss < 1").errors
    assert type(found) is LanguageError
    assert "this cell does not train" in found.problem


def test_a_cell_is_checked_after_its_training_and_raises_for_a_grader(notebook: NotebookShell) -> None:
    cell = "%%sequential net --quiet\ninput 8\ndense 1 sigmoid\ncompile adam binary_crossentropy accuracy\nfit x y epochs=2 validation_split=0.5\n"
    passed = notebook.run(f"{cell}expect epochs = 2\nexpect val_accuracy >= 0\nexpect loss < 9")
    assert passed.error is None
    run = notebook.run("from seqmagic.training.current_runs import last_run_of; history = last_run_of(net).history")
    assert run.error is None
    value = notebook.names["history"]["val_accuracy"][-1]
    assert f"val_accuracy is {value:.4g} after epoch 2." in passed.printed
    assert "All checks have passed." in passed.printed
    failed = notebook.run(f"{cell}expect params < 3\nexpect loss < 1e-9")
    assert isinstance(failed.error, SeveralErrors)
    assert "0 of 2 checks have passed." in failed.printed
    assert notebook.names["net"].built  # What was made stays.


def test_expect_lines_alone_check_the_model_that_is_there(notebook: NotebookShell) -> None:
    notebook.run("%sequential kept input 8 -> dense 2 --quiet")
    before = notebook.names["kept"]
    assert notebook.run("%%sequential kept\nexpect params = 18").error is None
    assert isinstance(notebook.run("%sequential kept expect params = 19").error, ExpectationError)
    assert isinstance(notebook.run("%%sequential kept\n# trained?\nexpect loss < 3").error, ExpectationError)
    assert notebook.names["kept"] is before


def test_a_later_fit_of_keras_itself_is_what_counts(notebook: NotebookShell) -> None:
    notebook.run("%%sequential both --quiet\ninput 8\ndense 1\ncompile adam mse\nfit x y epochs=2")
    assert notebook.run("both.fit(x, y, epochs=3, verbose=0)").error is None
    model = notebook.names["both"]
    facts = facts_of(model, {})
    assert (facts.trained, facts.numbers["loss"]) == (3, model.history.history["loss"][-1])


@pytest.mark.parametrize("by", ["%fit kept x y", "kept.fit(x, y, verbose=0, "])
@pytest.mark.parametrize(("epochs", "last"), [(4, True), (5, False)])
def test_a_number_of_an_earlier_epoch_is_not_said_to_be_of_the_last(notebook: NotebookShell, by: str, epochs: int, *, last: bool) -> None:
    notebook.run("%%sequential kept --quiet\ninput 8\ndense 1\ncompile adam mse")
    given = ["validation_split=0.5", "validation_freq=2", f"epochs={epochs}"]
    assert notebook.run(f"{by} {' '.join(given)}" if by.startswith("%") else f"{by}{', '.join(given)})").error is None
    measured = facts_of(notebook.names["kept"], {}).numbers["val_loss"]
    words = f"val_loss was {measured:.4g} when last measured, in {epochs} epochs"
    if last and by.startswith("%"):  # Keras itself keeps no record of which epochs were validated.
        words = f"val_loss is {measured:.4g} after epoch 4"
    error = notebook.run("%%sequential kept\nexpect val_loss < -1").error
    assert str(error).splitlines()[0].endswith(f"{words}; expected: less than -1.")
    assert f"after epoch {epochs}" in str(notebook.run("%%sequential kept\nexpect loss < -1").error)


@pytest.mark.parametrize("cell", ["", "\n", "\n# YOUR CODE HERE", "\nraise NotImplementedError()", "\n...", "\ninput 8\ndense ? relu"])
def test_a_cell_that_nobody_has_filled_in(notebook: NotebookShell, cell: str) -> None:
    text = notebook.run(f"%%sequential unfilled{cell}").error
    assert isinstance(text, UnfilledError)
    assert "unfilled" not in notebook.names


def test_an_empty_cell_shows_a_model_that_is_there(notebook: NotebookShell) -> None:
    notebook.run("%sequential there input 8 -> dense 2 --quiet")
    assert "18" in notebook.run("%%sequential there\n").printed


def marks(**answers: str) -> list[tuple[str, str]]:
    text = PICTURES.format(**{"first": "", "second": "", "third": "", **answers})
    program = parse(text)
    return [(check.state, check.sentence) for check in mark_answers(program, make_plan(program, {})).checks]


def test_answers_are_marked_with_the_arithmetic() -> None:
    assert marks(first="out=26x26x16 params=160", second="out=2,704 params=0", third="out=10 params=2704*10 + 10") == [
        ("passed", "Right: 28 − 3 + 1 = 26."),
        ("passed", "Right: 3×3×1×16 + 16."),
        ("passed", "Right: 13×13×16 = 2704."),
        ("passed", "Right."),
        ("passed", "Right."),
        ("passed", "Right: 2704×10 + 10."),
    ]


def test_a_wrong_answer_gets_the_sum_and_not_its_result() -> None:
    assert marks(first="out=28x28x16 params=144") == [
        ("failed", "Not right. It is 28 − 3 + 1; compute that."),
        ("failed", "Not right. It is 3×3×1×16 + 16; compute that."),
    ]


def test_what_is_wrong_further_down_gives_nothing_away() -> None:
    found = marks(first="out=?", third="params=3 out=10.5")
    assert [state for state, _ in found] == ["open", "failed", "failed"]
    assert found[1][1] == "Not right."
    assert "can't be read" in found[2][1]


def test_the_table_holds_back_what_is_asked(notebook: NotebookShell) -> None:
    shown = notebook.run("%%sequential asked\ninput 8\ndense 4 relu # out=4 params=36\ndense 3 # params=?\ndense 2").printed
    table = shown[: shown.index("✓")]
    assert "8×4 + 4" in table
    assert not re.search(r"\b15\b", table)
    assert "4×3" not in table
    assert "answers in the comments" in table
    right = notebook.run("%%sequential asked\ninput 8\ndense 4 relu # out=4 params=36\ndense 3 # params=15\ndense 2").printed
    assert "59 parameters" in right


def test_an_answer_in_a_line_without_a_layer_is_reported() -> None:
    program = parse("input 8\ndense 3\ncompile adam mse  # params=3")
    (check,) = mark_answers(program, make_plan(program, {})).checks
    assert "no layer" in check.sentence


def test_layers_inside_others_are_counted() -> None:
    model = seqmagic.build(
        "input 10x8\nbidirectional lstm 4 return_sequences\nrnn [gru_cell 3, lstm_cell 2]\nsequential(dense 3 -> dense 2)"
    )
    found = [count_layers(model, parse(f"input 1\nexpect layers {word}").expects[0].kind, {}) for word in ("lstm", "gru_cell", "dense")]  # type: ignore[arg-type]
    assert found == [1, 1, 2]
