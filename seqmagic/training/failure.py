"""The failure of a run: an exception out of Keras's `fit` in words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from seqmagic.errors import TrainingError
from seqmagic.model.construction import first_sentence


def explain(error: BaseException, layers: Iterable[str] = ()) -> TrainingError:
    """An exception out of `fit` in a sentence; Keras's own stands behind it as the cause.

    layers: the names of the model's layers, to say in which of them it happened.
    """
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        told = TrainingError(f"Training was broken off by {type(error).__name__}.")
    else:
        text = str(error)
        place = _layer_in(text, layers)
        where = f" in layer {place!r}" if place else ""
        told = _translate(text, where) or TrainingError(
            f"Training broke off{where}. Keras says: {_graph_sentence(text) or first_sentence(error)}"
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


def _layer_in(text: str, layers: Iterable[str]) -> str | None:
    """The layer that TensorFlow's stack of nodes, or Keras's note on a call, names."""
    nodes = re.findall(r"node ([\w./]+)", text)
    named = [part for node in nodes for part in re.sub(r"_\d+(?=/|$)", "", node).split("/")]
    return next((layer for layer in layers if layer in named or re.sub(r"_\d+$", "", layer) in named), None)


def _translate(text: str, where: str) -> TrainingError | None:
    """An error out of the graph in our own words."""
    for pattern, sentence, expected in SENTENCES:
        match = pattern.search(text)
        if match:
            return TrainingError(f"Training broke off{where}. {sentence.format(**match.groupdict())}", expected=expected)
    return None
