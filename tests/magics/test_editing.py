"""Tab and Shift-Tab in a real kernel, by Jupyter's own messages; and Tab in a terminal's IPython."""

from __future__ import annotations

import re
import sys
import time
from typing import Any

import pexpect
import pytest

from tests.support.kernel import Kernel, running_kernel

NETWORK = "%%sequential net\ninput 8x8x1\nconv 16 3x3 relu same -> maxpool 2\n"
MAKE = """
import numpy as np
x_train, y_train, x_test = np.zeros((40, 8, 8, 1)), np.zeros(40, int), np.zeros((9, 8, 8, 1))
width, tall = 24, np.zeros((40, 9))
def focal(y_true, y_pred):
    "How hard each row is."
    return y_pred
"""


# A line of each magic, and what Tab puts there or shows below it.
IN_TERMINAL = {
    "%sweep net x y --": "resume",
    "%dashboard net x y ep": "ochs=",
    "%fit net x y --": "--find-rate",
    "%look net x y --": "--follow",
    "%runs --": "--delete",
    "%sequential net --": "--python",
}


def complete(kernel: Kernel, code: str, cursor: int | None = None) -> dict[str, Any]:
    """The kernel's answer, with the words in the order in which they come."""
    reply = kernel.client.complete(code, len(code) if cursor is None else cursor, reply=True, timeout=60)
    assert reply["content"]["status"] == "ok"
    return dict(reply["content"])


def words(kernel: Kernel, code: str, cursor: int | None = None) -> list[str]:
    return list(complete(kernel, code, cursor)["matches"])


def inspect(kernel: Kernel, code: str, cursor: int) -> str:
    content = kernel.client.inspect(code, cursor, reply=True, timeout=60)["content"]
    assert content["status"] == "ok"
    return re.sub(r"\x1b\[[\d;]*m", "", content["data"].get("text/plain", "")) if content["found"] else ""


@pytest.fixture(scope="module")
def notebook(kernel: Kernel) -> Kernel:
    assert kernel.run(MAKE).status == "ok"
    assert kernel.run("%%sequential digits --quiet\ninput 8x8x1\nflatten\ndense 10 softmax").status == "ok"
    return kernel


def test_a_layer_is_completed_in_the_rank_that_flows_in(notebook: Kernel) -> None:
    assert words(notebook, f"{NETWORK}con")[:1] == ["conv"]
    assert words(notebook, "%%sequential net\ninput 100x8\nconv1")[:1] == ["conv1d"]
    found = words(notebook, "%%sequential net\ninput 100x8\nconv")
    assert found.index("conv1d") < found.index("conv2d")


def test_each_word_says_what_it_is_and_where_it_goes(notebook: Kernel) -> None:
    code = f"{NETWORK}dense 10 soft"
    reply = complete(notebook, code)
    assert (reply["cursor_start"], reply["cursor_end"]) == (len(code) - 4, len(code))
    first = reply["metadata"]["_jupyter_types_experimental"][0]
    assert (first["text"], first["type"], first["start"]) == (
        "softmax",
        "activation: outputs that add up to 1, one per class",
        len(code) - 4,
    )


def test_in_the_middle_of_a_cell_only_what_stands_before_counts(notebook: Kernel) -> None:
    code = f"{NETWORK}flatten\ndense 10 softmax\n"
    assert words(notebook, code, code.index("maxpool") + 3)[0] == "maxpool"


def test_losses_and_data_that_fit_come_first(notebook: Kernel) -> None:
    cell = "%%sequential net\ninput 8x8x1\nflatten\ndense 10 softmax\ncompile adam "
    ends = time.monotonic() + 60
    while words(notebook, cell)[0] != "sparse_categorical_crossentropy":  # Tab waits a moment; what takes longer is there for a later one.
        assert time.monotonic() < ends
    assert words(notebook, f"{cell}foc")[0] == "focal"
    found = words(notebook, "%fit digits ")
    assert found.index("x_train") < found.index("x_test") < found.index("y_train") < found.index("tall")
    assert words(notebook, "%fit digits x_train ")[0] == "y_train"
    assert words(notebook, "%fit digits x_train y_train ep") == ["epochs="]


def test_where_nothing_fits_python_offers_nothing_either(notebook: Kernel) -> None:
    assert words(notebook, f"{NETWORK}dense 1") == []
    assert words(notebook, f"{NETWORK}# pri") == []
    assert words(notebook, f"{NETWORK}dense 10 prin") == []


def test_curly_brackets_are_completed_as_python(notebook: Kernel) -> None:
    assert "width" in words(notebook, f"{NETWORK}dense {{2 * wid")
    assert "shape" in [word.rpartition(".")[2] for word in words(notebook, f"{NETWORK}dense {{x_train.sha")]


def test_python_cells_stay_as_they_are(notebook: Kernel) -> None:
    assert "focal" in words(notebook, "print(foca")
    assert any(word.endswith("shape") for word in words(notebook, "%time x_train.sha"))
    assert "How hard each row is." in inspect(notebook, "focal(1, 2)", 3)


def test_options_and_files_behind_the_magics(notebook: Kernel) -> None:
    assert notebook.run("%sequential digits --save small.seq").status == "ok"
    assert words(notebook, "%sequential other --load sm") == ["small.seq"]
    assert words(notebook, "%sequential digits --te") == ["--text"]
    assert words(notebook, "%%sequential net --") == ["--add", "--quiet"]
    assert words(notebook, "%fit dig") == words(notebook, "%dashboard dig") == ["digits"]
    assert words(notebook, "%runs dig") == [], "no run of it is kept"


