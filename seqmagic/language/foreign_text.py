"""Foreign texts: what people paste into a cell that describes a network in another way than in layers or Python."""

from __future__ import annotations

import json
import re

from seqmagic.errors import LanguageError, Span
from seqmagic.language.lines import Source
from seqmagic.translation import gettext

SUMMARY = re.compile(r"^[^#\n]*\bLayer \(type\).*\bOutput Shape\b.*$", re.MULTILINE)
# Other languages and libraries: their name, what they are recognized by, and what `dense 10`, perhaps with softmax, is there.
LANGUAGES = (
    ("R", r"%>%|\|>|<-[ \t]*keras_model|\bkeras_model_sequential\(|\w\$add\(", 'layer_dense(units = 10, activation = "softmax")'),
    (
        "MATLAB",
        r"\b(?:fullyConnected|imageInput|featureInput|sequenceInput|convolution[123]d|relu|softmax)Layer\b|\btrainingOptions\(",
        "fullyConnectedLayer(10), softmaxLayer",
    ),
    ("Julia", r"\bChain\(|\bDense\(\w+ *=> *\w+", "Dense(64 => 10), softmax"),
    ("JavaScript", r"\btf\.sequential\(|\btf\.layers\.\w+\(\{", "tf.layers.dense({units: 10, activation: 'softmax'})"),
    ("Java", r"\bnew \w+Layer\.Builder\(", "new DenseLayer.Builder().nOut(10).activation(Activation.SOFTMAX)"),
    ("Flax", r"@nn\.compact\b|\bnnx\.[A-Z]\w*|\b(?:import|from) flax\b", "nnx.Linear(64, 10)"),
    ("Haiku", r"\bhk\.[A-Z]\w*\(|\b(?:import|from) haiku\b", "hk.Linear(10)"),
    ("scikit-learn", r"\bMLP(?:Classifier|Regressor)\(", "hidden_layer_sizes=(10,)"),
    ("PyTorch", r"^[ \t]*\(\w+\): (?:[A-Z]\w*)\(", "Linear(in_features=64, out_features=10, bias=True)"),
)
UNMISTAKABLE = ("MLP", "hk.", "nnx.", "flax", "class_name")  # What no network of Keras contains, even if it can be read as one.
BEFORE = r"^(?:[^#\n\"']*?[^\w#\n\"'])??"  # No comment or string begins before it.
FOREIGN = [(name, re.compile(rf"{BEFORE}(?:{pattern}).*$", re.MULTILINE), example) for name, pattern, example in LANGUAGES]
CONFIGURATION = re.compile(r"""^[ \t{]*["']?(?:class_name["']?: *["']?\w+|name["']: *["']sequential)""", re.MULTILINE)


def refuse_foreign(text: str) -> None:
    r"""Refuse a text that can't be read and is recognized as something else than a network.

    >>> refuse_foreign("model <- keras_model_sequential() %>%\n  layer_dense(units = 10)")
    Traceback (most recent call last):
    ...
    seqmagic.errors.kinds.LanguageError: Line 1: This is R.
        model <- keras_model_sequential() %>%
        ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    Expected: one layer per line, such as dense 10 softmax for layer_dense(units = 10, activation = "softmax").

    Raises:
        LanguageError: At the line by which it was recognized.
    """
    summary = SUMMARY.search(text)
    if summary is not None:
        raise LanguageError(
            gettext("This was printed by model.summary(), which shows neither the sizes of kernels nor activations."),
            expected=gettext("the layers themselves, or the Python code that made the model"),
            span=_span(text, summary),
        )
    for name, pattern, example in FOREIGN:
        code = pattern.search(text)
        if code is not None:
            dense = "dense 10 softmax" if "softmax" in example.lower() else "dense 10"
            expected = gettext("one layer per line, such as {dense} for {example}", dense=dense, example=example)
            raise LanguageError(gettext("This is {name}.", name=name), expected=expected, span=_span(text, code))
    if _is_configuration(text):
        raise LanguageError(
            gettext("This is a model's configuration."),
            expected=gettext("the layers themselves; an ordinary cell makes a model of it with keras.models.model_from_json")
            if text.lstrip().startswith("{")
            else gettext("the layers themselves"),
            span=_span(text, re.search(r"\S.*", text)),
        )


def _is_configuration(text: str) -> bool:
    """Whether a text is what `model.to_json()` or `model.get_config()` gives, or the former's older YAML."""
    if CONFIGURATION.match(text.lstrip()):
        return True
    if not text.lstrip().startswith("{"):
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and "class_name" in found


def _span(text: str, found: re.Match[str] | None) -> Span | None:
    if found is None:
        return None
    written = found[0].strip()
    start = found.start() + found[0].index(written)
    return Source(text).span(start, start + len(written))
