"""The check while typing: shapes are those of the model that the cell would make, and a line that is refused has none."""

from __future__ import annotations

import pytest

from seqmagic.editor.check import Checker
from seqmagic.editor.flow import Memory
from seqmagic.network.own_thread import work_apart


def shapes_of(text: str) -> dict[int, str]:
    checked = work_apart(lambda: Checker({}, Memory()).check(text))
    return {line.line: line.shape for line in checked.lines}


def test_each_line_has_the_shape_that_its_last_layer_gives() -> None:
    text = "input 8x8x1\nconv 4 3x3 relu -> maxpool 2\n\nflatten\ndense 10 softmax"
    assert shapes_of(text) == {1: "8x8x1", 2: "3x3x4", 4: "36", 5: "10"}


@pytest.mark.parametrize("end", ["conv 8 3x3 rleu", "desne 3", "conv 8 9x9", "dense"])
def test_a_line_that_is_refused_at_its_end_has_no_shape(end: str) -> None:
    assert shapes_of(f"input 8x8x1\nconv 4 3x3 relu -> maxpool 2 -> {end}\nflatten") == {1: "8x8x1"}


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        (("out=? params=?", "out=?"), {1: "8x8x1"}),
        (("out=6x6x4", "out=?"), {1: "8x8x1", 2: "6x6x4"}),
        (("out=6x6x5", "out=144"), {1: "8x8x1"}),
        (("params=?", ""), {1: "8x8x1"}),
        (("out=6x6x4", "out=144"), {1: "8x8x1", 2: "6x6x4", 3: "144"}),
    ],
)
def test_no_shape_is_shown_that_an_exercise_asks_for(answers: tuple[str, str], shown: dict[int, str]) -> None:
    first, second = answers
    text = f"input 8x8x1\nconv 4 3x3 relu  # {first}\nflatten  # {second}\n"
    assert {line: shape for line, shape in shapes_of(f"{text}dense 10").items() if line < 4} == shown
    assert {line: shape for line, shape in shapes_of(f"{text}dense ?").items() if line < 4} == shown
