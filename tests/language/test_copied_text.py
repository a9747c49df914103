"""What is copied along with a network, from a page, a mail or a session, is no part of it; the rest is read as if it stood alone."""

from __future__ import annotations

from typing import Any

import pytest

from seqmagic.errors import LanguageError, SeqmagicError
from seqmagic.language import parse
from seqmagic.language.readable import parse_readable

OURS = "input 8\ndense 4 relu\ndense 2"
PYTHON = "model = Sequential()\nfor n in (4, 2):\n    model.add(Dense(n, activation='relu'))\nmodel.add(Dense(1))"


def each(lines: str, mark: str) -> str:
    return "\n".join(mark + line for line in lines.split("\n"))


def numbered(lines: str, mark: str, first: int = 1) -> str:
    return "\n".join(mark.format(number) + line for number, line in enumerate(lines.split("\n"), first))


AROUND = {
    "a heading and prose": "Here it is, don't worry:\n\n```python\n{}\n```\n\n**Why?** `Dense(128)` is a layer - a good one!\n",
    "prose in Chinese": "当然！模型如下：\n```\n{}\n```\n希望对你有帮助。",
    "a heading with a number": "### Step 1: the model\n```python\n{}\n```\n",
    "a second block that is empty": "First:\n```\n{}\n```\nThen:\n```\n```\n",
    "Windows": "\r\n",
    "form feeds": "\f",
    "line separators": "\N{LINE SEPARATOR}",
}
MARKS = ["> ", ">", "+ ", "+", "  > "]
NUMBERS = ["{}: ", " {} ", "{}|  ", "{}. ", "  {}\t"]
INVISIBLE = ["\ufeff", "\u200b", "\u200f", "\u202a", "\u2060", "\xad", "\u200d"]
SPACES = ["\xa0", "\u2009", "\u202f", "\u3000"]


def read(text: str) -> list[tuple[Any, ...]]:
    """The layers of a text."""
    assert parse_readable(text)[1] == []
    return [(layer.word, layer.arguments) for layer in parse(text).layers]


@pytest.mark.parametrize("code", [OURS, PYTHON])
@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_what_surrounds_a_network_is_no_part_of_it(around: str, code: str) -> None:
    text = around.format(code) if "{}" in around else code.replace("\n", around)
    assert read(text) == read(code)
    notes = ("Only the code between the ``` is read.",) if "{}" in around else ()
    assert [note for note in parse(text).notes if "can be used in this cell" not in note] == list(notes)


@pytest.mark.parametrize("code", [OURS, PYTHON])
def test_marks_in_front_of_all_lines_are_no_part_of_the_code(code: str) -> None:
    for text in [each(code, mark) for mark in MARKS] + [numbered(code, mark, first) for mark in NUMBERS for first in (1, 9)]:
        assert read(text) == read(code), text
        assert parse(text).layers[0].span.line == parse(code).layers[0].span.line


@pytest.mark.parametrize("mark", INVISIBLE)
def test_characters_without_a_width_are_read_over(mark: str) -> None:
    for code in (OURS, PYTHON):
        for text in (mark + code, code.replace("dense", f"den{mark}se"), code.replace("\n", f"{mark}\n"), code.replace("(", f"({mark}")):
            assert read(text) == read(code), repr(text)


@pytest.mark.parametrize("space", SPACES)
def test_any_space_is_a_space(space: str) -> None:
    for code in (OURS, PYTHON):
        assert read(code.replace(" ", space)) == read(code)


def test_strings_keep_their_characters() -> None:
    (layer,) = parse("Dense(3, name='a\u200bb\xa0−1')").layers
    assert layer.arguments[-1].value.value == "a\u200bb\xa0−1"  # type: ignore[union-attr]


@pytest.mark.parametrize("dash", ["\N{MINUS SIGN}", "\N{EN DASH}", "\N{EM DASH}", "\N{NON-BREAKING HYPHEN}"])
def test_a_dash_before_a_number_or_an_arrowhead_is_a_minus(dash: str) -> None:
    assert read(f"input 8 {dash}> softmax axis={dash}1") == read("input 8 -> softmax axis=-1")


@pytest.mark.parametrize(
    ("text", "layers"),
    [
        (" input 8\n-dense 3\n+dense 4\n dense 2", ["input 8", "dense 4", "dense 2"]),
        ("--- a/net.seq\n+++ b/net.seq\n@@ -1,2 +1,2 @@\n input 8\n-dense 3\n+dense 4", ["input 8", "dense 4"]),
        (" model = Sequential([\n-    Dense(3),\n+    Dense(4),\n     Dense(2),\n ])", ["Dense(4)", "Dense(2)"]),
        ("+input 8\n+dense 4", ["input 8", "dense 4"]),
    ],
)
def test_of_two_versions_the_newer_one_is_read(text: str, layers: list[str]) -> None:
    program = parse(text)
    assert [layer.text for layer in program.layers] == layers
    assert any("the newer one is read" in note for note in program.notes) == ("\n-" in text)


@pytest.mark.parametrize(
    "shown",
    [
        "model.output_shape\n(None, 4)\nmodel\n46\n'text'",
        "Out[5]: (None, 4)",
        "%matplotlib inline\n!pip install keras\n?model\nmodel?",
    ],
)
def test_what_a_session_showed_is_no_part_of_the_code(shown: str) -> None:
    first, *rest = PYTHON.split("\n")
    assert read("\n".join([first, shown, *rest])) == read(PYTHON)


@pytest.mark.parametrize(
    "text",
    [
        "input 8\n```\ndense 3\n```",
        "```\ninput 8\n```\ndense 3 -> dense 2",
        "n = 3\n```\nmodel = Sequential([Dense(n)])\n```",
        "model = Sequential([Dense(3)])\n```\nmodel.add(Dense(2))\n```",
    ],
)
def test_lines_of_a_network_outside_the_fences_are_read_too(text: str) -> None:
    assert read(text) == read(text.replace("```\n", "").removesuffix("```"))


@pytest.mark.parametrize(
    "text", ["1 input 8\n3 dense 4", "> input 8\ndense 3", "2 dense", "+ input 8\ndense 3", "- input 8\n+dense 3\ndense 2"]
)
def test_marks_that_do_not_stand_in_front_of_all_lines_are_refused(text: str) -> None:
    with pytest.raises(SeqmagicError):
        parse(text)


def test_two_models_in_a_page_are_not_to_be_run_with_their_prose() -> None:
    block = "```\nmodel = Sequential([Dense(3)])\n```\n"
    with pytest.raises(LanguageError, match="only the code, in a cell without %%sequential"):
        parse(f"Either\n{block}or\n{block}")
