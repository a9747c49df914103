"""The golden pages: their cases, and the current messages for a cell or a line of Python."""

from __future__ import annotations

import linecache
import os
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np

import seqmagic
from seqmagic.network import fixes as repair
from seqmagic.recipes.recipe import make_recipe, read

repair.MOST_SECONDS = repair.MOST_WAITING = 600.0  # Suggested fixes must not depend on how busy the computer is.
PAGES = sorted((Path(__file__).parents[1] / "golden").glob("*.md"))
CASE = re.compile(r"```(?P<kind>seqmagic|python)\n(?P<cause>.*?)```\n+```text\n(?P<message>.*?)```\n", re.DOTALL)
LONGEST = 6  # Lines of a single message.


def mistakes(page: Path) -> list[tuple[Path, re.Match[str]]]:
    return [(page, match) for match in CASE.finditer(page.read_text("utf-8"))]


CASES = [case for page in PAGES for case in mistakes(page)]


def of_kind(kind: str) -> list[tuple[Path, re.Match[str]]]:
    """The cases that are cells ("seqmagic"), or code that trains ("python")."""
    return [(page, case) for page, case in CASES if case["kind"] == kind]


def name_of(part: Path | re.Match[str]) -> str:
    """The position of a case: its page, and its first line."""
    return part.stem if isinstance(part, Path) else str(part.string.count("\n", 0, part.start()) + 1)


def check_message(page: Path, case: re.Match[str]) -> None:
    """Compare the current message of a case with its page; or write it there, with SEQMAGIC_GOLDEN=write."""
    message = message_of(case["kind"], case["cause"])
    if os.environ.get("SEQMAGIC_GOLDEN") == "write":
        text = page.read_text("utf-8")
        found = next(match for match in CASE.finditer(text) if match["cause"] == case["cause"])
        page.write_text(text[: found.start("message")] + message + text[found.end("message") :], "utf-8")
        return
    assert message == case["message"]
    assert all(len(part.splitlines()) <= LONGEST for part in message.split("\n\n"))


def message_of(kind: str, cause: str) -> str:
    """The message for a cell, or for Python code that trains a network on the data below: an error, or notes."""
    try:
        if kind == "seqmagic":
            names = {"width": 8, "rows": np.ones((20, 8), "float32"), "amounts": np.arange(20.0)}
            advice = list(make_recipe(read(cause, names), names).advice)
        else:
            run_cell(cause, things := data())
            advice = things["advice"]
    except seqmagic.SeqmagicError as error:
        return f"{type(error).__name__}: {error}\n"
    return "".join(f"Note: {sentence}\n" for sentence in advice) or "(nothing)\n"


def run_cell(code: str, things: dict[str, Any]) -> None:
    """Run code like a cell in a terminal: under a file name at which its lines are found."""
    name = "<ipython-input-golden>"
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    exec(compile(code, name, "exec"), things)  # noqa: S102  # The page is part of the repository.


def data() -> dict[str, Any]:
    """Random data of common shapes, `train(network, loss, x, y)`, and `learn`, which trains to the end."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, 200)
    notes: list[str] = []

    def train(network: str, loss: Any, x: Any, y: Any, *, optimizer: str = "adam", **options: Any) -> seqmagic.Run:
        names = {} if isinstance(loss, str) else {loss.__name__: loss}
        keras.utils.clear_session()  # Keras numbers its layers across tests, and a message may contain such a name.
        model = seqmagic.build(f"{network}\ncompile {optimizer} {next(iter(names), loss)}", names)
        model.name = "digits"
        run = seqmagic.Run(model, x, y, **options)
        notes.extend(run.advice)
        return run

    def learn(*given: Any, **options: Any) -> None:
        train(*given, **options).start().wait()

    return {
        "__name__": "__main__",
        "train": train,
        "learn": learn,
        "advice": notes,
        "np": np,
        "keras": keras,
        "rows": generator.random((200, 784)).astype("float32"),
        "pictures": generator.random((200, 28, 28)),
        "labels": labels,
        "one_hot": keras.utils.to_categorical(labels, 10),
        "table": generator.random((200, 30)),
    }
