"""Pasted Python with a mistake in its blocks is told what Python would say of it, at the line."""

from __future__ import annotations

import pytest

from seqmagic.errors import LanguageError
from seqmagic.language import parse
from seqmagic.language.readable import parse_readable

HEAD = "model = Sequential()\n"


@pytest.mark.parametrize(
    ("code", "line", "said"),
    [
        (f"{HEAD}for n in (4, 2)\n    model.add(Dense(n))", 2, "A : is missing"),
        (f"def make()\n    {HEAD}    return model", 1, "A : is missing"),
        (f"{HEAD}for n in (4, 2):\nmodel.add(Dense(n))", 3, "begins a block"),
        ("def make():\n    m = Sequential()\n  m.add(Dense(3))\n    return m", 3, "further left or right"),
        (f"{HEAD}for n in (4, 2):\n    model.add(Dense(n))\n        model.add(Dense(3))", 4, "further left or right"),
        ("def make():\n\tm = Sequential()\n        m.add(Dense(8))\n\treturn m", 3, "Tabs and spaces"),
        ("1 model = Sequential()\n2 for n in (4, 2):\n3 model.add(Dense(n))", 3, "begins a block"),
    ],
)
def test_a_mistake_in_a_block_is_said_at_its_line(code: str, line: int, said: str) -> None:
    with pytest.raises(LanguageError, match=said) as caught:
        parse(code)
    assert caught.value.span is not None
    assert caught.value.span.line == line
    with pytest.raises(SyntaxError):
        compile(code, "code", "exec")
    assert [str(error) for error in parse_readable(code)[1]] == [str(caught.value)]


def test_a_missing_colon_is_what_was_missing() -> None:
    code = f"{HEAD}for n in (4, 2)\n    model.add(Dense(n))"
    with pytest.raises(LanguageError) as caught:
        parse(code)
    assert len(parse(code.replace("for n in (4, 2)", caught.value.instead)).layers) == 2


@pytest.mark.parametrize("text", ["input 4\ndense 3,", "input 4\nfor 3", "block b(n):\n    dense n\nb 3"])
def test_a_network_in_our_own_lines_is_no_python(text: str) -> None:
    for error in parse_readable(text)[1]:
        assert "block" not in str(error)
