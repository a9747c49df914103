"""Searched values: which there are in a text, and what a text is with values in their places."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse, print_program
from seqmagic.language.searched import find_searched, is_family, put_in, refuse_searched

TEXT = """
input 8x8x1   # grey
block twice(f): (dense f choice(relu, tanh)) * 2
(conv choice(8, 16) 3 relu same -> choice(maxpool 2, avgpool 2, none)) * between(1, 3)
flatten
twice log(4, 64)
dropout between(0.1, 0.5, 0.1)
stem: dense 10 softmax
compile choice(adam(log(1e-4, 1e-2)), sgd(0.1)) sparse_categorical_crossentropy accuracy
fit x y batch_size=choice(16, 64) epochs=3
"""


def test_each_searched_value_has_a_name_and_its_ends() -> None:
    found = {one.name: one.ends() for one in find_searched(parse(TEXT))}
    assert found == {
        "dense word": ("relu", "tanh"),
        "conv": ("8", "16"),
        "layer": ("maxpool 2", "none"),
        "conv times": (1, 3),
        "twice": (4, 64),
        "dropout": (0.1, 0.5),
        "optimizer": ("adam(log(0.0001, 0.01))", "sgd(0.1)"),
        "adam": (0.0001, 0.01),
        "batch_size": ("16", "64"),
    }


def test_how_many_values_there_are() -> None:
    counted = {one.name: one.count for one in find_searched(parse(TEXT))}
    assert {name: counted[name] for name in ("dense word", "layer", "conv times", "twice", "optimizer")} == {
        "dense word": 2,
        "layer": 3,
        "conv times": 3,
        "twice": 61,
        "optimizer": 2,
    }
    assert counted["dropout"] == counted["adam"] == float("inf")
    assert [one.count for one in find_searched(parse("input 4 -> dense between(8, 33, 8)"))] == [4]


@pytest.mark.parametrize("end", [0, 1])
def test_a_member_is_a_text_as_it_would_be_typed_with_nothing_left_to_search(end: int) -> None:
    family = parse(TEXT)
    member = put_in(family, {one.name: one.ends()[end] for one in find_searched(family)})
    assert not is_family(member)
    typed = parse(member.text)
    assert typed == member
    assert print_program(typed) == member.text


def test_the_members_that_were_drawn_read_well() -> None:
    family = parse(TEXT)
    largest = {one.name: one.ends()[1] for one in find_searched(family)}
    message = put_in(family, {**largest, "layer": "avgpool 2", "optimizer": "adam(log(0.0001, 0.01))", "adam": 0.002}).text
    assert "(conv 16 3 relu same -> avgpool 2) * 3\nflatten\ntwice 64\ndropout 0.5\n" in message
    assert "compile adam(0.002) sparse_categorical_crossentropy accuracy\nfit x y batch_size=64 epochs=3\n" in message
    none = put_in(family, {**largest, "layer": "none", "conv times": 1}).text
    assert "\nconv 16 3 relu same\nflatten\n" in none


def test_places_of_a_member_are_those_of_the_family() -> None:
    family = parse("input 8\ndense choice(4, 16) relu")
    assert [layer.span for layer in put_in(family, {"dense": "16"}).layers] == [layer.span for layer in family.layers]


def test_a_family_reads_back_as_itself() -> None:
    assert parse(print_program(parse(TEXT))) == parse(TEXT)


def test_pasted_keras_is_searched_too_and_calls_of_python_are_left_alone() -> None:
    pasted = parse("model = Sequential([Input((8,)), Dense(choice(32, 64), activation='relu'), Dense(choice([1, 2]))])")
    assert [one.texts for one in find_searched(pasted)] == [("32", "64")]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("dense choice(3)", "choice needs at least two values."),
        ("dense choice()", "choice needs at least two values."),
        ("dense choice(3, 3)", "choice lists 3 twice."),
        ("dense choice(3, units=4)", "'choice' takes plain values without names."),
        ("dense between(5, 2)", "between(5, 2) is an empty range."),
        ("dropout between(0.1, 0.5, 0.9)", "between(0.1, 0.5, 0.9) is an empty range."),
        ("dense log(0, 1)", "log(0, 1) is an empty range."),
        ("dense log(1, 8, 2)", "'log' takes the smallest and the largest value."),
        ("dense between(relu, 2)", "'between' takes the smallest and the largest value, and optionally a step."),
        ("dense between(1)", "'between' takes the smallest and the largest value, and optionally a step."),
        ("dense 3 * between(0.5, 2.5)", "The number of repetitions must be a whole number."),
        ("dense 3 * between(0, 2)", "The number of repetitions must be a whole number."),
        ("dense 3 * choice(1, relu)", "The number of repetitions must be a whole number."),
    ],
)
def test_what_is_no_range_and_no_choice_is_reported_at_its_place(written: str, said: str) -> None:
    with pytest.raises(LanguageError) as raised:
        find_searched(parse(f"input 8\n{written}"))
    assert raised.value.problem == said
    assert raised.value.span is not None
    assert raised.value.span.line == 2


def test_a_count_that_is_some_other_call_is_refused_as_before() -> None:
    with pytest.raises(LanguageError, match="must be a whole number"):
        _ = parse("input 8\ndense 3 * sqrt(4)").layers


def test_a_family_is_refused_where_one_network_is_wanted() -> None:
    with pytest.raises(LanguageError, match="stands for several values"):
        refuse_searched(parse(TEXT))
    refuse_searched(parse("input 8 -> dense 3"))


def test_no_block_may_be_called_choice() -> None:
    with pytest.raises(LanguageError, match="can't be called 'choice'"):
        parse("block choice(f): dense f")
