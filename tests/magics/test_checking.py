"""Shapes and problems of a cell that is being typed, asked for over the comm as docs/editor.md has it, in a real kernel."""

from __future__ import annotations

import time
import uuid
from queue import Empty
from typing import Any

import pytest

from tests.support.kernel import Kernel

CELL = "%%sequential net\ninput 8x8x1\nconv 16 3x3 {word} same -> maxpool 2\nflatten\ndense 10 softmax\ncompile adam {loss} accuracy\n"


class FrontEnd:
    """What JupyterLab does: it opens a comm, asks, and listens."""

    def __init__(self, kernel: Kernel) -> None:
        self.kernel, self.id = kernel, uuid.uuid4().hex
        self.send("comm_open", {"target_name": "seqmagic.lines", "data": {}})

    def send(self, kind: str, content: dict[str, Any]) -> None:
        session = self.kernel.client.session
        self.kernel.client.shell_channel.send(session.msg(kind, {"comm_id": self.id, **content}))

    def ask(self, text: str, number: int = 1) -> None:
        self.send("comm_msg", {"data": {"type": "check", "id": number, "text": text}})

    def next(self, timeout: float = 60) -> dict[str, Any]:
        """The data of the next message of the comm; {"type": "closed"} when it is closed."""
        end = time.monotonic() + timeout
        while True:
            message = self.kernel._next_message(end)  # noqa: SLF001
            if message["content"].get("comm_id") == self.id:
                return {"type": "closed"} if message["msg_type"] == "comm_close" else dict(message["content"]["data"])

    def answer(self, text: str, number: int = 1) -> dict[str, Any]:
        """The last answer to a cell."""
        self.ask(text, number)
        while True:
            found = self.next()
            if found["type"] == "check" and found["id"] == number and found["final"]:
                return found


@pytest.fixture
def front_end(kernel: Kernel) -> FrontEnd:
    opened = FrontEnd(kernel)
    assert opened.next()["type"] == "words"
    return opened


def test_the_words_come_first(kernel: Kernel) -> None:
    words = FrontEnd(kernel).next()
    assert (words["type"], words["version"]) == ("words", 1)
    assert {"conv", "conv2d"} <= set(words["kinds"]["layer"])


def test_a_right_cell_has_a_shape_for_each_line_and_the_parameters_of_its_card(front_end: FrontEnd) -> None:
    cell = CELL.format(word="relu", loss="sparse_categorical_crossentropy")
    outcome = front_end.answer(cell, 7)
    assert outcome["problems"] == []
    assert [(line["line"], line["shape"], line["params"]) for line in outcome["lines"]] == [
        (2, "8x8x1", 0), (3, "4x4x16", 160), (4, "256", 0), (5, "10", 2570),
    ]  # fmt: skip
    assert front_end.kernel.run(cell).status == "ok"
    assert front_end.kernel.value("net.count_params(), net.output_shape") == "(2730, (None, 10))"


def test_a_wrong_word_is_pointed_at_with_a_fix_that_the_cell_takes(front_end: FrontEnd) -> None:
    cell = CELL.format(word="rleu", loss="sparse_categorical_crossentropy")
    outcome = front_end.answer(cell)
    (problem,) = outcome["problems"]
    lines = cell.split("\n")
    assert (problem["line"], problem["severity"]) == (3, "error")
    assert lines[2][problem["start"] : problem["end"]] == "rleu"
    assert problem["message"].startswith("'conv' has no word 'rleu'.\nClosest matches: relu")
    fix = problem["fixes"][0]
    lines[fix["line"] - 1] = fix["text"]
    assert front_end.kernel.run("\n".join(lines)).status == "ok"


def test_an_answer_comes_at_once_and_its_fixes_a_moment_later(front_end: FrontEnd) -> None:
    front_end.ask(CELL.format(word="relu", loss="categorcal_crossentropy"), 3)
    first, last = front_end.next(), front_end.next()
    assert (first["final"], last["final"], first["id"], last["id"]) == (False, True, 3, 3)
    assert [problem["fixes"] for problem in first["problems"]] == [[]]
    assert "categorical_crossentropy" in last["problems"][0]["fixes"][0]["text"]


def test_lines_of_magics_in_python_cells_are_looked_at_too(front_end: FrontEnd) -> None:
    assert front_end.kernel.run("%%sequential net --quiet\ninput 8 -> dense 1\ncompile adam mse").status == "ok"
    outcome = front_end.answer("x = 'é😀'\n%sequential other input 8 -> desne 3\n%fit net nowhere epochs=3\n")
    marked = [(problem["line"], problem["start"], problem["end"]) for problem in outcome["problems"]]
    assert marked == [(2, 29, 34), (3, 9, 16)]
    assert outcome["problems"][0]["fixes"][0]["text"] == "%sequential other input 8 -> dense 3"


