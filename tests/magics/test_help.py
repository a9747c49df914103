"""The help of the magics, as Shift-Tab and `?` show it, fits in the tooltip of JupyterLab, and says all that was written."""

from __future__ import annotations

import inspect
from typing import Any

from seqmagic.magics.help import WIDTH, wrap_help
from seqmagic.magics.sequential import SeqMagics
from tests.support.kernel import Kernel

MAGICS = ("sequential", "fit", "dashboard", "look", "runs", "sweep")


def test_no_line_of_prose_is_wider_than_the_tooltip(kernel: Kernel) -> None:
    code = f"{{name: get_ipython().find_line_magic(name).__doc__ for name in {MAGICS}}}"
    helps: dict[str, Any] = eval(kernel.value(code))  # noqa: S307  # What we have asked for.
    wide = [line for text in helps.values() for line in text.split("\n") if len(line) > WIDTH]
    assert [line for line in wide if not line.startswith("%")] == []
    assert len(wide) < 5, "lines to type stay whole"


def test_nothing_is_lost_and_examples_stay_as_they_are() -> None:
    written = inspect.cleandoc(SeqMagics.sequential.__dict__.get("english") or SeqMagics.sequential.__doc__ or "")
    paragraphs = written.split("\n\n")
    assert max(map(len, wrap_help("word " * 30).split("\n"))) <= WIDTH
    for paragraph in paragraphs:
        assert wrap_help(paragraph).split() == paragraph.split()
    example = next(one for one in paragraphs if one.startswith("%%sequential digits\ninput"))
    assert wrap_help(example) == example
    chinese = "一" * 200
    assert wrap_help(chinese) == chinese
