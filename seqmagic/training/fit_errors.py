"""Errors in a run: explains an exception from Keras's `fit`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from seqmagic.describe.source import line_of
from seqmagic.errors import TrainingError
from seqmagic.errors.user_code import blame, find_own_frame
from seqmagic.network.endpoints import fixed_batch_of
from seqmagic.network.graph_names import graph_name
from seqmagic.network.layers import first_sentence
from seqmagic.translation import gettext, gettext_noop


def explain(error: BaseException, model: Any = None) -> TrainingError:
    """Explain an exception from `fit` in a sentence; Keras's own is kept as its cause.

    Args:
        model: in training; used to name the layer at fault, and its position in the text.
    """
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        explained = TrainingError(gettext("Training was ended by {error}.", error=type(error).__name__))
    else:
        text = str(error)
        layer = _layer_in(text, [layer.name for layer in getattr(model, "layers", ())])
        where = gettext(" in layer {layer!r}", layer=layer) if layer else ""
        fixed, own = _fixed_batch(text, model), find_own_frame(error)
        translated = fixed or _translate(text)
        where, layer = ("", None) if fixed else (where, layer)  # No layer is at fault.
        if own is not None:
            sentence, span = blame(error)
            sentence = gettext("In your {name!r}: {translated}", name=own.name, translated=translated[0]) if translated else f"{sentence}"
            explained = TrainingError(
                gettext("Training failed. {sentence}", sentence=sentence), expected=translated[1] if translated else "", span=span
            )
        else:
            problem, expected = translated or (
                gettext("Keras says: {graph_sentence}", graph_sentence=_graph_sentence(text) or first_sentence(error)),
                "",
            )
            explained = TrainingError(
                gettext("Training failed{where}. {problem}", where=where, problem=problem), expected=expected, span=line_of(model, layer)
            )
    explained.__cause__ = error
    return explained


def _graph_sentence(text: str) -> str:
    """The informative line of an error from TensorFlow's graph, which comes last, after the stack of nodes."""
    if not text.startswith("Graph execution error"):
        return ""
    lines = [line.strip() for line in text.splitlines() if line.strip() and "{{node" not in line]
    return lines[-1].partition("Label values")[0].strip()[:240]


# Messages from TensorFlow's graph for common mistakes that appear only at run time, and seqmagic's messages for them.
SENTENCES = (
    (
        re.compile(r"label value of (?P<label>-?\d+) which is outside the valid range of \[0, (?P<units>\d+)\)"),
        gettext_noop("There is a label {label}, but the last layer has {units} units, for classes from 0 up."),
        gettext_noop("labels that start at 0, or one unit per class"),
    ),
    (
        re.compile(r"indices\[.*?\] = (?P<index>-?\d+) is not in \[0, (?P<size>\d+)\)"),
        gettext_noop("The data contains the number {index}, but the embedding only has {size} entries, from 0 up."),
        gettext_noop("an embedding with a first number larger than every number in the data"),
    ),
    (
        re.compile(r"Incompatible shapes: \[(?P<left>[\d,]+)\] vs\. \[(?P<right>[\d,]+)\]"),
        gettext_noop("The labels of a batch and the output of the last layer have different shapes: {left} and {right}."),
        gettext_noop("labels with as many columns as the last layer has units"),
    ),
    (
        re.compile(r"TensorBoard is not installed"),
        gettext_noop("Writing files for TensorBoard needs the tensorboard package."),
        gettext_noop("the package tensorboard: %pip install tensorboard, then restart the kernel"),
    ),
    (
        re.compile(r"Matrix size-incompatible: In\[0\]: \[\d+,(?P<given>\d+)\], In\[1\]: \[(?P<wanted>\d+),"),
        gettext_noop("A later batch has rows of {given}, but the first had {wanted}."),
        gettext_noop("rows of the same length in all batches"),
    ),
    (
        re.compile(r"Cannot convert a symbolic tf.Tensor"),
        gettext_noop("NumPy can't compute with tensors while TensorFlow builds its graph."),
        gettext_noop("keras.ops instead of np, such as keras.ops.mean"),
    ),
    (
        re.compile(r"'(?P<name>[^']*)' is not a valid (?:root )?scope name"),
        gettext_noop("TensorFlow can't train something called {name!r}."),
        gettext_noop("a name with only a to z, digits and _ for your own loss, metric or layer"),
    ),
    (
        re.compile(r"No loss to compute"),
        gettext_noop("There is no loss: none is compiled, and no layer adds one."),
        gettext_noop("a loss in compile"),
    ),
    (
        re.compile(r"No gradients provided for any variable"),
        gettext_noop("The loss doesn't depend on the weights, so nothing can be learned."),
        gettext_noop("a loss computed from the predictions, and at least one trainable layer"),
    ),
    (
        re.compile(r"shape with unknown rank"),
        gettext_noop("The data has an unknown number of axes, as after tf.py_function or from_generator."),
        gettext_noop("set_shape on the loaded data, or output_signature"),
    ),
    (
        re.compile(r"Cast string to float is not supported|Invalid dtype: str"),
        gettext_noop("The data or the labels contain text."),
        gettext_noop("numbers"),
    ),
    (
        re.compile(r"(?P<kind>\w+(?:Error|Exception)): (?P<words>[^\n]*)\nTraceback \(most recent call last\)"),
        gettext_noop("A function in the data pipeline raises {kind}: {words}"),
        "",
    ),
)


def _layer_in(text: str, layers: Iterable[str]) -> str | None:
    """The layer named in TensorFlow's stack of nodes, or in Keras's note on a call."""
    nodes = re.findall(r"node ([\w./]+)", text)
    named = [part for node in nodes for part in re.sub(r"_\d+(?=/|$)", "", node).split("/")]
    return next((layer for layer in layers if graph_name(layer) in named or re.sub(r"_\d+$", "", graph_name(layer)) in named), None)


def _fixed_batch(text: str, model: Any) -> tuple[str, str] | None:
    """The message if the input line fixes the batch size, and a batch has another size."""
    fixed = fixed_batch_of(model) if model is not None else None
    if not fixed or not re.search(r"Incompatible shapes|batch size", text):
        return None
    return gettext("A batch has a different size than {fixed}, the fixed batch size on the input line.", fixed=fixed), gettext(
        "batch_size={fixed}, and a multiple of {fixed} rows", fixed=fixed
    )


def _translate(text: str) -> tuple[str, str] | None:
    """Seqmagic's message for an error from the graph, and what was expected."""
    for pattern, sentence, expected in SENTENCES:
        match = pattern.search(text)
        if match:
            return gettext(sentence, **match.groupdict()), gettext(expected)
    return None
