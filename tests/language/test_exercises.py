"""Lines and comments of exercises: what they say, what is left open, and what is told of one that can't be read."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError, UnfilledError
from seqmagic.language import parse, print_program
from seqmagic.language.answers import UNREADABLE, answers_in
from seqmagic.language.expectations import number_of

NETWORK = "input 784 -> dense 10 softmax\n"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("expect params < 50k", ("params", None, "<", 50_000)),
        ("expect params=7850", ("params", None, "==", 7850)),
        ("expect params 7850", ("params", None, "==", 7850)),
        ("expect trainable ≤ 5_000", None),
        ("expect trainable ≤ 5000", ("trainable", None, "<=", 5000)),
        ("expect layers conv >= 2", ("layers", "conv", ">=", 2)),
        ("expect layers dropout", ("layers", "dropout", ">=", 1)),
        ("expect layers != 3", ("layers", None, "!=", 3)),
        ("expect memory < 1.5 MB", ("memory", None, "<", 1_500_000)),
        ("expect memory < 300kB", ("memory", None, "<", 300_000)),
        ("expect val_accuracy > 90%", ("val_accuracy", None, ">", 0.9)),
        ("expect loss<0.5", ("loss", None, "<", 0.5)),
        ("expect loss < 1e-3   # soon", ("loss", None, "<", 0.001)),
        ("expect epochs >= 5", ("epochs", None, ">=", 5)),
    ],
)
def test_an_expect_line_is_read_and_printed(line: str, said: tuple[object, ...] | None) -> None:
    if said is None:
        with pytest.raises(LanguageError):
            parse(NETWORK + line)
        return
    program = parse(NETWORK + line)
    (expect,) = program.expects
    assert (expect.subject.text, expect.kind and expect.kind.text, expect.sign, number_of(expect)) == said
    assert parse(print_program(program)) == program


@pytest.mark.parametrize(
    ("line", "shape", "activation"),
    [
        ("output 10", (10,), None),
        ("output = 26x26x?", (26, 26, None), None),
        ("output 10 softmax", (10,), "softmax"),
        ("input 784", (784,), None),
    ],
)
def test_a_shape_is_expected_as_it_is_written_elsewhere(line: str, shape: tuple[int | None, ...], activation: str | None) -> None:
    program = parse(f"{NETWORK}expect {line}")
    (expect,) = program.expects
    assert (expect.value, expect.kind and expect.kind.text) == (shape, activation)
    assert parse(print_program(program)) == program


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("expect", "expect"),
        ("expect < 5", "<"),
        ("expect params", "params"),
        ("expect params <", "<"),
        ("expect loss 0.5", "0.5"),
        ("expect val_accuracy => 0.9", "=>"),
        ("expect params < 5MB", "5MB"),
        ("expect memory < 5", "5"),
        ("expect accuracy > 50k", "50k"),
        ("expect params < 1.5", "1.5"),
        ("expect params < 50kk", "50kk"),
        ("expect output < 10", "<"),
        ("expect output relu", "relu"),
        ("expect layers conv dense", "dense"),
        ("expect params foo < 3", "foo"),
        ("expect params < 50k please", "please"),
        ("expect loss < 0.5 and accuracy > 3", "and"),
        ("expect val_accuracy > {x}", "{x}"),
        ("expect params & 3", "&"),
    ],
)
def test_a_wrong_line_points_at_its_word_and_shows_a_right_one(line: str, word: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(NETWORK + line)
    span = caught.value.span
    assert span is not None
    assert span.source[span.column - 1 : span.end - 1] == word
    assert caught.value.expected
    for fix in caught.value.fixes:
        assert parse(NETWORK + fix).expects  # What is shown can be typed.


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("input 8\ndense ? relu", "?"),
        ("input 8\ndense 3 -> dense ?", "?"),
        ("input 8\nconv ? 3x3", "?"),
        ("input 8\n(dense ? relu) * 2", "?"),
        ("block b(n): dense n ?\ninput 8\nb 3", "?"),
        ("input 8\n? 10", "?"),
        ("input 8 -> ?", "?"),
        ("input 8\nDense(?, activation='relu')", "?"),
        ("input 8\ndense units=?", "?"),
        ("input 8\ndense 3\ncompile ? mse", "?"),
        ("input 8\ndense 3\ncompile adam mse\nfit x y epochs=?", "?"),
        ("input 8\ndense 3\nexpect params < ?", "?"),
        ("input 8\ndense ... relu", "..."),
        ("input 8\ndense ___ relu", "___"),
        ("...", "..."),
        ("input 8\n    ...  # your layers", "...  # your layers"),
        ("raise NotImplementedError()", "raise NotImplementedError()"),
        ("# YOUR CODE HERE\nraise NotImplementedError()", "raise NotImplementedError()"),
        ("input 8\ndense 3\nraise NotImplementedError", "raise NotImplementedError"),
        ("\n# YOUR CODE HERE\n", "# YOUR CODE HERE"),
    ],
)
def test_what_a_teacher_left_open_is_reported_as_such(text: str, word: str) -> None:
    with pytest.raises(UnfilledError, match="Not filled in yet") as caught:
        parse(text)
    span = caught.value.span
    assert span is not None
    assert span.source[span.column - 1 : span.end - 1] == word
    assert not caught.value.fixes  # Nobody solves it for the student.


@pytest.mark.parametrize("text", ["", "\n \n"])
def test_an_empty_text_is_not_filled_in(text: str) -> None:
    with pytest.raises(UnfilledError, match="the cell is empty"):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "input ?\ndense 3",
        "input ?x16 -> lstm 3",
        "embedding 1000 64 input_length=?",
        "Dense(3, input_shape=(?,))",
        "input 8\ndense 3  # ... or ? more",
        "input 8\ndense 3  # YOUR CODE HERE",
        "input 8\ndense {x[..., 0]}",
        "input 8\ndense 3 name='...'",
        ">>> Dense(8,\n...       activation='relu')",
    ],
)
def test_an_unknown_length_and_other_dots_are_no_blanks(text: str) -> None:
    assert parse(text).units


@pytest.mark.parametrize(
    ("comment", "said"),
    [
        ("out=? params=?", [("out", None), ("params", None)]),
        ("out = 26×26x4, params=1,234", [("out", (26, 26, 4)), ("params", 1234)]),
        ("params=784*128 + 128 and out=?x64.", [("params", 100_480), ("out", (None, 64))]),
        ("params=100_480, out=1234,params=5", [("params", 100_480), ("out", (1234,)), ("params", 5)]),
        ("out=10.5 params=3e5", [("out", (UNREADABLE,)), ("params", UNREADABLE)]),
        ("layout=5 without an answer; outer params = many", []),
    ],
)
def test_answers_are_read_from_comments(comment: str, said: list[tuple[str, object]]) -> None:
    assert [(answer.about, answer.value) for answer in answers_in(f"input 784\ndense 128 relu  # {comment}")] == said


def test_a_comment_that_fills_its_line_and_a_text_hold_no_answer() -> None:
    assert answers_in("# dense 128  # out=128\ndense 3 name='#out=3'") == ()
