"""Numbers written as words: what is offered builds."""

from __future__ import annotations

import pytest

import seqmagic
from seqmagic.errors import SeqmagicError
from seqmagic.network.number_words import POWERS, SMALL, TENS, read_number_words
from tests.support.offered_lines import INPUT, offered


def in_words(number: int) -> str:
    """A number below a million, spelled out."""
    for word, power in reversed(POWERS.items()):
        if number >= power:
            rest = number % power
            return f"{in_words(number // power)} {word}" + (f" {in_words(rest)}" if rest else "")
    if number < len(SMALL):
        return SMALL[number]
    return TENS[number // 10 - 2] + (f"-{SMALL[number % 10]}" if number % 10 else "")


@pytest.mark.parametrize("number", [*range(1, 130), 200, 256, 300, 512, 784, 999, 1000, 1024, 2048, 2512, 4096, 10_000, 65_536, 200_000])
def test_each_number_is_read_back(number: int) -> None:
    assert read_number_words(f"dense {in_words(number)} relu") == f"dense {number} relu"
    assert read_number_words(f"dense {in_words(number).replace('-', ' ').capitalize()}") == f"dense {number}"


@pytest.mark.parametrize(
    ("written", "number"),
    [("十", 10), ("十六", 16), ("三十二", 32), ("六十四", 64), ("一百二十八", 128), ("二五六", 256), ("两千零四十八", 2048)],
)
def test_chinese_numbers(written: str, number: int) -> None:
    assert read_number_words(f"dense {written}") == f"dense {number}"


@pytest.mark.parametrize(
    ("line", "fix"),
    [
        ("dense ten", "dense 10"),
        ("dense ten relu", "dense 10 relu"),
        ("dense twenty relu units", "dense 20 relu"),
        ("twenty relu units", "dense 20 relu"),
        ("20 relu", "dense 20 relu"),
        ("dense twenty-five", "dense 25"),
        ("dense one hundred and twenty-eight", "dense 128"),
        ("ten dense", "dense 10"),
        ("dropout half", "dropout 0.5"),
        ("dropout a quarter", "dropout 0.25"),
        ("conv thirty-two three by three", "conv 32 3x3"),
        ("conv 32 three", "conv 32 3"),
        ("maxpool two", "maxpool 2"),
        ("dense 8 relu * two", "dense 8 relu * 2"),
        ("dense 六十四", "dense 64"),
        ("dense ten softmx", "dense 10 softmax"),
        ("dens ten softmx", "dense 10 softmax"),
    ],
)
def test_numbers_as_words(line: str, fix: str) -> None:
    assert offered(line) == (fix,)
    with pytest.raises(SeqmagicError, match=r"digits" if line != "20 relu" else "not expected"):
        seqmagic.build(INPUT + line)


def test_a_variable_of_the_notebook_may_have_such_a_name() -> None:
    assert seqmagic.build("input 4 -> dense ten", names={"ten": 12}).output_shape == (None, 12)
