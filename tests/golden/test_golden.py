"""Every message whole, beside what causes it: the pages beside this file are for teachers to read, and each message in them is true.

After a change: SEQMAGIC_GOLDEN=write python -m pytest tests/golden, and read what git shows.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import seqmagic

PAGES = sorted(Path(__file__).parent.glob("*.md"))
CASE = re.compile(r"```(?P<kind>seqmagic|python)\n(?P<cause>.*?)```\n+```text\n(?P<message>.*?)```\n", re.DOTALL)
LONGEST = 6  # Lines of a single message.


def mistakes(page: Path) -> list[tuple[Path, re.Match[str]]]:
    return [(page, match) for match in CASE.finditer(page.read_text("utf-8"))]


CASES = [case for page in PAGES for case in mistakes(page)]


def message_of(kind: str, cause: str) -> str:
    """What is said of a cell, or of Python code that trains a network on the data below."""
    try:
        if kind == "seqmagic":
            seqmagic.build(cause, {"width": 8})
        else:
            exec(cause, data())  # noqa: S102  # The page is our own.
    except seqmagic.SeqmagicError as error:
        return f"{type(error).__name__}: {error}\n"
    return "(nothing)\n"


def data() -> dict[str, Any]:
    """Random data of the usual shapes, and `train(network, loss, x, y)`."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 10, 200)

    def train(network: str, loss: str, x: Any, y: Any, **options: Any) -> seqmagic.Run:
        model = seqmagic.build(f"{network}\ncompile adam {loss}")
        model.name = "digits"
        return seqmagic.Run(model, x, y, **options)

    return {
        "train": train,
        "np": np,
        "keras": keras,
        "rows": generator.random((200, 784)).astype("float32"),
        "pictures": generator.random((200, 28, 28)),
        "labels": labels,
        "one_hot": keras.utils.to_categorical(labels, 10),
        "table": generator.random((200, 30)),
    }


@pytest.mark.parametrize(("page", "case"), CASES, ids=[f"{page.stem}-{number}" for number, (page, _) in enumerate(CASES)])
def test_the_message_of_a_mistake(page: Path, case: re.Match[str]) -> None:
    message = message_of(case["kind"], case["cause"])
    if os.environ.get("SEQMAGIC_GOLDEN") == "write":
        text = page.read_text("utf-8")
        found = next(match for match in CASE.finditer(text) if match["cause"] == case["cause"])
        page.write_text(text[: found.start("message")] + message + text[found.end("message") :], "utf-8")
        return
    assert message == case["message"]
    assert all(len(part.splitlines()) <= LONGEST for part in message.split("\n\n"))


def test_the_pages_are_read() -> None:
    assert len(CASES) > 50
