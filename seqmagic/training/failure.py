"""The failure of a run: an exception out of Keras's `fit` in words."""

from __future__ import annotations

import re

from seqmagic.errors import TrainingError
from seqmagic.model.construction import first_sentence


def explain(error: BaseException) -> TrainingError:
    """An exception out of `fit` in a sentence; Keras's own stands behind it as the cause."""
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        told = TrainingError(f"Training was broken off by {type(error).__name__}.")
    else:
        told = _translate(str(error)) or TrainingError(
            f"Training broke off. Keras says: {_graph_sentence(str(error)) or first_sentence(error)}"
        )
    told.__cause__ = error
    return told


def _graph_sentence(text: str) -> str:
    """The one telling line of an error out of TensorFlow's graph, which stands last, behind the whole stack."""
    if not text.startswith("Graph execution error"):
        return ""
    telling = [line.strip() for line in text.splitlines() if line.strip() and "{{node" not in line]
    return telling[-1].partition("Label values")[0].strip()[:240]


# What TensorFlow's graph says of the usual mistakes that only show while it runs, and how we say it.
SENTENCES = (
    (
        re.compile(r"label value of (?P<label>-?\d+) which is outside the valid range of \[0, (?P<units>\d+)\)"),
        "A label is {label}, and the last layer has {units} units, for the classes from 0 up.",
        "labels that begin at 0, or a unit for each class",
    ),
    (
        re.compile(r"indices\[.*?\] = (?P<index>-?\d+) is not in \[0, (?P<size>\d+)\)"),
        "The data holds the number {index}, and the embedding knows {size}, from 0 up.",
        "an embedding whose first number is larger than every number in the data",
    ),
    (
        re.compile(r"Incompatible shapes: \[(?P<left>[\d,]+)\] vs\. \[(?P<right>[\d,]+)\]"),
        "A batch of labels and what the last layer gives don't fit: {left} and {right}.",
        "labels as wide as the last layer",
    ),
)


def _translate(text: str) -> TrainingError | None:
    """An error out of the graph in our own words, with the layer where it shows one."""
    for pattern, sentence, expected in SENTENCES:
        match = pattern.search(text)
        if match:
            return TrainingError(f"Training broke off. {sentence.format(**match.groupdict())}", expected=expected)
    return None
