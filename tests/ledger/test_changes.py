"""What changed between two runs, line by line and setting by setting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from seqmagic import build
from seqmagic.ledger.describe import describe_run
from seqmagic.ledger.diff import Difference, compare_lines, compare_settings, few_words
from seqmagic.ledger.entry import RunEntry

NETWORK = "input 4\ndense 8 relu\ndropout 0.3\ndense 3 softmax\n"
COMPILE = "compile adam sparse_categorical_crossentropy accuracy"
X, Y = np.zeros((30, 4)), np.zeros(30, int)


def described(text: str = NETWORK, compiled: str = COMPILE, x: Any = X, seed: int | None = None, **options: Any) -> RunEntry:
    return describe_run(build(f"{text}\n{compiled}", {"X": X}), x, Y, options={"epochs": 3, **options}, seed=seed)


BEFORE = described()


@pytest.mark.parametrize(
    ("after", "words"),
    [
        (described(), "nothing"),
        (described(NETWORK.replace("8", "16")), "dense 8 relu → dense 16 relu"),
        (described(NETWORK.replace("dropout 0.3\n", "")), "− dropout 0.3"),
        (described(NETWORK.replace("dropout", "bn\ndropout")), "+ batchnorm"),
        (described(compiled=COMPILE.replace("adam", "adam(0.01)")), "learning_rate 0.001 → 0.01"),
        (described(compiled=COMPILE.replace("adam", "sgd(0.1, momentum=0.9)")), "optimizer Adam → SGD; learning_rate 0.001 → 0.1"),
        (described(compiled=COMPILE.replace(" accuracy", "")), "no metrics"),
        (described(batch_size=64, epochs=5), "epochs 3 → 5; batch_size 64"),
        (described(seed=7), "only the seed"),
        (described(x=X + 1), "different data"),
        (described(x=X.astype("float32")), "data 30 rows of 4, float64 → 30 rows of 4, float32"),
        (described(validation_data=(X, Y)), "validation 30 rows of 4, float64 and 30 rows…"),
        (described("input 4\ndense 8 tanh\ndense 4\ndense 3 softmax\n", epochs=9, batch_size=1, seed=3), "dense 8 relu → dense 8 tanh; dropout 0.3 → dense 4; epochs 3 → 9; 1 more"),
        (replace(BEFORE, versions={**BEFORE.versions, "keras": "9.0"}), f"keras {BEFORE.versions['keras']} → 9.0"),
    ],
)  # fmt: skip
def test_a_few_words_say_what_changed(after: RunEntry, words: str) -> None:
    assert few_words(BEFORE, after) == words


def test_all_settings_that_changed_are_reported() -> None:
    after = described(compiled=COMPILE.replace("adam", "sgd"), seed=7, x=X + 1)
    facts = {change.what: change for change in compare_settings(BEFORE, after)}
    assert facts["optimizer"] == Difference("optimizer", "Adam", "SGD")
    assert facts["learning_rate"] == Difference("learning_rate", "0.001", "0.01")
    assert "beta_1" not in facts, "the other one has no such thing"
    assert facts["data"] == Difference("data", "30 rows of 4, float64", "same shape, different values")
    assert facts["seed"] == Difference("seed", "–", "7")
    assert "loss" not in facts


def test_lines_that_both_have_are_reported_once() -> None:
    assert compare_lines("a\nb\nc", "a\nx\nc\nd") == [(" ", "a"), ("-", "b"), ("+", "x"), (" ", "c"), ("+", "d")]
    assert compare_lines("", "a") == [("+", "a")]


def test_an_entry_that_says_little_can_be_compared() -> None:
    assert few_words(RunEntry(name="a"), RunEntry(name="b", compile="compile {...} mse", settings={"fit": {"a": {"b": [1, True]}}})) == (
        "optimizer {...}; loss mse; a b 1, true"
    )
