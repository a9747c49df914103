"""A check that remembers earlier texts gives what a check from scratch gives, whatever was typed in between."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import keras
import pytest

from seqmagic.editor.answers import answer_of
from seqmagic.editor.cell import Network
from seqmagic.editor.check import Checker
from seqmagic.editor.flow import Memory
from seqmagic.network.own_thread import work_apart
from tests.support.broken_cells import WORKING
from tests.support.classics import CLASSICS, data

BLOCKS = """input 8
block bottleneck(n, rate=0.1):
  dense n relu
  dropout rate
bottleneck 4 -> (dense 3 -> bottleneck 2) * 2
head: sequential(dense 4 -> dense 2)
dense {2 * 3}
compile adam(1e-3) mse mae"""
FAMILY = "input 8x8x1\nconv choice(4, 8) 3 relu\nflatten\n(dense log(2, 8)) * between(1, 2)\ndense 3 softmax\ncompile adam mse"
INSERTED = (
    "dense 4 relu",
    "dropout 0.2",
    "  dense 3",
    "# nothing",
    "head: dense 4",
    "desne 4",
    "dense width",
    "(dense 3",
    "relu 32",
    "input 8",
    "",
)
SIGNS = "()->x 93=,{}*#"
EDITS = 7  # Of each network.
NAMES = {**data(), "width": 7}


def answer(text: str, memory: Memory, names: Mapping[str, Any] = NAMES, *, with_fixes: bool = False) -> dict[str, Any]:
    """What a page gets, shapes and problems."""
    checker = Checker(names, memory)
    check = work_apart(lambda: checker.with_fixes(text) if with_fixes else checker.check(text))
    return answer_of(f"%%sequential net\n{text}", [(Network(text, len("%%sequential net\n")), check)])


def edited(text: str, chance: random.Random) -> Iterator[str]:
    """A text after one edit after another: a character, a line, two lines joined; some are taken back."""
    for _ in range(EDITS):
        before, lines = text, text.split("\n")
        at = chance.randrange(len(lines))
        place = chance.randrange(len(lines[at]) + 1)
        kind = chance.randrange(5)
        if kind == 0:
            lines[at] = lines[at][:place] + lines[at][place + 1 :]
        elif kind == 1:
            lines[at] = lines[at][:place] + chance.choice(SIGNS) + lines[at][place:]
        elif kind == 2:
            lines.insert(at, chance.choice(INSERTED))
        elif kind == 3 and len(lines) > 2:
            del lines[at]
        elif at + 1 < len(lines):
            lines[at : at + 2] = [f"{lines[at]} -> {lines[at + 1]}"]
        text = "\n".join(lines)
        yield text
        text = before if chance.random() < 0.4 else text
        yield text


@pytest.mark.parametrize("number", range(len(WORKING) + len(CLASSICS) + 2))
def test_an_answer_does_not_depend_on_what_was_typed_before(number: int) -> None:
    text = [*WORKING, *CLASSICS.values(), BLOCKS, FAMILY][number]
    memory, chance = Memory(), random.Random(number)
    for index, changed in enumerate(edited(text, chance)):
        with_fixes = index % 5 == 0
        assert answer(changed, memory, with_fixes=with_fixes) == answer(changed, Memory(), with_fixes=with_fixes), changed


def test_an_unchanged_line_is_not_looked_at_again() -> None:
    memory = Memory()
    text = "input 8\ndense 4 relu\ndense 3"
    first = work_apart(lambda: Checker({}, memory)._look(text))[0]  # noqa: SLF001  # Nobody else sees whether it is the same object.
    second = work_apart(lambda: Checker({}, memory)._look(f"{text} softmax"))[0]  # noqa: SLF001
    assert first.plan is not None
    assert second.plan is not None
    assert second.plan.rows[0] is first.plan.rows[0]
    assert second.plan.rows[1] != first.plan.rows[1]


def test_a_new_variable_counts_for_lines_that_were_there_before() -> None:
    memory, text = Memory(), "input 8\ndense width\ncompile adam mine"
    before = answer(text, memory, {})
    assert [problem["line"] for problem in before["problems"]] == [3, 4]
    assert answer(text, memory, {"width": 7})["lines"][-1] == {"line": 3, "shape": "7", "params": 63}
    assert answer(text, memory, {"width": 9})["lines"][-1] == {"line": 3, "shape": "9", "params": 81}
    assert answer(text, memory, {}) == before


def test_another_setting_of_keras_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    memory, text = Memory(), "input 1x8x8\nconv 4 3x3 same"
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_last")
    memory.begin()
    lines = memory.lines
    lines.trees["kept"] = None
    memory.begin()
    assert lines.trees
    monkeypatch.setattr(keras.config, "image_data_format", lambda: "channels_first")
    memory.begin()
    assert not memory.lines.trees
    assert answer(text, memory)["lines"][-1]["line"] == 3


def test_the_network_of_a_family_has_no_shapes() -> None:
    assert answer(FAMILY, Memory())["lines"] == []
    assert answer(FAMILY.replace("choice(4, 8)", "4").replace("log(2, 8)", "2").replace("between(1, 2)", "2"), Memory())["lines"]


def test_a_layers_contents_are_those_of_a_changed_layer() -> None:
    (layer,) = work_apart(lambda: Checker({}, Memory())._look("dense 4 relu"))[0].program.layers  # type: ignore[union-attr]  # noqa: SLF001
    assert {"dense", "relu"} <= layer.contents.words
    assert replace(layer, arguments=()).contents.words == {"dense"}