def test_columns_are_counted_as_javascript_does(front_end: FrontEnd) -> None:
    outcome = front_end.answer("%%sequential net\ninput 8 -> dense '😀' rleu\n")
    line = "input 8 -> dense '😀' rleu".encode("utf-16-le")
    problem = next(problem for problem in outcome["problems"] if "rleu" in problem["message"])
    assert line[2 * problem["start"] : 2 * problem["end"]].decode("utf-16-le") == "rleu"


def test_nobody_s_code_is_run_and_nothing_is_left_behind(front_end: FrontEnd) -> None:
    spy = """
import keras, random, warnings
ran = []
class Spy(keras.layers.Layer):
    def __init__(self, *a, **k): ran.append("made"); super().__init__()
def twice(x): ran.append("called"); return x
def focal(a, b): ran.append("loss"); return b
class Batches(keras.utils.PyDataset):
    def __len__(self): ran.append("len"); return 3
    def __getitem__(self, i): ran.append("item")
batches = Batches(); ran.clear()
before = random.getstate()
"""
    assert front_end.kernel.run(spy).status == "ok"
    for text in (
        "input 8x8\nSpy 3\nlstm 4 twice\ndense {ran.append(1)}\ndense 3\ncompile adam focal\nfit batches",
        "input 8\ntwice\nconv 3 3\ndense 10 rleu\ncompile {ran.append(2)} mse\nfit {ran.append(3)} y",
        "input 20\nembedding 100 4 mask_zero\nconv 3 3\nnormalization adapt=batches",
    ):
        front_end.answer(f"%%sequential net\n{text}\n")
    found = front_end.kernel.value("ran, before == random.getstate(), keras.layers.Dense(1).name.partition('_')[0], 'Spy' in dir()")
    assert found == "([], True, 'dense', True)"


def test_of_several_questions_the_newest_is_answered(front_end: FrontEnd) -> None:
    for number in range(30):
        front_end.ask(CELL.format(word="relu" if number % 2 else "rleu", loss="mse"), number)
    seen = []
    while not seen or (seen[-1]["id"], seen[-1]["final"]) != (29, True):
        seen.append(front_end.next())
    assert [one["id"] for one in seen] == sorted(one["id"] for one in seen)
    assert len({one["id"] for one in seen}) <= 30


def test_two_pages_on_one_kernel_each_get_their_answers(front_end: FrontEnd) -> None:
    other = FrontEnd(front_end.kernel)
    for number in range(5):
        front_end.ask(CELL.format(word="rleu", loss="mse"), number)
        other.ask(CELL.format(word="relu", loss="mse"), number)
    last: dict[str, tuple[Any, bool]] = {}
    while set(last.values()) != {(4, True)} or len(last) < 2:
        message = front_end.kernel._next_message(time.monotonic() + 60)  # noqa: SLF001
        data = message["content"].get("data", {})
        if message["msg_type"] == "comm_msg" and data.get("type") == "check":
            last[message["content"]["comm_id"]] = data["id"], data["final"]
    assert set(last) == {front_end.id, other.id}


def test_it_answers_while_a_training_goes_on_and_changes_nothing_of_it(front_end: FrontEnd) -> None:
    train = """
import numpy as np
x, y = np.random.default_rng(0).normal(size=(2000, 8)), np.zeros(2000)
%sequential net input 8 -> dense 64 relu -> dense 1
net.compile("sgd", "mse")
"""
    assert front_end.kernel.run(train).status == "ok"
    assert front_end.kernel.run("%fit net x y epochs=100000", live=True).status == "ok"
    for number in range(5):
        assert front_end.answer(CELL.format(word="relu", loss="mse"), number)["lines"]
    assert front_end.kernel.value("from seqmagic.training.registry import active_runs; len(active_runs())") == "1"
    front_end.kernel.run("for run in active_runs(): run.stop().wait_quietly()")


def test_one_setting_turns_it_off_and_on(kernel: Kernel, front_end: FrontEnd) -> None:
    assert kernel.run("%config SeqMagics.check_while_typing = False").status == "ok"
    assert FrontEnd(kernel).next() == {"type": "closed"}
    assert kernel.run("%config SeqMagics.check_while_typing = True").status == "ok"
    assert FrontEnd(kernel).next()["type"] == "words"
    with pytest.raises(Empty):
        front_end.next(timeout=0.2)
