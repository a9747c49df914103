"""A live notebook in Chinese: help, settings, Tab and what the extension of JupyterLab is told, from the moment when it is chosen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.kernel import Kernel

CHINESE = re.compile("[一-鿿]")


@pytest.fixture(scope="module")
def chinese(kernel: Kernel) -> Iterator[Kernel]:
    assert kernel.run('%config SeqMagics.language = "zh"').status == "ok"
    yield kernel
    assert kernel.run('%config SeqMagics.language = ""').status == "ok"


def test_the_help_of_each_magic_and_of_the_settings_is_in_the_language(chinese: Kernel) -> None:
    code = "{name: get_ipython().find_line_magic(name).__doc__ for name in 'sequential fit dashboard look runs sweep'.split()}"
    helps: dict[str, Any] = eval(chinese.value(code))  # noqa: S307  # What we have asked for.
    assert [name for name, text in helps.items() if not CHINESE.search(text.split("\n")[0])] == []
    assert "保存所有训练记录的文件" in chinese.run("%config SeqMagics").printed


def test_a_wrong_cell_and_tab_are_in_the_language(chinese: Kernel) -> None:
    outcome = chinese.run("%%sequential net\ninput 8\ndense 3 rleu")
    assert CHINESE.search("".join(outcome.error) + outcome.printed)
    code = "%%sequential net\ninput 8\ndens"
    reply = chinese.client.complete(code, len(code), reply=True, timeout=60)["content"]
    types = [one["type"] for one in reply["metadata"]["_jupyter_types_experimental"]]
    assert types[0] == "层：每个单元都看到全部输入"


def test_english_comes_back(chinese: Kernel) -> None:
    assert chinese.run('%config SeqMagics.language = "en"').status == "ok"
    assert chinese.value("get_ipython().find_line_magic('fit').__doc__.split('.')[0]") == "'Train a model with live curves'"
    assert "The file that keeps all runs" in chinese.run("%config SeqMagics").printed