def test_a_blank_is_replaced_and_a_cell_with_choices_is_known_by_its_name(notebook: Kernel) -> None:
    code = f"{NETWORK}dense ? relu"
    reply = complete(notebook, code, code.index("?") + 1)
    assert (reply["matches"][0], reply["cursor_start"], reply["cursor_end"]) == ("units=", code.index("?"), code.index("?") + 1)
    assert inspect(notebook, code, code.index("?")).startswith("Not filled in yet: units of dense")
    assert notebook.run("%%sequential family --quiet\ninput 8 -> dense choice(2, 3) -> dense 1\ncompile adam mse").status == "ok"
    assert words(notebook, "%sweep fam") == ["family"]
    assert words(notebook, "%sweep family x_train y_train tri") == ["trials="]
    assert words(notebook, "%sweep family x_train y_train --") == ["--resume"]


def test_shift_tab_says_what_a_layer_is_and_what_flows(notebook: Kernel) -> None:
    code = f"{NETWORK}flatten\n"
    shown = inspect(notebook, code, code.index("conv") + 2)
    assert shown.startswith("conv is a layer, Keras's Conv2D: moves a window over its input")
    assert "Input shape: 8x8x1\nOutput shape: 8x8x16, 160 parameters" in shown
    assert "strides=1x1" in shown
    assert "Example:\n    input 28x28x3\n    conv 32 3x3 relu" in shown
    assert "Input shape: 8x8x16\nOutput shape: 4x4x16" in inspect(notebook, code, code.index("maxpool"))


def test_shift_tab_on_values_and_options(notebook: Kernel) -> None:
    code = f"{NETWORK}dense 10 activation=relu\ncompile adam(1e-3) mse"
    assert inspect(notebook, code, code.index("16")).startswith("filters of conv")
    assert inspect(notebook, code, code.index("same") + 1).startswith("same, padding")
    assert inspect(notebook, code, code.index("activation=") + 3).startswith("activation of dense")
    assert inspect(notebook, code, code.index("1e-3") + 1).startswith("learning_rate of adam")
    assert inspect(notebook, code, code.index("mse")).startswith("mse is a loss")
    assert inspect(notebook, "%fit digits x_train y_train epochs=3", 30).startswith("epochs of fit")
    assert inspect(notebook, "%fit digits --resume", 18).startswith("--resume: continues")


def test_shift_tab_on_the_notebook_s_own_is_python_s_help(notebook: Kernel) -> None:
    code = f"{NETWORK}dense {{2 * width}}\ncompile adam focal\nfit x_train y_train"
    assert "int" in inspect(notebook, code, code.index("width") + 2)
    assert "How hard each row is." in inspect(notebook, code, code.index("focal") + 2)
    assert "ndarray" in inspect(notebook, code, code.index("x_train") + 2)


def test_typing_runs_nothing_and_leaves_no_trace(notebook: Kernel) -> None:
    spy = """
    import keras, random
    ran = []
    class Spy(keras.layers.Layer):
        def __init__(self, *a, **k): ran.append("made"); super().__init__()
        def __getattr__(self, name): ran.append(name); raise AttributeError(name)
    class Odd:
        def __getattr__(self, name): ran.append(name); raise AttributeError(name)
        def __len__(self): ran.append("len"); return 3
        @property
        def shape(self): ran.append("shape"); return (3,)
    odd, before = Odd(), random.getstate()
    """
    assert notebook.run("\n".join(line[4:] for line in spy.split("\n"))).status == "ok"
    cell = "%%sequential net\ninput 8x8x1\nSpy 3\nconv 3 3\ndense {ran.append(1)}\ndropout 0.3\ncompile adam "
    for end in range(18, len(cell) + 1):
        complete(notebook, cell[:end])
        inspect(notebook, cell, end)
    complete(notebook, "%fit digits ")
    complete(notebook, "%fit odd ")
    assert notebook.value("ran, before == random.getstate(), 'net' in globals()") == "([], True, False)"


def test_unloaded_all_of_it_is_gone() -> None:
    with running_kernel(loads_keras=True) as kernel:
        assert kernel.run("a = 1").status == "ok"
        assert "dense" in words(kernel, "%%sequential net\ninput 8\nden")  # While Keras is still being loaded.
        assert inspect(kernel, "%%sequential net\ninput 8\ndense 3", 26).startswith("dense is a layer")
        assert kernel.run("%unload_ext seqmagic").status == "ok"
        assert "dense" not in words(kernel, "%%sequential net\ninput 8\nden")
        assert kernel.value("get_ipython().Completer.custom_matchers, 'do_inspect' in vars(get_ipython().kernel)") == "([], False)"
        assert kernel.run("%load_ext seqmagic\n%load_ext seqmagic\n%reload_ext seqmagic").status == "ok"
        assert kernel.value("len(get_ipython().Completer.custom_matchers)") == "1"


def test_a_terminal_completes_and_says_what_the_words_are() -> None:
    terminal = pexpect.spawn(
        sys.executable, ["-m", "IPython", "--no-banner", "--colors=NoColor"], encoding="utf-8", timeout=60, dimensions=(40, 120)
    )
    try:
        terminal.expect("In ")
        terminal.send("%load_ext seqmagic\r")
        terminal.expect(r"In .*2")
        terminal.send("%sequential net input 8x8x1 -> glob\t")
        terminal.expect("global_average_pooling2d")
        terminal.send("\t")
        terminal.expect("average of each channel")
        for typed, shown in IN_TERMINAL.items():
            terminal.send("\x15\r")  # Empties the line, and asks for a new one.
            terminal.expect(r"\n.*In \[")
            terminal.send(f"{typed}\t")
            terminal.expect_exact(shown)
    finally:
        terminal.ptyproc.delayafterterminate = 5  # Keras is being loaded.
        terminal.close(force=True)
