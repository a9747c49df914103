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


def inspected(kernel: Kernel, code: str) -> str:
    """What Shift-Tab shows."""
    reply = kernel.client.inspect(code, len(code), reply=True, timeout=60)["content"]
    return str(reply["data"]["text/plain"])


def test_the_help_of_functions_and_of_a_run_is_in_the_language(chinese: Kernel) -> None:
    assert chinese.run("import seqmagic\nfrom seqmagic import build").status == "ok"
    assert chinese.run("from seqmagic.training.run import Run").status == "ok"  # As %fit imports it.
    for name, sentence in {
        "seqmagic": "在笔记本里用几个简单的词搭建神经网络",
        "build": "用文本创建 Keras 模型",
        "seqmagic.fit": "在后台开始训练模型",
        "Run": "一个模型的一次训练，在后台进行",
        "Run.stop": "训练完当前这批后结束",
    }.items():
        assert sentence in inspected(chinese, name), name


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
    assert "The file in which all runs are saved" in chinese.run("%config SeqMagics").printed
    assert "Build a Keras model" in inspected(chinese, "build")
    assert "End the run after the current batch" in inspected(chinese, "Run.stop")
