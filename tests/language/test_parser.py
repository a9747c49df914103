"""Texts become programs, with the place of every word; what can't be read is told in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqmagic.errors import LanguageError, SeqmagicError
from seqmagic.language import Call, Literal, Sequence, Size, Word, parse, parse_step


def test_a_recipe_is_read_line_by_line() -> None:
    program = parse("input 8x8x1  # a picture\n\nconv 16 3x3 relu -> maxpool 2\ncompile adam(1e-3) mse accuracy\nfit x y epochs=3\nseed 4")
    assert [layer.text for layer in program.layers] == ["input 8x8x1", "conv 16 3x3 relu", "maxpool 2"]
    assert program.compile is not None
    assert program.fit is not None
    assert program.seed is not None
    assert program.seed.value == 4
    assert [argument.name and argument.name.text for argument in program.fit.arguments] == [None, None, "epochs"]


def test_every_word_knows_its_place() -> None:
    layer = parse("input 3\n  dense 10 relu").layers[1]
    span = layer.arguments[1].span
    assert (span.line, span.column, span.end) == (2, 12, 16)
    assert span.pointer() == "      dense 10 relu\n               ^^^^"


@pytest.mark.parametrize(
    ("written", "kind", "content"),
    [
        ("3", Literal, 3),
        ("-0.5", Literal, -0.5),
        ("1e-3", Literal, 0.001),
        ("'relu'", Literal, "relu"),
        ("True", Literal, True),
        ("none", Literal, None),
        ("3x3", Size, (3, 3)),
        ("?x64", Size, (None, 64)),
        ("?", Size, (None,)),
    ],
)
def test_values(written: str, kind: type, content: object) -> None:
    value = parse(f"input {written}").layers[0].arguments[0].value
    assert isinstance(value, kind)
    assert (value.dims if isinstance(value, Size) else value.value) == content  # type: ignore[attr-defined]


def test_calls_brackets_and_lists() -> None:
    layer = parse("dense 3 a=l2(0.1, x=(1, 2)) b=[1, 2] c=one,two").layers[0]
    call, brackets, commas = (argument.value for argument in layer.arguments[1:])
    assert isinstance(call, Call)
    assert call.word.text == "l2"
    assert isinstance(brackets, Sequence)
    assert isinstance(commas, Sequence)
    assert [word.text for word in commas.items if isinstance(word, Word)] == ["one", "two"]


def test_a_call_as_keras_writes_it_is_a_layer_and_an_arrow_may_end_a_line() -> None:
    program = parse("Dense(32, activation='relu',) ->\n  # and then\n  Dense(10)")
    assert [layer.word.text for layer in program.layers] == ["Dense", "Dense"]


@pytest.mark.parametrize("line", ["model.add()", "model.add[]", "model.add([])", "model.add(dense=3)"])
def test_add_without_a_layer_is_refused(line: str) -> None:
    with pytest.raises(LanguageError, match=r"add\(\) takes one layer"):
        parse(line)


def test_words_of_the_last_lines_are_still_words_elsewhere() -> None:
    assert parse("layer fit compile seed").layers[0].text == "layer fit compile seed"
    assert parse("compiler 3").layers[0].word.text == "compiler"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("dense 3 ->", "Line 1: The line is incomplete.\n    dense 3 ->\n              ^\nExpected: a word."),
        ("a\ndense 3relu", "Line 2: '3relu' is not a number, size or word.\n    dense 3relu\n          ^^^^^\nExpected: 32, 0.3 or 3x3."),
        ("dense 'a", "Line 1: A closing ' is missing.\n    dense 'a\n          ^^\nExpected: ' at the end of the text.\nType instead: 'a'"),
        ("dense @", "Line 1: '@' is not allowed here.\n    dense @\n          ^\nExpected: words, numbers, ->, = and brackets."),
        ("compile a\ndense 3", "Line 2: There is a layer after the compile line.\n    dense 3\n    ^^^^^^^\nExpected: all layers first."),
        (
            "dense a=f(3",
            "Line 1: A closing ) is missing.\n    dense a=f(3\n               ^\nExpected: ) at the end.\nType instead: dense a=f(3)",
        ),
        ("fit a\nfit b", "Line 2: There is a second fit line.\n    fit b\n    ^^^^^\nExpected: at most one fit line."),
    ],
)
def test_what_cannot_be_read_is_reported_whole(text: str, message: str) -> None:
    with pytest.raises(LanguageError) as caught:
        parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["dense " + "9" * 1_000_000, "f(" * 10_000, "dense " * 2_000_000, "[" * 100_000])
def test_monsters_are_refused(text: str) -> None:
    with pytest.raises(LanguageError):
        parse(text)


def test_a_step_stands_alone() -> None:
    assert parse_step("compile adam mse").word.text == "compile"
    with pytest.raises(LanguageError):
        parse_step("dense 3")


@given(st.text(alphabet="dense input conv0123456789x?->=,()[]'\"#\n .{}@", max_size=80))
def test_any_text_is_read_or_refused_in_words(text: str) -> None:
    try:
        parse(text)
    except SeqmagicError as error:
        assert str(error)


def test_an_arrow_is_found_behind_any_comments_and_empty_lines() -> None:
    text = "dense 3\n# one\n\n  # two\n-> dense 4\n\n# three\n-> dense 5\n# four\ndense 6"
    lines = [(layer.text, layer.span.line) for layer in parse(text).layers]
    assert lines == [("dense 3", 1), ("dense 4", 5), ("dense 5", 8), ("dense 6", 10)]
