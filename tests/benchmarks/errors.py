"""How long an error takes: python -m tests.benchmarks.errors. Figures are medians of five, in seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from statistics import median
from typing import Any

import numpy as np

import seqmagic

BLOCKS = [(64, 2), (128, 2), (256, 3), (512, 3), (512, 3)]
VGG = "\n".join(
    [
        "input 224x224x3",
        *(line for filters, count in BLOCKS for line in [*[f"conv {filters} 3x3 relu same"] * count, "maxpool 2"]),
        "flatten\ndense 4096 relu * 2\ndense 1000 softmax\ncompile adam sparse_categorical_crossentropy accuracy",
    ]
)
MISTAKES = {
    "a word in the last line": VGG.replace("softmax", "sotfmax"),
    "a word in the first line": VGG.replace("conv 64", "cnov 64", 1),
    "the loss": VGG.replace("crossentropy", "crosentropy"),
    "a convolution after flatten": VGG.replace("flatten\n", "flatten\nconv 8 3x3\n"),
    "the loss beside the last layer": VGG.replace(" softmax", ""),
    "every activation": VGG.replace("relu", "rleu"),
    "sixty layers with a mistake each": "input 8\n" + "dense 8 rleu\n" * 60,
}


def seconds_of(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    with suppress(seqmagic.SeqmagicError):
        work()
    return time.perf_counter() - began


def main() -> None:
    seqmagic.build("input 3 -> dense 1")
    for name, text in MISTAKES.items():
        print(f"{median(seconds_of(lambda text=text: seqmagic.build(text)) for _ in range(5)):.2f}  {name}")  # noqa: T201
    generator = np.random.default_rng(0)
    x, y = generator.random((1_000_000, 30)).astype("float32"), generator.integers(0, 10, 1_000_000)
    model = seqmagic.build("input 30 -> dense 10 softmax\ncompile adam sparse_categorical_crossentropy")
    for name, labels in (("a million rows that are right", y), ("a million rows whose labels start at 1", y + 1)):
        print(f"{median(seconds_of(lambda labels=labels: seqmagic.Run(model, x, labels)) for _ in range(5)):.2f}  {name}")  # noqa: T201


if __name__ == "__main__":
    main()
